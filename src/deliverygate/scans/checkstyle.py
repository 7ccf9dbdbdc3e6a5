"""Checkstyle's XML, and that of the many tools that imitate it, to Scan. https://checkstyle.org/cmdline.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Scan, Severity
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.unchecked import IGNORED, IGNORED_RULES, PARSING, RULES
from deliverygate.scans.xml import walk, whole_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "info": Severity.LOW}
SILENCED = "ignore"


class Dialect(NamedTuple):
    """One writer, known by the `source` of its errors."""

    tool: str
    sources: re.Pattern[str] = re.compile(r"")
    prefix: str = ""  #: what it writes before the rule's own id
    lists_clean: bool = True  #: whether it names files without an error too
    is_versioned: bool = False  #: whether the version in the head is that of the tool


ESLINT = Dialect("ESLint", re.compile(r"eslint\.rules\."), prefix="eslint.rules.")
DIALECTS = (
    Dialect("Checkstyle", re.compile(r"com\.puppycrawl\.tools\.checkstyle\."), is_versioned=True),
    ESLINT,
    Dialect("hadolint", re.compile(r"(?:DL|SC)\d{4}\Z")),
    Dialect("PHP_CodeSniffer", re.compile(r"Internal\.|(?:[A-Z]\w*\.){3}[A-Z]\w*\Z"), lists_clean=False,
            is_versioned=True),
    Dialect("Scalastyle", re.compile(r"org\.scalastyle\."), lists_clean=False),
    Dialect("ShellCheck", re.compile(r"ShellCheck(?:\.|\Z)"), prefix="ShellCheck."),
)  # fmt: skip
UNKNOWN = Dialect("Checkstyle")

# What some writers put before a rule's own id, beside the dialects.
_PREFIX = re.compile(r"\w+\.rules\.")
_UNPARSED = re.compile(r"(?:pars(?:e|ing)|syntax|lexical|fatal|internal) error", re.IGNORECASE)


@dataclass
class Seen:
    """What the walk has seen beside the findings."""

    version: str = ""
    files: dict[str, bool] = field(default_factory=dict)  #: each file, and whether it is clean
    dialects: dict[str, Dialect] = field(default_factory=dict)  #: by tool
    broken: dict[str, None] = field(default_factory=dict)  #: files that could not be checked
    unseen: dict[str, None] = field(default_factory=dict)  #: files that the tool ignored
    strange: dict[str, None] = field(default_factory=dict)  #: elements that the format does not know
    ignored: int = 0

    @property
    def analysed(self) -> tuple[str, ...]:
        return tuple(path for path in self.files if path not in self.broken and path not in self.unseen)

    def add_file(self, path: str) -> None:
        """Take note of a file; PHPStan gives a file without a name to what is wrong with the run itself."""
        if path:
            self.files.setdefault(path, True)

    def add_error(self, path: str, dialect: Dialect, *, is_fatal: bool) -> None:
        """Take note of what an error says beside its own message."""
        if path:
            self.files[path] = False
        if dialect is not UNKNOWN:
            self.dialects.setdefault(dialect.tool, dialect)
        if is_fatal:
            self.broken[path] = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and "checkstyle" in outline.keys


def read(document: bytes, *, root: str) -> Scan:
    """The files that it names were looked at. A report without any is no evidence, whoever wrote it."""
    seen = Seen()
    findings = tuple(_findings(document, seen, root))
    if not seen.files and not findings:
        raise ReportError(
            "names no file: nothing shows that one was looked at",
            mend="check the paths given to the tool; where it leaves clean files out (PHP_CodeSniffer, Scalastyle), "
            "let it write a form that names them, e.g. `phpcs --report=junit`",
        )
    if not findings and seen.unseen and not seen.analysed:
        raise ReportError(
            f"says of each of its {len(seen.files)} file(s) that it was ignored: nothing was looked at",
            mend="check the paths given to the tool, and what its configuration ignores",
        )
    dialects = tuple(seen.dialects.values())
    only = dialects[0] if len(dialects) == 1 else UNKNOWN
    return Scan(
        tool=", ".join(dialect.tool for dialect in dialects) or UNKNOWN.tool,
        version=seen.version or None if only.is_versioned else None,
        format="checkstyle",
        findings=tuple(_signed(findings, only.tool)),
        analysed=seen.analysed if _lists_clean(seen) else None,
        not_analysed=(*filter(None, seen.broken), *seen.unseen),
        complete=not (seen.broken or seen.strange),
        notes=tuple(_notes(seen)),
    )


def _lists_clean(seen: Seen) -> bool:
    """Whether the files in the report are all that were looked at, and not only those with something wrong."""
    if any(not dialect.lists_clean for dialect in seen.dialects.values()):
        return False
    return any(seen.files.values()) or bool(seen.dialects)


def _notes(seen: Seen) -> Iterator[str]:
    if seen.broken:
        yield f"The tool could not check {len(seen.broken)} file(s)."
    if seen.unseen:
        yield f"The tool ignored {len(seen.unseen)} file(s), which count for nothing."
    if seen.strange:
        yield f"The report holds <{next(iter(seen.strange))[:80]}>, which the format does not know: it may be an error."
    if not _lists_clean(seen):
        yield "Only files with an error are named: how many were looked at is not known."
    if seen.ignored:
        yield f"{seen.ignored} entries of the severity {SILENCED!r} are no findings."


def _findings(document: bytes, seen: Seen, root: str) -> Iterator[Finding]:
    path = ""
    for event, element in walk(document, roots={"checkstyle"}):
        if event == "end":
            continue
        if element.tag == "checkstyle":
            seen.version = element.get("version", "")
        elif element.tag == "file":
            path = below(element.get("name", ""), root)
            seen.add_file(path)
        elif element.tag == "exception":
            seen.broken[path] = None
        elif element.tag == "error" and element.get("severity") == SILENCED:
            seen.ignored += 1
        elif element.tag == "error" and _says_ignored(element.get("source"), element):
            seen.unseen[path] = None
        elif element.tag == "error":
            yield _finding(element, path, seen)
        else:
            seen.strange[element.tag] = None


def _says_ignored(source: str | None, error: Element) -> bool:
    """Whether it is no error, but the tool's word that it did not look at the file."""
    return source in IGNORED_RULES if source else error.get("message", "").startswith(IGNORED)


