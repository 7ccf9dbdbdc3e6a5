"""The check of a change that edits the law: which files, what would be different, and who has approved it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from deliverygate.cli.law import BASELINE, WAIVERS
from deliverygate.cli.law_files import CommitFiles, gate_files
from deliverygate.cli.target_law import TargetLaw, find_in
from deliverygate.config.policy import read_policy
from deliverygate.config.shape import GateKind, Policy
from deliverygate.conversions import NotTextError, readable, utf8
from deliverygate.errors import ConfigError, DeliveryGateError, ReportError
from deliverygate.judging.law_changes import Consent, First, Touched, find_consent, judge
from deliverygate.model import CheckResult, GateResult, Verdict
from deliverygate.platforms.forks import is_fork
from deliverygate.platforms.git_tree import LINK, GitTree
from deliverygate.platforms.history import deepen

if TYPE_CHECKING:
    from deliverygate.cli.asking import Asking
    from deliverygate.cli.policy import Opened
    from deliverygate.judging.codeowners import Dialect, Ownership

SHOWN_BYTES = 512 * 1024  # of a file; a bigger one is named without its differences: YAML of 30 MB takes minutes
SHOWN_FILES = 50  # with their differences; each takes git four questions
SETTINGS = 50  # effective values that are shown


def judge_changes(opened: Opened, asking: Asking, used: Collection[str] = ()) -> CheckResult | None:
    """The check; None where the change leaves the law alone, or where the checkout itself holds it.

    ``used`` are the files that gates read beside the policy, as paths of the repository.
    """
    if opened.target is None:
        return None
    law = opened.target
    head = _tree(law, "HEAD^{commit}", name="HEAD")
    if head is None:
        return None
    start = law.checkout.git.merge_base(head.commit, law.tree.commit) or deepen(
        law.checkout.git, head.commit, law.tree.commit
    )
    base = GitTree(law.checkout.git, start, name="base") if start else law.tree
    touched = tuple(_touched(opened, law, base, head, used))
    if not touched:
        return None
    mode = opened.policy.policy_changes
    consent = _consent(opened, law, asking) if mode == "approve" and not opened.introduced else None
    settings = tuple(_settings(opened, law, head)) if not opened.introduced else ()
    return judge(touched, mode, settings=settings, consent=consent, first=_first(opened))


def _first(opened: Opened) -> First:
    if not opened.introduced:
        return ""
    return "of a fork" if is_fork(os.environ) else "of the change"


def as_result(check: CheckResult, gates: Iterable[GateResult]) -> GateResult:
    """A result beside those of the gates. Where they were all skipped, this one proves nothing either."""
    from msgspec.structs import replace

    others = tuple(gates)
    if check.verdict is Verdict.PASSED and all(each.verdict is Verdict.SKIPPED for each in others):
        check = replace(check, verdict=Verdict.SKIPPED)
    taken = {each.id for each in others}
    return GateResult(gate="policy", id="policy" if "policy" not in taken else "deliverygate policy", checks=(check,))


def _tree(law: TargetLaw, revision: str, *, name: str) -> GitTree | None:
    commit = law.checkout.git.look_up(revision)
    return GitTree(law.checkout.git, commit, name=name) if commit else None


def _touched(opened: Opened, law: TargetLaw, base: GitTree, head: GitTree, used: Collection[str]) -> Iterator[Touched]:
    """Files that differ from where the branch started, and from how the target branch has them now."""
    paths = sorted({*used, *(path for tree in (law.tree, head) for path in _law_paths(opened, law, tree))})
    before, now, wanted = (tree.entries(*paths) for tree in (base, head, law.tree))
    shown = 0
    for path in sorted({*before, *now, *wanted}):
        at = [(entry.mode, entry.object) if (entry := each.get(path)) else None for each in (before, now, wanted)]
        if at[1] in (at[0], at[2]):
            continue
        shown += 1
        if shown <= SHOWN_FILES:
            yield Touched(path, _text(base, path), _text(head, path))
        else:
            yield Touched(path, *("(not shown)" if each else None for each in at[:2]))


def _text(tree: GitTree, path: str) -> str | None:
    """A file's text for people; None where there is none."""
    entry = tree.entries(path).get(path)
    if entry is None:
        return None
    if entry.size > SHOWN_BYTES:
        return f"({entry.size} bytes, which is too much to show)"
    try:
        return readable(tree.content(entry))
    except (OSError, DeliveryGateError):
        return "(cannot be shown)"


