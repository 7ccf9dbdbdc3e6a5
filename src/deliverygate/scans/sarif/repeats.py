"""Keys that stand twice in one object of a log: bytes and what was decoded of them in, nothing or a ReportError out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from deliverygate.scans.documents import EXACT_BYTES, require_unique_keys
from deliverygate.scans.sarif import log

_RESULTS = re.compile(rb'"results"\s*:\s*')


@dataclass(frozen=True)
class Written:
    """How often each key that carries evidence was decoded; one that can only add evidence is of no concern."""

    around: Counter[str] = field(default_factory=Counter)  #: outside of the results
    within: Counter[str] = field(default_factory=Counter)  #: inside of them


def refuse_repeats(document: bytes, runs: Sequence[log.Run], written: Written) -> None:
    """Raise ReportError when the log has two meanings.

    In a big log every key around the results is looked at, and of the results' own keys those that were decoded.
    """
    if len(document) <= EXACT_BYTES:
        require_unique_keys(document)
        return
    require_unique_keys(_without_results(document, runs), decoded=written.around)
    # A key that was decoded in no result is repeated in none; one deeper down may still have stood in a bag of
    # properties whose place another one took.
    own = {*written.within, "security-severity"}
    require_unique_keys(document, decoded={key: written.around[key] + written.within[key] for key in own})


def _without_results(document: bytes, runs: Sequence[log.Run]) -> bytes:
    """The log with ``null`` in the place of each list of results; one that is not found stays."""
    pieces: list[bytes] = []
    done = 0
    for run in runs:
        # A JSON text in which this stands is no string: the quotes are not escaped, so what follows is a value. Were
        # it the value of another key, equal to the last byte, then ours would stay and be looked at in its place.
        found = (key.end() for key in _RESULTS.finditer(document, done))
        start = next((start for start in found if document.startswith(run.results, start)), None)
        if start is None:
            break
        pieces += document[done:start], b"null"
        done = start + len(memoryview(run.results))
    return b"".join((*pieces, document[done:]))
