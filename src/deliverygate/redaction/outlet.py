"""The one place through which everything leaves the process: what it knows to be secret stays here.

``learn`` is called wherever a secret is met; from then on no text holds it: what is written to stdout and stderr goes
through the streams of ``guard_streams``, a report through ``clear`` before anything is made of it, and the text of a
file or a request through ``redact``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any, TextIO, TypeVar

from deliverygate.redaction.redactor import Redactor

T = TypeVar("T")
#: the secrets that this process has met
everything = Redactor()


def learn(values: Iterable[str]) -> None:
    """Let no output hold one of these from now on."""
    everything.learn(values)


def redact(text: str) -> str:
    """``text`` as it may leave."""
    return everything(text)


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
        self._cleared: tuple[object, object] = (None, None)

    def clear(self, report: T) -> T:
        known = everything.known
        if self._cleared != (id(report), known):
            report = everything.redact_record(report)
            self._cleared, self._kept = (id(report), known), report  # kept, so that its id stays its own
        return report


_LAST = _Last()


def guard_streams(prepare: Callable[[], None]) -> None:
    """Let stdout and stderr be redacted. ``prepare`` is called before the first text leaves."""
    once = _Once(prepare)
    sys.stdout, sys.stderr = GuardedStream(sys.stdout, once), GuardedStream(sys.stderr, once)


def write_document(data: bytes) -> None:
    """On stdout, as it is: a document that was made of a cleared record."""
    stream: Any = sys.stdout
    stream.flush()
    getattr(stream, "unguarded", stream).buffer.write(data)


class _Once:
    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare: Callable[[], None] | None = prepare

    def __call__(self) -> None:
        prepare, self._prepare = self._prepare, None
        if prepare:
            prepare()


class GuardedStream:
    """A text stream that redacts line by line; in all else the one behind it. A line is held back until it is whole."""

    def __init__(self, stream: TextIO, prepare: Callable[[], None]) -> None:
        self.unguarded = stream
        self.buffer = _GuardedBytes(self)
        self.prepare = prepare
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
        self.prepare()
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
        self._stream.prepare()
        self._stream.unguarded.buffer.write(redact_bytes(bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Let out what is held back."""
        self._stream.flush()
        self._stream.unguarded.buffer.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream.unguarded.buffer, name)
