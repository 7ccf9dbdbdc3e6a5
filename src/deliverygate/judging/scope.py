"""Findings inside of a change: what stands elsewhere is shown and does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.judging.fingerprint import spread
from deliverygate.model import Finding, Location, Scan

Scope: TypeAlias = Literal["all", "changed-files", "changed-lines"]


class Within:
    """Whether a finding stands in the change. What cannot be placed in the repository may be anywhere, so it does."""

    def __init__(self, files: Iterable[ChangedFile], scope: Scope, is_there: Callable[[str], bool]) -> None:
        """``is_there`` tells whether the workspace has a file."""
        self._files = tuple(files)
        # What was deleted and is there all the same is reached through a link, or was made again.
        self._lines = {file.path: None if file.status == "deleted" else file.lines for file in self._files}
        self._scope: Scope = scope
        self._is_there = is_there
        self._there: dict[str, bool] = {}

    def as_of(self, written_at: datetime | None) -> Within:
        """The same for a report of that time: of what was edited since then it does not know the lines.

        None: the report was made just now.
        """
        if written_at is None:
            return self
        late = [file for file in self._files if file.edited_at is not None and file.edited_at >= written_at]
        if not late:
            return self
        files = {file.path: file for file in self._files} | {file.path: replace(file, lines=None) for file in late}
        return Within(files.values(), self._scope, self._is_there)

    def __call__(self, finding: Finding) -> bool:
        where = finding.location
        if where is None or not self._is_known(where.path):
            return True
        if where.path not in self._lines:
            return any(folder in self._lines for folder in _folders(where.path))  # a submodule, or a link to a folder
        lines = self._lines[where.path]
        if self._scope == "changed-files" or lines is None or where.line is None:
            return True
        return any(first <= _last(where) and where.line <= last for first, last in lines)

    def _is_known(self, path: str) -> bool:
        if path not in self._there:
            self._there[path] = self._is_there(path)
        return self._there[path]


def narrow(scan: Scan, within: Callable[[Finding], bool]) -> Scan:
    """The scan with ``in_scope`` False in each finding that is outside."""

    def look(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(each if within(each) else replace(each, in_scope=False) for each in findings)

    return spread(scan, look(scan.findings), look(scan.suppressed))


def _folders(path: str) -> Iterator[str]:
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)


def _last(where: Location) -> int:
    return max(where.line or 0, where.end_line or 0)
