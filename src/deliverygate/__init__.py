"""deliverygate decides whether a change may go on: one policy, one command, one verdict."""

__version__ = "0.1.0"
