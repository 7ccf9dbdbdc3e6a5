"""Snyk's JSON to Scan. https://docs.snyk.io/developer-tools/snyk-cli/scan-and-maintain-projects-using-the-cli

``snyk test`` of one project (an object) or several (a list), ``snyk container test`` and ``snyk iac test``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from posixpath import join

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.snyk import wire
from deliverygate.scans.times import read_time

PURL_TYPES = {
    "maven": "maven",
    "gradle": "maven",
    "npm": "npm",
    "yarn": "npm",
    "pnpm": "npm",
    "pip": "pypi",
    "poetry": "pypi",
    "pipenv": "pypi",
    "rubygems": "gem",
    "nuget": "nuget",
    "composer": "composer",
    "golang": "golang",
    "gomodules": "golang",
    "golangdep": "golang",
}
SYSTEM_PACKAGES = frozenset(("deb", "rpm", "apk", "linux"))
SUMMARY_KEYS = {"ok", "dependencyCount", "packageManager", "projectName", "uniqueCount", "summary"}
MEND = "read Snyk's own output, mend the project and run it again"


def recognise(outline: Outline) -> bool:
    """An errored project may be an object with ``ok`` and ``error`` only."""
    if outline.kind not in ("object", "list"):
        return False
    if "infrastructureAsCodeIssues" in outline.keys or outline.keys >= {"ok", "error"}:
        return True
    return "vulnerabilities" in outline.keys and len(outline.keys & SUMMARY_KEYS) > 1


def read(document: bytes, *, root: str) -> Scan:
    """A vulnerability that reaches the project on several ways is listed once a way, and counts once."""
    require_unique_keys(document)
    projects = tuple(_projects(document))
    if not projects:
        raise ReportError("holds no project: nothing was tested", mend="check the path given to Snyk")
    untested = [f"{_name(project)} was not tested: {_error(project)}" for project in projects if _is_errored(project)]
    if len(untested) == len(projects):
        raise ReportError(f"holds no project that was tested; {untested[0]}", mend=MEND)
    faults = (*untested, *_lost(projects))
    found: dict[tuple[object, ...], Finding] = {}
    rules: dict[str, Rule] = {}
    for index, project in enumerate(projects):
        for issue, waiver in _issues(project):
            finding = _finding(issue, project, root, waiver=waiver)
            _keep_worst(found, (index, finding.rule, finding.package, finding.location, bool(waiver)), finding)
            rules.setdefault(issue.id, _rule(issue))
    return Scan(
        tool="Snyk",
        version=None,
        format="snyk",
        findings=tuple(finding for finding in found.values() if not finding.waiver),
        suppressed=tuple(finding for finding in found.values() if finding.waiver),
        analysed=_analysed(projects, root),
        complete=not faults,
        notes=(*faults, *_notes(projects)),
        rules=tuple(rules.values()),
    )


def _projects(document: bytes) -> Iterator[wire.Project]:
    is_list = document.lstrip().startswith(b"[")
    for project in decode(document, list[wire.Project]) if is_list else [decode(document, wire.Project)]:
        yield project
        for place, application in enumerate(project.applications or ()):
            yield decode(application, wire.Project, place=f"$.applications[{place}]")


def _is_errored(project: wire.Project) -> bool:
    """Without either list nothing was tested, whatever ``ok`` says; without ``ok`` the list is not one of Snyk's."""
    return project.error is not None or (
        project.infrastructure_as_code_issues is None and (project.vulnerabilities is None or project.ok is None)
    )


def _error(project: wire.Project) -> str:
    if isinstance(project.error, str):
        return project.error[:200]
    return "it lists no issues, not even an empty list" if project.vulnerabilities is None else "it lacks `ok`"


def _lost(projects: Sequence[wire.Project]) -> Iterator[str]:
    """What a project says of its issues beside the list of them."""
    for project in projects:
        listed = len({issue.id for issue in project.vulnerabilities or ()})
        if project.unique_count is not None and project.unique_count > listed:
            yield f"{_name(project)} counts {project.unique_count} vulnerabilities and lists {listed}."
        elif project.ok is False and not _is_errored(project) and not any(True for _ in _issues(project)):
            yield f"{_name(project)} is not ok, and lists no issue."


def _name(project: wire.Project) -> str:
    return project.display_target_file or project.target_file or project.project_name or project.path or "A project"


