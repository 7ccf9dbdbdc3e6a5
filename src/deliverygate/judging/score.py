"""The clean-file ratio: 100 × (files analysed − files with a counted finding) / files analysed, in exact fractions.

The unit is the file, so a chatty tool and a quiet one can be compared, and switching a rule on never hides behind the
size of the code. A mean over tools would hide the bad one: of several, the lowest score is the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from deliverygate.errors import ReportError
from deliverygate.judging.threshold import WAIVE, UnknownMeans, named_by
from deliverygate.model import CheckResult, Finding, Measurement, Rule, Severity, Verdict

MEND_UNKNOWN = "name the files with `analysed:` (patterns over the tracked files), or drop `min_score`"


@dataclass(frozen=True)
class Evidence:
    """What one tool looked at, and what it found there."""

    tool: str
    analysed: tuple[str, ...] | int | None  #: the files, or how many; None: nobody knows
    counted: tuple[Finding, ...]
    waived: tuple[Finding, ...] = ()  #: would count without the waivers and suppressions
    rules: tuple[Rule, ...] = ()
    not_analysed: tuple[str, ...] = ()  #: files that the tool says it did not look at


@dataclass(frozen=True)
class Score:
    """How many of the analysed files are clean."""

    analysed: int
    unclean: int
    added: int = 0  #: files (or the change as a whole) that have findings and were not in the list

    @property
    def percent(self) -> Fraction:
        """From 0 to 100, exactly."""
        return Fraction(100 * (self.analysed - self.unclean), self.analysed)


@dataclass(frozen=True)
class Wanted:
    """What counts, and how much of it has to be clean."""

    percent: Fraction
    count_from: Severity = Severity.MEDIUM
    unknown: UnknownMeans = "block"

    def counts(self, finding: Finding) -> bool:
        """Whether this finding makes its file unclean; an unknown severity does unless the policy says otherwise."""
        if finding.severity is Severity.UNKNOWN:
            return self.unknown == "block"
        return finding.severity >= self.count_from


def measure(analysed: tuple[str, ...] | int | None, findings: Iterable[Finding]) -> Score:
    """The score of one tool, all ``findings`` counting.

    A finding about a file that is not in the list shows that the list is not all that was analysed: the file is added
    to both sides, which can only lower the score. So are all findings without a file, as one file together. Raises
    ReportError when the number of files is not known, is nought, or is too small for the findings.
    """
    places = {finding.location.path if finding.location else None for finding in findings}
    if analysed is None:
        raise ReportError("the report does not say which files were analysed", mend=MEND_UNKNOWN)
    if isinstance(analysed, tuple):
        files = set(analysed)
        return _score(len(files), len(places), len(places - files))
    if len(places - {None}) > analysed > 0:
        raise ReportError(
            f"the report says that {analysed} files were analysed and names {len(places - {None})} with findings",
            mend=MEND_UNKNOWN,
        )
    return _score(analysed, len(places), int(None in places))


def _score(listed: int, unclean: int, added: int) -> Score:
    if listed <= 0:
        raise ReportError(
            "no file was analysed, so no part of it is clean", mend="check the files that the tool was given"
        )
    return Score(listed + added, unclean, added)


def judge(evidence: Sequence[Evidence], wanted: Wanted, *, doubt: str = "") -> CheckResult:
    """One check over all tools: the lowest score decides, each is listed, without its waivers as well.

    ``doubt`` says why the findings are not all there are; nothing passes then.
    """
    results = [_judge_one(each, wanted) for each in evidence]
    verdict = Verdict.worst(result.verdict for result in results)
    if doubt and verdict is Verdict.PASSED:
        verdict = Verdict.INCONCLUSIVE
    told = [result.summary for result in results if verdict <= Verdict.INCONCLUSIVE or result.verdict.blocks]
    findings = tuple(finding for result in results for finding in result.findings)
    return CheckResult(
        name="score",
        verdict=verdict,
        summary="; ".join(told + ([doubt] if doubt else [])),
        findings=findings if verdict.blocks else (),
        noted=tuple(finding for result in results for finding in result.noted) + (() if verdict.blocks else findings),
        measurements=tuple(measured for result in results for measured in result.measurements),
        rules=tuple(rule for result in results for rule in result.rules),
        mend=next((result.mend for result in results if result.mend), "bring the missing evidence" if doubt else ""),
    )


def _judge_one(evidence: Evidence, wanted: Wanted) -> CheckResult:
    counted = tuple(finding for finding in evidence.counted if wanted.counts(finding))
    waived = tuple(finding for finding in evidence.waived if wanted.counts(finding))
    demand = f"at least {show(wanted.percent)}"
    name = f"score of {evidence.tool}"
    try:
        score = measure(evidence.analysed, counted)
        bare = measure(evidence.analysed, counted + waived) if waived else score
    except ReportError as error:
        return CheckResult(
            name="score",
            verdict=Verdict.ERROR,
            summary=f"{evidence.tool}: {error.what}",
            measurements=(Measurement(name=name, value=None, wanted=demand, unit="%"),),
            mend=error.mend,
        )
    reached = score.percent >= wanted.percent
    return CheckResult(
        name="score",
        verdict=Verdict.PASSED if reached else Verdict.FAILED,
        summary=f"{evidence.tool} {truncate(score.percent)} %, {demand} % wanted ({_explain(score)})",
        findings=counted,
        noted=waived,
        measurements=(
            Measurement(name=name, value=truncate(score.percent), wanted=demand, unit="%"),
            Measurement(name=f"{name} without waivers", value=truncate(bare.percent), wanted="", unit="%"),
        ),
        rules=named_by(counted + waived, evidence.rules),
        mend="" if reached else f"clean {_missing(score, wanted.percent)}; or {WAIVE}",
    )


def truncate(percent: Fraction) -> float:
    """One digit behind the point, cut and never rounded: 89.96 is 89.9, and not 90."""
    return int(percent * 10) / 10


def show(percent: Fraction) -> str:
    """A wanted percentage as the policy writes it."""
    return f"{float(percent):.10g}"


def _explain(score: Score) -> str:
    added = f", {score.added} of them outside the list" if score.added else ""
    return f"{score.analysed - score.unclean} of {score.analysed} files clean{added}"


def _missing(score: Score, wanted: Fraction) -> str:
    """How many more files have to be clean."""
    needed = -(-wanted * score.analysed // 100) - (score.analysed - score.unclean)
    return "1 more file" if needed == 1 else f"{needed} more files"
