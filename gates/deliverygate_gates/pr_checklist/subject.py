"""What is judged: the description with its items, the change it describes, and the template it grew from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import GateContext
from deliverygate.judging.checklist import Checklist, read_checklist
from deliverygate.judging.description import refuse_cut, template_lines
from deliverygate.model import Finding, Location, Severity

TOOL = "pr-checklist"
LONGEST = 160  #: characters of an item that a message repeats


class Template(NamedTuple):
    """A template, as the target branch has it."""

    path: str
    checklist: Checklist


@dataclass(frozen=True)
class Subject:
    """A description under judgement."""

    change: ChangeRequest
    checklist: Checklist
    path: str | None  #: the file of the workspace that holds the description; None: it is in no file
    templates: tuple[Template, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """The identities of all lines that the templates bring along."""
        return template_lines(template.checklist.document for template in self.templates)

    def finding(
        self, rule: str, message: str, line: int | None = None, *, severity: Severity = Severity.HIGH
    ) -> Finding:
        """A breach in a line of the description."""
        place = f" (line {line})" if line and self.path is None else ""
        where = Location(self.path, line) if self.path else None
        return Finding(rule=rule, message=message + place, severity=severity, tool=TOOL, location=where)


def quote(text: str) -> str:
    """A text of the description as messages repeat it."""
    return f'"{text}"' if len(text) <= LONGEST else f'"{text[:LONGEST]}…"'


def read_subject(path: str | None, context: GateContext) -> Subject:
    """The description, from the file ``path`` where nothing else than commit messages would be judged.

    Raises ReportError or ToolError when there is none to be had.
    """
    change = _find_change(path, context)
    # "commits" is how a change says that its description was put together from commit messages.
    if path is not None and change.source == "commits":
        text = context.read_text(path)
        refuse_cut(text, context.environ, where=path)
        return Subject(replace(change, description=text, source=path), _read(text, path), path)
    return Subject(change, _read(change.description, change.source), _file(change))


def read_templates(paths: tuple[str, ...], context: GateContext) -> tuple[Template, ...]:
    """The templates of the target branch. Raises ReportError for one that it does not have."""
    return tuple(_read_template(path, context) for path in paths)


def _read_template(path: str, context: GateContext) -> Template:
    text = context.base_text(path)
    if text is None:
        raise ReportError(
            "the target branch has no such template", where=path, mend="bring it there first, or correct `template:`"
        )
    return Template(path, _read(text, path))


def _find_change(path: str | None, context: GateContext) -> ChangeRequest:
    try:
        return context.change()
    except (ReportError, ToolError) as error:
        if path is None:
            raise
        note = f"The changed files and the title are not known: {error}."
        return ChangeRequest(title="", description="", source="commits", notes=(note,))


def _read(text: str, where: str) -> Checklist:
    try:
        return read_checklist(text)
    except ReportError as error:
        raise ReportError(error.what, where=where, mend=error.mend) from error


def _file(change: ChangeRequest) -> str | None:
    """The file below the workspace that was given on the command line."""
    path = change.source.removeprefix("--description ")
    if path in {change.source, "-"} or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        return None
    return path
