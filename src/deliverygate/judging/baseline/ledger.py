"""What one gate knew before, used up finding by finding while its reports are read one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from deliverygate.judging.baseline.file import Around, Known, describe_each
from deliverygate.judging.baseline.pairing import pair
from deliverygate.judging.fingerprint import spread
from deliverygate.judging.rule_ids import meanings
from deliverygate.model import Finding, Scan

Sign = tuple[str | int | None, ...]


class Ledger:
    """The entries of one gate. Each stands for one finding, also where several reports hold it."""

    def __init__(self, known: Iterable[Known], *, around: Around, is_there: Callable[[str], bool]) -> None:
        """``around`` gives the key of the text around a line, ``is_there`` whether a file is in the workspace."""
        self._left = list(known)
        self._ids = {name for each in self._left for name in each.ids}
        self._met: Counter[Sign] = Counter()  # of earlier reports: what was known, and how often in one of them
        self._around = around
        self._is_there = is_there

    def mark(self, scan: Scan) -> Scan:
        """The scan with ``is_new`` False in each finding that is known, those that the tool suppressed included."""
        listed = (*scan.findings, *scan.suppressed)
        known = self._recognise(listed)
        if not known:
            return scan
        marked = tuple(replace(each, is_new=False) if at in known else each for at, each in enumerate(listed))
        return spread(scan, marked[: len(scan.findings)], marked[len(scan.findings) :])

    def _recognise(self, findings: Sequence[Finding]) -> set[int]:
        """The indices of those that are known."""
        near = [at for at, each in enumerate(findings) if not self._ids.isdisjoint(meanings(each.rule, each.aliases))]
        signs = dict(zip(near, describe_each((findings[at] for at in near), self._around), strict=True))
        again = set(self._again(signs))
        fresh = [at for at in near if at not in again]
        pairs = pair(self._left, [signs[at] for at in fresh], self._is_there)
        used = set(pairs.values())
        self._left = [each for at, each in enumerate(self._left) if at not in used]
        known = again | {fresh[at] for at in pairs}
        self._met |= Counter(_sign(signs[at]) for at in known)
        return known

    def _again(self, signs: dict[int, Known]) -> Iterable[int]:
        """Those that an earlier report of the gate held already."""
        left = self._met.copy()
        for at, known in signs.items() if left else ():
            if left[_sign(known)] > 0:
                left[_sign(known)] -= 1
                yield at


def _sign(known: Known) -> Sign:
    """The same finding in two reports of one run: nothing has moved between them."""
    return (known.tool, known.rule, known.path, None if known.package else known.line, known.package, known.message)


def unheard_of(gate: str) -> Callable[[Scan], Scan]:
    """For the reports of a gate that the baseline says nothing of: a word about it, so that nobody wonders."""
    note = f"The baseline has nothing of {gate!r}, so every finding is new; `deliverygate baseline write` adds it."
    return lambda scan: replace(scan, notes=(*scan.notes, note))
