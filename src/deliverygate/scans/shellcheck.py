"""ShellCheck's ``json`` and ``json1`` to Scan. https://github.com/koalaman/shellcheck/wiki/Integration"""

from __future__ import annotations

from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

KEYS = frozenset({"file", "line", "endLine", "column", "level", "code", "message"})
SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "info": Severity.LOW, "style": Severity.INFO}

# A shell that ShellCheck does not know, and what it says where it gave up parsing.
NOT_CHECKED = frozenset({1070, 1071, 1072, 1073, 1088, 1089})


class Comment(msgspec.Struct, rename="camel"):
    file: str
    line: int
    column: int
    level: str
    code: int
    message: str
    end_line: int | None = None
    fix: Any = None


class Json1(msgspec.Struct):
    comments: list[Comment]


def recognise(outline: Outline) -> bool:
    if outline.kind == "object":
        return outline.keys == {"comments"}
    return outline.kind == "list" and outline.keys >= KEYS


def read(document: bytes, *, root: str) -> Scan:
    """An empty report is no evidence: ShellCheck writes the same one when it could open none of its files."""
    require_unique_keys(document)
    whole = document.lstrip().startswith(b"{")
    comments = decode(document, Json1).comments if whole else decode(document, list[Comment])
    if not comments:
        raise ReportError(
            "is empty, as ShellCheck's JSON also is when no file could be opened",
            mend="let ShellCheck write `--format checkstyle`, which names every file, the clean ones too",
        )
    broken = dict.fromkeys(below(comment.file, root) for comment in comments if comment.code in NOT_CHECKED)
    codes = dict.fromkeys(f"SC{comment.code}" for comment in comments)
    return Scan(
        tool="ShellCheck",
        version=None,
        format="shellcheck",
        findings=tuple(_finding(comment, root) for comment in comments),
        not_analysed=tuple(broken),
        complete=not broken,
        notes=(f"ShellCheck could not check {len(broken)} file(s) to the end.",) if broken else (),
        rules=tuple(Rule(id=code, help_uri=f"https://www.shellcheck.net/wiki/{code}") for code in codes),
    )


def _finding(comment: Comment, root: str) -> Finding:
    return Finding(
        rule=f"SC{comment.code}",
        message=comment.message,
        severity=SEVERITIES.get(comment.level, Severity.UNKNOWN),
        tool="ShellCheck",
        location=locate(comment.file, root, line=comment.line, column=comment.column, end_line=comment.end_line),
        fixable=comment.fix is not None,
    )


reader = Reader(
    name="shellcheck", summary="ShellCheck JSON, old (json) and new (json1)", recognises=recognise, read=read
)
