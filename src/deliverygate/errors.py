"""What can go wrong, said with what, where and how to mend.

    DeliveryGateError
    ├── UsageError          wrong use of the command: exit code 2
    ├── ConfigError         the policy or a file it names is wrong: exit code 2
    ├── ReportError         a tool's report is missing, unreadable or no evidence: the check is an ERROR
    ├── ToolError           a program could not be run, or failed at its own work: the check is an ERROR
    ├── OutputError         our own report cannot be written: exit code 3, whatever was judged
    ├── TransportError      a server could not be asked or did not answer to the end
    ├── NotAllowed          a policy that the change brings asked for what it is not given: the check is INCONCLUSIVE
    ├── DeadlineExceeded    the gate's time is over
    └── Interrupted         the run was told to stop (SIGTERM, SIGINT)

A breach of a rule is no error: it is a ``Finding``. Not knowing is no pass: it is ``Verdict.INCONCLUSIVE``.
"""

from __future__ import annotations


class DeliveryGateError(Exception):
    """An expected fault. ``str()`` reads ``where: what; mend``."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        cure = f"; {self.mend}" if self.mend else ""
        return f"{place}{self.what}{cure}"


class UsageError(DeliveryGateError):
    """The command was called in a way that cannot work."""


class ConfigError(DeliveryGateError):
    """The policy, the waivers or the baseline is wrong; nothing was judged.

    ``others`` holds further faults found in the same reading, so that one run shows them all.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "", others: tuple[ConfigError, ...] = ()) -> None:
        super().__init__(what, where=where, mend=mend)
        self.others = others


class ReportError(DeliveryGateError):
    """A report that proves nothing: missing, empty, truncated, of another kind, or of a run that never started."""


class ToolError(DeliveryGateError):
    """A program that is not there, could not be started, or failed at its own work."""


class OutputError(DeliveryGateError):
    """A report of ours that could not be written: what was judged cannot be proven by it."""


class TransportError(DeliveryGateError):
    """No whole answer came from a server.

    ``kind`` is one word of a closed set, e.g. ``connect_refused`` or ``read_timeout`` (see ``docs/gates/health.md``).
    """

    def __init__(self, what: str, *, kind: str, where: str = "", mend: str = "") -> None:
        super().__init__(what, where=where, mend=mend)
        self.kind = kind


class NotAllowed(DeliveryGateError):  # noqa: N818  it is a refusal, not a fault
    """A policy that the change itself brings is given no environment, no network, no program and no cluster."""


class DeadlineExceeded(DeliveryGateError):  # noqa: N818  the field says "deadline exceeded"
    """The time given to a gate, or by it to a program, is over.

    ``output`` is what the killed program had written until then.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "", output: bytes = b"") -> None:
        super().__init__(what, where=where, mend=mend)
        self.output = output


class Interrupted(DeliveryGateError):  # noqa: N818  it is an order, not a fault
    """The run was told to stop; raised once in each running gate so that it can clean up."""
