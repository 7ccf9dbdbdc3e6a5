"""ESLint's ``json`` and ``json-with-metadata`` to Scan. https://eslint.org/docs/latest/use/formatters/"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Severity, Waiver
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.unchecked import IGNORED

SEVERITIES = {2: Severity.HIGH, 1: Severity.MEDIUM}

_NO_RULE = re.compile(r"Definition for rule .* not found")


class Suppression(msgspec.Struct):
    kind: str = "unknown"
    justification: str | None = None


class Message(msgspec.Struct, rename="camel"):
    severity: int
    message: str
    rule_id: str | None = None
    fatal: bool | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    fix: Any = None
    suppressions: list[Suppression] = []
    type: str | None = None  #: of textlint and secretlint, whose reports have the same shape

    @property
    def is_ignored(self) -> bool:
        return self.rule_id is None and not self.fatal and self.message.startswith(IGNORED)

    @property
    def lacks_rule(self) -> bool:
        """ESLint gives the name of a rule that it could not find or load to what it says of that."""
        return self.rule_id is not None and bool(_NO_RULE.match(self.message))


class File(msgspec.Struct, rename="camel"):
    file_path: str
    messages: list[Message]
    suppressed_messages: list[Message] = []
    error_count: int = 0
    warning_count: int = 0
    source_content_type: str | None = None  #: of secretlint, whose reports have the same shape

    @property
    def is_foreign(self) -> bool:
        return self.source_content_type is not None or any(message.type is not None for message in self.messages)

    @property
    def is_ignored(self) -> bool:
        """ESLint says so in a warning of no rule; there is none beside it."""
        return any(message.is_ignored for message in self.messages)

    @property
    def broke_off(self) -> bool:
        return any(message.fatal for message in self.messages)

    @property
    def lost(self) -> int:
        """Messages of a file that counts some and lists none."""
        return 0 if self.messages else self.error_count + self.warning_count


class Metadata(msgspec.Struct, rename="camel"):
    rules_meta: dict[str, msgspec.Raw] = {}


class WithMetadata(msgspec.Struct):
    results: list[File]
    metadata: Metadata


class RuleDocs(msgspec.Struct):
    description: str | None = None
    url: str | None = None


class RuleMeta(msgspec.Struct):
    docs: RuleDocs | None = None


def recognise(outline: Outline) -> bool:
    if outline.kind == "list":
        return outline.keys >= {"filePath", "messages"}
    return outline.kind == "object" and outline.keys == {"results", "metadata"}


def read(document: bytes, *, root: str) -> Scan:
    """Every linted file is listed, clean or not, so the report itself says what was looked at.

    Messages are counted one by one: the counters beside them can be wrong, and do not know what is suppressed.
    """
    require_unique_keys(document)
    files, metadata = _files(document)
    if not files:
        raise ReportError("holds no file: nothing was linted", mend="check the paths and patterns given to ESLint")
    if any(file.is_foreign for file in files):
        raise ReportError(
            "is a report of secretlint, textlint or another tool that writes ESLint's shape, and not of ESLint",
            mend="let that tool write SARIF, which names its writer",
        )
    linted = [file for file in files if not file.is_ignored]
    if not linted:
        raise ReportError(
            f"says of each of its {len(files)} file(s) that it was ignored: nothing was linted",
            mend="check the paths given to ESLint, and what its configuration ignores",
        )
    found = tuple(finding for file in linted for finding in _findings(file, root))
    unseen = dict.fromkeys(below(file.file_path, root) for file in files if file.is_ignored or file.broke_off)
    analysed = dict.fromkeys(below(file.file_path, root) for file in linted)
    faults = tuple(_faults(files))
    ignored = len(files) - len(linted)
    return Scan(
        tool="ESLint",
        version=None,
        format="eslint",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        analysed=tuple(path for path in analysed if path not in unseen),
        not_analysed=tuple(unseen),
        complete=not faults,
        notes=(*faults, *((f"ESLint ignored {ignored} file(s), which count for nothing.",) if ignored else ())),
        rules=tuple(_rule(name, meta) for name, meta in metadata.rules_meta.items()),
    )


def _faults(files: list[File]) -> Iterator[str]:
    messages = [message for file in files for message in file.messages]
    fatal = sum(1 for message in messages if message.fatal)
    if fatal:
        yield f"ESLint broke off in {fatal} place(s): a fatal message is no lint result."
    missing = dict.fromkeys(message.rule_id for message in messages if message.lacks_rule)
    if missing:
        yield f"{len(missing)} rule(s) could not run, e.g. {next(iter(missing))}: mend ESLint's configuration."
    lost = sum(file.lost for file in files)
    if lost:
        yield f"{lost} message(s) were counted and not listed."


def _files(document: bytes) -> tuple[list[File], Metadata]:
    if document.lstrip().startswith(b"{"):
        whole = decode(document, WithMetadata)
        return whole.results, whole.metadata
    return decode(document, list[File]), Metadata()


def _findings(file: File, root: str) -> Iterator[Finding]:
    path = below(file.file_path, root)
    for message in file.messages:
        yield _finding(message, path, waiver=None)
    for message in file.suppressed_messages:
        yield _finding(message, path, waiver=_waiver(message))


def _finding(message: Message, path: str, *, waiver: Waiver | None) -> Finding:
    return Finding(
        rule=_rule_id(message),
        message=message.message,
        severity=Severity.CRITICAL if message.fatal else SEVERITIES.get(message.severity, Severity.UNKNOWN),
        tool="ESLint",
        is_security=_rule_id(message).startswith("security/"),
        location=Location(path, message.line or None, message.column or None, message.end_line or None),
        fixable=message.fix is not None,
        waiver=waiver,
    )


def _rule_id(message: Message) -> str:
    """ESLint gives no id to what no rule says: a file that cannot be parsed, a directive that is not needed."""
    return message.rule_id or ("fatal" if message.fatal else "eslint")


def _waiver(message: Message) -> Waiver | None:
    """Without a suppression that says so, a message in the list of the suppressed ones counts."""
    if not message.suppressions:
        return None
    reasons = (suppression.justification for suppression in message.suppressions)
    kinds = dict.fromkeys(suppression.kind for suppression in message.suppressions)
    return Waiver(id=_rule_id(message), reason="; ".join(filter(None, reasons)), source=f"eslint {', '.join(kinds)}")


def _rule(name: str, meta: msgspec.Raw) -> Rule:
    """Plug-ins write what they like into a rule's metadata; it is help for people and no evidence."""
    try:
        docs = decode(meta, RuleMeta).docs or RuleDocs()
    except ReportError:
        docs = RuleDocs()
    return Rule(id=name, summary=docs.description or "", help_uri=docs.url)


reader = Reader(name="eslint", summary="ESLint JSON, with or without metadata", recognises=recognise, read=read)
