"""Evidence for a ticked item: a gate that passed, a file that changed, words that the author wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deliverygate.judging import globs
from deliverygate.judging.description import own_lines
from deliverygate.judging.patterns import Pattern, SlowPatternError
from deliverygate.model import GateResult, Verdict
from deliverygate_gates.pr_checklist.settings import Evidence
from deliverygate_gates.pr_checklist.subject import Subject


class Proof(NamedTuple):
    """PASSED: it is there. FAILED: it is not. INCONCLUSIVE and ERROR: nobody can say."""

    verdict: Verdict
    says: str  #: what is missing or not known, as the end of a sentence


THERE = Proof(Verdict.PASSED, "")
GATES = {
    Verdict.SKIPPED: (Verdict.INCONCLUSIVE, "was skipped"),
    Verdict.PASSED: (Verdict.PASSED, "passed"),
    Verdict.INCONCLUSIVE: (Verdict.INCONCLUSIVE, "was inconclusive"),
    Verdict.ERROR: (Verdict.ERROR, "could not judge"),
    Verdict.FAILED: (Verdict.FAILED, "failed"),
}


def prove(evidence: Evidence, *, claim: str, subject: Subject, results: Mapping[str, GateResult]) -> Proof:
    """The worst of all that is named. ``claim`` is the identity of the item, whose own words prove nothing."""
    proofs = _proofs(evidence, claim, subject, results)
    return max(proofs, key=lambda proof: proof.verdict)


def _proofs(evidence: Evidence, claim: str, subject: Subject, results: Mapping[str, GateResult]) -> Iterator[Proof]:
    if evidence.gate:
        yield _gate(evidence.gate, results)
    if evidence.globs:
        yield _changed(evidence.globs, subject)
    if evidence.pattern:
        yield _pattern(evidence.pattern, claim, subject)


def _gate(gate: str, results: Mapping[str, GateResult]) -> Proof:
    if gate not in results:
        return Proof(Verdict.ERROR, f"this stage has no result of a gate `{gate}`")
    verdict, what = GATES[results[gate].verdict]
    return Proof(verdict, f"the gate `{gate}` {what}")


def _changed(patterns: tuple[str, ...], subject: Subject) -> Proof:
    if subject.change.files is None:
        return Proof(Verdict.ERROR, " ".join(("the changed files are not known.", *subject.change.notes)))
    changed = subject.change.tracked_files
    there = (file.path for file in changed if file.status != "deleted")
    if any(globs.matches(pattern, path) for path in there for pattern in patterns):
        return THERE
    return Proof(Verdict.FAILED, f"none of the {len(changed)} changed files fits {' or '.join(patterns)}")


def _pattern(pattern: str, claim: str, subject: Subject) -> Proof:
    lines = own_lines(subject.checklist.document, subject.known | {claim}, code=True)
    own = "\n".join(text for line in lines for text in (line.text, *line.links))
    try:
        found = Pattern(pattern, name="pattern", multiline=True).search(own)
    except SlowPatternError as error:
        return Proof(Verdict.ERROR, error.what)
    return THERE if found else Proof(Verdict.FAILED, f"nothing that the author wrote fits {pattern}")
