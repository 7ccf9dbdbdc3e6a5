"""deliverygate decides whether a change may go on: one policy, one command, one verdict."""

__version__ = "0.1.0"

from deliverygate import isolation

# Here and not in `main`: the next import may be a file of the change.
if isolation.is_command():
    isolation.demand_isolation()
