"""What a change may not do: nothing that a fork brings is executed, and the change's own policy is given nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace as replaced
from typing import Any

from msgspec.structs import replace

from deliverygate.cli.first_policy import MERGE_FIRST
from deliverygate.config.shape import GateSpec
from deliverygate.errors import NotAllowed
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


#: What a policy that the change brings may know of the job: where it runs, and nothing that a project sets.
KNOWN_TO_ALL = (
    "CI", "GITLAB_CI", "GITHUB_ACTIONS", "CI_MERGE_REQUEST_DESCRIPTION", "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED",
)  # fmt: skip


def without_power(specs: Sequence[GateSpec]) -> tuple[GateSpec, ...]:
    """The gates of a policy that the change itself brings: each says so where it asks for what it is not given."""
    return tuple(replace(spec, gate=replaced(spec.gate, check=_held(spec))) for spec in specs)


def _held(spec: GateSpec) -> Callable[[Any, GateContext], Iterator[CheckResult]]:
    check = spec.gate.check

    def held(settings: Any, context: GateContext) -> Iterator[CheckResult]:
        if spec.unfilled:
            yield _refusal(refused(f"variables ({', '.join(spec.unfilled)})"))
        elif _runs(spec):
            yield _refusal(refused("programs"))
        else:
            try:
                yield from check(settings, context)
            except NotAllowed as error:
                yield _refusal(error)

    return held


def _refusal(error: NotAllowed) -> CheckResult:
    return CheckResult(
        name="policy of the change",
        verdict=Verdict.INCONCLUSIVE,
        summary=f"not run: {error.what}",
        mend=error.mend,
    )


def refused(asked: str) -> NotAllowed:
    """What is said of something that a policy of the change asks for."""
    return NotAllowed(
        f"it asks for {asked}, which a policy that the change itself brings is not given", mend=MERGE_FIRST
    )


def powerless(context: GateContext, environ: Mapping[str, str]) -> GateContext:
    """The same context without environment, network, programs, metrics and cluster."""

    def no_store(_name: str) -> Any:
        raise refused("metrics")

    def no_cluster() -> Any:
        raise refused("a cluster")

    return replaced(
        context,
        http=Closed("the network"),
        network=Closed("the network"),
        shell=Closed("programs"),
        metrics=no_store,
        cluster=no_cluster,
        environ=Withheld({name: environ[name] for name in KNOWN_TO_ALL if name in environ}),
    )


class Withheld(Mapping[str, str]):
    """The few variables that every policy may know; asking for another one raises NotAllowed."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __getitem__(self, name: str) -> str:
        if name not in KNOWN_TO_ALL:
            raise refused(f"the variable {name}")
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class Closed:
    """A service that nobody may use: whatever is asked of it raises NotAllowed."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> Any:
        raise refused(self._what)
