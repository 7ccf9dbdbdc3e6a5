"""The plain sentences of a report, cleaned line by line: the same ones in the JUnit file and on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from deliverygate.model import CheckResult, Finding, GateResult, Report, Rule, Verdict
from deliverygate.renderers.selection import first, noted_counts, waived
from deliverygate.renderers.text import beside, clean, count, one_line, tail

WHOLE = "report.json"

MEANING = {
    Verdict.PASSED: "every gate that blocks has passed",
    Verdict.FAILED: "a rule of the policy is broken",
    Verdict.ERROR: "a gate could not judge",
    Verdict.INCONCLUSIVE: "the evidence does not suffice",
    Verdict.SKIPPED: "nothing was judged",
}


def outcome(gate: GateResult) -> str:
    """One word for what became of a gate; ``warned`` for what would have blocked if it were enforced."""
    return "warned" if gate.verdict.blocks and not gate.blocks else gate.verdict.value


def meaning(report: Report) -> str:
    """Why the promotion may or may not go on, with the gates that decided it and those that would block as well."""
    if report.allowed:
        enforced = any(gate.blocks for gate in report.gates)
        return MEANING[report.verdict] if enforced else "no gate of this stage blocks yet, each one only warns"
    deciding, others = deciders(report)
    names = f": {one_line(', '.join(deciding))}" if deciding else ""
    also = f"; also blocking: {one_line(', '.join(others))}" if others else ""
    return MEANING[report.verdict] + names + also


def deciders(report: Report) -> tuple[list[str], list[str]]:
    """The ids of the gates whose verdict is the report's, and of those that block with a lesser one."""
    enforced = [gate for gate in report.gates if gate.blocks]
    deciding = [gate.id for gate in enforced if gate.verdict is report.verdict]
    others = [gate.id for gate in enforced if gate.verdict.blocks and gate.verdict is not report.verdict]
    return deciding, others


def tally(gate: GateResult) -> str:
    """How the checks of a gate went, e.g. ``1 of 3 checks failed``."""
    total, broken = len(gate.checks), sum(check.verdict is gate.verdict for check in gate.checks)
    if not gate.verdict.blocks or not total:
        return count(total, "check")
    how = {Verdict.FAILED: "failed", Verdict.ERROR: "could not judge", Verdict.INCONCLUSIVE: "inconclusive"}
    return f"{broken:,} of {count(total, 'check')} {how[gate.verdict]}"


def measurements(check: CheckResult) -> list[str]:
    """Each value beside the wanted one; nothing where the summary says the same already."""
    lines = [beside(measurement) for measurement in check.measurements]
    return [] if all(line in check.summary for line in lines) else lines


def finding_line(finding: Finding) -> str:
    """``high  no-unused-vars  src/app.js:3:1  'x' is never used (fixed in 2.0)``."""
    parts = (finding.severity.value, one_line(finding.rule), place(finding), one_line(finding.message))
    return "  ".join(part for part in parts if part) + fix(finding)


def place(finding: Finding) -> str:
    """The file and line, or the package, or nothing."""
    return one_line(str(finding.location) if finding.location else finding.package or "")


def fix(finding: Finding) -> str:
    """`` (fixed in 2.0)``, or nothing where no fix is known."""
    if finding.fixed_in:
        return f" (fixed in {one_line(finding.fixed_in)})"
    return " (a fix exists)" if finding.fixable else ""


def more(number: int) -> list[str]:
    """Where the rest is; nothing when there is no rest."""
    return [f"{number:,} more in {WHOLE}"] if number else []


def noted_line(check: CheckResult) -> list[str]:
    """How much is noted without counting, by the reason."""
    counts = noted_counts(check)
    return ["not counted: " + ", ".join(f"{number:,} {reason}" for reason, number in counts.items())] if counts else []


def waived_lines(check: CheckResult, limit: int) -> list[str]:
    """The findings that are let through, each with the reason and the end."""
    shown, left_out = first(waived(check), limit)
    return [waived_line(finding) for finding in shown] + more(left_out)


def waived_line(finding: Finding) -> str:
    """``CVE-2024-5535  go.mod  never called (until 2026-06-30, by @payments, waivers.yml:12)``."""
    parts = (one_line(finding.rule), place(finding), terms(finding))
    return "  ".join(part for part in parts if part)


def terms(finding: Finding) -> str:
    """Why a finding is let through, until when, by whom, and where that is written."""
    waiver = finding.waiver
    if not waiver:
        return ""
    until = f"until {waiver.expires}" if waiver.expires else ""
    owner = f"by {waiver.owner}" if waiver.owner else ""
    parts = ", ".join(part for part in (until, owner, waiver.vex, waiver.source) if part)
    return one_line(waiver.reason) + (f" ({one_line(parts)})" if parts else "")


def help_lines(check: CheckResult, findings: Iterable[Finding]) -> list[str]:
    """How to mend breaches of the rules that these findings name, with the rules' pages."""
    named = {finding.rule: finding.message for finding in findings}
    lines = (_help(rule, (check.mend, named[rule.id])) for rule in check.rules if rule.id in named)
    return [line for line in lines if line]


def _help(rule: Rule, told: Iterable[str]) -> str:
    """What mends a breach of the rule, without what the lines before have ``told``."""
    remedy = "" if any(rule.remedy.strip().rstrip(".") in text for text in told) else rule.remedy
    texts = [one_line(text) for text in (remedy, rule.help_uri) if text]
    return f"{one_line(rule.id)}: {' '.join(texts)}" if texts else ""


def mend_line(check: CheckResult) -> list[str]:
    """How to mend it, in one line."""
    return [f"mend: {one_line(check.mend, 1000)}"] if check.mend else []


def details(check: CheckResult, limit: int) -> list[str]:
    """The further text, e.g. the end of a program's output, as lines."""
    return clean(tail(check.details, limit)).strip("\n").split("\n") if check.details.strip() else []
