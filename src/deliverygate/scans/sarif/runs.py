"""One run of a SARIF log to a Scan: who ran, whether to the end, on which files, with which results (§3.14, §3.20)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from deliverygate.model import Finding, Scan
from deliverygate.scans.sarif import log
from deliverygate.scans.sarif.places import Places
from deliverygate.scans.sarif.repeats import Written
from deliverygate.scans.sarif.results import Results
from deliverygate.scans.sarif.rules import Rules, describe, refer, write_message
from deliverygate.scans.times import read_time
from deliverygate.scans.trivy import told

NOBODY = log.Tool(driver=log.Component(name="unknown tool"))
SHOWN_ERRORS = 3


class Reading(NamedTuple):
    """A run, read."""

    scan: Scan
    analysed: bool  #: whether the tool came to analyse anything


def read_run(run: log.Run, *, place: str, root: str, written: Written) -> Reading:
    """Adds to ``written`` how often each key that carries evidence was decoded."""
    tool = run.tool or NOBODY
    places = Places(run, root=root)
    results = Results(run, tool, places)
    if run.has_results:
        results.add_all(run.results, place=f"{place}.results")
    faults = [*_faults(run, tool), *_missing_results(run)]
    _count_keys(run, tool, written.around)
    written.within.update(results.written)
    scan = Scan(
        tool=tool.driver.name or NOBODY.driver.name,
        version=tool.driver.version or tool.driver.semantic_version,
        format="sarif",
        findings=_as_told(results.findings, results, tool),
        suppressed=_as_told(results.suppressed, results, tool),
        analysed=_analysed(run, places),
        complete=not faults,
        notes=(*(() if run.tool else ("The run does not say which tool it is of.",)), *faults, *results.notes()),
        rules=tuple(describe(rule) for rule in results.rules.all()),
        created_at=_ended_at(run),
    )
    return Reading(scan, run.has_results)


def _as_told(findings: list[Finding], results: Results, tool: log.Tool) -> tuple[Finding, ...]:
    """Trivy puts packages and more into its messages; there they would not be what its JSON calls them."""
    if tool.driver.name != told.NAME:
        return tuple(findings)
    rules = frozenset(rule.id for rule in results.rules.all() if rule.name == told.SYSTEM_RULE)
    return tuple(told.in_sarif(findings, system_rules=rules))


def _missing_results(run: log.Run) -> Iterator[str]:
    external = run.external_property_file_references
    if external and external.results:
        yield "Results of the run lie in other files, which were not read."
    elif not run.has_results:
        yield "The run has no results, not even an empty list: the tool did not come to analyse anything."


def _faults(run: log.Run, tool: log.Tool) -> Iterator[str]:
    """§3.20.14, §3.20.21: after any of these nobody may take the results for all that there is."""
    kinds = Rules(tool, notifications=True)
    for invocation in run.invocations or ():
        if invocation.execution_successful is False:
            yield "The run failed (executionSuccessful is false), so its results are not all there is."
        errors = [entry for entry in _notifications(invocation) if _level(entry, kinds) == "error"]
        yield from (_sentence(entry, kinds, tool) for entry in errors[:SHOWN_ERRORS])
        if len(errors) > SHOWN_ERRORS:
            yield f"The tool reported {len(errors) - SHOWN_ERRORS} further errors of its own."


def _notifications(invocation: log.Invocation) -> Iterator[log.Notification]:
    yield from invocation.tool_execution_notifications or ()
    yield from invocation.tool_configuration_notifications or ()


def _kind(notification: log.Notification, kinds: Rules) -> log.Descriptor | None:
    return kinds.find(refer(notification.descriptor)) if notification.descriptor else None


def _level(notification: log.Notification, kinds: Rules) -> str:
    """Its own, else that of its kind, else "warning" (§3.58.6)."""
    kind = _kind(notification, kinds)
    default = kind.default_configuration if kind else None
    return (notification.level or (default and default.level) or "warning").lower()


def _sentence(notification: log.Notification, kinds: Rules, tool: log.Tool) -> str:
    message, descriptor = notification.message, notification.descriptor
    said = write_message(message, _kind(notification, kinds), tool.driver) if message else ""
    named = descriptor.id if descriptor else None
    return f"The tool reported an error of its own: {(said or named or 'without a word')[:200]}"


def _analysed(run: log.Run, places: Places) -> tuple[str, ...] | None:
    """The artifacts with the role analysisTarget; None when none has it: most tools only list what they mention."""
    targets = (entry.location for entry in run.artifacts or () if "analysisTarget" in (entry.roles or ()))
    paths = (places.path_of(location) for location in targets if location)
    return tuple(dict.fromkeys(path for path in paths if path)) or None


def _ended_at(run: log.Run) -> datetime | None:
    """When the last invocation ended. Times are in UTC by the standard (§3.9)."""
    ends = [read_time(invocation.end_time_utc) for invocation in run.invocations or ()]
    return max((end for end in ends if end), default=None)


def _count_keys(run: log.Run, tool: log.Tool, written: Counter[str]) -> None:
    """The keys that decide, outside of the results."""
    invocations = run.invocations or []
    descriptors = [
        rule
        for part in (tool.driver, *(tool.extensions or ()))
        for rule in (*(part.rules or ()), *(part.notifications or ()))
    ]
    configurations = [rule.default_configuration for rule in descriptors]
    configurations += [entry.configuration for one in invocations for entry in one.rule_configuration_overrides or ()]
    notifications = [entry for one in invocations for entry in _notifications(one)]
    levels = [*(part.level for part in configurations if part), *(entry.level for entry in notifications)]
    written["results"] += run.has_results
    written["executionSuccessful"] += sum(one.execution_successful is not None for one in invocations)
    written["level"] += sum(level is not None for level in levels)
    written["security-severity"] += sum(
        rule.properties is not None and rule.properties.security_severity is not None for rule in descriptors
    )
