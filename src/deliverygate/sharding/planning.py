"""Who judges what: gates that belong together stay together, and every shard takes about as long as the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from statistics import median

import msgspec

from deliverygate.conversions import read_json
from deliverygate.errors import ReportError
from deliverygate.model import PolicySource, Report

VERSION = 2  #: of the form of the plan
UNKNOWN_SECONDS = 1.0  #: of each gate, where nobody knows how long any took


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Gates of one policy that one shard judges."""

    policy: str  #: path of the policy, relative to the root of the repository
    gates: tuple[str, ...]  #: ids, in the order of the policy


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All shards of a stage."""

    plan_version: int = VERSION
    id: str  #: made anew for each plan: what an earlier one has left is of another plan, even of the same commit
    run: str = ""  #: the run of the CI system, e.g. "gitlab pipeline 4711"; "": locally
    stage: str
    version: str  #: of deliverygate
    head: str | None  #: the commit that is judged
    policies: tuple[PolicySource, ...]
    shards: tuple[tuple[Part, ...], ...]

    @property
    def digest(self) -> str:
        """What the shards' reports know their plan by: SHA-256, in hexadecimal."""
        return hashlib.sha256(encode(self)).hexdigest()

    def names(self, number: int) -> tuple[str, ...]:
        """The gates of a shard (counted from 1), as the joined report calls them."""
        return tuple(
            name_in_report(part.policy, gate, self.policies) for part in self.shards[number - 1] for gate in part.gates
        )


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """Gates of one policy that cannot be told apart: one waits for the other, or reads its result."""

    policy: str
    gates: tuple[str, ...]
    seconds: float


class GateNode(msgspec.Struct, frozen=True, kw_only=True):
    """What planning must know of a gate."""

    id: str
    linked: tuple[str, ...] = ()  #: ids of gates that it needs or looks at


def encode(plan: Plan) -> bytes:
    """The plan as it is kept in a file; the same plan is the same bytes."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1)


def decode(data: bytes, *, where: str) -> Plan:
    """The plan of a file. Raises ReportError for what is none, or one of another kind."""
    try:
        plan = read_json(data, Plan)
    except ValueError as error:
        raise ReportError(f"is no plan ({error})", where=where, mend="write it with `deliverygate plan`") from error
    if plan.plan_version != VERSION or not plan.id or not plan.shards or not plan.policies:
        raise ReportError("is no plan that this version knows", where=where, mend="write it with `deliverygate plan`")
    return plan


def name_in_report(policy: str, gate: str, policies: Sequence[PolicySource]) -> str:
    """A gate's id in the joined report: with the policy's folder before it where there are several policies."""
    folder = PurePosixPath(policy).parent.as_posix()
    return gate if len(policies) < 2 or folder == "." else f"{folder}/{gate}"


def units(policy: str, gates: Sequence[GateNode], seconds: Mapping[str, float], *, whole: bool) -> Iterator[Unit]:
    """The gates of a stage in groups that no shard may tear apart; ``whole`` makes all of them one group."""
    groups: list[set[str]] = []
    for gate in gates:
        together = {gate.id, *gate.linked}
        for group in [group for group in groups if whole or group & together]:
            together |= group
            groups.remove(group)
        groups.append(together)
    for group in groups:
        ids = tuple(gate.id for gate in gates if gate.id in group)
        yield Unit(policy=policy, gates=ids, seconds=sum(seconds[each] for each in ids))


def expected_seconds(names: Iterable[str], reports: Iterable[Report]) -> dict[str, float]:
    """How long each gate takes, by the last report that has it; the median of all for one that none has."""
    last = {gate.id: gate.seconds for report in reports for gate in report.gates}
    usual = median(last.values()) if last else UNKNOWN_SECONDS
    return {name: last.get(name, usual) for name in names}


def balance(all_units: Iterable[Unit], count: int) -> tuple[tuple[Part, ...], ...]:
    """At most ``count`` shards, none empty: the longest unit first, each to the shard that has least to do so far.

    Longest processing time first is at most a third longer than the best that could be (Graham, "Bounds on
    multiprocessing timing anomalies", 1969).
    """
    shards: list[list[Unit]] = [[] for _ in range(count)]
    loads = [0.0] * count
    for unit in sorted(all_units, key=lambda unit: (-unit.seconds, unit.policy, unit.gates)):
        least = min(range(count), key=lambda number: (loads[number], len(shards[number]), number))
        shards[least].append(unit)
        loads[least] += unit.seconds
    return tuple(_parts(shard) for shard in shards if shard)


def _parts(shard: list[Unit]) -> tuple[Part, ...]:
    """One part a policy: its gates run side by side in one process."""
    by_policy: dict[str, list[str]] = {}
    for unit in sorted(shard, key=lambda unit: unit.policy):
        by_policy.setdefault(unit.policy, []).extend(unit.gates)
    return tuple(Part(policy=policy, gates=tuple(gates)) for policy, gates in by_policy.items())
