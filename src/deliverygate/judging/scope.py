"""Findings inside of a change: what stands elsewhere is shown and does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.judging.fingerprint import spread
from deliverygate.judging.placing import Tree
from deliverygate.model import Finding, Location, Scan

Scope: TypeAlias = Literal["all", "changed-files", "changed-lines"]


class Within:
    """Whether a finding stands in the change. What cannot be placed in the repository may be anywhere, so it does."""

    def __init__(self, files: Iterable[ChangedFile], scope: Scope, tracked: Tree) -> None:
        """``tracked`` are the files that git has: one that is there and in no commit is in no diff either."""
        self._files = tuple(files)
        # What was deleted and is there all the same was made again; what is new is so in each line, wherever it ends.
        whole = ("added", "deleted")
        self._lines = {file.path: None if file.status in whole else file.lines for file in self._files}
        self._scope: Scope = scope
        self._tracked = tracked

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
        return Within(files.values(), self._scope, self._tracked)

    def __call__(self, finding: Finding) -> bool:
        """Also where one of several places is in the change. Places that only explain have to be known to be in it."""
        if finding.location is None or any(map(self._counts, (finding.location, *finding.others))):
            return True
        return any(self._is_changed(where) for where in finding.related)

    def _counts(self, where: Location) -> bool:
        return not self._tracked.has(where.path) or self._is_changed(where)

    def _is_changed(self, where: Location) -> bool:
        if where.path not in self._lines:
            return any(folder in self._lines for folder in _folders(where.path))  # a submodule, or a link to a folder
        lines = self._lines[where.path]
        if self._scope == "changed-files" or lines is None or where.line is None:
            return True
        return any(first <= _last(where) and where.line <= last for first, last in lines)


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
