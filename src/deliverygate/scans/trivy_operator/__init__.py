"""Resources of the Trivy Operator to Scan. https://aquasecurity.github.io/trivy-operator/latest/docs/crds/

``kubectl get REPORTS -o json``: one resource, a List of them, or a bare list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time
from deliverygate.scans.tools import tool_name
from deliverygate.scans.trivy.systems import is_supported
from deliverygate.scans.trivy_operator import compliance, wire

GROUP = "aquasecurity.github.io/"
LABEL = "trivy-operator.resource."
CONTAINER = "trivy-operator.container.name"
HOLD_FINDINGS = ("VulnerabilityReport", "ConfigAuditReport", "ExposedSecretReport", "RbacAssessmentReport",
                 "InfraAssessmentReport", "ComplianceReport")  # fmt: skip
EMPTY_MEND = "check that the operator ran in this namespace, and what kubectl was asked for"

# The template's hash at the end of a ReplicaSet's name changes with every rollout; these are all its letters.
_ROLLOUT = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}$")


def recognise(outline: Outline) -> bool:
    """The operator's group may stand anywhere behind the keys, but kubectl writes it first."""
    return outline.keys >= {"apiVersion", "kind"} and GROUP in outline.text


def read(document: bytes, *, root: str) -> Scan:
    """A report without findings says that its object is clean; kinds that hold no findings prove nothing."""
    require_unique_keys(document)
    resources = tuple(_resources(document))
    read_ones = [resource for resource in resources if _holds_findings(resource)]
    others = Counter(resource.kind for resource in resources if not _holds_findings(resource))
    if not read_ones:
        kinds = ", ".join(kind[:60] for kind in others) or "no resource at all"
        raise ReportError(f"holds no report of findings but {kinds}: nothing was looked at", mend=EMPTY_MEND)
    found: dict[tuple[object, ...], Finding] = {}
    rules: dict[str, Rule] = {}
    passed = unchecked = 0
    for resource in read_ones:
        container = (resource.metadata.labels or {}).get(CONTAINER)
        for finding, rule in _findings(resource, root):
            key = (finding.rule, finding.package, finding.location, finding.message, container)
            found.setdefault(
                key, replace(finding, tool=_tool(_report(resource)))
            )  # the ReplicaSets of earlier rollouts repeat it
            rules.setdefault(rule.id, rule)
        passed += sum(1 for check in _report(resource).checks or () if check.success)
        unchecked += compliance.unchecked(resource.status)
    reports = [_report(resource) for resource in read_ones]
    faults = tuple(_faults(resources))
    return Scan(
        tool=", ".join(dict.fromkeys(_tool(report) for report in reports)),
        version=next((report.scanner.version for report in reports if report.scanner), None),
        format="trivy-operator",
        in_image=True,
        findings=tuple(found.values()),
        complete=not faults,
        notes=(*faults, *_notes(passed, unchecked, others)),
        rules=tuple(rules.values()),
        created_at=min(filter(None, (read_time(report.update_timestamp) for report in reports)), default=None),
        categories=tuple(dict.fromkeys(finding.category for finding in found.values() if finding.category)),
        end_of_life=tuple(dict.fromkeys(f"{r.os.family} {r.os.name}" for r in reports if r.os and r.os.eosl)),
    )


def _resources(document: bytes) -> Iterator[wire.Resource]:
    if document.lstrip().startswith(b"["):
        yield from decode(document, list[wire.Resource])
        return
    whole = decode(document, wire.Resource)
    if whole.items is None:
        yield whole
    for place, item in enumerate(whole.items or ()):
        yield decode(item, wire.Resource, place=f"$.items[{place}]")


def _holds_findings(resource: wire.Resource) -> bool:
    """Of a bill of materials and of any other kind of object there is neither."""
    report, status = resource.report, resource.status
    if not resource.api_version.startswith(GROUP):
        return False
    lists = (report.vulnerabilities, report.checks, report.secrets) if report else ()
    return any(listed is not None for listed in lists) or compliance.holds_controls(status)


def _report(resource: wire.Resource) -> wire.Report:
    return resource.report or wire.Report()


def _tool(report: wire.Report) -> str:
    """Who looked: its predecessor Starboard runs Polaris, Conftest and others, too."""
    return tool_name(report.scanner.name) if report.scanner and report.scanner.name.strip() else "Trivy"


def _findings(resource: wire.Resource, root: str) -> Iterator[tuple[Finding, Rule]]:
    place, report = _Place(resource, root), _report(resource)
    for vulnerability in report.vulnerabilities or ():
        yield _vulnerability(vulnerability, place)
    for check in report.checks or ():
        if not check.success:
            yield _check(check, place)
    for secret in report.secrets or ():
        yield _secret(secret, place)
    for breach in compliance.breaches(resource.status):
        finding = _plain(breach.rule, place.tell(breach.message), breach.severity, place, "compliance")
        yield finding, Rule(id=breach.rule, summary=breach.title, why=breach.why, remedy=breach.remedy)


