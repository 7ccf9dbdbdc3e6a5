"""``deliverygate scan``: what is read in a tool's report, before a policy rests on it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deliverygate.cli.saying import say
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ReportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deliverygate.model import Scan

CHECKLIST = "checklist"


@click.command()
@click.argument("file", type=click.Path())
@click.option("--format", "format_", help="Reader to use  [default: recognised by content; `checklist` for Markdown]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def scan(file: str, format_: str | None, as_json: bool) -> None:
    """Show what is read in a tool's report.

    Exit code 0 when the file is evidence, 3 when it is none or cannot be read.
    """
    from deliverygate.cli.files import read_input

    data = read_input(file)
    summary = read_checklist(data, file) if format_ == CHECKLIST else read_report(data, file, format_)
    say(_json(summary) if as_json else _text(summary))
    if summary.get("items") == []:
        raise ReportError("holds no task item", where=file, mend="write items as `- [ ] what is to be done`")


def read_report(data: bytes, file: str, format_: str | None) -> dict[str, Any]:
    """A tool's report under the promised keys."""
    from deliverygate.scans import find_reader, read

    if format_ is not None:
        try:
            find_reader(format_)
        except ReportError as error:
            raise UsageError(error.what, where="--format", mend=error.mend) from error
    return _summary(file, read(data, path=file, format=format_, root=Path.cwd().as_posix()))


def read_checklist(data: bytes, file: str) -> dict[str, Any]:
    """A Markdown file's task items under the promised keys."""
    from deliverygate.judging.checklist import read_checklist as read_markdown

    if not data.strip():
        raise ReportError("is empty", where=file, mend="write the description")
    try:
        checklist = read_markdown(utf8(data))
    except NotTextError as error:
        raise ReportError(f"is {error}", where=file, mend="save it as UTF-8") from error
    except ReportError as error:
        raise ReportError(error.what, where=error.where or file, mend=error.mend) from error
    listed = [{"text": item.text, "checked": item.checked, "section": item.section} for item in checklist.items]
    return {
        "file": file, "format": CHECKLIST, "kind": CHECKLIST, "tool": "Markdown", "version": None, "findings": 0,
        "suppressed": 0, "by_severity": _by_severity(()), "analysed": None, "complete": True,
        "notes": list(checklist.notes),
        "items": listed,
    }  # fmt: skip


def _summary(file: str, found: Scan) -> dict[str, Any]:
    return {
        "file": file,
        "format": found.format,
        "kind": found.kind,
        "tool": found.tool,
        "version": found.version,
        "findings": len(found.findings),
        "suppressed": len(found.suppressed),
        "by_severity": _by_severity(finding.severity.name for finding in found.findings),
        "analysed": found.analysed_count,
        "complete": found.complete,
        "notes": list(found.notes),
        **_evidence(found),
    }


def _evidence(found: Scan) -> dict[str, Any]:
    """What a report of tests or of coverage holds in the place of findings."""
    if found.coverage is not None:
        return {"lines": {"covered": found.coverage.lines.covered, "valid": found.coverage.lines.valid}}
    if found.cases is None:
        return {}
    outcomes = Counter(case.outcome.value for case in found.cases)
    return {
        "tests": {
            "cases": len(found.cases),
            "failures": outcomes["failed"],
            "errors": outcomes["error"],
            "skipped": outcomes["skipped"],
        }
    }


def _by_severity(names: Any) -> dict[str, int]:
    from deliverygate.model import Severity

    counted = Counter(names)
    return {severity.name: counted[severity.name] for severity in Severity}


def _json(summary: dict[str, Any]) -> str:
    import json

    return json.dumps(summary, indent=2)


def _text(summary: dict[str, Any]) -> str:
    from deliverygate.renderers.text import clean, neutral

    lines = [f"{summary['file']}: {summary['format']} report of {summary['tool']} {summary['version'] or ''}".rstrip()]
    lines += [f"  [{'x' if item['checked'] else ' '}] {item['text']}" for item in summary.get("items", ())]
    lines += [f"  {line}" for line in TOLD.get(summary["kind"], lambda _: ())(summary)]
    lines.extend(f"  note: {note}" for note in summary["notes"])
    return "\n".join(neutral(clean(line)) for line in lines)


def _told_findings(summary: dict[str, Any]) -> Iterator[str]:
    levels = ", ".join(f"{count} {name.lower()}" for name, count in summary["by_severity"].items() if count)
    yield f"{summary['findings']} findings" + (f" ({levels})" if levels else "")
    yield f"{summary['suppressed']} suppressed by the report itself"
    yield f"files analysed: {'unknown' if summary['analysed'] is None else summary['analysed']}"
    yield f"complete: {'yes' if summary['complete'] else 'no'}"


def _told_tests(summary: dict[str, Any]) -> Iterator[str]:
    tests = summary["tests"]
    yield f"{tests['cases']} cases: {tests['failures']} failed, {tests['errors']} errors, {tests['skipped']} skipped"
    yield f"complete: {'yes' if summary['complete'] else 'no'}"


def _told_coverage(summary: dict[str, Any]) -> Iterator[str]:
    lines = summary["lines"]
    yield f"{lines['covered']} of {lines['valid']} lines covered, in {summary['analysed']} files"


TOLD = {"findings": _told_findings, "tests": _told_tests, "coverage": _told_coverage}
