"""Ids of vulnerabilities: the same one has a number in several databases."""

from __future__ import annotations

from collections.abc import Iterable


def other_ids(rule: str, names: Iterable[str]) -> tuple[str, ...]:
    """The ids beside the one that the finding goes by, each once."""
    return tuple(dict.fromkeys(name for name in names if name and name != rule))
