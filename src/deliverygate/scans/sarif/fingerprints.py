"""The one of a SARIF result's fingerprints that is kept beside our own (§3.27.16, §3.27.17)."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import msgspec

from deliverygate.scans.numbers import whole
from deliverygate.scans.sarif import log

NO_FINGERPRINT = "requires login"  # what Semgrep writes for whoever is not logged in

_VERSIONED = re.compile(r"(.*?)(?:/v([0-9]{1,9}))?", re.DOTALL)


class Fingerprints:
    """Chooses among the keys of a run; the same keys are looked at once."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.chosen: dict[tuple[str, ...], str] = {}

    def of(self, result: log.Result) -> str | None:
        """As "key:value": of the full ones before the partial ones, the greatest version."""
        prints = result.fingerprints or result.partial_fingerprints
        if not prints:
            return None
        if len(prints) == 1:
            [(name, value)] = prints.items()
        else:
            name = self._choose(tuple(prints))
            value = prints[name]
        if value.__class__ is not str:
            value = self._text(value)
        if not value or value == NO_FINGERPRINT:
            self.counts["constant"] += 1
            return None
        return f"{name}:{value}"

    def _choose(self, names: tuple[str, ...]) -> str:
        name = self.chosen.get(names)
        if name is None:
            name = self.chosen[names] = min(names, key=_latest_first)
        return name

    def _text(self, value: Any) -> str:
        self.counts["odd fingerprint"] += 1
        return msgspec.json.encode(value).decode()


def _latest_first(name: str) -> tuple[int, str]:
    found = _VERSIONED.fullmatch(name)
    return (-(whole(found[2]) or 0), found[1]) if found and found[2] else (0, name)
