"""Other tools' files of exceptions, read as waivers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deliverygate.config.shape import ForeignFile
from deliverygate.judging.waivers import Waivers


def read_all(files: Iterable[ForeignFile], read: Callable[[str], bytes]) -> tuple[Waivers, tuple[str, ...]]:
    raise NotImplementedError
