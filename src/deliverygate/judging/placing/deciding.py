"""Which file each path of a report means: one, none, or several that nobody can choose from.

What a path means is decided by the whole report, by where it lies, and by what the path meant at the target branch: a
change that adds a file, a link or a folder makes a path ambiguous, and never gives it another meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from posixpath import normpath
from typing import TypeAlias

import msgspec

from deliverygate.judging.placing.candidates import (
    AT_ONCE,
    SEARCHED,
    WEAK,
    Candidate,
    Hints,
    Reading,
    find,
    is_absolute,
)
from deliverygate.judging.placing.sight import Sight
from deliverygate.judging.placing.tree import Tree, fold


class Named(msgspec.Struct, frozen=True):
    """A path of a report, and the group of files that it belongs to there (a module of JaCoCo); "" for none."""

    path: str
    group: str = ""


class Placed(msgspec.Struct, frozen=True):
    """What became of the paths of one report."""

    files: Mapping[Named, str] = {}  #: the file that is meant, tracked or not
    unsure: Mapping[Named, tuple[str, ...]] = {}  #: several that may be meant
    readings: tuple[Reading, ...] = ()  #: how the paths had to be read, where not as they stand


def decide(paths: Iterable[Named], sight: Sight, hints: Hints) -> Placed:
    """Find the file that each path means."""
    return _Deciding(tuple(dict.fromkeys(paths)), sight, hints).all()


_Found: TypeAlias = Mapping[Named, Sequence[Candidate]]


class _Deciding:
    def __init__(self, paths: Sequence[Named], sight: Sight, hints: Hints) -> None:
        self._paths = paths
        self._sight = sight
        self._hints = hints
        self._now = {each: self._find(each, sight.now) for each in paths}

    def all(self) -> Placed:
        found: dict[Named, Candidate] = {}
        unsure: dict[Named, tuple[str, ...]] = {}
        for each in self._paths:
            candidates = self._now[each]
            chosen = candidates[0] if self._is_plain(candidates) else self._choose(each)
            if isinstance(chosen, Candidate):
                found[each] = chosen
            elif chosen:
                unsure[each] = chosen
        found = _of_outermost(found)
        files = {each: chosen.file for each, chosen in found.items()}
        if self._hints.root is not None:
            lost = (each for each in self._paths if each not in files and each not in unsure)
            folder = self._hints.root or "."
            files |= {each: normpath(f"{folder}/{each.path}") for each in lost if not is_absolute(each.path)}
        self._refuse_namesakes(files, unsure)
        return Placed(files, unsure, tuple(dict.fromkeys(chosen.reading for chosen in found.values())))

    def _find(self, each: Named, tree: Tree) -> tuple[Candidate, ...]:
        return find(each.path, tree, self._sight, self._hints, group=each.group)

    def _is_plain(self, candidates: Sequence[Candidate]) -> bool:
        """The path of almost every finding: as it stands it is a file, and nothing else can be meant."""
        if len(candidates) != 1:
            return False
        only = candidates[0]
        return only.is_plain and only.reading == Reading() and only.file == only.named

    def _choose(self, each: Named) -> Candidate | tuple[str, ...] | None:
        """The file that is meant; several; or None."""
        now, before = self._now[each], self._before.get(each, ())
        chosen = _select(now, self._proven, _floor(now, before))
        if chosen is None:
            return None
        if isinstance(chosen, tuple):
            return _names(now, before, (*chosen, *_named(_select(before, self._proven_before, WEAK))))
        if chosen.file != chosen.named and not self._hints.is_coverage and self._are_links_turned:
            return None
        if not before or chosen.reading in self._proven:
            return chosen
        then = _select(before, self._proven_before, WEAK)
        if then is None:
            return chosen
        if isinstance(then, Candidate) and (then.file == chosen.file or self._is_renamed(then.named, chosen.named)):
            return chosen
        if self._hints.is_coverage and self._is_moved(before, chosen):
            return chosen
        return _names(now, before, (chosen.named, *_named(then)))

    def _is_renamed(self, then: str, now: str) -> bool:
        """Whether it is the same name, or one whose letter case the change has corrected."""
        before = self._sight.before
        is_new = before is not None and now not in before.files
        return then == now or (is_new and fold(then) == fold(now) and then not in self._sight.now.files)

    @cached_property
    def _are_links_turned(self) -> bool:
        """Whether the change has led a link elsewhere: what a path through one means now is new in all its lines."""
        before, links = self._sight.before, self._sight.now.links
        return before is not None and any(links.get(each, to) != to for each, to in before.links.items())

    def _is_moved(self, before: Iterable[Candidate], chosen: Candidate) -> bool:
        """Whether all that the path may have meant is gone and the change has brought the only one that is left.

        Lines of a file that is gone are no lines of the change, so nothing is hidden by taking the new one for it. A
        finding may be in a file that was made since: there the path stays ambiguous.
        """
        then = self._sight.before
        gone = not any(each.named in self._sight.now.files for each in before)
        return gone and then is not None and chosen.named not in then.files

    @cached_property
    def _before(self) -> Mapping[Named, tuple[Candidate, ...]]:
        """What each path may have meant at the target branch."""
        before = self._sight.before
        return {} if before is None else {each: self._find(each, before) for each in self._paths}

    @cached_property
    def _proven(self) -> frozenset[Reading]:
        """The readings that hold for the whole report: now, and of files that the target branch has as well."""
        if self._hints.is_mixed:
            return frozenset()
        return _proven_by(self._now, None if self._sight.before is None else self._before)

    @cached_property
    def _proven_before(self) -> frozenset[Reading]:
        """The readings that would have held at the target branch."""
        return frozenset() if self._hints.is_mixed else _proven_by(self._before, None)

    def _refuse_namesakes(self, files: dict[Named, str], unsure: dict[Named, tuple[str, ...]]) -> None:
        """Files of two groups are two files: where both lead to one, nobody knows which of them it is."""
        by_file: dict[str, set[str]] = {}
        for each, file in files.items():
            by_file.setdefault(file, set()).add(each.group)
        for each, file in list(files.items()):
            if len(by_file[file]) > 1:
                del files[each]
                unsure[each] = tuple(f"{file} (in the report's {group or 'top'})" for group in sorted(by_file[file]))


def _proven_by(found: _Found, before: _Found | None) -> frozenset[Reading]:
    """The readings without which some path would mean nothing, in ``before`` too where there is one to compare with."""

    @cache
    def explains_all(reading: Reading) -> bool:
        below = (each for named, each in found.items() if each and named.path.startswith(reading.cut))
        return all(any(candidate.reading == reading for candidate in each) for each in below)

    proven = set()
    for each, now in found.items():
        then = before.get(each, ()) if before is not None else now
        if not now or not then:
            continue
        outer, earlier = _longest(now), _longest(then)
        if len({one.reading for one in (*now, *then)}) == len({one.named for one in (*now, *then)}) == 1:
            proven |= {now[0].reading} if now[0].rank < WEAK else set()
        elif outer and earlier and outer.named == earlier.named and explains_all(outer.reading):
            proven.add(outer.reading)
    return frozenset(proven)


def _of_outermost(found: Mapping[Named, Candidate]) -> dict[Named, Candidate]:
    """Without files in a checkout inside of a checkout: there the path is that of another file, one in no commit."""
    cuts = {chosen.reading.cut for chosen in found.values() if chosen.reading.cut}

    def is_inner(cut: str) -> bool:
        return any(cut != other and cut.startswith(other) for other in cuts)

    return {each: chosen for each, chosen in found.items() if not is_inner(chosen.reading.cut)}


def _floor(now: Sequence[Candidate], before: Sequence[Candidate]) -> int:
    """The weakest reading that is looked at: those that only guess count where there is nothing better."""
    return min(WEAK, max(SEARCHED, min((each.rank for each in (*now, *before)), default=WEAK)))


def _select(
    candidates: Sequence[Candidate], proven: frozenset[Reading], floor: int
) -> Candidate | tuple[str, ...] | None:
    """The file that the rest of the report speaks for, else the one that is nearest; several; or None."""
    known = [each for each in candidates if each.reading in proven]
    looked_at = known or [each for each in candidates if each.rank <= floor]
    if not looked_at:
        return None
    best = min(each.rank for each in looked_at)
    nearest = [each for each in looked_at if each.rank == best]
    plain = [each for each in nearest if each.is_plain]
    if len(plain) == 1 and len({each.reading for each in nearest}) == 1 and not _is_odd(nearest):
        return plain[0]
    if len({each.file for each in nearest}) == 1:
        return nearest[0]
    if longest := _longest(nearest):
        return longest
    return tuple(dict.fromkeys(each.named for each in nearest))


def _is_odd(candidates: Iterable[Candidate]) -> bool:
    """Whether a file's name only looks like the path: a backslash in it, a percent sign."""
    return any("\\" in each.named or "%" in each.named for each in candidates)


def _longest(candidates: Sequence[Candidate]) -> Candidate | None:
    """Of the checkouts of another machine that a path may lie in, the outermost one."""
    whole = [each for each in candidates if each.rank == AT_ONCE]
    if not whole or not all(each.reading.cut and not each.reading.root for each in whole):
        return None
    shortest = min(len(each.reading.cut) for each in whole)
    outer = [each for each in whole if len(each.reading.cut) == shortest]
    outer = [each for each in outer if each.is_plain and not _is_odd(outer)] or outer
    return outer[0] if len({each.file for each in outer}) == 1 else None


def _named(selected: Candidate | tuple[str, ...] | None) -> tuple[str, ...]:
    return (selected.named,) if isinstance(selected, Candidate) else selected or ()


def _names(now: Sequence[Candidate], before: Sequence[Candidate], first: Iterable[str]) -> tuple[str, ...]:
    floor = _floor(now, before)
    others = (each.named for each in (*now, *before) if each.rank <= floor)
    return tuple(dict.fromkeys((*first, *others)))
