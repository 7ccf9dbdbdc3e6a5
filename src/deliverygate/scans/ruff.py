"""Ruff's ``json`` and ``json-lines`` to Scan. https://docs.astral.sh/ruff/settings/#output-format"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from deliverygate.model import Finding, Rule, Scan, Severity
from deliverygate.scans.documents import decode, decode_lines, require_unique_keys
from deliverygate.scans.linters import severity_by_rule
from deliverygate.scans.listed import note_on
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

_SECURITY = re.compile(r"S[0-9]+")  # flake8-bandit
KEYS = frozenset({"code", "message", "filename", "location", "end_location"})

# Releases before 0.15 write no severity. An "error" is what nobody has graded: there the rule decides.
SEVERITIES = {"warning": Severity.MEDIUM, "info": Severity.LOW, "help": Severity.INFO}

# A file that could not be read or parsed; releases before 0.5 had a code for it, those until 0.12 had none.
NOT_LINTED = frozenset({"E902", "E999", "invalid-syntax", "io-error", "panic"})


class Place(msgspec.Struct):
    row: int
    column: int


class Entry(msgspec.Struct):
    code: str | None
    message: str
    filename: str
    location: Place
    end_location: Place
    fix: Any = None
    severity: str = "error"
    url: str | None = None

    @property
    def rule(self) -> str:
        return self.code or "invalid-syntax"


def recognise(outline: Outline) -> bool:
    return outline.kind in {"list", "lines", "object"} and outline.keys >= KEYS


def read(document: bytes, *, root: str) -> Scan:
    """Ruff lists findings only. An empty list is a clean run: a path that it cannot read gets an entry (E902)."""
    entries = _entries(document)
    broken = dict.fromkeys(below(entry.filename, root) for entry in entries if entry.rule in NOT_LINTED)
    return Scan(
        tool="Ruff",
        version=None,
        format="ruff",
        findings=tuple(_finding(entry, root) for entry in entries),
        not_analysed=tuple(broken),
        complete=not broken,
        notes=(f"Ruff could not read or parse {len(broken)} file(s).",) if broken else note_on(entries, tool="Ruff"),
        rules=tuple({entry.rule: Rule(id=entry.rule, help_uri=entry.url) for entry in entries}.values()),
    )


def _entries(document: bytes) -> list[Entry]:
    if document.lstrip().startswith(b"{"):
        return list(decode_lines(document, Entry))
    require_unique_keys(document)
    return decode(document, list[Entry])


def _severity(entry: Entry) -> Severity:
    """Ruff calls everything an error, or says nothing of it: then the rule decides."""
    if entry.severity == "error":
        return severity_by_rule("Ruff", entry.rule) or Severity.HIGH
    return SEVERITIES.get(entry.severity, Severity.UNKNOWN)


def _finding(entry: Entry, root: str) -> Finding:
    place = entry.location
    return Finding(
        rule=entry.rule,
        message=entry.message,
        severity=_severity(entry),
        tool="Ruff",
        is_security=bool(_SECURITY.fullmatch(entry.rule)),
        location=locate(entry.filename, root, line=place.row, column=place.column, end_line=entry.end_location.row),
        fixable=entry.fix is not None,
    )


reader = Reader(name="ruff", summary="Ruff JSON, as a list or as lines", recognises=recognise, read=read)
