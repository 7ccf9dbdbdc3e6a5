"""Which file each path of a report means: one, none, or several that nobody can choose from.

What a path means is decided by the whole report, by where it lies, and by what the path meant at the target branch: a
change that adds a file, a link or a folder makes a path ambiguous, and never gives it another meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import normpath

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


@dataclass(frozen=True)
class Named:
    """A path of a report, and the group of files that it belongs to there (a module of JaCoCo); "" for none."""

    path: str
    group: str = ""


@dataclass(frozen=True)
class Placed:
    """What became of the paths of one report."""

    files: Mapping[Named, str] = field(default_factory=dict)  #: the file that is meant, tracked or not
    unsure: Mapping[Named, tuple[str, ...]] = field(default_factory=dict)  #: several that may be meant
    readings: tuple[Reading, ...] = ()  #: how the paths had to be read, where not as they stand


def decide(paths: Iterable[Named], sight: Sight, hints: Hints) -> Placed:
    """Find the file that each path means."""
    return _Deciding(tuple(dict.fromkeys(paths)), sight, hints).all()


class _Deciding:
    def __init__(self, paths: Sequence[Named], sight: Sight, hints: Hints) -> None:
        self._paths = paths
        self._sight = sight
        self._hints = hints
        self._now = {each: self._find(each, sight.now) for each in paths}

    def all(self) -> Placed:
        files: dict[Named, str] = {}
        unsure: dict[Named, tuple[str, ...]] = {}
        readings: dict[Reading, None] = {}
        for each in self._paths:
            candidates = self._now[each]
            chosen = candidates[0] if self._is_plain(candidates) else self._choose(each)
            if isinstance(chosen, Candidate):
                files[each] = chosen.file
                readings[chosen.reading] = None
            elif chosen:
                unsure[each] = chosen
            elif self._hints.root is not None and not is_absolute(each.path):
                files[each] = normpath(f"{self._hints.root or '.'}/{each.path}")
        self._refuse_namesakes(files, unsure)
        return Placed(files, unsure, tuple(readings))

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
        if chosen is None or isinstance(chosen, tuple):
            return chosen
        if not before or chosen.reading in self._proven:
            return chosen
        then = _select(before, self._proven, WEAK)
        if isinstance(then, Candidate) and (then.file == chosen.file or self._is_renamed(then.named, chosen.named)):
            return chosen
        return _names(now, before, (chosen.named,))

    def _is_renamed(self, then: str, now: str) -> bool:
        """Whether it is the same name, or one whose letter case the change has corrected."""
        return then == now or (fold(then) == fold(now) and then not in self._sight.now.files)

    @cached_property
    def _before(self) -> Mapping[Named, tuple[Candidate, ...]]:
        """What each path may have meant at the target branch."""
        before = self._sight.before
        return {} if before is None else {each: self._find(each, before) for each in self._paths}

    @cached_property
    def _proven(self) -> frozenset[Reading]:
        """The readings without which some path, of a file that the target branch has as well, would mean nothing."""
        proven = set()
        for each in self._paths:
            now, before = self._now[each], self._before.get(each, ())
            if self._sight.before is not None and not before:
                continue
            readings = {other.reading for other in (*now, *before)}
            files = {other.named for other in (*now, *before)}
            if len(readings) == len(files) == 1 and now and now[0].rank != WEAK:
                proven |= readings
        return frozenset(proven)

    def _refuse_namesakes(self, files: dict[Named, str], unsure: dict[Named, tuple[str, ...]]) -> None:
        """Files of two groups are two files: where both lead to one, nobody knows which of them it is."""
        by_file: dict[str, set[str]] = {}
        for each, file in files.items():
            by_file.setdefault(file, set()).add(each.group)
        for each, file in list(files.items()):
            if len(by_file[file]) > 1:
                del files[each]
                unsure[each] = tuple(f"{file} (in the report's {group or 'top'})" for group in sorted(by_file[file]))


def _floor(now: Sequence[Candidate], before: Sequence[Candidate]) -> int:
    """The weakest reading that is looked at: those that only guess count where there is nothing better."""
    return max(SEARCHED, min((each.rank for each in (*now, *before)), default=WEAK))


def _select(
    candidates: Sequence[Candidate], proven: frozenset[Reading], floor: int
) -> Candidate | tuple[str, ...] | None:
    """The file that the rest of the report speaks for, else the one that is nearest; several; or None."""
    looked_at = [each for each in candidates if each.rank <= floor]
    known = [each for each in looked_at if each.reading in proven]
    looked_at = known or looked_at
    if not looked_at:
        return None
    best = min(each.rank for each in looked_at)
    nearest = [each for each in looked_at if each.rank == best]
    plain = [each for each in nearest if each.is_plain]
    if len(plain) == 1 and len({each.reading for each in nearest}) == 1 and not _is_odd(nearest):
        return plain[0]
    if len({each.file for each in nearest}) == 1:
        return nearest[0]
    if best == AT_ONCE and (longest := _longest(nearest)):
        return longest
    return tuple(dict.fromkeys(each.named for each in nearest))


def _is_odd(candidates: Iterable[Candidate]) -> bool:
    """Whether a file's name only looks like the path: a backslash in it, a percent sign."""
    return any("\\" in each.named or "%" in each.named for each in candidates)


def _longest(candidates: Sequence[Candidate]) -> Candidate | None:
    """Of the checkouts that an absolute path may lie in, the outermost one."""
    if not all(each.reading.cut and not each.reading.root for each in candidates):
        return None
    shortest = min(len(each.reading.cut) for each in candidates)
    outer = [each for each in candidates if len(each.reading.cut) == shortest]
    return outer[0] if len({each.file for each in outer}) == 1 else None


def _names(now: Sequence[Candidate], before: Sequence[Candidate], first: Iterable[str]) -> tuple[str, ...]:
    floor = _floor(now, before)
    others = (each.named for each in (*now, *before) if each.rank <= floor)
    return tuple(dict.fromkeys((*first, *others)))
