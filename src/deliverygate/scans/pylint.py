"""pylint's ``json`` and ``json2`` to Scan. https://pylint.readthedocs.io/en/stable/user_guide/usage/output.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan, Severity, Waiver
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.listed import note_on
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

SEVERITIES = {
    "fatal": Severity.CRITICAL,
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "refactor": Severity.LOW,
    "convention": Severity.LOW,
    "info": Severity.LOW,
}
NOT_LINTED = frozenset({"syntax-error", "parse-error", "astroid-error"})
NOT_RUN = frozenset({"bad-plugin-value"})  #: a plug-in that could not be loaded, and none of its checks ran
IGNORED = "file-ignored"  #: a comment took out the whole file; only with ``--enable=file-ignored``

# In `modulesLinted` pylint counts its command line and its defaults too, and the configuration file where it has one.
NO_MODULES = 2

_SUPPRESSED = re.compile(r"Suppressed '([^']+)' \(from line \d+\)")


class Message(msgspec.Struct, rename="camel"):
    type: str
    symbol: str
    message: str
    path: str
    line: int | None = None
    column: int | None = None  #: counted from 0
    end_line: int | None = None

    @property
    def broke_off(self) -> bool:
        return self.type == "fatal" or self.symbol in NOT_LINTED


class Statistics(msgspec.Struct, rename="camel"):
    message_type_count: dict[str, int]
    modules_linted: int


class Json2(msgspec.Struct):
    messages: list[Message]
    statistics: Statistics


def recognise(outline: Outline) -> bool:
    if outline.kind == "object":
        return outline.keys >= {"messages", "statistics"}
    return outline.kind == "list" and outline.keys >= {"type", "symbol", "message", "message-id", "path"}


def read(document: bytes, *, root: str) -> Scan:
    """How many modules were linted stands in no form: ``json`` lists messages only, ``json2`` counts too many."""
    require_unique_keys(document)
    if document.lstrip().startswith(b"{"):
        whole = decode(document, Json2)
        _require_modules(whole.statistics)
        return _scan(whole.messages, root, notes=_notes(whole), lost=_lost(whole))
    messages = decode(document, list[Message])
    return _scan(messages, root, notes=note_on(messages, tool="pylint"))


def _require_modules(statistics: Statistics) -> None:
    if statistics.modules_linted <= NO_MODULES:
        raise ReportError(
            f"counts {statistics.modules_linted} modules, {NO_MODULES} of which are pylint's own: nothing was linted",
            mend="check the paths given to pylint, and what its configuration ignores",
        )


def _notes(whole: Json2) -> tuple[str, ...]:
    count = whole.statistics.modules_linted
    return (f"pylint counts {count} modules, {NO_MODULES} or 3 of which are its own command line and configuration.",)


def _lost(whole: Json2) -> int:
    return max(0, sum(whole.statistics.message_type_count.values()) - len(whole.messages))


def _scan(messages: Sequence[Message], root: str, *, notes: tuple[str, ...], lost: int = 0) -> Scan:
    broken = dict.fromkeys(below(message.path, root) for message in messages if message.broke_off)
    ignored = dict.fromkeys(below(message.path, root) for message in messages if message.symbol == IGNORED)
    faults = {
        "pylint could not lint {} module(s).": len(broken),
        "pylint could not load {} plug-in(s), whose checks did not run.": sum(
            each.symbol in NOT_RUN for each in messages
        ),
        "{} message(s) were counted and not listed.": lost,
    }
    if ignored:
        notes = (f"pylint left out {len(ignored)} file(s) that a comment in them takes out.", *notes)
    found = tuple(_finding(message, root) for message in messages)
    return Scan(
        tool="pylint",
        version=None,
        format="pylint",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        not_analysed=(*broken, *ignored),
        complete=not any(faults.values()),
        notes=(*(sentence.format(count) for sentence, count in faults.items() if count), *notes),
        rules=tuple(_rules(messages)),
    )


def _finding(message: Message, root: str) -> Finding:
    """With ``--enable=suppressed-message`` pylint says what comments in the code took out, by a message of its own."""
    suppressed = _SUPPRESSED.fullmatch(message.message) if message.symbol == "suppressed-message" else None
    rule = suppressed[1] if suppressed else message.symbol
    column = message.column + 1 if message.column is not None else None
    return Finding(
        rule=rule,
        message=message.message,
        severity=SEVERITIES.get(message.type, Severity.UNKNOWN),
        tool="pylint",
        location=locate(message.path, root, line=message.line, column=column, end_line=message.end_line),
        category=message.type,
        waiver=Waiver(id=rule, reason="", source="pylint comment") if suppressed else None,
    )


def _rules(messages: Sequence[Message]) -> Iterator[Rule]:
    pages = {message.symbol: message.type for message in messages if message.type in SEVERITIES}
    for symbol, type_ in pages.items():
        folder = "information" if type_ == "info" else type_
        yield Rule(id=symbol, help_uri=f"{_PAGES}/{folder}/{symbol}.html")


_PAGES = "https://pylint.readthedocs.io/en/stable/user_guide/messages"

reader = Reader(name="pylint", summary="pylint JSON, old (json) and new (json2)", recognises=recognise, read=read)
