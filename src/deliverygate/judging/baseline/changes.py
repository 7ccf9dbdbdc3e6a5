"""What became of the known findings: new ones, mended ones, and those that stand elsewhere now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from deliverygate.judging.baseline.file import Known
from deliverygate.judging.baseline.pairing import pair

Sections: TypeAlias = Mapping[str, tuple[Known, ...]]  #: by "STAGE/GATE"


class New(NamedTuple):
    """A finding that was not there."""

    gate: str
    now: Known


class Gone(NamedTuple):
    """A finding that is there no more."""

    gate: str
    before: Known


class Moved(NamedTuple):
    """A finding on another line, or in another file."""

    gate: str
    before: Known
    now: Known


Change: TypeAlias = New | Gone | Moved


def compare(before: Sections, after: Sections, is_there: Callable[[str], bool]) -> tuple[Change, ...]:
    """Gate by gate, in the order of the places: of now, and of then for what is gone."""
    changes: list[Change] = []
    for gate in sorted({*before, *after}):
        old, new = before.get(gate, ()), after.get(gate, ())
        pairs = pair(old, new, is_there)
        for at, now in enumerate(new):
            if at not in pairs:
                changes.append(New(gate, now))
            elif _where(old[pairs[at]]) != _where(now):
                changes.append(Moved(gate, old[pairs[at]], now))
        used = set(pairs.values())
        changes += (Gone(gate, known) for at, known in enumerate(old) if at not in used)
    return tuple(changes)


def _where(known: Known) -> tuple[str | None, int | None]:
    return known.path, known.line