def _issues(project: wire.Project) -> Iterator[tuple[wire.Issue, Waiver | None]]:
    for issue in project.vulnerabilities or ():
        yield issue, None
    for issue in project.infrastructure_as_code_issues or ():
        yield issue, Waiver(id=issue.id, reason="", source="snyk ignore") if issue.is_ignored else None
    filtered = project.filtered or wire.Filtered()
    for issue in filtered.ignore or ():
        yield issue, _waiver(issue)
    for issue in filtered.patch or ():
        yield issue, Waiver(id=issue.id, reason="patched by Snyk", source="snyk patch")


def _waiver(issue: wire.Issue) -> Waiver | None:
    """None when an end is given that nobody can read: it would be a waiver without an end."""
    entries = (issue.filtered.ignored if issue.filtered else None) or []
    ends = [read_time(entry.expires) for entry in entries if entry.expires]
    if None in ends:
        return None
    origin = next((entry.source for entry in entries if entry.source), "")
    return Waiver(
        id=issue.id,
        reason="; ".join(dict.fromkeys(entry.reason for entry in entries if entry.reason)),
        expires=min((end.date() for end in ends if end), default=None),
        source=f"snyk ignore {origin}".rstrip(),
    )


def _keep_worst(found: dict[tuple[object, ...], Finding], key: tuple[object, ...], finding: Finding) -> None:
    known = found.get(key)
    if known is None or known.severity < finding.severity:
        found[key] = finding


def _finding(issue: wire.Issue, project: wire.Project, root: str, *, waiver: Waiver | None) -> Finding:
    name = issue.package_name or issue.name
    return Finding(
        rule=issue.id,
        message=issue.title or issue.id if not issue.msg else f"{issue.title or issue.id}: {issue.msg}",
        severity=severity_of(issue.severity_with_critical or issue.severity),
        tool="Snyk",
        location=_locate(issue, project, root),
        is_security=issue.type != "license",
        category=issue.type or ("iac" if issue.line_number >= 0 else "vuln"),
        package=_package(name, issue, project) if name else None,
        aliases=_aliases(issue),
        fixed_in=issue.nearest_fixed_in_version or ", ".join(issue.fixed_in or ()) or None,
        fixable=bool(issue.fixed_in or issue.nearest_fixed_in_version)
        or issue.is_upgradable
        or issue.is_patchable
        or issue.is_pinnable,
        waiver=waiver,
    )


def _aliases(issue: wire.Issue) -> tuple[str, ...]:
    known = issue.identifiers or wire.Identifiers()
    return other_ids(issue.id, (*(known.cve or ()), *(known.ghsa or ())))


def _package(name: str, issue: wire.Issue, project: wire.Project) -> str:
    kind = PURL_TYPES.get((issue.package_manager or project.package_manager).lower())
    version = f"@{issue.version}" if issue.version else ""
    if kind is None:
        return name.rpartition("/")[2] + version  # "openssl/libssl1.1": source and binary package of a system
    written = name.replace(":", "/") if kind == "maven" else name.replace("@", "%40")
    return f"pkg:{kind}/{written}{version}"


def _locate(issue: wire.Issue, project: wire.Project, root: str) -> Location | None:
    """The file that declares the packages; None for those of an operating system."""
    if (issue.package_manager or project.package_manager).lower() in SYSTEM_PACKAGES:
        return None
    path = _target(project, root)
    return Location(path, issue.line_number if issue.line_number > 0 else None) if path else None


def _target(project: wire.Project, root: str) -> str:
    target = below(project.display_target_file or project.target_file or "", root)
    whole = below(join(project.path.replace("\\", "/"), target), root) if target else ""
    # A folder of another machine says nothing here; the file's own path does.
    return target if whole.startswith("/") or ":" in whole[:3] else whole


def _analysed(projects: Sequence[wire.Project], root: str) -> tuple[str, ...] | None:
    targets = [_target(project, root) for project in projects if not _is_errored(project)]
    return tuple(dict.fromkeys(targets)) if all(targets) else None


def _rule(issue: wire.Issue) -> Rule:
    return Rule(
        id=issue.id,
        summary=issue.title,
        why=issue.description or issue.impact,
        remedy=issue.resolve,
        help_uri=issue.url or issue.documentation or None,
    )


def _notes(projects: Sequence[wire.Project]) -> Iterator[str]:
    for project in projects:
        if project.dependency_count == 0 and project.infrastructure_as_code_issues is None:
            yield f"Snyk saw no dependency in {_name(project)}."
    seen = max((project.found_project_count for project in projects), default=0)
    if seen > len(projects):
        yield f"Snyk saw {seen} projects and reports on {len(projects)} of them."


reader = Reader(
    name="snyk", summary="Snyk JSON: projects, containers, infrastructure code", recognises=recognise, read=read
)
