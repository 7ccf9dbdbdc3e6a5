"""hadolint's ``json`` to Scan. https://github.com/hadolint/hadolint#cli"""

from __future__ import annotations

import msgspec

from deliverygate.model import Finding, Rule, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.listed import note_on
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

KEYS = frozenset({"file", "line", "column", "level", "code", "message"})
SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "info": Severity.LOW, "style": Severity.INFO}
NOT_PARSED = "DL1000"

_PAGES = {"DL": "https://github.com/hadolint/hadolint/wiki/", "SC": "https://www.shellcheck.net/wiki/"}


class Entry(msgspec.Struct):
    file: str
    line: int
    column: int
    level: str
    code: str
    message: str


def recognise(outline: Outline) -> bool:
    """ShellCheck writes the same keys and the end of the place."""
    return outline.kind == "list" and outline.keys >= KEYS and "endLine" not in outline.keys


def read(document: bytes, *, root: str) -> Scan:
    """hadolint lists findings only. An empty list is a clean run: where it cannot read a file it writes no list."""
    require_unique_keys(document)
    entries = decode(document, list[Entry])
    broken = dict.fromkeys(below(entry.file, root) for entry in entries if entry.code == NOT_PARSED)
    return Scan(
        tool="hadolint",
        version=None,
        format="hadolint",
        findings=tuple(_finding(entry, root) for entry in entries),
        not_analysed=tuple(broken),
        complete=not broken,
        notes=(f"hadolint could not parse {len(broken)} file(s).",) if broken else note_on(entries, tool="hadolint"),
        rules=tuple(
            Rule(id=code, help_uri=_PAGES[code[:2]] + code)
            for code in dict.fromkeys(entry.code for entry in entries)
            if code[:2] in _PAGES
        ),
    )


def _finding(entry: Entry, root: str) -> Finding:
    return Finding(
        rule=entry.code,
        message=entry.message,
        severity=SEVERITIES.get(entry.level, Severity.UNKNOWN),
        tool="hadolint",
        location=locate(entry.file, root, line=entry.line, column=entry.column),
    )


reader = Reader(name="hadolint", summary="hadolint JSON", recognises=recognise, read=read)
