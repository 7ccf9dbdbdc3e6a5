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
UNKNOWN_RULE = "Unknown rule "


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
    ignored: bool = False  #: Stylelint did not look at it
    parse_errors: list[Any] = []
    invalid_option_warnings: list[Text] = []

    @property
    def is_broken(self) -> bool:
        """Whether it could not be parsed."""
        return bool(self.parse_errors) or any(warning.rule == NOT_PARSED for warning in self.warnings)

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
    linted = [file for file in files if not file.ignored]
    if not linted:
        raise ReportError(
            f"says of each of its {len(files)} file(s) that it was ignored: nothing was linted",
            mend="check the patterns given to Stylelint, and `ignoreFiles`",
        )
    faults = tuple(_faults(linted))
    unseen = dict.fromkeys(below(file.source, root) for file in files if file.source and not _is_seen(file))
    seen = [file for file in linted if not file.is_broken]
    analysed = dict.fromkeys(below(file.source, root) for file in seen if file.source)
    ignored = len(files) - len(linted)
    return Scan(
        tool="Stylelint",
        version=None,
        format="stylelint",
        findings=tuple(_finding(warning, file, root) for file in files for warning in file.warnings),
        analysed=tuple(path for path in analysed if path not in unseen) or len(seen),
        not_analysed=tuple(unseen),
        complete=not faults,
        notes=(*faults, *((f"Stylelint ignored {ignored} file(s), which count for nothing.",) if ignored else ())),
    )


def _is_seen(file: File) -> bool:
    return not (file.ignored or file.is_broken)


def _faults(files: Sequence[File]) -> Iterator[str]:
    """What leaves the run incomplete, in whole sentences."""
    broken = sum(1 for file in files if file.is_broken)
    if broken:
        yield f"Stylelint could not parse {broken} file(s)."
    silent = sum(1 for file in files if file.contradicts_itself)
    if silent:
        yield f"{silent} file(s) are marked as having errors, and none is listed."
    for text in dict.fromkeys(warning.text for file in files for warning in file.invalid_option_warnings):
        yield f"A rule did not run as configured: {text.rstrip('.')}."
    unknown = dict.fromkeys(each.text for file in files for each in file.warnings if each.text.startswith(UNKNOWN_RULE))
    for text in unknown:
        yield f"A rule did not run: {text.rstrip('.')}."


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
