"""The law as the target branch has it: a change is judged by what stands there, whatever its own files say."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from deliverygate.cli.checkout import Checkout
from deliverygate.cli.checkout import open_checkout as find_checkout
from deliverygate.cli.first_policy import open_first
from deliverygate.cli.law import BASELINE, WAIVERS
from deliverygate.cli.law_files import CommitFiles, LawFiles, gate_files
from deliverygate.cli.places import find_top
from deliverygate.cli.policy import NAMES, Opened, open_checkout
from deliverygate.clock import SystemClock
from deliverygate.config.policy import read_policy
from deliverygate.errors import ConfigError, ReportError, ToolError
from deliverygate.model import PolicySource
from deliverygate.platforms import Target
from deliverygate.platforms.git_tree import GitTree
from deliverygate.platforms.history import find_default, find_ref, find_tip
from deliverygate.registry.local import LocalGates

SECONDS = 120.0  # for all that is asked of git until the policy is read


class TargetLaw(msgspec.Struct, frozen=True):
    """What is known of the target branch."""

    checkout: Checkout
    tree: GitTree
    wanted: str | None  #: the policy that the command line names, as the repository has it
    note: str = ""


def open_target(
    given: Path | None,
    overrides: Iterable[str],
    *,
    stage: str | None,
    ref: str | None,
    target: Target | None,
    is_fork: bool,
) -> Opened:
    """The policy of ``ref``, else of ``target``; that of the checkout where the target has none. Raises ConfigError."""
    clock = SystemClock(timeout_seconds=SECONDS)
    checkout = find_checkout(Path.cwd(), environ=os.environ, clock=clock)
    wanted = repository_path(given, checkout)
    if given is not None and wanted is None:  # no change can touch what is outside of its repository
        return replace(open_checkout(given, overrides, stage=stage), trusted=True)
    try:
        law = _law_of(target, ref, checkout, wanted)
        path = find_in(law.tree, wanted, checkout.prefix)
        if path is None:
            opened = (
                open_first(given, stage) if is_fork else open_checkout(given, overrides, stage=stage, untrusted=True)
            )
            return replace(opened, target=law, introduced=True)
        return _read(law, path, overrides, stage)
    except ReportError as error:  # git's own words
        raise ConfigError(error.what, where=error.where, mend=error.mend) from error


def _law_of(target: Target | None, ref: str | None, checkout: Checkout, wanted: str | None) -> TargetLaw:
    if target is None:
        assert ref is not None  # noqa: S101  one of the two is given
        return TargetLaw(checkout, GitTree(checkout.git, find_ref(checkout.git, ref), name=ref), wanted)
    tip, note = find_tip(checkout.git, target)
    return TargetLaw(checkout, GitTree(checkout.git, tip, name=target.branch), wanted, note)


def _read(law: TargetLaw, path: str, overrides: Iterable[str], stage: str | None) -> Opened:
    folder = posixpath.dirname(path)
    files = CommitFiles(law.tree, folder, top=law.checkout.top)
    gates = LocalGates(gate_files(files), read=files.read, label=files.label)
    label = f"{law.tree.name}:{path}"
    policy = read_policy(
        read_blob(law.tree, path), path=label, lookup=gates.lookup, environ=os.environ, overrides=overrides, stage=stage
    )
    source = PolicySource(path=path, sha256=policy.source.sha256, ref=law.tree.commit)
    said = f"The policy and what it rests on were read from {law.tree.name} at {law.tree.commit[:10]}."
    return Opened(
        replace(policy, source=source),
        _workspace(law.checkout.top, folder),
        files,
        gates,
        target=law,
        trusted=True,
        notes=tuple(filter(None, (said, law.note))),
    )


def read_blob(tree: GitTree, path: str) -> bytes:
    """A file of the law. Raises ConfigError."""
    try:
        return tree.read(path)
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", where=f"{tree.name}:{path}", mend="make it an ordinary file there"
        ) from error


def find_in(tree: GitTree, wanted: str | None, prefix: str) -> str | None:
    """The policy in a commit: the one that is wanted, else the first from the folder ``prefix`` upwards."""
    candidates = [wanted] if wanted is not None else list(_candidates(prefix))
    there = tree.entries(*candidates)
    return next((path for path in candidates if path in there), None)


def _candidates(prefix: str) -> Iterator[str]:
    folder = prefix
    while True:
        yield from (posixpath.join(folder, name) for name in NAMES)
        if not folder:
            return
        folder = posixpath.dirname(folder)


def repository_path(given: Path | None, checkout: Checkout) -> str | None:
    """A path of the command line as the repository has it; None for none, or one outside.

    Links in the checkout are not followed, since the change may have made them. Those on the way to it are, and so is
    one from elsewhere into it: what they lead to is the change's.
    """
    if given is None:
        return None
    whole, top = Path(os.path.normpath(Path.cwd() / given)), checkout.top.resolve()
    folders = (each for each in (checkout.top, *whole.parents) if whole.is_relative_to(each))
    above = next((each for each in folders if _is(each, top)), None)
    if above is not None:
        return whole.relative_to(above).as_posix()
    real = Path(os.path.realpath(whole))
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else None


def _is(folder: Path, top: Path) -> bool:
    return Path(os.path.realpath(folder)) == top


def _workspace(top: Path, folder: str) -> Path:
    """The policy's folder in the checkout, which the change must not have bent to another place. Raises ConfigError."""
    root = top / folder
    if root.resolve() != top.resolve() / folder:
        raise ConfigError(
            "is a link in the checkout, or lies below one; the policy's folder must be a folder",
            where=folder,
            mend="make it an ordinary folder again",
        )
    if find_top(root) != top.resolve():
        raise ConfigError(
            "is a repository of its own in the checkout, as a submodule is; the policy's folder must be part of it",
            where=folder,
            mend="make it an ordinary folder again",
        )
    return root


def other_law(opened: Opened) -> tuple[str, ...]:
    """A note where the checkout judged itself and the default branch, as this clone knows it, has another law."""
    try:
        checkout = find_checkout(opened.root, environ=os.environ, clock=SystemClock(timeout_seconds=SECONDS))
        found = find_default(checkout.git)
        if found is None:
            return ()
        name, commit = found
        short = name.partition("/")[2]
        files = CommitFiles(GitTree(checkout.git, commit, name=short), checkout.prefix, top=checkout.top)
        other = [path for path in _of_law(opened) if _bytes(files, path) != _bytes(opened.files, path)]
    except (ConfigError, ReportError, ToolError):
        return ()
    if not other or not files.has(opened.policy.source.path):
        return ()
    told = f"{short} has another law ({', '.join(other)}), which judges once this is a merge or pull request"
    return (f"{told}; `--config-ref {short}` judges by it now.",)


def _of_law(opened: Opened) -> Iterator[str]:
    policy = opened.policy
    named = (policy.source.path, policy.waivers.path or WAIVERS, policy.baseline or BASELINE)
    yield from dict.fromkeys((*named, *(each.path for each in policy.waivers.also), *gate_files(opened.files)))


def _bytes(files: LawFiles, path: str) -> bytes | None:
    try:
        return files.read(path)
    except OSError:
        return None
