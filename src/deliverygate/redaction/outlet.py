"""The one place through which everything leaves the process: what it knows to be secret stays here.

``learn`` is called wherever a secret is met; from then on no text holds it: what is written to stdout and stderr goes
through the streams of ``guard_streams``, a report through ``clear`` before anything is made of it, and the text of a
file or a request through ``redact``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

if TYPE_CHECKING:
    from deliverygate.redaction.redactor import Redactor

T = TypeVar("T")
_SIGNS = ("%", "\\", "&", "@", "+", "://")
_APART = dict.fromkeys(map(ord, "()[]<>{}.,:;|/-_='`\""), " ")
_SHORT = 8_000  #: characters of a text that is looked at here, before the redactor is needed for another one


@cache
def everything() -> Redactor:
    """The redactor of this process, which knows what the environment holds and all that was met since."""
    from deliverygate.redaction.environment import find_secrets
    from deliverygate.redaction.redactor import Redactor

    return Redactor(find_secrets(os.environ))


def learn(values: Iterable[str]) -> None:
    """Let no output hold one of these from now on."""
    everything().learn(values)


def redact(text: str) -> str:
    """``text`` as it may leave."""
    return text if _is_plain(text) else everything()(text)


def _is_plain(text: str) -> bool:
    """Whether a text of our own, such as a help page, is worth no import: words, and no beginning of any variable."""
    if everything.cache_info().currsize or len(text) > _SHORT or not text.replace("\n", "").isprintable():
        return False
    if not text.isascii() or any(sign in text for sign in _SIGNS):
        return False
    if not all(len(word) < 8 or word[1:].islower() or word.isupper() for word in text.translate(_APART).split()):
        return False  # it may be one that is encoded
    return not any(len(value) >= 6 and value[:4] in text for value in os.environ.values())


def redact_bytes(data: bytes) -> bytes:
    """The same of a text in UTF-8."""
    text = data.decode(errors="surrogateescape")
    cleared = redact(text)
    return data if cleared is text else cleared.encode(errors="surrogateescape")


def clear(report: T) -> T:
    """A report as it may leave: every text in it, whole, before a renderer cuts it."""
    return _LAST.clear(report)


class _Last:
    """Remembers the report that was cleared last: it is written in several formats."""

    def __init__(self) -> None:
        self._given: object = None
        self._cleared: Any = None
        self._known: frozenset[str] | None = None

    def clear(self, report: T) -> T:
        known = everything().known
        if self._known is not known or (report is not self._given and report is not self._cleared):
            self._given, self._cleared, self._known = report, everything().redact_record(report), known
        cleared: T = self._cleared
        return cleared


_LAST = _Last()


def guard_streams() -> None:
    """Let stdout and stderr be redacted."""
    sys.stdout, sys.stderr = GuardedStream(sys.stdout), GuardedStream(sys.stderr)


def write_document(data: bytes) -> None:
    """On stdout, as it is: a document that was made of a cleared record."""
    stream: Any = sys.stdout
    stream.flush()
    getattr(stream, "unguarded", stream).buffer.write(data)


class GuardedStream:
    """A text stream that redacts line by line; in all else the one behind it. A line is held back until it is whole."""

    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream
        self.buffer = _GuardedBytes(self)
        self._held = ""
        self._lock = RLock()

    def write(self, text: str) -> int:
        """Write what is whole of it, redacted."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            whole, end, rest = (self._held + text).rpartition("\n")
            self._held = rest
            if end:
                self._let_out(whole + end)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write them one after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Let out what is held back, e.g. a question that waits for its answer."""
        with self._lock:
            held, self._held = self._held, ""
            if held:
                self._let_out(held)
            self.unguarded.flush()

    def _let_out(self, text: str) -> None:
        self.unguarded.write(redact(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


class _GuardedBytes:
    """The bytes behind a guarded stream, which are text all the same."""

    def __init__(self, stream: GuardedStream) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write it, redacted."""
        self._stream.flush()
        self._stream.unguarded.buffer.write(redact_bytes(bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Let out what is held back."""
        self._stream.flush()
        self._stream.unguarded.buffer.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream.unguarded.buffer, name)
