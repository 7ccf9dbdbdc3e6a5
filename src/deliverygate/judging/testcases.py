"""Test cases against what is wanted of them: enough that ran, few that failed, few that were skipped or flaky."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from msgspec.structs import replace

from deliverygate.evidence import Case, Outcome
from deliverygate.judging.fingerprint import fingerprint
from deliverygate.judging.score import show
from deliverygate.model import CheckResult, Finding, Location, Measurement, Severity, Verdict

SEVERITIES = {Outcome.FAILED: Severity.HIGH, Outcome.ERROR: Severity.HIGH, Outcome.SKIPPED: Severity.INFO}

LONGEST_MESSAGE = 1000  #: characters of a case's message that stand with its finding


@dataclass(frozen=True)
class Limits:
    """What is wanted of all cases together. None: shown, and not limited."""

    min_cases: int = 1  #: that ran to an end of their own: a skipped one did not
    max_failures: int = 0
    max_errors: int = 0
    max_skipped_percent: Fraction | None = None
    max_flaky: int | None = None


def judge(cases: Sequence[Case], limits: Limits, *, doubt: str = "") -> Iterator[CheckResult]:
    """One check for each limit. ``doubt`` says why the cases are not all there are; then only enough is enough."""
    groups = {outcome: [case for case in cases if case.outcome is outcome] for outcome in Outcome}
    yield _judge_number(len(cases), len(groups[Outcome.SKIPPED]), limits.min_cases)
    yield _judge_group("failed cases", groups[Outcome.FAILED], limits.max_failures, doubt=doubt)
    yield _judge_group("cases with errors", groups[Outcome.ERROR], limits.max_errors, doubt=doubt)
    yield _judge_skipped(groups[Outcome.SKIPPED], len(cases), limits.max_skipped_percent, doubt=doubt)
    yield _judge_group("flaky cases", [case for case in cases if case.is_flaky], limits.max_flaky, doubt=doubt)


def _judge_number(total: int, skipped: int, wanted: int) -> CheckResult:
    ran = total - skipped
    enough = ran >= max(wanted, 1)
    return CheckResult(
        name="cases run",
        verdict=Verdict.PASSED if enough else Verdict.FAILED,
        summary=f"{ran} run, at least {wanted} wanted" + (f" ({skipped} more were skipped)" if skipped else ""),
        measurements=(Measurement(name="cases run", value=ran, wanted=f"at least {wanted}"),),
        mend="" if enough else "find out why so few tests ran: what is collected, what is filtered, what is skipped",
    )


def _judge_group(name: str, group: Sequence[Case], allowed: int | None, *, doubt: str) -> CheckResult:
    found = tell(group)
    limit = "no limit is set" if allowed is None else f"{allowed} allowed"
    failed = allowed is not None and len(group) > allowed
    unsure = bool(doubt) and allowed is not None and not failed
    return CheckResult(
        name=name,
        verdict=Verdict.FAILED if failed else Verdict.INCONCLUSIVE if unsure else Verdict.PASSED,
        summary=f"{len(group)} found, {limit}" + (f"; {doubt}" if doubt and allowed is not None else ""),
        findings=found if failed else (),
        noted=() if failed else found,
        measurements=(
            Measurement(name=name, value=len(group), wanted="shown only" if allowed is None else f"at most {allowed}"),
        ),
        mend="mend what the cases name" if failed else "bring the missing evidence" if unsure else "",
    )


def _judge_skipped(skipped: Sequence[Case], total: int, allowed: Fraction | None, *, doubt: str) -> CheckResult:
    percent = Fraction(100 * len(skipped), total) if total else Fraction(0)
    shown = ceil(percent * 10) / 10  # rounded up: what is too much never looks like just enough
    counted = f"{len(skipped)} of {total} skipped, {shown} %"
    measured = Measurement(
        name="skipped cases",
        value=shown,
        wanted="shown only" if allowed is None else f"at most {show(allowed)}",
        unit="%",
    )
    if allowed is None:
        return CheckResult(
            name="skipped cases",
            verdict=Verdict.PASSED,
            summary=f"{counted}; no limit is set",
            measurements=(measured,),
        )
    failed = percent > allowed
    return CheckResult(
        name="skipped cases",
        verdict=Verdict.FAILED if failed else Verdict.INCONCLUSIVE if doubt else Verdict.PASSED,
        summary=f"{counted}, at most {show(allowed)} % allowed" + (f"; {doubt}" if doubt else ""),
        findings=tell(skipped) if failed else (),
        measurements=(measured,),
        mend="run what is skipped, or remove it" if failed else "bring the missing evidence" if doubt else "",
    )


def tell(cases: Iterable[Case]) -> tuple[Finding, ...]:
    """Cases as findings. What they say changes from run to run, so their identity is their name and place alone."""
    told = tuple(_finding(case) for case in cases)
    named = fingerprint(replace(finding, message="") for finding in told)
    return tuple(replace(finding, message=full.message) for finding, full in zip(named, told, strict=True))


def _finding(case: Case) -> Finding:
    kind = "flaky" if case.is_flaky else case.outcome.value
    return Finding(
        rule=case.id,
        message=case.message[:LONGEST_MESSAGE] or f"{kind}, and the report does not say why",
        severity=Severity.LOW if case.is_flaky else SEVERITIES.get(case.outcome, Severity.INFO),
        tool="JUnit",
        location=Location(case.file, case.line) if case.file else None,
        category=kind,
    )
