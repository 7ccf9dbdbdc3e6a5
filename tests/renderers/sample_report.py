"""One fixed report with all verdicts, a gate that only warns, waivers, measurements, and text that means harm."""

from __future__ import annotations

from datetime import date, timedelta

from deliverygate.model import (
    ChangeSummary,
    CheckResult,
    Enforcement,
    Finding,
    GateResult,
    Input,
    Location,
    Measurement,
    PolicySource,
    Report,
    Rule,
    Severity,
    Verdict,
    Waiver,
    WaiverMatch,
)
from deliverygate.testing.doors import START

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07click\x1b]8;;\x07 \u202egnol\u202c\x00\n"
    "::error file=a::boo\n##[error]boo\n/merge\n@admin <img src=x onerror=alert(1)> [x](https://evil.example) "
    "![i](https://evil.example/i.png) | a | `tick` ```\n```\n<!-- deliverygate:1 --> ]]> [[ATTACHMENT|/etc/passwd]]"
)

WAIVER = Waiver(
    id="W-1",
    reason="only used in tests, never shipped",
    match=WaiverMatch(rule="CVE-2024-0001"),
    owner="@payments",
    approved_by="@security",
    created=date(2025, 12, 1),
    expires=date(2026, 6, 30),
    issue="SHOP-12",
    source=".deliverygate/waivers.yml:3",
)
BY_THE_TOOL = Waiver(id="inSource", reason="false positive", source="sarif inSource")

UNUSED = Finding(
    rule="no-unused-vars",
    message="'total' is assigned a value but never used.",
    severity=Severity.HIGH,
    tool="ESLint",
    location=Location("src/cart.js", 12, 7, 12),
    fingerprint="a" * 32,
)
HARMFUL = Finding(
    rule="evil|`rule`",
    message=HOSTILE,
    severity=Severity.UNKNOWN,
    tool="evil",
    location=Location("src/a b|`c`#?.js", 3),
    fingerprint="b" * 32,
)
OUTSIDE = Finding(
    rule="no-eval",
    message="eval can be harmful.",
    severity=Severity.MEDIUM,
    tool="ESLint",
    location=Location("/etc/passwd", 1),
    fingerprint="c" * 32,
)
KNOWN = Finding(
    rule="eqeqeq",
    message="Expected '==='.",
    severity=Severity.LOW,
    tool="ESLint",
    location=Location("./src/old.js", 40),
    fingerprint="d" * 32,
    is_new=False,
)
SUPPRESSED = Finding(
    rule="no-eval",
    message="eval can be harmful.",
    severity=Severity.MEDIUM,
    tool="ESLint",
    location=Location("src/legacy.js", 2),
    fingerprint="e" * 32,
    waiver=BY_THE_TOOL,
)
CVE = Finding(
    rule="CVE-2024-5535",
    message="openssl: SSL_select_next_proto buffer overread",
    severity=Severity.CRITICAL,
    tool="Trivy",
    category="os-pkgs",
    package="pkg:apk/alpine/openssl@3.1.4",
    fixed_in="3.1.6-r0",
    fixable=True,
    fingerprint="f" * 32,
)
WAIVED = Finding(
    rule="CVE-2024-0001",
    message="lodash: prototype pollution",
    severity=Severity.HIGH,
    tool="Trivy",
    location=Location("package-lock.json"),
    package="lodash@4.17.20",
    fixable=True,
    fingerprint="0" * 32,
    waiver=WAIVER,
)

RULES = (
    Rule(
        id="no-unused-vars",
        summary="Disallow unused variables",
        why="What is not used is most likely a mistake.",
        remedy="Remove the variable, or use it.",
        severity=Severity.HIGH,
        help_uri="https://eslint.org/docs/latest/rules/no-unused-vars",
    ),
    Rule(id="evil|`rule`", summary=HOSTILE, remedy=f"Mend {HOSTILE}", help_uri="javascript:alert(1)"),
)

