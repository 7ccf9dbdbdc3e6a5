"""The tracked files that one path of a report may mean, each with the reading of the path that leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from posixpath import normpath
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from deliverygate.judging.placing.sight import Sight
from deliverygate.judging.placing.tree import Spelled, Tree, fold, split

# What is installed beside a checkout holds files of the same names as many a checkout (README.md, tests/__init__.py).
_INSTALLED = re.compile(
    r"/(?:site-packages|dist-packages|node_modules|hostedtoolcache|\.cache|\.cargo|\.gradle|\.m2|go/pkg/mod)(?:/|$)"
    r"|^/usr/(?!src/)|^/(?:lib|lib64|etc)(?:/|$)"
)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")

#: How much speaks for a reading. The first two stand side by side, the last counts where another path proves it.
AT_ONCE, SEARCHED, CUT, GUESSED, WEAK, UNPROVEN = range(6)


class Reading(NamedTuple):
    """How a path is read: without ``cut`` at its beginning, below the folder ``root``."""

    cut: str = ""  #: e.g. "/builds/shop/" of another checkout
    root: str = ""  #: e.g. "services/a/", where the tool ran
    source: str = ""  #: the folder that the report itself names


class Candidate(msgspec.Struct, frozen=True):
    """A file that a path may mean."""

    file: str  #: links followed
    named: str  #: before links were followed
    reading: Reading
    rank: int
    is_plain: bool = True  #: spelled as the report has it, letter by letter


class Hints(msgspec.Struct, frozen=True):
    """What is known of a report beside its paths."""

    report: str = ""  #: where it lies, relative to the workspace
    root: str | None = None  #: where its tool ran, as the policy says
    source_roots: tuple[str, ...] = ()  #: folders that its files lie below, as the policy says
    sources: tuple[str, ...] = ()  #: the same, as the report says
    is_coverage: bool = False
    by_package: bool = False  #: whether it names files from the folder of their sources on, whichever that is

    @property
    def is_mixed(self) -> bool:
        """Whether its paths may lie below several folders, so that one of them says nothing of another."""
        return self.by_package or len(self.sources) > 1 or len(self.source_roots) > 1

    @property
    def folders(self) -> tuple[str, ...]:
        """The folder of the report and those around it, down to the workspace itself, each with a slash behind it."""
        parts = self.report.split("/")[:-1]
        if not parts or self.report.startswith(("/", "..")) or ":" in parts[0]:
            return ("",)
        return (*("/".join(parts[:count]) + "/" for count in range(len(parts), 0, -1)), "")


def is_absolute(path: str) -> bool:
    """Whether the path begins at the top of some machine's file system."""
    return bool(_ABSOLUTE.match(path))


def find(path: str, tree: Tree, sight: Sight, hints: Hints, *, group: str = "") -> tuple[Candidate, ...]:
    """All that ``path`` may mean in ``tree``, which is that of the workspace or that of the target branch.

    A folder that the policy names goes before one that the report names, and a folder that is called as the ``group``
    of the path before both, where one of them holds such a file.
    """
    if hints.root is not None:
        found = tuple(_below(path, (hints.root,), tree, sight, hints))
        return _of_group(found, group) or found
    told = tuple(_below(path, hints.source_roots, tree, sight, hints))
    sourced = tuple(_sourced(path, tree, sight, hints))
    others = () if (told or sourced) and not group else tuple(_find(path, tree, sight, hints))
    if hints.by_package:
        others = _around_report(others, hints) or others
    return next(filter(None, (_of_group(each, group) for each in (told, sourced, others))), told or sourced or others)


def _around_report(candidates: tuple[Candidate, ...], hints: Hints) -> tuple[Candidate, ...]:
    """Those in the module that the report lies in, e.g. below core/ for core/target/site/jacoco/jacoco.xml."""
    for folder in hints.folders:
        if fitting := tuple(each for each in candidates if each.named.startswith(folder)):
            return fitting
    return ()


def _of_group(candidates: tuple[Candidate, ...], group: str) -> tuple[Candidate, ...]:
    """Those in a folder that is called as the group is."""
    for name in filter(None, (group, group.rpartition("/")[2], group.replace(".", "/"))):
        if fitting := tuple(each for each in candidates if f"/{fold(name)}/" in f"/{fold(each.named)}"):
            return fitting
    return ()


def _sourced(path: str, tree: Tree, sight: Sight, hints: Hints) -> Iterator[Candidate]:
    """The readings that lead below one of the folders that the report names."""
    for source in filter(None, hints.sources if not is_absolute(path) else ()):
        for each in _find(normpath(f"{source}/{path}"), tree, sight, hints):
            if each.rank in (AT_ONCE, CUT):
                yield replace(each, reading=each.reading._replace(source=source))