def _law_paths(opened: Opened, law: TargetLaw, tree: GitTree) -> Iterator[str]:
    """Every path of the repository that the law of a commit rests on, those that are not there included."""
    path = find_in(tree, law.wanted, law.checkout.prefix)
    if path is None:
        return
    folder = path.rpartition("/")[0]
    files = CommitFiles(tree, folder, top=law.checkout.top)
    policy = _outline(tree, path, untrusted=tree is not law.tree)
    waivers = policy.waivers if policy else None
    named = [waivers.path, *(each.path for each in waivers.also), policy.baseline] if waivers and policy else []
    inside = map(files.inside, (*filter(None, named), WAIVERS, BASELINE, *gate_files(files)))
    yield from _with_targets(tree, [path, *(each for each in inside if each and not each.startswith(".."))])
    if opened.policy.policy_changes == "approve":
        from deliverygate.judging.codeowners import LOCATIONS

        yield from {each for locations in LOCATIONS.values() for each in locations}


def _with_targets(tree: GitTree, paths: list[str]) -> Iterator[str]:
    """The paths, and where one is a link the file that it leads to."""
    yield from paths
    for entry in tree.entries(*paths).values():
        if entry.mode == LINK:
            with suppress(OSError):
                yield from (found.path for found in (tree.find(entry.path),) if found)


def _outline(tree: GitTree, path: str, *, untrusted: bool) -> Policy | None:
    """What a policy says outside of its gates; None for one with a fault."""

    def any_gate(_: str) -> GateKind:
        return GateKind(settings=Struct, looks_at=lambda _: (), gate=None)

    try:
        data, environ = _small(tree, path), _without_overrides()
        return read_policy(data, path=path, lookup=any_gate, environ=environ, stage="", untrusted=untrusted)
    except (ConfigError, OSError):
        return None


def _small(tree: GitTree, path: str) -> bytes:
    """A policy that people wrote. Raises OSError."""
    entry = tree.find(path)
    if entry and entry.size > SHOWN_BYTES:
        raise OSError(errno.EFBIG, f"it has {entry.size:,} bytes")
    return tree.read(path)


def _settings(opened: Opened, law: TargetLaw, head: GitTree) -> Iterator[str]:
    """A sentence for each effective setting that the change gives another value."""
    from deliverygate.cli.config import written

    old_path, new_path = (find_in(tree, law.wanted, law.checkout.prefix) for tree in (law.tree, head))
    if new_path is None:
        yield "The policy would be gone."
        return
    lookup: Callable[[str], Any] = opened.gates.lookup  # of the target branch: no gate of the change is compiled
    try:
        # Neither is filled in with the job's variables: what a change refers to would be told to whoever wrote it.
        old, new = (
            {
                each.path: written(each)
                for each in read_policy(_small(tree, path), path=path, lookup=lookup, environ={}, untrusted=True).values
            }
            for tree, path in ((law.tree, old_path or new_path), (head, new_path))
        )
    except (ConfigError, OSError) as error:
        yield f"The effective settings cannot be compared: {getattr(error, 'strerror', error)}"
        return
    changed = [path for path in dict.fromkeys((*old, *new)) if old.get(path) != new.get(path)]
    yield from (f"{path}: {old.get(path, 'nothing')} -> {new.get(path, 'nothing')}" for path in changed[:SETTINGS])
    if len(changed) > SETTINGS:
        yield f"... {len(changed) - SETTINGS} more settings"


def _without_overrides() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DELIVERYGATE_")}


def _consent(opened: Opened, law: TargetLaw, asking: Asking) -> Consent:
    path = opened.policy.source.path
    try:
        change = asking.change()
        return find_consent(change, _demands(path, law, asking.platform.name), team=asking.team, file=path)
    except DeliveryGateError as error:
        return Consent(Verdict.INCONCLUSIVE, f"and who approved it could not be looked at ({error.what})")


def _demands(path: str, law: TargetLaw, platform: str) -> tuple[Ownership, ...]:
    """Who answers for the policy by the CODEOWNERS of the target branch; what is optional demands nothing."""
    from deliverygate.judging.codeowners import locate, parse

    dialect: Dialect = "gitlab" if platform == "gitlab" else "github"
    found = locate(lambda each: _owners(law.tree, each), dialect)
    owned = parse(found[1], dialect).of(path) if found else ()
    return tuple(each for each in owned if each.owners and each.approvals)


def _owners(tree: GitTree, path: str) -> str | None:
    """A file of owners; None where there is none. Raises ReportError for one that cannot be read."""
    if not tree.has(path):
        return None
    try:
        return utf8(tree.read(path))
    except (OSError, NotTextError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ReportError(f"cannot be read ({why})", where=f"{tree.name}:{path}", mend="save it as UTF-8") from error
