"""Vulnerabilities in packages and images: the reports of any scanner, held to one policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from deliverygate.errors import ReportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Scan, Verdict
from deliverygate_gates.reports import Reading, no_evidence, read_reports
from deliverygate_gates.security.demands import Demands
from deliverygate_gates.security.judging import class_of, follow, judge
from deliverygate_gates.security.scanners import other_trade

# Whose reports tell of vulnerabilities in packages. A clean report of a linter would prove nothing here.
FORMATS = frozenset(
    ("cyclonedx", "gitlab-security", "grype", "npm-audit", "osv", "pip-audit", "snyk", "trivy", "trivy-operator")
)


class Settings(Demands, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the policy may say of this gate; docs/gates/vulnerabilities.md has an example of each."""

    reports: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    format: str | None = None


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each report, its age, and each demand."""
    readings = yield from follow(read_all(settings, context), settings, context)
    yield from judge(
        readings, settings, context, judge_classes=lambda scans: judge_classes(scans, settings.classes or ())
    )


def read_all(settings: Settings, context: GateContext) -> Iterator[Reading]:
    """The reports that the policy names, each of a scanner that looks for vulnerabilities."""
    patterns = (settings.reports,) if isinstance(settings.reports, str) else settings.reports
    for reading in read_reports(patterns, context, format=settings.format, root=settings.root):
        yield of_scanner(reading, is_named=bool(settings.format), classes=settings.classes)


def of_scanner(reading: Reading, *, is_named: bool, classes: Sequence[str] | None) -> Reading:
    """A report of another tool is no evidence.

    Where the policy names the format, any tool is believed to look at packages that is not known to look elsewhere;
    where it names the classes that count, the reports must have these.
    """
    if reading.scan is None:
        return reading
    if not is_named and reading.scan.format not in FORMATS:
        error = ReportError(
            f"is a report of {reading.scan.tool} ({reading.scan.format}), which need not know of any vulnerability",
            mend="give it to the gate `static-analysis`; if it tells of vulnerabilities, name its `format:`",
        )
        return no_evidence(reading.name, error)
    if not classes and (trade := other_trade(reading.scan)):
        error = ReportError(
            f"is a report of {trade[:120]}, which looks at no package", mend="give it to the gate `static-analysis`"
        )
        return no_evidence(reading.name, error)
    return reading


def judge_classes(scans: Sequence[Scan], demanded: Sequence[str]) -> CheckResult:
    """Each class that is demanded must be in a report, or its absence proves nothing."""
    listed = {name for scan in scans for name in scan.categories}
    found = {finding.category for scan in scans for finding in scan.findings + scan.suppressed}
    seen = {class_of(name) for name in listed | found}
    missing = [name for name in demanded if name not in seen]
    others = ", ".join(sorted(filter(None, seen))) or "none"
    return CheckResult(
        name="classes looked at",
        verdict=Verdict.INCONCLUSIVE if missing else Verdict.PASSED,
        summary=f"nothing shows that {', '.join(missing)} was looked at" if missing else ", ".join(demanded),
        mend=f"correct `classes`, or drop it; the reports name {others}" if missing else "",
    )


gate = Gate(
    name="vulnerabilities",
    summary="Fail on vulnerabilities that scanners report, by severity, known exploitation and probability",
    settings=Settings,
    check=check,
)
