"""What a tool itself suppressed: whether it counts all the same, and how much of it is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, Measurement, Verdict

Honored = Literal["none", "external", "all"]

# How the readers name the place of a suppression that a change can bring along with the fault itself.
_INSIDE = ("inSource", "directive", ".trivyignore", ".trivyignore.yaml")


def split(suppressed: Iterable[Finding], honored: Honored) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts all the same, and what stays suppressed.

    A waiver of ours always holds. ``external`` believes the tool only where the suppression is not part of the
    judged code: a VEX document, the tool's own server, a review.
    """
    refused: list[Finding] = []
    kept: list[Finding] = []
    for finding in suppressed:
        if is_ours(finding) or honored == "all" or (honored == "external" and is_external(finding)):
            kept.append(finding)
        else:
            refused.append(replace(finding, waiver=None))
    return tuple(refused), tuple(kept)


def is_ours(finding: Finding) -> bool:
    """Whether one of the repository's waivers lets it through: only those must have an end."""
    return finding.waiver is not None and finding.waiver.expires is not None


def is_external(finding: Finding) -> bool:
    """Whether the suppression is known to stand outside the judged code; what nobody can tell does not."""
    source = finding.waiver.source if finding.waiver else ""
    return bool(source) and not source.endswith(_INSIDE)


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
