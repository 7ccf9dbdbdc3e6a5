"""VEX statements to entries: what was said last of a vulnerability in a package counts, and doubt outweighs trust."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deliverygate.judging import purl, rule_ids
from deliverygate.judging.foreign.entry import Entry
from deliverygate.model import WaiverMatch

_EARLY, _LATE = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


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
            unless=() if why else doubts.left_of(statement),
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
        self._all = tuple(statements)
        self._by_id: dict[str, list[Statement]] = {}
        self._by_package: dict[str | None, list[Statement]] = {}
        self._since: dict[datetime | None, tuple[WaiverMatch, ...]] = {}
        for statement in self._all:
            for name in dict.fromkeys(map(rule_ids.canonical, statement.ids)):
                self._by_id.setdefault(name, []).append(statement)
            for package in dict.fromkeys(map(_key, statement.packages)):
                self._by_package.setdefault(package, []).append(statement)

    def about(self, statement: Statement) -> str:
        """Why a statement that would hold is believed for nothing of what it names; "" when it is for some."""
        said = ""
        for package in statement.packages if statement.holds else ():
            found = next(((name, each) for name, each in self._of_ids(statement) if _refutes(each, package)), None)
            if found is None:
                return ""
            name, doubt = found
            said = said or f"{doubt.place.lstrip('#')} says otherwise of {name}, and no earlier"
        return said

    def left_of(self, statement: Statement) -> tuple[WaiverMatch, ...]:
        """What other statements, no older, say of single versions, or of the same vulnerability by another name."""
        if None in statement.packages:
            if statement.at not in self._since:
                self._since[statement.at] = tuple(_newer(self._all, statement))
            return self._since[statement.at]
        keys = dict.fromkeys((*map(_key, statement.packages), None))
        near = (each for key in keys for each in self._by_package.get(key, ()))
        return tuple(dict.fromkeys(match for match in _newer(near, statement) if _touches(match.purl, statement)))

    def _of_ids(self, statement: Statement) -> Iterator[tuple[str, Statement]]:
        """Those about the same vulnerability that are no older, each with the name that both have for it."""
        for name in statement.ids:
            for doubt in self._by_id.get(rule_ids.canonical(name), ()):
                if _is_not_older(doubt, statement):
                    yield name, doubt


def _key(package: str | None) -> str | None:
    return package and purl.bare(package)


def _refutes(doubt: Statement, package: str | None) -> bool:
    """Whether a doubt leaves nothing of a package."""
    return any(each is None or (package is not None and purl.covers(each, package)) for each in doubt.packages)


def _newer(doubts: Iterable[Statement], trust: Statement) -> Iterator[WaiverMatch]:
    for doubt in doubts:
        if _is_not_older(doubt, trust):
            yield from _matches(doubt)


def _touches(doubted: str | None, trust: Statement) -> bool:
    return any(doubted is None or each is None or purl.overlap(doubted, each) for each in trust.packages)


def _is_not_older(doubt: Statement, trust: Statement) -> bool:
    """Of two statements at the same time, or at no known time, the doubt counts."""
    return (doubt.at or _LATE) >= (trust.at or _EARLY)
