"""What a tool itself suppressed: whether it counts all the same, and how much of it is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Literal, TypeAlias

from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, Measurement, Verdict

#: Which suppressions of a tool are believed; ``target``: those that the target branch has already.
Honored = Literal["none", "external", "target", "all"]

#: Why a suppressed finding counts all the same, in words or "" where none are needed; None when it does not.
Doubt: TypeAlias = Callable[[Finding], str | None]

# How the readers name a suppression that cannot come along with the fault itself. What nobody can tell is inside.
_OUTSIDE = re.compile(
    r"sarif external|trivy (?!.*\.trivyignore).*(?:vex|csaf|\.json|\.cdx).*", re.DOTALL | re.IGNORECASE
)


def doubt_of(honored: Honored, of_change: Doubt) -> Doubt:
    """What the policy says of the suppressions of tools. ``of_change`` is asked about those that a change may bring."""
    doubts: dict[Honored, Doubt] = {
        "none": lambda _: "",
        "external": lambda finding: None if is_external(finding) else "",
        "target": of_change,
        "all": lambda _: None,
    }
    return doubts[honored]


def split(suppressed: Iterable[Finding], doubt: Doubt, today: date) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts all the same, and what stays suppressed.

    A waiver of ours holds, the runner has looked at its end.
    """
    refused: list[Finding] = []
    kept: list[Finding] = []
    for finding in suppressed:
        why = None if is_ours(finding) else _over(finding, today)
        if why is None and not is_ours(finding):
            why = doubt(finding)
        if why is None:
            kept.append(finding)
        else:
            refused.append(_counting(finding, why))
    return tuple(refused), tuple(kept)


def is_ours(finding: Finding) -> bool:
    """Whether one of the repository's waivers lets it through: only those have an owner."""
    return finding.waiver is not None and finding.waiver.owner is not None


def is_external(finding: Finding) -> bool:
    """Whether the suppression is known to stand outside the judged code."""
    return finding.waiver is not None and _OUTSIDE.fullmatch(finding.waiver.source) is not None


def _over(finding: Finding, today: date) -> str | None:
    end = finding.waiver.expires if finding.waiver else None
    return f"its suppression expired on {end}" if end is not None and end < today else None


def _counting(finding: Finding, why: str) -> Finding:
    return replace(finding, waiver=None, message=f"{finding.message} ({why})" if why else finding.message)


def judge(suppressed: Sequence[Finding], allowed: int) -> CheckResult:
    """At most ``allowed`` findings may be suppressed by the tool; waivers of ours are not counted."""
    by_tool = tuple(finding for finding in suppressed if not is_ours(finding))
    failed = len(by_tool) > allowed
    return CheckResult(
        name="suppressed findings",
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        summary=f"{len(by_tool)} suppressed by the tool, {allowed} allowed",
        findings=by_tool if failed else (),
        measurements=(Measurement(name="suppressed findings", value=len(by_tool), wanted=f"at most {allowed}"),),
        mend="mend them, or replace the suppressions by waivers with a reason and an end (docs/waivers.md)"
        if failed
        else "",
    )
