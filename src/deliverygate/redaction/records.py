"""Records cleared of secrets: every text in a check or report, looked at in heaps, because most heaps hold none."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from deliverygate.model import Enforcement
from deliverygate.redaction import shapes
from deliverygate.redaction.redactor import Redactor

HEAP = 256  #: records that are looked at together
T = TypeVar("T")
_LEFT_ALONE = (Enum, Enforcement)  # words of our own


class Clearing:
    """Clears records with one redactor. Remembers texts that come again, as paths and names do."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._known: dict[str, str] = {}

    def __call__(self, value: T) -> T:
        """``value`` with every text in it cleared; the same object when there is nothing to clear."""
        held = self._held(value)
        return self._clear(value, held) if held else value

    def _held(self, value: Any, outer: tuple[bool, bool] = (True, True)) -> tuple[bool, bool] | None:
        """Whether it may hold what is known, and what has a known shape, as ``outer`` around it may; None: neither."""
        try:
            data = msgspec.msgpack.encode(value)
        except (UnicodeEncodeError, ValueError, OverflowError):  # half a surrogate pair, a number beyond all bounds
            return outer
        held = outer[0] and self._redactor.may_hold(data), outer[1] and shapes.may_hold(data)
        return held if any(held) else None

    def _clear(self, value: Any, held: tuple[bool, bool]) -> Any:
        if isinstance(value, str):
            return self._text(value, held)
        if isinstance(value, tuple):
            return self._tuple(value, held)
        if isinstance(value, msgspec.Struct) and not isinstance(value, _LEFT_ALONE):
            fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
            changed = {name: new for name, old in fields if (new := self._clear(old, held)) is not old}
            return replace(value, **changed) if changed else value
        return value

    def _tuple(self, value: tuple[Any, ...], held: tuple[bool, bool]) -> tuple[Any, ...]:
        parts = tuple(self._parts(value, held))
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts

    def _parts(self, value: tuple[Any, ...], held: tuple[bool, bool]) -> Iterator[Any]:
        if len(value) <= 1:
            yield from (self._clear(part, held) for part in value)
            return
        size = HEAP if len(value) > HEAP else max(1, len(value) // 8)
        for at in range(0, len(value), size):
            heap = value[at : at + size]
            inner = self._held(heap, held)
            if inner is None:
                yield from heap
            elif len(heap) > 1:
                yield from self._tuple(heap, inner)
            else:
                yield self._clear(heap[0], inner)

    def _text(self, text: str, held: tuple[bool, bool]) -> str:
        known = self._known.get(text)
        if known is None:
            data = text.encode(errors="surrogatepass")
            is_held = held[0] and self._redactor.may_hold(data)
            known = self._redactor.redact(text, known=is_held, shaped=held[1] and shapes.may_hold(data))
            self._known[text] = known if known != text else text
        return text if known == text else known
