"""Whether a suppression is the target branch's, or comes along with the change that is judged.

A comment in the code is the change's where the change adds it, or edits the lines of the finding. A file of exceptions
is the change's where the change edits it, unless the target's version of it lets the same finding through. What cannot
be told is the change's, as soon as the change touches a file that could hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from posixpath import basename, normpath

from deliverygate.change import ChangedFile, Spans
from deliverygate.errors import DeliveryGateError
from deliverygate.judging import suppression_marks as marks
from deliverygate.model import Finding, Location

Read = Callable[[str], str | None]
IsKnown = Callable[[str, str, str, Finding], bool]

# Files of exceptions by the tool that reads them; "": of any other tool.
_FILES: Mapping[str, str] = {
    "trivy": r"trivy|vex|csaf|\.rego$|\.cdx\.|ignore",
    "grype": r"grype|vex|csaf|ignore",
    "snyk": r"^\.snyk$",
    "eslint": r"suppress|eslint",
    "": r"suppress|ignore|baseline|exclu|allow|except|waive|vex|\.snyk$",
}
_VEX = re.compile(r'openvex\.dev|"bomFormat"\s*:|csaf_version|"category"\s*:\s*"csaf', re.IGNORECASE)
_VEX_HEAD = 65_536  # characters in which a document says what it is
_COMMENTS = frozenset(("eslint directive", "pylint comment", "semgrep nosem", "checkov skip", "gosec inSource"))
_SERVERS = ("gitlab flag", "snyk ignore api", "trivy VEX Repository", "trivy VEX repository")


@dataclass(frozen=True)
class Origins:
    """The change, and what its files were on the target branch."""

    files: tuple[ChangedFile, ...]
    now: Read  #: the text of a file of the checkout; None for one that is not there, or no text
    before: Read  #: the same of the target branch; may raise
    real: Callable[[str], str | None]  #: a file of the checkout behind all links, by its path there; None for none
    is_known: IsKnown  #: whether a file, by path, text then and text now, let a finding through then; may raise

    def doubt(self, finding: Finding) -> str | None:
        """Why a suppressed finding counts; None where its suppression is the target branch's."""
        source = finding.waiver.source if finding.waiver else ""
        if not self.files or source.startswith(_SERVERS):
            return None
        why = next(filter(None, self._reasons(source, finding)), None)
        return why and f"suppressed by {source or 'its tool'}: {why}"

    def _reasons(self, source: str, finding: Finding) -> Iterator[str | None]:
        """One that is none where each way by which the tool may have been told is the target's."""
        tool, _, how = source.partition(" ")
        if tool == "trivy" and how and not how.startswith("-"):
            yield self._of_named(how, finding)
            return
        is_comment = source in _COMMENTS or "inSource" in how or "directive" in how
        is_file = (tool != "" and tool in _FILES) or "external" in how or tool in ("cyclonedx", "gosec")
        if is_comment or not is_file:
            yield self._of_comment(tool, finding)
        if source not in _COMMENTS and how != "inSource":
            yield self._of_files(tool, finding)

    def _of_comment(self, tool: str, finding: Finding) -> str | None:
        where = finding.location
        path = self.real(where.path) if where else None
        if where is None or path is None:
            return "where that is written is not known"
        file = self._by_path.get(path)
        if file is None:
            return None
        if where.line is None or file.lines is None:
            return f"the change edits {path}"
        if any(first <= _last(where) and where.line <= last for first, last in file.lines):
            return "the change adds or edits these lines"
        return self._of_edited_file(file, file.lines, tool, finding, range(where.line - 1, _last(where) + 1))

    def _of_edited_file(
        self, file: ChangedFile, lines: Spans, tool: str, finding: Finding, near: Iterable[int]
    ) -> str | None:
        """The finding's lines are the target's, and a comment beside them; one that is new may reach further."""
        text = self.now(file.path)
        if text is None:
            return f"the change edits {file.path}"
        written = dict(enumerate(text.split("\n"), start=1))
        new = {number for first, last in lines for number in range(first, last + 1) if number in written}
        added = next((number for number in sorted(new) if marks.may_suppress(written[number], tool)), None)
        ids = (finding.rule, *finding.aliases)
        beside = (written[number] for number in near if number in written and number not in new)
        if added and not any(marks.suppresses(line, tool, ids) for line in beside):
            return f"the change adds line {added}"
        try:
            before = self.before(file.previous_path or file.path) or ""
        except DeliveryGateError:
            return f"the change edits {file.path}, and what it was is not known"
        if marks.count_ends(before) > marks.count_ends(text):
            return f"the change takes the end of a suppression out of {file.path}"
        return None

    def _of_named(self, name: str, finding: Finding) -> str | None:
        """A file that the report names, as Trivy does, from wherever it ran; "OpenVEX" names a kind and no file."""
        if "/" not in name and "." not in name:
            return self._of_files("trivy", finding)
        path = normpath(name)
        names = {basename(path), basename(self.real(path) or path)}
        edited = (file for file in self._there if basename(file.path) in names)
        return next(filter(None, (self._of_file(file, finding) for file in edited)), None)

    def _of_files(self, tool: str, finding: Finding) -> str | None:
        """No file is named: each that the change edits may be it, if it is called so or holds VEX statements."""
        called = re.compile(_FILES.get(tool, _FILES[""]), re.IGNORECASE)
        edited = (file for file in self._there if called.search(basename(file.path)) or self._holds_vex(file))
        return next(filter(None, (self._of_file(file, finding) for file in edited)), None)

    def _holds_vex(self, file: ChangedFile) -> bool:
        is_document = file.path.endswith((".json", ".cdx", ".vex"))
        return is_document and bool(_VEX.search((self.now(file.path) or "")[:_VEX_HEAD]))

    def _of_file(self, file: ChangedFile, finding: Finding) -> str | None:
        """By what stood under the same name: a file that was renamed is read by a tool that did not read it before."""
        try:
            before = self.before(file.path)
            known = before is not None and self.is_known(file.path, before, self.now(file.path) or "", finding)
        except DeliveryGateError:
            before, known = "", False
        return None if known else f"the change {'adds' if before is None else 'edits'} {file.path}"

    @cached_property
    def _there(self) -> tuple[ChangedFile, ...]:
        return tuple(file for file in self.files if file.status != "deleted")

    @cached_property
    def _by_path(self) -> Mapping[str, ChangedFile]:
        return {file.path: file for file in self.files}


def _last(where: Location) -> int:
    return max(where.line or 0, where.end_line or 0)
