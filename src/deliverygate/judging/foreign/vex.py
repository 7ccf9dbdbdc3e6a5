"""VEX statements to entries: what was said last of a vulnerability in a package counts, and doubt outweighs trust."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deliverygate.judging import purl
from deliverygate.judging.foreign.entry import Entry
from deliverygate.model import WaiverMatch


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a document says of some vulnerabilities in some packages."""

    place: str  #: e.g. "#statements[3]"
    ids: tuple[str, ...]  #: the vulnerability and its aliases
    packages: tuple[str | None, ...]  #: package URLs; None: all that is judged
    holds: bool  #: whether it says that the vulnerability does no harm, or is mended
    reason: str = ""
    justification: str | None = None  #: in OpenVEX's words
    at: datetime | None = None  #: None: it does not say when
    aside: str = ""  #: why it lets nothing through, when that is not its status


def to_entries(statements: Sequence[Statement]) -> Iterator[Entry]:
    """An entry a statement that holds, and one for what does not that says why.

    Its length is not counted from the statement's own date: what its author found out stays true, but the trust that
    the policy puts in the document has to be renewed.
    """
    doubts = _Doubts(statement for statement in statements if not statement.holds and not statement.aside)
    for statement in statements:
        why = statement.aside or ("" if statement.ids else "it names no vulnerability") or doubts.about(statement)
        if not statement.holds and not why:
            continue  # it was never meant to let anything through
        yield Entry(
            place=statement.place,
            matches=() if why else tuple(_matches(statement)),
            reason=statement.reason,
            vex=statement.justification,
            aside=why,
        )


def _matches(statement: Statement) -> Iterator[WaiverMatch]:
    for rule in statement.ids:
        for package in statement.packages:
            yield WaiverMatch(rule=rule, purl=package)


class _Doubts:
    """Statements that something is affected, or not yet known, by the vulnerability that they are about."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.by_id: dict[str, list[Statement]] = {}
        for statement in statements:
            for name in statement.ids:
                self.by_id.setdefault(name, []).append(statement)

    def about(self, statement: Statement) -> str:
        """Why a statement that would hold is no longer believed; "" when it is."""
        for name in statement.ids if statement.holds else ():
            for doubt in self.by_id.get(name, ()):
                if _is_not_older(doubt, statement) and _overlap(doubt.packages, statement.packages):
                    return f"{doubt.place.lstrip('#')} says otherwise of {name}, and no earlier"
        return ""


def _is_not_older(doubt: Statement, trust: Statement) -> bool:
    """Of two statements at the same time, or at no known time, the doubt counts."""
    early, late = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return (doubt.at or late) >= (trust.at or early)


def _overlap(some: Iterable[str | None], others: Iterable[str | None]) -> bool:
    second = tuple(others)
    return any(one is None or other is None or purl.bare(one) == purl.bare(other) for one in some for other in second)
