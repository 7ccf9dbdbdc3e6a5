"""Findings inside of a change: what stands elsewhere is shown and does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
        self._lines = {file.path: file.lines for file in files}
        self._whole_files = scope == "changed-files"
        self._tracked = tracked

    def __call__(self, finding: Finding) -> bool:
        """Also where one of several places is in the change. Places that only explain have to be known to be in it."""
        if finding.location is None or any(map(self._counts, (finding.location, *finding.others))):
            return True
        return any(self._is_changed(where) for where in finding.related)

    def _counts(self, where: Location) -> bool:
        return not self._tracked.has(where.path) or self._is_changed(where)

    def _is_changed(self, where: Location) -> bool:
        if where.path not in self._lines:
            return self._tracked.module_of(where.path) in self._lines
        lines = self._lines[where.path]
        if self._whole_files or lines is None or where.line is None:
            return True
        return any(first <= _last(where) and where.line <= last for first, last in lines)


def narrow(scan: Scan, within: Callable[[Finding], bool]) -> Scan:
    """The scan with ``in_scope`` False in each finding that is outside."""

    def look(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(each if within(each) else replace(each, in_scope=False) for each in findings)

    return spread(scan, look(scan.findings), look(scan.suppressed))


def _last(where: Location) -> int:
    return max(where.line or 0, where.end_line or 0)
