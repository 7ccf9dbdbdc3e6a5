"""Report to SARIF 2.1.0, one run a gate, within what GitHub's code scanning takes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec
from msgspec import UNSET, UnsetType

from deliverygate.conversions import in_utc
from deliverygate.model import CheckResult, Finding, GateResult, Location, Report, Rule, Verdict
from deliverygate.renderers import sarif_log as log
from deliverygate.renderers.places import home, is_about_security, locate, name_of, uri
from deliverygate.renderers.sarif_rules import LEVELS, Rules, plain, rule_id
from deliverygate.renderers.selection import checks_of, first, gates_of, unique
from deliverygate.renderers.text import beside, one_line
from deliverygate.renderers.wording import WHOLE, fix, terms

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RUNS = 20
MAX_RESULTS = 5_000  # GitHub takes 25,000 a run and stores so many of them, which need not be the most severe
MAX_NOTIFICATIONS = 100
ROOT = "%SRCROOT%"

_KNOWN_LEVELS = frozenset({"error", "warning", "note", "none"})


class _Share(msgspec.Struct):
    """What one run tells of: a gate, or all the last ones when there are more gates than runs."""

    name: str
    gates: list[GateResult]
    counting: list[Finding] = msgspec.field(default_factory=list)
    noted: list[Finding] = msgspec.field(default_factory=list)


def render(report: Report) -> bytes:
    """The whole log. A gate that was skipped has no run: an empty one would say that it looked and found nothing."""
    shares = _share(report)
    runs = tuple(_run(report, share) for share in shares if any(_judged(gate) for gate in share.gates))
    return msgspec.json.encode(log.Log(schema=SCHEMA, version="2.1.0", runs=runs))


def _share(report: Report) -> list[_Share]:
    gates = gates_of(report)
    own = len(gates) if len(gates) <= MAX_RUNS else MAX_RUNS - 1
    shares = [_Share(gate.id, [gate]) for gate in gates[:own]]
    if rest := list(gates[own:]):
        shares.append(_Share("further-gates", rest))
    for index, counts, finding in unique(report):
        share = shares[min(index, len(shares) - 1)]
        (share.counting if counts else share.noted).append(finding)
    return shares


def _judged(gate: GateResult) -> bool:
    return any(check.verdict is not Verdict.SKIPPED for check in checks_of(gate))


def _run(report: Report, share: _Share) -> log.Run:
    rules = Rules(share.gates)
    results, left_out = _results(share, home(report), rules)
    driver = log.Driver(name="deliverygate", version=one_line(report.version), rules=rules.descriptors())
    invocation = log.Invocation(
        execution_successful=not any(_unjudged(check) for gate in share.gates for check in checks_of(gate)),
        start_time_utc=(in_utc(report.started_at) or report.started_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool_execution_notifications=_notifications(share.gates, left_out) or UNSET,
    )
    return log.Run(
        tool=log.Tool(driver=driver),
        # GitHub takes what stands before the last slash for the category, which must differ between runs.
        automation_details=log.AutomationDetails(id=f"deliverygate/{one_line(report.stage)}/{one_line(share.name)}/"),
        invocations=(invocation,),
        original_uri_base_ids={ROOT: log.UriBase(description=log.Message(text="The root of the repository"))},
        results=results,
    )


def _results(share: _Share, policy: Location, rules: Rules) -> tuple[tuple[log.Result, ...], int]:
    """What counts before what is only noted, and how many findings are left out."""
    checks = [_check_result(gate, check, policy, rules) for gate, check in _bare_failures(share.gates)][:MAX_RESULTS]
    counting, left_out = first(share.counting, MAX_RESULTS - len(checks))
    noted, left_out_noted = first(share.noted, MAX_RESULTS - len(checks) - len(counting))
    shown = counting + noted
    # §3.27.23, §3.27.24: what one result of a run says of suppressions and of the baseline, all must say.
    suppresses = any(finding.waiver for finding in shown)
    compares = any(not finding.is_new for finding in shown)
    results = [_result(finding, policy, rules, suppresses=suppresses, compares=compares) for finding in shown]
    aligned = [_aligned(result, suppresses=suppresses, compares=compares) for result in checks]
    return (*aligned, *results), left_out + left_out_noted


def _unjudged(check: CheckResult) -> bool:
    return check.verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE)


def _bare_failures(gates: Iterable[GateResult]) -> list[tuple[GateResult, CheckResult]]:
    """The checks that failed without a finding, e.g. a score that is too low: they are results themselves."""
    pairs = ((gate, check) for gate in gates for check in checks_of(gate))
    return [(gate, check) for gate, check in pairs if check.verdict is Verdict.FAILED and not check.findings]


def _result(finding: Finding, policy: Location, rules: Rules, *, suppresses: bool, compares: bool) -> log.Result:
    where, addition = locate(finding, policy)
    rule = rule_id(finding.rule)
    return log.Result(
        rule_id=rule,
        rule_index=rules.index(finding.rule, finding.severity, is_security=is_about_security(finding)),
        level=finding.level if finding.level in _KNOWN_LEVELS else LEVELS[finding.severity],
        message=log.Message(text=(plain(finding.message) or rule) + addition + fix(finding)),
        locations=(_place(where, name_of(finding)),),
        partial_fingerprints={"deliverygate/v1": finding.fingerprint} if finding.fingerprint else UNSET,
        suppressions=_suppressions(finding) if suppresses else UNSET,
        baseline_state=("new" if finding.is_new else "unchanged") if compares else UNSET,
        properties=log.ResultProperties(
            severity=finding.severity.value,
            tool=_line(finding.tool),
            package=_line(finding.package),
            fixed_in=_line(finding.fixed_in),
        ),
    )


def _line(text: str | None) -> str | UnsetType:
    return (one_line(text) if text else "") or UNSET


def _check_result(gate: GateResult, check: CheckResult, policy: Location, rules: Rules) -> log.Result:
    name = f"{gate.id}/{check.name}"
    told = Rule(id=name, summary=check.name, remedy=check.mend)
    text = "; ".join([plain(check.summary) or check.name, *(beside(value) for value in check.measurements)])
    return log.Result(
        rule_id=rule_id(name),
        rule_index=rules.index(name, None, told=told),
        level="error" if gate.blocks else "warning",
        message=log.Message(text=text),
        locations=(_place(policy),),
        partial_fingerprints={"deliverygate/v1": sha256(name.encode(errors="replace")).hexdigest()[:32]},
    )


def _aligned(result: log.Result, *, suppresses: bool, compares: bool) -> log.Result:
    return msgspec.structs.replace(
        result, suppressions=() if suppresses else UNSET, baseline_state="new" if compares else UNSET
    )


def _place(where: Location, name: str | None = None) -> log.Place:
    """``name`` is what the finding is about where that is no file: a package, an image, an address."""
    region = UNSET if where.line is None else _region(where)
    artifact = log.ArtifactLocation(uri=uri(where.path), uri_base_id=ROOT)
    logical = (log.LogicalLocation(fully_qualified_name=one_line(name)),) if name else UNSET
    return log.Place(
        physical_location=log.PhysicalLocation(artifact_location=artifact, region=region), logical_locations=logical
    )


def _region(where: Location) -> log.Region:
    line = max(1, where.line or 1)
    column = where.column if where.column and where.column > 0 else UNSET
    return log.Region(
        start_line=line,
        start_column=column,
        end_line=where.end_line if where.end_line and where.end_line >= line else UNSET,
    )


def _suppressions(finding: Finding) -> tuple[log.Suppression, ...]:
    if not finding.waiver:
        return ()
    kind = "inSource" if "inSource" in finding.waiver.source else "external"
    return (log.Suppression(kind=kind, status="accepted", justification=terms(finding)),)


def _notifications(gates: Iterable[GateResult], left_out: int) -> tuple[log.Notification, ...]:
    told = [
        log.Notification(level="error", message=log.Message(text=_reason(gate, check)))
        for gate in gates
        for check in checks_of(gate)
        if _unjudged(check)
    ][:MAX_NOTIFICATIONS]
    if left_out:
        text = f"{left_out:,} further findings are left out here, the least severe ones; {WHOLE} holds them all"
        told.append(log.Notification(level="warning", message=log.Message(text=text)))
    return tuple(told)


def _reason(gate: GateResult, check: CheckResult) -> str:
    cure = f"; {plain(check.mend)}" if check.mend else ""
    return f"{one_line(gate.id)}: {one_line(check.name)}: {check.verdict.value}: {plain(check.summary)}{cure}"