class _Place:
    """The object that a report is about, as ``namespace/Kind/name``."""

    def __init__(self, resource: wire.Resource, root: str) -> None:
        labels = resource.metadata.labels or {}
        kind = labels.get(f"{LABEL}kind", resource.kind)
        self.root = root
        self.name = labels.get(f"{LABEL}name", resource.metadata.name)
        self.short = _ROLLOUT.sub("", self.name) if kind == "ReplicaSet" else self.name
        namespace = labels.get(f"{LABEL}namespace", resource.metadata.namespace)
        self.path = "/".join(filter(None, (namespace, kind, self.short)))

    def locate(self, path: str = "") -> Location:
        return Location(below(path, self.root) if path else self.path)

    def tell(self, text: str) -> str:
        """The text with the name that lasts."""
        return text.replace(self.name, self.short) if self.name else text


def _vulnerability(item: wire.Vulnerability, place: _Place) -> tuple[Finding, Rule]:
    rule = Rule(id=item.vulnerability_id, summary=item.title, why=item.description, help_uri=item.primary_link or None)
    return Finding(
        rule=item.vulnerability_id,
        message=item.title or f"{item.vulnerability_id} in {item.resource}",
        severity=severity_of(item.severity),
        tool="Trivy",
        is_security=True,
        location=place.locate(item.package_path),
        category=item.category,
        package=item.package_purl or "@".join(filter(None, (item.resource, item.installed_version))) or None,
        fixed_in=item.fixed_version or None,
        fixable=bool(item.fixed_version),
    ), rule


def _check(item: wire.Check, place: _Place) -> tuple[Finding, Rule]:
    rule = item.check_id or item.title or "unnamed"
    message = place.tell("; ".join(item.messages or ()) or item.title or rule)
    return _plain(rule, message, item.severity, place, "config"), Rule(
        id=rule, summary=item.title, why=item.description, remedy=item.remediation
    )


def _secret(item: wire.Secret, place: _Place) -> tuple[Finding, Rule]:
    message = f"{item.title or item.rule_id} in {item.target or place.path}"
    return _plain(item.rule_id, message, item.severity, place, "secret"), Rule(
        id=item.rule_id,
        summary=item.title,
        why="Whoever can read the image can use the secret.",
        remedy="Revoke the secret, then build the image without it.",
    )


def _plain(rule: str, message: str, severity: str, place: _Place, category: str) -> Finding:
    return Finding(
        rule=rule,
        message=message,
        severity=severity_of(severity),
        tool="Trivy",
        is_security=True,
        location=place.locate(),
        category=category,
    )


def _faults(resources: Iterable[wire.Resource]) -> Iterator[str]:
    """A report without the lists of its kind is not done yet, or cut; one that counts more than it lists is cut."""
    for resource in resources:
        name = f"{resource.kind} {resource.metadata.name}".strip()[:200]
        if not _holds_findings(resource):
            if resource.kind.endswith(HOLD_FINDINGS):
                yield f"{name} lists no findings, not even none."
        elif (lost := _counted(resource) - _listed(resource)) > 0:
            yield f"{name} counts {lost} finding(s) that it does not list."
        elif compliance.is_unchecked(resource.status):
            yield f"{name} has no control that a check looked at."
        elif (system := _report(resource).os) and not is_supported(system.family):
            yield (
                f"{name}: Trivy has no advisories for {system.family[:40]} {system.name[:40]}, so its packages were "
                "not looked at. Scan the image with a scanner that knows it."
            )


def _counted(resource: wire.Resource) -> int:
    summary = _report(resource).summary
    controls = resource.status.summary if resource.status else None
    return (summary.total if summary else 0) + (controls.fail_count if controls else 0)


def _listed(resource: wire.Resource) -> int:
    report = _report(resource)
    failed = sum(1 for check in report.checks or () if not check.success)
    return len(report.vulnerabilities or ()) + failed + len(report.secrets or ()) + compliance.listed(resource.status)


def _notes(passed: int, unchecked: int, others: Counter[str]) -> Iterator[str]:
    if passed:
        yield f"{passed} check(s) of the configuration passed."
    if unchecked:
        yield f"{unchecked} control(s) have no check that looks at them: judge them by hand."
    for kind, count in others.items():
        yield f"{count} resource(s) of kind {kind[:60]} hold no findings and were not read."


reader = Reader(
    name="trivy-operator",
    summary="resources of the Trivy Operator, as kubectl writes them",
    recognises=recognise,
    read=read,
)
