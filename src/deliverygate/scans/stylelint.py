"""Stylelint's ``json`` to Scan. https://stylelint.io/user-guide/node-api/#the-returned-promise"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
NOT_PARSED = "CssSyntaxError"


class Warning(msgspec.Struct, rename="camel"):  # noqa: A001  Stylelint's own word
    text: str
    severity: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    rule: str | None = None
    fix: Any = None


class Text(msgspec.Struct):
    text: str = ""


class File(msgspec.Struct, rename="camel"):
    warnings: list[Warning]
    source: str | None = None
    errored: bool = False
    parse_errors: list[Any] = []
    invalid_option_warnings: list[Text] = []

    @property
    def contradicts_itself(self) -> bool:
        """Whether it is marked as having errors and shows none."""
        return self.errored and not (
            self.invalid_option_warnings
            or self.parse_errors
            or any(warning.severity == "error" for warning in self.warnings)
        )


def recognise(outline: Outline) -> bool:
    return outline.kind == "list" and outline.keys >= {"source", "warnings", "parseErrors"}


def read(document: bytes, *, root: str) -> Scan:
    """Every linted file is listed, clean or not, so the report itself says what was looked at."""
    require_unique_keys(document)
    files = decode(document, list[File])
    if not files:
        raise ReportError("holds no file: nothing was linted", mend="check the patterns given to Stylelint")
    notes = tuple(_notes(files))
    return Scan(
        tool="Stylelint",
        version=None,
        format="stylelint",
        findings=tuple(_finding(warning, file, root) for file in files for warning in file.warnings),
        analysed=tuple(dict.fromkeys(below(file.source, root) for file in files if file.source)) or len(files),
        complete=not notes,
        notes=notes,
    )


def _notes(files: Sequence[File]) -> Iterator[str]:
    """What leaves the run incomplete, in whole sentences."""
    broken = sum(1 for file in files if file.parse_errors or any(each.rule == NOT_PARSED for each in file.warnings))
    if broken:
        yield f"Stylelint could not parse {broken} file(s)."
    silent = sum(1 for file in files if file.contradicts_itself)
    if silent:
        yield f"{silent} file(s) are marked as having errors, and none is listed."
    for text in dict.fromkeys(warning.text for file in files for warning in file.invalid_option_warnings):
        yield f"A rule did not run as configured: {text.rstrip('.')}."


def _finding(warning: Warning, file: File, root: str) -> Finding:
    return Finding(
        rule=warning.rule or "stylelint",
        message=warning.text,
        severity=SEVERITIES.get(warning.severity, Severity.UNKNOWN),
        tool="Stylelint",
        location=locate(file.source, root, line=warning.line, column=warning.column, end_line=warning.end_line),
        fixable=warning.fix is not None,
    )


reader = Reader(name="stylelint", summary="Stylelint JSON", recognises=recognise, read=read)
