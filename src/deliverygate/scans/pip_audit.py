"""pip-audit's JSON to Scan. https://github.com/pypa/pip-audit#usage

An object with ``dependencies``, and the bare list that was written before 2.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan, Severity
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.reader import Outline, Reader

SHOWN = 5


class Vulnerability(msgspec.Struct):
    id: str
    fix_versions: list[str] = []
    aliases: list[str] | None = None
    description: str | None = None


class Dependency(msgspec.Struct):
    name: str
    version: str = ""
    vulns: list[Vulnerability] | None = None
    skip_reason: str | None = None

    @property
    def is_editable(self) -> bool:
        """The project itself, which no index knows; ``--skip-editable`` leaves it out on purpose."""
        return "editable" in (self.skip_reason or "")


class Report(msgspec.Struct):
    dependencies: list[Dependency]


def recognise(outline: Outline) -> bool:
    if outline.kind == "object":
        return "dependencies" in outline.keys and outline.keys <= {"dependencies", "fixes"}
    return outline.kind == "list" and (
        outline.keys == {"name", "version", "vulns"} or outline.keys == {"name", "skip_reason"}
    )


def read(document: bytes, *, root: str) -> Scan:
    """Every dependency is listed, clean or not. One that was skipped was not looked at.

    pip-audit says nothing about how bad a vulnerability is: each is of unknown severity.
    """
    require_unique_keys(document)
    is_list = document.lstrip().startswith(b"[")
    dependencies = decode(document, list[Dependency]) if is_list else decode(document, Report).dependencies
    _require_outcomes(dependencies)
    skipped = [dependency for dependency in dependencies if dependency.vulns is None]
    if len(skipped) == len(dependencies):
        raise ReportError(
            f"audits none of {len(dependencies)} dependencies: nothing was looked at{_reason(skipped)}",
            mend="check what was given to pip-audit, and that it reaches the index and the advisories",
        )
    left_out = [dependency for dependency in skipped if dependency.is_editable]
    unaudited = [dependency for dependency in skipped if not dependency.is_editable]
    audited = [(dependency, item) for dependency in dependencies for item in dependency.vulns or ()]
    return Scan(
        tool="pip-audit",
        version=None,
        format="pip-audit",
        findings=tuple(_finding(dependency, item) for dependency, item in audited),
        complete=not unaudited,
        notes=tuple(_notes(unaudited, left_out)),
        rules=tuple(
            {item.id: Rule(id=item.id, summary=item.id, why=item.description or "") for _, item in audited}.values()
        ),
    )


def _require_outcomes(dependencies: Sequence[Dependency]) -> None:
    for dependency in dependencies:
        if dependency.vulns is None and dependency.skip_reason is None:
            raise ReportError(
                f"says of {dependency.name[:80]!r} neither what was found nor why it was skipped",
                mend="run pip-audit again and keep its whole output",
            )


def _finding(dependency: Dependency, item: Vulnerability) -> Finding:
    version = f"@{dependency.version}" if dependency.version else ""
    return Finding(
        rule=item.id,
        message=f"{item.id} in {dependency.name} {dependency.version}".rstrip(),
        severity=Severity.UNKNOWN,
        tool="pip-audit",
        is_security=True,
        package=f"pkg:pypi/{dependency.name.lower().replace('_', '-')}{version}",
        aliases=other_ids(item.id, item.aliases or ()),
        fixed_in=", ".join(item.fix_versions) or None,
        fixable=bool(item.fix_versions),
    )


def _reason(skipped: Sequence[Dependency]) -> str:
    return next((f" ({dependency.skip_reason[:200]})" for dependency in skipped if dependency.skip_reason), "")


def _notes(unaudited: Sequence[Dependency], left_out: Sequence[Dependency]) -> Iterator[str]:
    if unaudited:
        yield (
            f"Not audited: {_names(unaudited)}. What has no advisories to compare with is left out by giving "
            "pip-audit a requirements file without it, or by --skip-editable."
        )
    if left_out:
        yield f"Left out as editable: {_names(left_out)}."


def _names(dependencies: Sequence[Dependency]) -> str:
    names = ", ".join(dependency.name[:80] for dependency in dependencies[:SHOWN])
    return names + (f" and {len(dependencies) - SHOWN} more" if len(dependencies) > SHOWN else "")


reader = Reader(name="pip-audit", summary="pip-audit JSON", recognises=recognise, read=read)
