"""One run of a SARIF log to a Scan: who ran, whether to the end, on which files, with which results (§3.14, §3.20)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from datetime import datetime
from typing import NamedTuple

from deliverygate.model import Finding, Scan
from deliverygate.scans.sarif import log
from deliverygate.scans.sarif.doubts import Doubts, notifications_of
from deliverygate.scans.sarif.places import Places
from deliverygate.scans.sarif.repeats import Written
from deliverygate.scans.sarif.results import Results
from deliverygate.scans.sarif.rules import describe
from deliverygate.scans.times import read_time
from deliverygate.scans.trivy import told

NOBODY = log.Tool(driver=log.Component(name="unknown tool"))


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
    doubts = Doubts(run, tool, places)
    unseen = dict.fromkeys((*doubts.unseen, *results.unseen))
    faults = [*doubts.faults, *_missing_results(run), *_unchecked(results), *_all_ignored(run, results, doubts, places)]
    _count_keys(run, tool, written.around)
    written.within.update(results.written)
    scan = Scan(
        tool=tool.driver.name or NOBODY.driver.name,
        version=tool.driver.version or tool.driver.semantic_version,
        format="sarif",
        findings=_as_told(results.findings, results, tool),
        suppressed=_as_told(results.suppressed, results, tool),
        analysed=_analysed(run, places, unseen),
        not_analysed=tuple(unseen),
        complete=not faults,
        notes=(
            *(() if run.tool else ("The run does not say which tool it is of.",)),
            *faults,
            *doubts.notes,
            *results.notes(),
        ),
        rules=tuple(describe(rule, tool.driver.name) for rule in results.rules.all()),
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


def _unchecked(results: Results) -> Iterator[str]:
    """Some tools write a file that they could not parse as a result of a rule that they invent for it."""
    if results.unchecked:
        names = ", ".join(results.unchecked)
        yield f"The tool could not check everything: {results.count_unchecked()} result(s) are of {names[:80]}."


def _all_ignored(run: log.Run, results: Results, doubts: Doubts, places: Places) -> Iterator[str]:
    """Ignored files are no fault beside others; where nothing shows that there are others, nothing was looked at."""
    if doubts.ignored and not (results.findings or results.suppressed):
        listed = {places.path_of(entry.location) for entry in run.artifacts or () if entry.location}
        if not listed - {None, *doubts.unseen}:
            yield "The tool ignored every file that it names: nothing was looked at."


def _analysed(run: log.Run, places: Places, unseen: Container[str]) -> tuple[str, ...] | None:
    """The artifacts with the role analysisTarget; None when none has it: most tools only list what they mention."""
    targets = (entry.location for entry in run.artifacts or () if "analysisTarget" in (entry.roles or ()))
    paths = (places.path_of(location) for location in targets if location)
    named = dict.fromkeys(path for path in paths if path)
    return tuple(path for path in named if path not in unseen) if named else None


def _ended_at(run: log.Run) -> datetime | None:
    """When the last invocation ended, or at least began. Times are in UTC by the standard (§3.9)."""
    ends = [read_time(each.end_time_utc) or read_time(each.start_time_utc) for each in run.invocations or ()]
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
    notifications = [entry for one in invocations for entry in notifications_of(one)]
    levels = [*(part.level for part in configurations if part), *(entry.level for entry in notifications)]
    written["results"] += run.has_results
    written["executionSuccessful"] += sum(one.execution_successful is not None for one in invocations)
    written["level"] += sum(level is not None for level in levels)
    written["security-severity"] += sum(
        rule.properties is not None and rule.properties.security_severity is not None for rule in descriptors
    )
