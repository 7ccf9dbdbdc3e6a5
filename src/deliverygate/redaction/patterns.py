"""Patterns that are compiled when they are first used: most runs need few of them, and compiling takes milliseconds."""

from __future__ import annotations

import re
from typing import Any


class Lazy:
    """A compiled pattern, from its first use on."""

    __slots__ = ("flags", "text", "finditer", "findall", "fullmatch", "match", "search", "sub")  # noqa: RUF023

    def __init__(self, text: Any, flags: int = 0) -> None:
        self.text = text
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        """Called where a method is not there yet, which it is from then on."""
        method = getattr(re.compile(self.text, self.flags), name)
        setattr(self, name, method)
        return method
