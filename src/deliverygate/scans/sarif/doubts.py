"""What the invocations of a SARIF run say of themselves: faults, notes, and files not looked at (§3.20, §3.58)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.scans.sarif import log
from deliverygate.scans.sarif.places import Places
from deliverygate.scans.sarif.rules import Rules, refer, write_message
from deliverygate.scans.unchecked import IGNORED, says_so

SHOWN = 3
HARMLESS = frozenset(("note", "none"))


class Doubts:
    """Why the results need not be all there is."""

    def __init__(self, run: log.Run, tool: log.Tool, places: Places) -> None:
        self.kinds = Rules(tool, notifications=True)
        self.tool = tool
        self.places = places
        self.ignored = 0  #: files that the tool was told to leave out
        self.unseen: dict[str, None] = {}  #: the paths of those, and of what could not be checked
        self.faults = [fault for invocation in run.invocations or () for fault in self._of(invocation)]
        self.notes = (f"The tool ignored {self.ignored} file(s), which count for nothing.",) if self.ignored else ()

    def _of(self, invocation: log.Invocation) -> Iterator[str]:
        """§3.20.14, §3.20.21: after any of these nobody may take the results for all that there is."""
        yield from _ended_badly(invocation)
        errors = [entry for entry in notifications_of(invocation) if self._is_fault(entry)]
        yield from map(self._sentence, errors[:SHOWN])
        if len(errors) > SHOWN:
            yield f"The tool reported {len(errors) - SHOWN} further errors of its own."

    def _is_fault(self, entry: log.Notification) -> bool:
        """An error, an exception, or a warning about something that was not checked: tools like to warn of that."""
        level = self._level(entry)
        if level in HARMLESS:
            return False
        said = self._said(entry)
        if level != "error" and said.startswith(IGNORED):
            self.ignored += 1
            self._remember(entry)
            return False
        named = entry.descriptor.id if entry.descriptor else None
        if level == "error" or entry.exception is not None or says_so(said) or says_so(named or ""):
            self._remember(entry)
            return True
        return False

    def _remember(self, entry: log.Notification) -> None:
        for location in entry.locations or ():
            if place := self.places.locate(location):
                self.unseen[place.path] = None

    def _kind(self, entry: log.Notification) -> log.Descriptor | None:
        return self.kinds.find(refer(entry.descriptor)) if entry.descriptor else None

    def _level(self, entry: log.Notification) -> str:
        """Its own, else that of its kind, else "warning" (§3.58.6)."""
        kind = self._kind(entry)
        default = kind.default_configuration if kind else None
        return (entry.level or (default and default.level) or "warning").lower()

    def _said(self, entry: log.Notification) -> str:
        return write_message(entry.message, self._kind(entry), self.tool.driver) if entry.message else ""

    def _sentence(self, entry: log.Notification) -> str:
        named = entry.descriptor.id if entry.descriptor else None
        opening = "an error of its own" if self._level(entry) == "error" else "that it could not check everything"
        return f"The tool reported {opening}: {(self._said(entry) or named or 'without a word')[:200]}"


def _ended_badly(invocation: log.Invocation) -> Iterator[str]:
    """An exit code may only speak of findings, and counts where the run does not say how it ended."""
    if invocation.execution_successful is False:
        yield "The run failed (executionSuccessful is false), so its results are not all there is."
    # SpotBugs puts the words of its exit code there, e.g. "BUGS FOUND" or "SUCCESS".
    name = invocation.exit_signal_name if isinstance(invocation.exit_signal_name, str) else ""
    if name.upper().startswith("SIG") or invocation.exit_signal_number:
        signal = name or invocation.exit_signal_number
        yield f"The run was ended by the signal {str(signal)[:40]}, so its results are not all there is."
    if invocation.process_start_failure_message:
        yield f"The tool could not be started: {str(invocation.process_start_failure_message)[:200]}"
    if invocation.execution_successful is None and invocation.exit_code not in (None, 0, "0"):
        yield f"The run ended with the exit code {str(invocation.exit_code)[:20]} and does not say that it succeeded."


def notifications_of(invocation: log.Invocation) -> Iterator[log.Notification]:
    """What the tool says of its execution, and of its configuration."""
    yield from invocation.tool_execution_notifications or ()
    yield from invocation.tool_configuration_notifications or ()
