"""Which finding of today is which one of then, in passes from the surest sign to the weakest.

Each old one is used once, so that one more occurrence is one new finding, whichever way the others moved. The signs are
those of analysis-model of Jenkins (the lines around), of CodeQL (the tool's own fingerprint), and the nearest line.
What is left is looked for by its other ids: tools rename their checks, and a vulnerability in a package is the same
whichever tool names it, and by whichever of its ids.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from deliverygate.judging.baseline.file import Known
from deliverygate.judging.rule_ids import canonical

Key = tuple[str | None, ...]


class Pass(NamedTuple):
    """One way to know findings again: by equal keys."""

    key: Callable[[Known], Key | None]  #: None: this finding has no such sign
    only_single: bool = False  #: several of one key, then or now, prove nothing
    from_gone_file: bool = False  #: the old one's file is there no more, and only one file can be its new name


def _exact(known: Known) -> Key | None:
    return (*_place(known), known.text, known.message) if known.text else None


def _native(known: Known) -> Key | None:
    return (*_place(known), known.native) if known.native else None


def _text(known: Known) -> Key | None:
    return (*_place(known), known.text) if known.text else None


def _words(known: Known) -> Key | None:
    return (*_place(known), known.package, known.message)


def _moved_native(known: Known) -> Key | None:
    return (*_said(known), known.native) if known.native and known.path else None


def _moved_exact(known: Known) -> Key | None:
    return (*_said(known), known.text, known.message) if known.text else None


def _moved_text(known: Known) -> Key | None:
    return (*_said(known), known.text) if known.text else None


def _moved_package(known: Known) -> Key | None:
    return (*_said(known), known.package) if known.package and known.path else None


def _place(known: Known) -> Key:
    return (*_said(known), known.path)


def _said(known: Known) -> Key:
    return (known.tool.casefold(), canonical(known.rule))


def _renamed(known: Known) -> Iterator[Key]:
    """In the same place, by each of its ids."""
    for name in known.ids:
        if known.package:
            yield (name, known.path, known.package)
        else:
            yield (name, known.path, known.tool.casefold(), known.message)
            if known.text:
                yield (name, known.path, known.tool.casefold(), None, known.text)


def _unplaced(known: Known) -> Iterator[Key]:
    """A package by each id of its vulnerability: some tools name no file."""
    return ((name, known.package) for name in known.ids if known.package)


PASSES = (
    Pass(_exact),
    Pass(_native, only_single=True),
    Pass(_text),
    Pass(_words),
    Pass(_moved_exact, from_gone_file=True),
    Pass(_moved_native, only_single=True, from_gone_file=True),
    Pass(_moved_text, from_gone_file=True),
    Pass(_moved_package, from_gone_file=True),
)


def pair(old: Sequence[Known], new: Sequence[Known], is_there: Callable[[str], bool]) -> dict[int, int]:
    """For each of ``new`` that is known, by index, the index of the one in ``old``.

    ``is_there`` tells whether a file of then is still in the workspace: only from one that is not can a finding have
    moved to another file, and only where it can be no other.
    """
    found: dict[int, int] = {}
    used: set[int] = set()
    gone = _remembered(lambda path: not is_there(path))
    for step in PASSES:
        left = [at for at in range(len(old)) if at not in used]
        open_ = [at for at in range(len(new)) if at not in found]
        if not left or not open_:
            break
        if step.from_gone_file:
            left = [at for at in left if gone(old[at].path)]
        then, today = _grouped(step, old, left), _grouped(step, new, open_)
        for key in then.keys() & today.keys():
            was, now = then[key], today[key]
            if _proves(step, old, was) and _proves(step, new, now):
                pairs = dict(_nearest(old, was, new, now))
                used.update(pairs)
                found.update((after, before) for before, after in pairs.items())
    _pair_by_ids(old, new, found, _renamed)
    _pair_by_ids(old, new, found, _unplaced)
    return found


def _pair_by_ids(
    old: Sequence[Known], new: Sequence[Known], found: dict[int, int], keys: Callable[[Known], Iterable[Key]]
) -> None:
    """Add pairs of what shares a key. Where files are left out of account, one of the two has to name none."""
    used = set(found.values())
    left: defaultdict[Key, list[int]] = defaultdict(list)
    for at, known in enumerate(old):
        for key in keys(known) if at not in used else ():
            left[key].append(at)
    for at, known in enumerate(new if left else ()):
        if at in found:
            continue
        near = sorted({was for key in keys(known) for was in left.get(key, ()) if was not in used})
        fitting = [was for was in near if old[was].path == known.path or None in (old[was].path, known.path)]
        if fitting:
            was = min(fitting, key=lambda was: (abs((old[was].line or 0) - (known.line or 0)), was))
            found[at] = was
            used.add(was)


def _remembered(ask: Callable[[str], bool]) -> Callable[[str | None], bool]:
    answers: dict[str, bool] = {}

    def answer(path: str | None) -> bool:
        if path is None:
            return False
        if path not in answers:
            answers[path] = ask(path)
        return answers[path]

    return answer


def _grouped(step: Pass, known: Sequence[Known], indices: Iterable[int]) -> dict[Key, list[int]]:
    groups: defaultdict[Key, list[int]] = defaultdict(list)
    for at in indices:
        key = step.key(known[at])
        if key is not None:
            groups[key].append(at)
    return groups


def _proves(step: Pass, known: Sequence[Known], same: Sequence[int]) -> bool:
    """Whether findings of one key can be told from others, then or now."""
    if step.only_single and len(same) > 1:
        return False
    return not step.from_gone_file or len({known[at].path for at in same}) == 1


def _nearest(
    old: Sequence[Known], was: Iterable[int], new: Sequence[Known], now: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """Pairs of equals: in their order where there are as many as before, otherwise each with the nearest one left."""
    before = sorted((old[at].line or 0, at) for at in was)
    after = sorted((new[at].line or 0, at) for at in now)
    if len(before) == len(after):
        yield from ((one, other) for (_, one), (_, other) in zip(before, after, strict=True))
        return
    turned = len(before) > len(after)
    few, many = (after, before) if turned else (before, after)
    for line, one in few:
        _, other = many.pop(_closest(many, line))
        yield (other, one) if turned else (one, other)


def _closest(places: Sequence[tuple[int, int]], line: int) -> int:
    """The index of the place whose line is nearest; of two as near, the upper one."""
    at = bisect_left(places, (line, -1))
    if at == len(places):
        return at - 1
    if at and line - places[at - 1][0] <= places[at][0] - line:
        return at - 1
    return at
