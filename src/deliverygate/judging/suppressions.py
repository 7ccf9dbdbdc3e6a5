"""What a tool itself suppressed: whether it counts all the same, and how much of it is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, Measurement, Verdict

Honored = Literal["none", "external", "all"]

# How the readers name a suppression that cannot come along with the fault itself. What nobody can tell is inside.
_OUTSIDE = re.compile(r"sarif external|trivy (?!.*\.trivyignore).+", re.DOTALL)


def split(
    suppressed: Iterable[Finding], honored: Honored, today: date
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts all the same, and what stays suppressed.

    A waiver of ours holds, the runner has looked at its end. ``external`` believes the tool only where the suppression
    is not part of the judged code: a VEX document, the tool's own server, a review.
    """
    refused: list[Finding] = []
    kept: list[Finding] = []
    for finding in suppressed:
        if is_ours(finding) or (_is_honored(finding, honored) and not _is_over(finding, today)):
            kept.append(finding)
        else:
            refused.append(_counting(finding, today))
    return tuple(refused), tuple(kept)


def is_ours(finding: Finding) -> bool:
    """Whether one of the repository's waivers lets it through: only those have an owner."""
    return finding.waiver is not None and finding.waiver.owner is not None


def is_external(finding: Finding) -> bool:
    """Whether the suppression is known to stand outside the judged code."""
    return finding.waiver is not None and _OUTSIDE.fullmatch(finding.waiver.source) is not None


def _is_honored(finding: Finding, honored: Honored) -> bool:
    return honored == "all" or (honored == "external" and is_external(finding))


def _is_over(finding: Finding, today: date) -> bool:
    return finding.waiver is not None and finding.waiver.expires is not None and finding.waiver.expires < today


def _counting(finding: Finding, today: date) -> Finding:
    why = f"its suppression expired on {finding.waiver.expires}" if finding.waiver and _is_over(finding, today) else ""
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
