"""The redactor: a text, cleaned of what hides, decoded, and searched; whatever spells a secret in it is replaced.

A text is normalised first and searched next; whoever cuts it does so afterwards. Since others cut too, what remains of
a secret at a cut is found as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import TypeVar

from deliverygate.redaction import shapes
from deliverygate.redaction.decoding import seen, unescape
from deliverygate.redaction.parts import parts
from deliverygate.redaction.search import Search
from deliverygate.redaction.sieve import EDGE
from deliverygate.redaction.views import Span, View, join

MARK = "***"
T = TypeVar("T")


class Redactor:
    """Knows the secrets of a run. Others can be added while it is in use, from any thread."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._values: frozenset[str] = frozenset()
        self._search: Search | None = None
        self.learn(values)

    def learn(self, values: Iterable[str]) -> None:
        """Redact these values from now on, with what in them is a secret by itself."""
        with self._lock:
            known = self._values | {part for value in values for part in parts(value)}
            if known != self._values:
                self._values, self._search = known, None

    @property
    def known(self) -> frozenset[str]:
        """All that is redacted by its value."""
        return self._values

    def __call__(self, text: str) -> str:
        """``text`` without secrets; the same object when it holds none."""
        if len(text) < EDGE - 2:
            return text
        data = text.encode(errors="surrogatepass")
        return self.redact(text, known=self.may_hold(data), shaped=shapes.may_hold(data))

    def may_hold(self, data: bytes) -> bool:
        """Whether a known secret may be in it, as UTF-8; False is certain."""
        return self.search.sieve.may_hold(data)

    def redact(self, text: str, *, known: bool, shaped: bool) -> str:
        """``text`` without secrets that are known, and those that have a known shape."""
        spans = join((*(self.search.spans(text) if known else ()), *(_shaped(text) if shaped else ())))
        if not spans:
            return text
        kept, at = list[str](), 0
        for start, end in spans:
            kept.append(text[at:start])
            at = end
        return MARK.join((*kept, text[at:]))

    def redact_record(self, record: T) -> T:
        """``record`` with every text in it cleared; the same object when there is nothing to clear."""
        from deliverygate.redaction.records import Clearing

        return Clearing(self)(record)

    @property
    def search(self) -> Search:
        """What looks for the secrets that are known now."""
        found = self._search
        if found is None:
            with self._lock:
                found = self._search = Search(self._values)
        return found


def _shaped(text: str) -> Iterator[Span]:
    view = seen(View(text))
    yield from map(view.original, shapes.find(view.text))
    if any(sign in text for sign in "%\\&") and (decoded := unescape(view)) is not view:
        yield from map(decoded.original, shapes.find(decoded.text))
