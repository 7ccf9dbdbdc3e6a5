"""One line of the table that ``scripts/bench`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One claim, measured."""

    what: str
    ours: float
    peer: float
    value: float  #: what the target is about: a ratio, or what is beyond the peer
    target: float
    unit: str  #: of ``ours`` and ``peer``
    relation: str  #: how ``value`` is written, e.g. "{:.2f} times"

    @property
    def is_met(self) -> bool:
        return self.value <= self.target

    def __str__(self) -> str:
        value, target = self.relation.format(self.value), self.relation.format(self.target)
        verdict = "ok" if self.is_met else "MISSED"
        return (
            f"{self.what:58} {self.ours:8.3f} {self.unit:2} {self.peer:9.3f} {self.unit:2} "
            f"{value:>14}  at most {target:14} {verdict}"
        )
