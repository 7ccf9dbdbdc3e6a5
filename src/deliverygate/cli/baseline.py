"""``deliverygate baseline``: what is known already, so that only what is new counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click
import msgspec

from deliverygate.cli.policy import open_policy, policy_options
from deliverygate.cli.saying import say
from deliverygate.errors import ConfigError, ReportError, UsageError

if TYPE_CHECKING:
    from deliverygate.cli.policy import Opened
    from deliverygate.cli.wiring import Wiring
    from deliverygate.config.shape import GateSpec, Policy
    from deliverygate.judging.baseline.changes import Change, Sections
    from deliverygate.judging.baseline.file import Known
    from deliverygate.model import Finding

# Settings that say which findings count, not which there are. A gate with the first is one that has findings.
ONLY_NEW = "only_new"
WHOLE = {ONLY_NEW: False, "scope": "all"}

MEND_REPORT = "bring the missing evidence; what is not seen now would be new in the next run"


@click.group()
def baseline() -> None:
    """Write, show and compare the findings that are known."""


@baseline.command()
@click.argument("stage", required=False)
@policy_options
def write(stage: str | None, path: Path | None, overrides: tuple[str, ...]) -> None:
    """Store what the gates find now, of one stage or of all.

    Nothing is stored where a report is missing or incomplete.
    """
    from deliverygate.cli.files import write_atomically
    from deliverygate.judging.baseline.changes import compare
    from deliverygate.judging.baseline.file import Baseline, dump

    opened = open_policy(path, overrides, stage=stage)
    policy, root = opened.policy, opened.root
    specs = findings_gates(policy, stage)
    before = _stored_or_nothing(policy, root, whole=stage is None)
    look = Look(opened)
    now = look.at_all(specs)
    others = {gate: known for gate, known in before.items() if stage is not None and not _is_of(gate, stage)}
    name = baseline_path(policy)
    write_atomically(root / name, dump(Baseline(gates={**others, **now})), mend="make its folder writable")
    say(f"{name}: {_summary(now, compare(_only(before, stage), now, look.wiring.workspace.has))}")


@baseline.command()
@click.argument("stage", required=False)
@policy_options
def show(stage: str | None, path: Path | None, overrides: tuple[str, ...]) -> None:
    """List the findings that are stored."""
    opened = open_policy(path, overrides, stage=stage)
    policy, root = opened.policy, opened.root
    findings_gates(policy, stage)
    for gate, known in sorted(_only(stored(policy, root), stage).items()):
        say(f"{gate}: {_count(len(known))}")
        for each in known:
            say(f"  {_place(each)}  {_what(each)}")


@baseline.command()
@click.argument("stage", required=False)
@policy_options
def diff(stage: str | None, path: Path | None, overrides: tuple[str, ...]) -> None:
    """Say which findings of the present reports are new, gone or moved."""
    from deliverygate.judging.baseline.changes import compare

    opened = open_policy(path, overrides, stage=stage)
    policy, root = opened.policy, opened.root
    specs = findings_gates(policy, stage)
    before = _only(stored(policy, root), stage)
    look = Look(opened)
    now = look.at_all(specs)
    changes = compare(before, now, look.wiring.workspace.has)
    for gate in sorted({change.gate for change in changes}):
        say(f"{gate}:")
        for change in changes:
            if change.gate == gate:
                say(f"  {_line(change)}")
    say(_summary(now, changes))


def baseline_path(policy: Policy) -> str:
    """The file that the policy names, or the usual one."""
    from deliverygate.cli.law import BASELINE

    return policy.baseline or BASELINE


def findings_gates(policy: Policy, stage: str | None) -> tuple[tuple[str, GateSpec], ...]:
    """The gates with findings, each with the name of its stage. Raises UsageError for none."""
    if stage is not None and stage not in policy.stages:
        from deliverygate.config.faults import did_you_mean

        raise UsageError(f"no stage {stage!r}", where=policy.source.path, mend=did_you_mean(stage, policy.stage_names))
    found = [
        (name, spec) for name, specs in policy.stages.items() for spec in specs if hasattr(spec.settings, ONLY_NEW)
    ]
    if not found:
        where = f"{policy.source.path}: {stage}" if stage else policy.source.path
        raise UsageError("no gate has findings that a baseline could know", where=where, mend="name another stage")
    return tuple(found)


def stored(policy: Policy, root: Path) -> Sections:
    """What the file holds. Raises ConfigError when there is none, or when it cannot be read."""
    from deliverygate.judging.baseline.file import load

    name = baseline_path(policy)
    try:
        data = (root / name).read_bytes()
    except FileNotFoundError as error:
        raise ConfigError("no such file", where=name, mend="write it with `deliverygate baseline write`") from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=name, mend="make it readable") from error
    return load(data, name).gates


def _stored_or_nothing(policy: Policy, root: Path, *, whole: bool) -> Sections:
    """What the file holds. Where all of it is written anew, one that cannot be read is no loss."""
    if not (root / baseline_path(policy)).exists():
        return {}
    try:
        return stored(policy, root)
    except ConfigError:
        if whole:
            return {}
        raise


class Look:
    """A look at what there is, with the readers and the waivers of a real run."""

    def __init__(self, opened: Opened) -> None:
        from deliverygate.cli.asking import ChangeOptions
        from deliverygate.cli.law import read_law
        from deliverygate.cli.law_files import FolderFiles
        from deliverygate.cli.wiring import Wiring
        from deliverygate.judging.matching import Index

        policy, root = opened.policy, opened.root
        law = read_law(policy, FolderFiles(root), with_baseline=False)
        self.wiring: Wiring = Wiring(
            root,
            law,
            policy=policy,
            change=ChangeOptions(),
            stop=Event(),
            today=datetime.now(UTC).date(),
            untrusted=opened.untrusted,
        )
        self._waivers = Index(law.waivers)

    def at_all(self, specs: Sequence[tuple[str, GateSpec]]) -> Sections:
        """What each gate finds. Raises ReportError when one cannot see all there is."""
        from deliverygate.judging.baseline.file import describe_all

        around = self.wiring.surroundings.around
        return {f"{stage}/{spec.id}": describe_all(self.at(spec, stage), around) for stage, spec in specs}

    def at(self, spec: GateSpec, stage: str) -> tuple[Finding, ...]:
        """What a gate finds and no waiver speaks of: when that ends, the finding is to count again."""
        from deliverygate.clock import SystemClock
        from deliverygate.model import Verdict

        clock = SystemClock(timeout_seconds=spec.timeout_seconds)
        context = self.wiring.open_context(spec, clock, {}, lambda text: say(f"{spec.id}: {text}", err=True))
        found: Counter[Finding] = Counter()
        for check in spec.gate.check(_whole(spec.settings), context):
            if check.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}:
                where = f"{stage}/{spec.id}: {check.name}"
                raise ReportError(f"{check.summary}; nothing was stored", where=where, mend=check.mend or MEND_REPORT)
            found |= Counter((*check.findings, *check.noted))  # a finding may stand in several checks
        return tuple(each for each in found.elements() if not (each.waiver or self._waivers.fitting(each)))


def _whole(settings: Any) -> Any:
    known = {name: value for name, value in WHOLE.items() if hasattr(settings, name)}
    return msgspec.structs.replace(settings, **known)


def _only(sections: Sections, stage: str | None) -> Sections:
    return {gate: known for gate, known in sections.items() if stage is None or _is_of(gate, stage)}


def _is_of(gate: str, stage: str) -> bool:
    return gate.partition("/")[0] == stage


def _summary(now: Sections, changes: Sequence[Change]) -> str:
    tally = Counter(type(change).__name__.lower() for change in changes)
    told = ", ".join(f"{tally[word]} {word}" for word in ("new", "gone", "moved") if tally[word])
    return f"{_count(sum(map(len, now.values())))} ({told or 'as before'})"


def _count(number: int) -> str:
    return f"{number} finding{'' if number == 1 else 's'}"


def _line(change: Change) -> str:
    from deliverygate.judging.baseline.changes import Gone, Moved

    if isinstance(change, Moved):
        return f"~ {_place(change.before)} -> {_place(change.now)}  {_what(change.now)}"
    if isinstance(change, Gone):
        return f"- {_place(change.before)}  {_what(change.before)}"
    return f"+ {_place(change.now)}  {_what(change.now)}"


def _place(known: Known) -> str:
    line = f":{known.line}" if known.line else ""
    return f"{known.path}{line}" if known.path else "(no file)"


def _what(known: Known) -> str:
    return " ".join(filter(None, (known.tool, known.rule, known.package)))
