"""What a fork's change may not do: nothing that it brings along is executed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as replaced
from typing import Any

from msgspec.structs import replace

from deliverygate.config.shape import GateSpec
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult, Verdict

REFUSED = CheckResult(
    name="runs nothing of a fork",
    verdict=Verdict.INCONCLUSIVE,
    summary="not run: the change comes from a fork, and this gate starts programs on its files",
    mend="look at the change and run it in the project itself, or let the target branch's policy say "
    "`forks: {run_programs: true}`; see docs/security.md#forks",
)


def without_programs(specs: Sequence[GateSpec]) -> tuple[GateSpec, ...]:
    """The same gates; those that would start programs on the change's files say so instead."""
    return tuple(replace(spec, gate=replaced(spec.gate, check=_refuse)) if _runs(spec) else spec for spec in specs)


def _runs(spec: GateSpec) -> bool:
    runs = spec.gate.runs
    return bool(runs(spec.settings) if callable(runs) else runs)


def _refuse(_settings: Any, _context: GateContext) -> Iterator[CheckResult]:
    yield REFUSED