CHECKLIST = GateResult(
    gate="pr-checklist",
    id="pr-checklist",
    checks=(CheckResult(name="items are ticked", verdict=Verdict.PASSED, summary="4 of 4 ticked", seconds=0.25),),
    seconds=0.25,
)
ANALYSIS = GateResult(
    gate="static-analysis",
    id="static-analysis",
    checks=(
        CheckResult(
            name="score",
            verdict=Verdict.FAILED,
            summary="87.5 % of 16 files are clean, 90 % wanted",
            measurements=(Measurement(name="score", value=87.5, wanted="at least 90", unit="%"),),
            mend="mend the findings, or lower `min_score` in the policy",
            seconds=0.5,
        ),
        CheckResult(
            name="no high finding",
            verdict=Verdict.FAILED,
            summary="3 found, 0 allowed",
            findings=(OUTSIDE, HARMFUL, UNUSED),
            noted=(KNOWN, SUPPRESSED),
            rules=RULES,
            details=f"the end of the log\n{HOSTILE}",
            mend="mend them, or waive them with a reason",
        ),
        CheckResult(name="no high finding", verdict=Verdict.PASSED, summary="0 critical, 0 allowed"),
    ),
    seconds=1.5,
)
TRIVY = GateResult(
    gate="trivy",
    id="trivy-image",
    checks=(
        CheckResult(
            name="no critical vulnerability",
            verdict=Verdict.FAILED,
            summary="1 found, 0 allowed",
            findings=(CVE,),
            noted=(WAIVED,),
            mend="update the packages",
        ),
    ),
    enforcement=Enforcement(block_from=date(2027, 1, 1)),
    blocks=False,
    seconds=2.0,
)
HEALTH = GateResult(
    gate="health",
    id="health",
    checks=(
        CheckResult(
            name="shop /ready",
            verdict=Verdict.ERROR,
            summary="no answer: connection refused (3 tries, 12 s)",
            measurements=(Measurement(name="status", value=None, wanted="200"),),
            mend="look at `kubectl -n shop describe deploy shop`",
            seconds=12.0,
        ),
    ),
    seconds=12.0,
)
CANARY = GateResult(
    gate="canary",
    id="canary",
    checks=(
        CheckResult(
            name="error rate",
            verdict=Verdict.INCONCLUSIVE,
            summary="no data for 5 minutes",
            measurements=(Measurement(name="error rate", value=float("inf"), wanted="at most 1", unit="%", at=START),),
        ),
    ),
    seconds=300.0,
)
LICENCES = GateResult(
    gate="licences",
    id="licences",
    checks=(CheckResult(name="licences", verdict=Verdict.SKIPPED, summary="no lock file was changed"),),
)
NOTHING = GateResult(gate="command", id="smoke", checks=())

REPORT = Report(
    stage="pre-merge",
    gates=(CHECKLIST, ANALYSIS, TRIVY, HEALTH, CANARY, LICENCES, NOTHING),
    policy=PolicySource(
        ".deliverygate.yml", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "main"
    ),
    started_at=START,
    seconds=316.5,
    version="0.1.0",
    change=ChangeSummary(title="Add a cart", source="--description change.md", base="1111111", head="2222222"),
    inputs=(Input("eslint.json", "1" * 64), Input("trivy.json", "2" * 64)),
    notes=("the policy is changed by this change and was read from main",),
)

ALLOWED = Report(
    stage="build",
    gates=(CHECKLIST, TRIVY),
    policy=PolicySource(".deliverygate.yml", "9" * 64),
    started_at=START + timedelta(hours=1),
    seconds=2.25,
    version="0.1.0",
)


def with_findings(*findings: Finding, noted: tuple[Finding, ...] = (), stage: str = "pre-merge") -> Report:
    """A report of one failed check."""
    verdict = Verdict.FAILED if findings else Verdict.PASSED
    check = CheckResult(
        name="no finding", verdict=verdict, summary=f"{len(findings)} found, 0 allowed", findings=findings, noted=noted
    )
    return with_checks(check, stage=stage)


def with_checks(*checks: CheckResult, stage: str = "pre-merge") -> Report:
    """A report of one gate."""
    return Report(
        stage=stage,
        gates=(GateResult(gate="demo", id="demo", checks=checks),),
        policy=PolicySource(".deliverygate.yml", "0" * 64),
        started_at=START,
        seconds=1.0,
        version="0.1.0",
    )


def many(number: int) -> tuple[Finding, ...]:
    """Findings of all severities, each in its own place."""
    severities = tuple(Severity)
    return tuple(
        Finding(
            rule=f"rule-{index % 50}",
            message=f"Variable 'x{index}' is never used",
            severity=severities[index % len(severities)],
            tool="ESLint",
            location=Location(f"src/module{index % 300}.js", index % 900 + 1),
            fingerprint=f"{index:032x}",
        )
        for index in range(number)
    )
