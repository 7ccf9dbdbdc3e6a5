"""A smoke script of one's own: its exit status judges."""

from __future__ import annotations

from deliverygate.errors import DeadlineExceeded, ToolError, TransportError
from deliverygate.gate import GateContext
from deliverygate.model import Verdict
from deliverygate_gates.command import judge, show, split
from deliverygate_gates.health.claims import Claim, Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.probes import Probe
from deliverygate_gates.health.targets import Script

KEPT_LINES = 40


def open_script(endpoint: Endpoint, context: GateContext) -> Probe:
    """What runs the script."""
    target = endpoint.target
    assert isinstance(target, Script)  # noqa: S101  the table of protocols says so
    command = split(target.run)

    def ask() -> Try:
        clock_left = context.clock.remaining()
        try:
            done = context.shell.run(
                command,
                timeout_seconds=min(endpoint.timeout, clock_left),
                environment=target.environment,
                folder=target.folder,
            )
        except ToolError as error:
            return Try(fault=TransportError(f"{error.where}: {error.what}", kind="config", mend=error.mend))
        except DeadlineExceeded as error:
            context.clock.remaining()  # it is the gate's time that is over, not the script's
            shown = show("output", error.output, KEPT_LINES, context)
            return Try((_overdue(endpoint),), body=shown)
        check = judge(done, name="", passes=target.passes)
        outputs = (show("stdout", done.stdout, KEPT_LINES, context), show("stderr", done.stderr, KEPT_LINES, context))
        status = Claim(
            name="exit status",
            value=done.status,
            wanted=" or ".join(map(str, target.passes)),
            holds=check.verdict is Verdict.PASSED,
            mend=check.mend,
            cannot_tell=check.verdict is Verdict.ERROR,
        )
        return Try((status,), said=check.summary, body="\n".join(filter(None, outputs)))

    return ask


def _overdue(endpoint: Endpoint) -> Claim:
    mend = "find what it waits for, or raise `timeout`"
    value = f"killed after {endpoint.timeout}"
    return Claim(name="exit status", value=value, wanted="an end", holds=False, cannot_tell=True, mend=mend)