def _below(path: str, roots: Iterable[str], tree: Tree, sight: Sight, hints: Hints) -> Iterator[Candidate]:
    """The readings that lead below one of the folders that the policy names."""
    folders = tuple(root and f"{root}/" for root in roots)
    wide = Hints(is_coverage=True)
    seen: set[tuple[str, Reading]] = set()
    for folder in folders:
        inside = path if is_absolute(path) or (folder and path.startswith(folder)) else normpath(f"{folder}{path}")
        for each in _find(inside, tree, sight, wide, folders=(*folders, "")):
            is_below = each.named.startswith(folder) and (each.reading.root in ("", folder) or is_absolute(path))
            allowed = each.rank == AT_ONCE or (is_absolute(path) and each.reading.root in (folder, ""))
            if is_below and allowed and (each.named, each.reading) not in seen:
                seen.add((each.named, each.reading))
                reading = each.reading._replace(root=each.reading.root or folder)
                yield replace(each, reading=reading, rank=AT_ONCE)


def _find(
    path: str, tree: Tree, sight: Sight, hints: Hints, folders: Sequence[str] | None = None
) -> Iterator[Candidate]:
    """The readings of a path in any folder; ``folders`` are those in which its tool may well have run."""
    parts, near = split(path), hints.folders if folders is None else folders
    exact: set[str] = set()
    for spelled in tree.namesakes(parts):
        reading = _read(path, parts, spelled)
        rank = _rank(path, reading, spelled.read, near, sight, hints)
        if rank is not None:
            is_plain = spelled.is_plain and path.endswith(spelled.path.removeprefix(reading.root))
            exact.add(spelled.path)
            yield Candidate(spelled.path, spelled.path, reading, rank, is_plain)
    for reading, named in _through_links(path, parts, tree):
        rank = _rank(path, reading, named, near, sight, hints)
        file = _follow(named, tree, sight) if rank is not None and named not in exact else None
        if rank is not None and file is not None:
            exact.add(named)
            yield Candidate(file, named, reading, rank)
    if tree is sight.now:
        yield from _untracked(path, exact, near, sight)


def _read(path: str, parts: Sequence[str], spelled: Spelled) -> Reading:
    """The reading that takes as much of the path as the file's own has of it."""
    count = 0
    for one, other in zip(reversed(parts), reversed(spelled.parts), strict=False):
        if one != other:
            break
        count += 1
    return Reading(_folder(path.split("/")[:-count]), _folder(spelled.read.split("/")[:-count]))


def _folder(parts: Sequence[str]) -> str:
    return "/".join(parts) + "/" if parts else ""


def _rank(path: str, reading: Reading, named: str, near: Sequence[str], sight: Sight, hints: Hints) -> int | None:
    """How much speaks for the reading; None: too little to think of it."""
    cut, root = reading.cut, reading.root
    length = named.count("/") + 1 - root.count("/")
    climbs = cut and not cut.replace("../", "")
    if not cut or climbs:
        is_near = any(normpath(f"{folder}{path}") == named for folder in near) if climbs else root in near
        return AT_ONCE if is_near else SEARCHED
    if not hints.is_coverage and _INSTALLED.search(cut):
        return None
    if not is_absolute(path) and not cut.startswith("../"):
        return _rank_of_relative(reading, length, sight, hints)
    bare = WEAK if hints.is_coverage else UNPROVEN
    if not root:
        return AT_ONCE if length > 1 or cut.endswith(f"/{sight.name}/") else bare
    if root in near:
        return SEARCHED if length > 1 else bare
    if length > 1:
        return GUESSED
    return WEAK if hints.is_coverage else None


def _rank_of_relative(reading: Reading, length: int, sight: Sight, hints: Hints) -> int | None:
    """A path with more at its beginning than the file has: from the top of the repository, or behind a Go module."""
    if reading.root:
        return None
    if sight.folder and reading.cut == sight.folder:
        return AT_ONCE
    if not hints.is_coverage:
        return None
    return CUT if length > 1 else WEAK


def _through_links(path: str, parts: Sequence[str], tree: Tree) -> Iterator[tuple[Reading, str]]:
    """The readings in which a part of the path is a symbolic link that is tracked."""
    written = path.split("/")
    for end in range(1, len(parts) + 1) if tree.links else ():
        for link in tree.linked.get(parts[end - 1], ()):
            own = link.parts
            shared = min(end, len(own))
            if parts[end - shared : end] != own[len(own) - shared :]:
                continue
            cut, root = written[: end - shared], link.path.split("/")[: len(own) - shared]
            named = _folder(root) + "/".join(written[end - shared :])
            yield Reading(_folder(cut), _folder(root)), named


def _follow(named: str, tree: Tree, sight: Sight) -> str | None:
    """Where a path through a link leads; None where it leads to no file.

    The target branch is not checked out: only a link that is still the same can be followed there.
    """
    if tree is sight.now:
        return sight.real(named)
    links = [link for link in tree.links if named == link or named.startswith(f"{link}/")]
    is_same = all(sight.now.links.get(link) == tree.links[link] for link in links)
    return sight.real(named) if is_same else named


def _untracked(path: str, known: set[str], near: Sequence[str], sight: Sight) -> Iterator[Candidate]:
    """A file that is there and in no commit, or behind a link that is in none, is what the path means as well."""
    if is_absolute(path):
        if real := sight.real(path):
            yield Candidate(real, real, Reading(path.removesuffix(real)), AT_ONCE)
        return
    for folder in near:
        named = normpath(f"{folder}{path}")
        if named in known or named.startswith("../"):
            continue
        if real := sight.real(named):
            yield Candidate(real, named, Reading("", folder), AT_ONCE)
