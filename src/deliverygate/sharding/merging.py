"""Reports of shards to one report: whatever is missing, twice there or of another plan blocks by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import CheckResult, GateResult, Input, PolicySource, Report, Shard, Verdict
from deliverygate.sharding.planning import Part, Plan, name_in_report

GATE = "shards"
RUN_AGAIN = "run the shard again, and give merge the folder of its report"


class Found(NamedTuple):
    """A report and where it lay."""

    where: str
    report: Report


def join_parts(
    plan: Plan, number: int, parts: Sequence[tuple[Part, Report]], *, head: str | None, attempt: str | None = None
) -> Report:
    """The report of one shard, of the reports of its parts; ``head`` is the commit that is checked out."""
    gates = tuple(
        replace(gate, id=name_in_report(part.policy, gate.id, plan.policies))
        for part, report in parts
        for gate in report.gates
    )
    return replace(
        _join(plan, [report for _, report in parts], gates),
        shard=Shard(plan=plan.digest, number=number, of=len(plan.shards), head=head, run=plan.run, attempt=attempt),
        policies=tuple(replace(report.policy, path=part.policy) for part, report in parts),
    )


def merge(plan: Plan, found: Sequence[Found], *, unread: Sequence[ReportError] = ()) -> Report:
    """One report with one verdict. A shard that is not there as it was planned is a check that blocks.

    ``unread`` says of what lay beside ``found`` why it is no report.
    """
    good: dict[int, Report] = {}
    claimed = _by_number(plan, found)
    faults = [_error(f"report {each.where}", each.what) for each in unread]
    faults += [_foreign(each, plan) for each in claimed.pop(None, ())]
    for number in range(1, len(plan.shards) + 1):
        mine = claimed.get(number, [])
        if fault := _fault(plan, number, mine):
            faults.append(fault)
        else:
            good[number] = mine[0].report
    # Shards that did as planned are a note and no check: a stage in which all was skipped must not pass by them.
    beside = (GateResult(gate=GATE, id=GATE, checks=tuple(faults)),) if faults else ()
    joined = _join(plan, list(good.values()), (*_gates(plan, good), *beside))
    return replace(joined, notes=(*joined.notes, f"{len(good)} of {len(plan.shards)} shards judged as planned."))


def _by_number(plan: Plan, found: Sequence[Found]) -> dict[int | None, list[Found]]:
    """The reports by the shard of this plan that they claim to be; None: they claim none."""
    digest, claimed = plan.digest, dict[int | None, list[Found]]()
    for each in found:
        shard = each.report.shard
        is_ours = shard is not None and shard.plan == digest and 1 <= shard.number <= len(plan.shards)
        claimed.setdefault(shard.number if shard and is_ours else None, []).append(each)
    return claimed


def _fault(plan: Plan, number: int, found: list[Found]) -> CheckResult | None:
    """What keeps a shard from counting."""
    name = f"shard {number}/{len(plan.shards)}"
    gates = plan.names(number)
    if not found:
        return _error(name, f"missing: nothing was judged by {', '.join(gates)}")
    if len(found) > 1:
        return _error(name, f"there {len(found)} times: {', '.join(each.where for each in found)}")
    faults = list(_departures(plan, number, found[0].report))
    return _error(name, f"{found[0].where}: {'; '.join(faults)}") if faults else None


def _departures(plan: Plan, number: int, report: Report) -> Iterator[str]:
    """Where a report is not what was planned for this shard."""
    if report.stage != plan.stage:
        yield f"of the stage {report.stage}, planned was {plan.stage}"
    if report.version != plan.version:
        yield f"by deliverygate {report.version}, planned was {plan.version}"
    head = report.shard.head if report.shard else None
    run = report.shard.run if report.shard else ""
    if run != plan.run:
        yield f"of {_named(run)}, planned was {_named(plan.run)}"
    if head != plan.head:
        yield f"of the commit {_short(head)}, planned was {_short(plan.head)}"
    judged = {gate.id for gate in report.gates}
    if lacking := [gate for gate in plan.names(number) if gate not in judged]:
        yield f"without {', '.join(lacking)}"
    paths = {part.policy for part in plan.shards[number - 1]}
    planned = {(policy.path, policy.sha256) for policy in plan.policies if policy.path in paths}
    if odd := planned ^ {(policy.path, policy.sha256) for policy in report.policies}:
        yield f"by another policy than planned ({', '.join(sorted({path for path, _ in odd}))})"


def _short(commit: str | None) -> str:
    return commit[:10] if commit else "none"


def _named(run: str) -> str:
    return run or "a local run"


def _of(digest: str, run: str) -> str:
    return f"{digest[:10]} of {_named(run)}"


def _foreign(found: Found, plan: Plan) -> CheckResult:
    shard = found.report.shard
    whose = f"shard {shard.number} of the plan {_of(shard.plan, shard.run)}" if shard else "a report of no shard"
    what = f"{whose}, and this plan is {_of(plan.digest, plan.run)}"
    return _error(f"foreign report {found.where}", what, mend="give merge only the reports of this plan's shards")


def _error(name: str, summary: str, *, mend: str = RUN_AGAIN) -> CheckResult:
    return CheckResult(name=name, verdict=Verdict.ERROR, summary=summary, mend=mend)


def _gates(plan: Plan, good: dict[int, Report]) -> Iterator[GateResult]:
    """In the order of the plan; then what the runs found beside their gates, equal ones once."""
    beside: dict[str, GateResult] = {}
    for number, report in good.items():
        planned = plan.names(number)
        by_id = {gate.id: gate for gate in report.gates}
        yield from (by_id[name] for name in planned)
        for gate in report.gates:
            if gate.id in planned:
                continue
            known = beside.setdefault(gate.id, gate)
            if _without_times(known) != _without_times(gate):
                beside[f"{gate.id} (shard {number})"] = replace(gate, id=f"{gate.id} (shard {number})")
    yield from beside.values()


def _without_times(gate: GateResult) -> GateResult:
    return replace(gate, seconds=0.0, checks=tuple(replace(check, seconds=0.0) for check in gate.checks))


def _join(plan: Plan, reports: Sequence[Report], gates: tuple[GateResult, ...]) -> Report:
    first = reports[0] if reports else None
    several = len(plan.policies) > 1
    return Report(
        stage=plan.stage,
        gates=gates,
        policy=PolicySource(path=f"{len(plan.policies)} policies", sha256=plan.digest)
        if several
        else (first.policy if first else plan.policies[0]),
        policies=_distinct(policy for report in reports for policy in report.policies) if several else (),
        started_at=min((report.started_at for report in reports), default=datetime.now(UTC)),
        seconds=max((report.seconds for report in reports), default=0.0),
        version=plan.version,
        change=next((report.change for report in reports if report.change), None),
        inputs=_distinct_inputs(reports),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def _distinct(policies: Iterable[PolicySource]) -> tuple[PolicySource, ...]:
    return tuple({policy.path: policy for policy in policies}.values())


def _distinct_inputs(reports: Iterable[Report]) -> tuple[Input, ...]:
    return tuple({(each.path, each.sha256): each for report in reports for each in report.inputs}.values())
