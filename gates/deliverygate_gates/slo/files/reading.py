"""What the readers of all formats share: faults with their place, and spans of time as Prometheus writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from deliverygate.conversions import number
from deliverygate.errors import ConfigError
from deliverygate.judging.documents import Document

_PART = re.compile(r"([0-9]{1,9})(y|w|d|h|m|s)")
_SECONDS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}


def span(written: str) -> float:
    """Seconds of e.g. ``4w`` or ``1d12h``. Raises ValueError."""
    parts = _PART.findall(written)
    if not parts or "".join(count + unit for count, unit in parts) != written:
        raise ValueError(f"{written[:40]!r} is not a span of time; write e.g. 30d or 4w")
    return sum((number(count) or 0.0) * _SECONDS[unit] for count, unit in parts)


def fault(document: Document, path: tuple[str | int, ...], what: str, mend: str) -> ConfigError:
    """Where a file asks for what is not supported."""
    return ConfigError(what, where=document.where(path), mend=mend)


@contextmanager
def at(document: Document, *path: str | int) -> Iterator[None]:
    """Tells a ValueError with the place of the value that it is about."""
    try:
        yield
    except ValueError as error:
        what, _, mend = str(error).partition("; ")
        raise ConfigError(what, where=document.where(path), mend=mend or "correct it") from error


def place(document: Document, *path: str | int) -> str:
    """The file and the line of a value, e.g. ``slo/shop.yml:12``."""
    return document.where(path).partition(": ")[0]
