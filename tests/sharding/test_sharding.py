"""Plans and what comes back: no gate is lost, none is judged twice, and a stage in shards is the stage in one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import CheckResult, GateResult, PolicySource, Report, Shard, Verdict
from deliverygate.sharding.merging import Found, join_parts, merge
from deliverygate.sharding.planning import (
    GateNode,
    Part,
    Plan,
    Unit,
    balance,
    decode,
    encode,
    expected_seconds,
    units,
)

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROOT = PolicySource(path=".deliverygate.yml", sha256="1" * 64)
SHOP = PolicySource(path="services/shop/.deliverygate.yml", sha256="2" * 64)
HEAD = "c" * 40
RUN = "gitlab pipeline 4711"


def judged(name: str, verdict: Verdict = Verdict.PASSED, seconds: float = 1.0) -> GateResult:
    check = CheckResult(name="check", verdict=verdict, summary="as it is")
    return GateResult(gate="command", id=name, checks=(check,), seconds=seconds)


def report(*gates: GateResult, **more: object) -> Report:
    given = {
        "stage": "build", "gates": gates, "policy": ROOT, "started_at": START, "seconds": 2.0, "version": "1.2.3", **more,
    }  # fmt: skip
    return Report(**given)  # type: ignore[arg-type]


def planned(*shards: tuple[Part, ...], policies: tuple[PolicySource, ...] = (ROOT,)) -> Plan:
    return Plan(id="7" * 32, run=RUN, stage="build", version="1.2.3", head=HEAD, policies=policies, shards=shards)


def part(*gates: str, policy: str = ROOT.path) -> Part:
    return Part(policy=policy, gates=gates)


def shard(plan: Plan, number: int, **more: object) -> Found:
    """What a shard that did as planned reports."""
    parts = [(each, report(*(judged(gate) for gate in each.gates))) for each in plan.shards[number - 1]]
    return Found(f"shards/{number}", replace(join_parts(plan, number, parts, head=HEAD), **more))


def said(joined: Report) -> list[str]:
    return [check.summary for gate in joined.gates if gate.id == "shards" for check in gate.checks]


TWO = planned((part("a", "b"),), (part("c"),))
BEFORE = "gitlab pipeline 4710"
AGAIN = replace(TWO, id="8" * 32)  # of the same commit, in the same run
OTHER_RUN = replace(TWO, run=BEFORE)


def test_shards_that_did_as_planned_become_one_report() -> None:
    joined = merge(TWO, [shard(TWO, 2), shard(TWO, 1)])

    assert [gate.id for gate in joined.gates] == ["a", "b", "c"]
    assert joined.notes == ("2 of 2 shards judged as planned.",)
    assert (joined.exit_code, joined.policy, joined.shard) == (0, ROOT, None)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([shard(TWO, 1)], ["missing: nothing was judged by c"]),
        ([], ["missing: nothing was judged by a, b", "missing: nothing was judged by c"]),
        ([shard(TWO, 1), shard(TWO, 1), shard(TWO, 2)], ["there 2 times: shards/1, shards/1"]),
        ([shard(TWO, 1, stage="deploy"), shard(TWO, 2)], ["shards/1: of the stage deploy, planned was build"]),
        ([shard(TWO, 1, version="2.0"), shard(TWO, 2)], ["shards/1: by deliverygate 2.0, planned was 1.2.3"]),
        ([shard(TWO, 1), shard(TWO, 2, shard=Shard(plan=TWO.digest, number=2, of=2, head="d" * 40, run=RUN))],
         ["shards/2: of the commit dddddddddd, planned was cccccccccc"]),
        ([shard(TWO, 1), shard(TWO, 2, gates=())], ["shards/2: without c"]),
        ([shard(TWO, 1), shard(TWO, 2, policies=(replace(ROOT, sha256="9" * 64),))],
         ["shards/2: by another policy than planned (.deliverygate.yml)"]),
        ([shard(TWO, 1), shard(TWO, 2, policies=())], ["shards/2: by another policy than planned (.deliverygate.yml)"]),
        ([shard(TWO, 1), shard(TWO, 2), shard(TWO, 2, shard=Shard(plan=TWO.digest, number=0, of=2, head=HEAD, run=RUN))],
         [f"shard 0 of the plan {TWO.digest[:10]} of {RUN}, and this plan is {TWO.digest[:10]} of {RUN}"]),
        ([shard(TWO, 1), shard(TWO, 2), Found("old", report(judged("c")))],
         [f"a report of no shard, and this plan is {TWO.digest[:10]} of {RUN}"]),
        ([shard(TWO, 1), shard(TWO, 2), shard(planned((part("c"),)), 1)],
         [f"shard 1 of the plan {planned((part('c'),)).digest[:10]} of {RUN}, and this plan is {TWO.digest[:10]} of {RUN}"]),
        ([shard(TWO, 1), shard(TWO, 2), shard(AGAIN, 2)],
         [f"shard 2 of the plan {AGAIN.digest[:10]} of {RUN}, and this plan is {TWO.digest[:10]} of {RUN}"]),
        ([shard(OTHER_RUN, 1), shard(TWO, 2)],
         [f"shard 1 of the plan {OTHER_RUN.digest[:10]} of {BEFORE}, and this plan is {TWO.digest[:10]} of {RUN}",
          "missing: nothing was judged by a, b"]),
        ([shard(TWO, 1), shard(TWO, 2, shard=Shard(plan=TWO.digest, number=2, of=2, head=HEAD, run=""))],
         ["shards/2: of a local run, planned was gitlab pipeline 4711"]),
    ],
    ids=[
        "missing", "all-missing", "twice", "other-stage", "other-version", "other-commit", "gate-lost", "other-policy", "no-policy", "number-0",
        "no-shard", "other-plan", "planned-again", "other-run", "other-run-of-the-same-plan",
    ],
)  # fmt: skip
def test_shard_that_is_not_as_planned_blocks_by_its_name(found: list[Found], wanted: list[str]) -> None:
    joined = merge(TWO, found)

    assert said(joined) == wanted
    assert joined.exit_code == 3


def test_failed_gate_of_one_shard_blocks_the_whole_stage() -> None:
    found = [shard(TWO, 1), shard(TWO, 2, gates=(judged("c", Verdict.FAILED),))]

    assert merge(TWO, found).exit_code == 1


def test_gates_of_several_policies_are_called_by_their_folder() -> None:
    plan = planned((part("lint"), part("lint", policy=SHOP.path)), policies=(ROOT, SHOP))
    parts = [(plan.shards[0][0], report(judged("lint"))), (plan.shards[0][1], report(judged("lint"), policy=SHOP))]

    joined = merge(plan, [Found("1", join_parts(plan, 1, parts, head=HEAD))])

    assert [gate.id for gate in joined.gates] == ["lint", "services/shop/lint"]
    assert (joined.policy.path, joined.policies) == ("2 policies", (ROOT, SHOP))
    assert joined.exit_code == 0


def test_what_runs_found_beside_their_gates_is_told_once_when_it_is_the_same() -> None:
    law = replace(judged("policy"), gate="policy")
    other = replace(judged("policy", Verdict.FAILED), gate="policy")
    three = planned((part("a"),), (part("b"),), (part("c"),))
    found = [
        shard(three, 1, gates=(judged("a"), law)),
        shard(three, 2, gates=(judged("b"), replace(law, seconds=9.0))),
        shard(three, 3, gates=(judged("c"), other)),
    ]

    joined = merge(three, found)

    assert [gate.id for gate in joined.gates] == ["a", "b", "c", "policy", "policy (shard 3)"]
    assert joined.exit_code == 1


def test_linked_gates_stay_in_one_unit() -> None:
    nodes = [GateNode(id="a"), GateNode(id="b", linked=("a",)), GateNode(id="c"), GateNode(id="d", linked=("b",))]
    seconds = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 8.0}

    found = list(units("p", nodes, seconds, whole=False))

    assert found == [
        Unit(policy="p", gates=("c",), seconds=4.0),
        Unit(policy="p", gates=("a", "b", "d"), seconds=11.0),
    ]
    assert [unit.gates for unit in units("p", nodes, seconds, whole=True)] == [("a", "b", "c", "d")]


def test_gate_that_nobody_timed_takes_the_usual_time() -> None:
    old = report(judged("a", seconds=10.0), judged("b", seconds=20.0), judged("c", seconds=60.0))

    assert expected_seconds(["a", "new"], [old]) == {"a": 10.0, "new": 20.0}
    assert expected_seconds(["new"], []) == {"new": 1.0}


def test_longest_goes_first_and_to_whom_has_least_to_do() -> None:
    each = [
        Unit(policy="p", gates=(name,), seconds=seconds) for name, seconds in zip("abcde", (5, 4, 3, 3, 3), strict=True)
    ]

    assert balance(each, 2) == ((part("a", "d", policy="p"),), (part("b", "c", "e", policy="p"),))
    assert len(balance(each, 9)) == 5


def test_plan_is_read_as_it_was_written_and_anything_else_is_refused() -> None:
    assert decode(encode(TWO), where="plan.json") == TWO
    for data in (
        b"",
        b"{}",
        b'{"plan_version": 2}',
        encode(TWO).replace(b'"id"', b'"no"'),
        encode(replace(TWO, shards=())),
        encode(replace(TWO, plan_version=1)),
        encode(replace(TWO, plan_version=3)),
        encode(replace(TWO, id="")),
    ):
        with pytest.raises(ReportError, match="is no plan"):
            decode(data, where="plan.json")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_stage_in_shards_is_the_stage_in_one(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
    verdict = {name: data.draw(st.sampled_from(list(Verdict)), label=name) for name in names}
    links = {name: data.draw(st.sets(st.sampled_from(names)), label=f"links of {name}") for name in names}
    nodes = [GateNode(id=name, linked=tuple(links[name])) for name in names]
    expected = dict.fromkeys(names, 1.0)
    plan = planned(*balance(units(ROOT.path, nodes, expected, whole=False), data.draw(st.integers(1, 5))))
    found = []
    for number, parts in enumerate(plan.shards, 1):
        ran = [(each, report(*(judged(gate, verdict[gate]) for gate in each.gates))) for each in parts]
        found.append(Found(str(number), join_parts(plan, number, ran, head=HEAD)))

    joined = merge(plan, data.draw(st.permutations(found)))
    alone = report(*(judged(name, verdict[name]) for name in names))

    assert sorted(joined.gates, key=lambda gate: gate.id) == sorted(alone.gates, key=lambda gate: gate.id)
    assert joined.exit_code == alone.exit_code


@given(
    ids=st.lists(st.sampled_from(["1" * 32, "2" * 32]), min_size=2, max_size=2),
    runs=st.lists(st.sampled_from(["", RUN, BEFORE]), min_size=2, max_size=2),
    heads=st.lists(st.sampled_from([HEAD, "d" * 40]), min_size=2, max_size=2),
)
def test_shards_count_for_the_plan_of_their_own_run_and_for_no_other(
    ids: list[str], runs: list[str], heads: list[str]
) -> None:
    plans = [replace(TWO, id=id_, run=run, head=head) for id_, run, head in zip(ids, runs, heads, strict=True)]
    first, later = plans
    reports = [
        Found(
            f"shards/{number}",
            join_parts(
                first, number, [(each, report(*map(judged, each.gates))) for each in first.shards[number - 1]],
                head=first.head,
            ),
        )
        for number in (1, 2)
    ]  # fmt: skip

    assert (merge(later, reports).exit_code == 0) == (first == later)