def _finding(error: Element, path: str, seen: Seen) -> Finding:
    source, message = error.get("source", ""), error.get("message", "")
    severity, line = error.get("severity", ""), whole_number(error, "line", default=0)
    unparsed = not source and message.startswith(PARSING)
    dialect = ESLINT if unparsed else dialect_of(source)
    rule = "fatal" if unparsed else source.removeprefix(dialect.prefix)
    told_by_itself = unparsed or (_is_of_the_tool(source, rule) if source else _is_fault(message, severity, line))
    seen.add_error(path, dialect, is_fatal=told_by_itself)
    return Finding(
        rule=rule,
        message=message.removesuffix(f" ({rule})") if dialect is ESLINT else message,
        severity=Severity.CRITICAL if unparsed else SEVERITIES.get(severity, Severity.UNKNOWN),
        tool="" if dialect is UNKNOWN else dialect.tool,
        location=Location(path, line or None, whole_number(error, "column", default=0) or None) if path else None,
    )


@lru_cache(maxsize=1024)
def _is_of_the_tool(source: str, rule: str) -> bool:
    """Whether no rule speaks, but the tool: it could not read, parse or check the file."""
    return source in RULES or rule in RULES or _PREFIX.sub("", source, count=1) in RULES


def _is_fault(message: str, severity: str, line: int) -> bool:
    """The same of an error that names no source."""
    return bool(_UNPARSED.match(message)) or (severity == "error" and not line)


@lru_cache(maxsize=1024)
def dialect_of(source: str) -> Dialect:
    """The writer of an error."""
    return next((dialect for dialect in DIALECTS if dialect.sources.match(source)), UNKNOWN)


def _signed(findings: Iterable[Finding], tool: str) -> Iterator[Finding]:
    """What bears no mark of its writer is of the only one that there is; what no rule says is said by the tool."""
    for finding in findings:
        if finding.tool and finding.rule:
            yield finding
        else:
            name = finding.tool or tool
            yield replace(finding, tool=name, rule=finding.rule or name.lower())


reader = Reader(name="checkstyle", summary="Checkstyle XML, in its dialects", recognises=recognise, read=read)
