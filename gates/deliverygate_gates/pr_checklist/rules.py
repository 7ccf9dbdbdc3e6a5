"""The rules that findings of this gate name."""

from __future__ import annotations

from collections.abc import Iterable

from deliverygate.errors import DeliveryGateError
from deliverygate.judging.fingerprint import fingerprint
from deliverygate.model import CheckResult, Finding, Measurement, Rule, Verdict

RULES = (
    Rule(
        id="description-empty",
        summary="A change says what it does",
        why="An empty description shows nothing, and an empty list has nothing to tick.",
        remedy="Describe the change.",
    ),
    Rule(
        id="item-open",
        summary="Every item is ticked",
        why="An open item is work that nobody has said to be done.",
        remedy="Do it and tick it, or mark it as not applicable: `- [ ] ~~the text~~ - the reason`.",
    ),
    Rule(
        id="item-missing",
        summary="Every item that the policy demands is in the description",
        remedy="Add the item, as the policy writes it.",
    ),
    Rule(
        id="item-removed",
        summary="The items of the template stay in the description",
        why="An item that is deleted was not done.",
        remedy="Put it back; mark it as not applicable, with the reason, when it does not apply.",
    ),
    Rule(
        id="item-without-reason",
        summary="An item that is not applicable says why",
        remedy="Write the reason behind the text: `- [ ] ~~the text~~ - the reason`.",
    ),
    Rule(
        id="item-not-skippable",
        summary="The item applies to every change",
        remedy="Do it and tick it.",
    ),
    Rule(
        id="evidence-missing",
        summary="What is ticked can be shown",
        why="A tick is a claim; the policy asks for more than the claim.",
        remedy="Bring the evidence, or untick the item.",
    ),
    Rule(
        id="group-choice",
        summary="Of a group of items the right number is ticked",
        remedy="Tick what fits, and only that.",
    ),
    Rule(
        id="nested-open",
        summary="An item is done when all below it are",
        remedy="Finish the items below it, or untick it.",
    ),
    Rule(
        id="section-empty",
        summary="The sections that the policy demands are there and filled in",
        remedy="Write the section in words of your own; comments and the template's text do not count.",
    ),
    Rule(
        id="issue-missing",
        summary="The change names the issue that it belongs to",
        remedy="Name it in the text or the title, e.g. `Closes #12`; code and comments do not count.",
    ),
    Rule(id="title-form", summary="The title has the form that the policy demands", remedy="Rewrite the title."),
    Rule(
        id="placeholder",
        summary="No placeholder is left standing",
        remedy="Replace it with what it asks for, or delete the line.",
    ),
    Rule(
        id="approval-missing",
        summary="Enough people have approved what is judged",
        why="The author's own approval, and one of an older state, say nothing about what would be merged.",
        remedy="Ask for a review; who approved before the last push must look again.",
    ),
    Rule(
        id="owner-approval-missing",
        summary="Who answers for a changed path has approved",
        remedy="Ask the owners for a review, or name others in CODEOWNERS, in a change of its own.",
    ),
    Rule(id="label", summary="The change carries the right labels", remedy="Set or remove the label."),
    Rule(id="draft", summary="The change is declared ready", remedy="Mark it as ready."),
    Rule(
        id="too-large",
        summary="The change is small enough to be reviewed",
        remedy="Split it, or raise the limit in a change of its own.",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}


def result(
    name: str,
    findings: Iterable[Finding],
    *,
    passed: str,
    failed: str,
    noted: Iterable[Finding] = (),
    measurements: tuple[Measurement, ...] = (),
    details: Iterable[str] = (),
) -> CheckResult:
    """A check that fails when it has a finding; ``passed`` and ``failed`` are its summaries."""
    found = fingerprint(findings)
    rules = tuple(BY_ID[rule] for rule in dict.fromkeys(finding.rule for finding in found))
    return CheckResult(
        name=name,
        verdict=Verdict.FAILED if found else Verdict.PASSED,
        summary=failed if found else passed,
        findings=found,
        noted=fingerprint(noted),
        measurements=measurements,
        rules=rules,
        details="\n".join(details),
        mend=" ".join(rule.remedy for rule in rules),
    )


def broken(name: str, error: DeliveryGateError) -> CheckResult:
    """A check that could not be made."""
    where = f"{error.where}: " if error.where else ""
    return CheckResult(name=name, verdict=Verdict.ERROR, summary=where + error.what, mend=error.mend)
