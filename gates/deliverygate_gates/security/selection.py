"""``block_if``: the findings that its expression holds for count, whatever their severity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from deliverygate.judging import threshold
from deliverygate.model import CheckResult, Finding, Measurement, Rule, Verdict
from deliverygate_gates.security.demands import Demands
from deliverygate_gates.security.expression import Expression, Value
from deliverygate_gates.security.threat import Threat

NAME = "findings that block_if selects"
TOLD = 50  #: findings of which the check tells what is known of them


@dataclass(frozen=True)
class Selected:
    """Findings by what the expression says of them."""

    certain: tuple[Finding, ...] = ()
    doubtful: tuple[Finding, ...] = ()  #: hangs on what is not known, and the policy says that they count
    ignored: tuple[Finding, ...] = ()  #: hangs on what is not known, and the policy says that they do not count
    others: tuple[Finding, ...] = ()


def select(findings: Iterable[Finding], expression: Expression, threat: Threat, demands: Demands) -> Selected:
    """Ask the expression about each finding that counts at all."""
    limits = demands.limits
    groups: dict[str, list[Finding]] = {"certain": [], "doubtful": [], "ignored": [], "others": []}
    for finding in findings:
        group = _ask(finding, expression, threat, demands) if threshold.counts(finding, limits) else "others"
        groups[group].append(finding)
    return Selected(**{name: tuple(group) for name, group in groups.items()})


def _ask(finding: Finding, expression: Expression, threat: Threat, demands: Demands) -> str:
    known = threat.known_of(finding)
    holds = expression.holds(known)
    if holds is not None:
        return "certain" if holds else "others"
    # Where a file cannot be relied on, nothing passes anyway, and nobody should have to look at what it might hold.
    return "doubtful" if not threat.doubt and _blocks(expression.uses - known.keys(), demands) else "ignored"


def _blocks(missing: Iterable[str], demands: Demands) -> bool:
    """Whether not knowing these blocks. An expression that fails although all is known does, too."""
    says = [demands.unknown if name == "severity" else demands.unknown_threat for name in missing]
    return "block" in says or not says


def judge_selected(
    selected: Selected, expression: Expression, threat: Threat, *, rules: Sequence[Rule] = (), doubt: str = ""
) -> CheckResult:
    """One check: none may be selected. ``doubt`` says why the findings, or the files, are not all there is."""
    chosen = selected.certain + selected.doubtful
    verdict = Verdict.FAILED if chosen else Verdict.INCONCLUSIVE if doubt else Verdict.PASSED
    told = threshold.named_by(chosen, rules)
    counted = f"{len(chosen)} found, 0 allowed{_aside(selected)}: {' '.join(expression.text.split())}"
    return CheckResult(
        name=NAME,
        verdict=verdict,
        summary=f"{counted}; {doubt}" if doubt else counted,
        findings=chosen,
        measurements=(Measurement(name=NAME, value=len(chosen), wanted="0"),),
        rules=told,
        details="\n".join(_tell_all(chosen, threat)),
        mend=threshold.cure(chosen, told) if chosen else "bring the missing evidence" if doubt else "",
    )


def _aside(selected: Selected) -> str:
    said = {
        "count because too little is known of them": len(selected.doubtful),
        "left out because too little is known of them": len(selected.ignored),
    }
    aside = ", ".join(f"{number} {what}" for what, number in said.items() if number)
    return f" ({aside})" if aside else ""


def _tell_all(findings: Sequence[Finding], threat: Threat) -> Iterator[str]:
    """What is known of the first of them. It changes from day to day, so it is no part of a finding's identity."""
    for finding in islice(findings, TOLD):
        what = f"{finding.rule} in {finding.package.partition('?')[0]}" if finding.package else finding.rule
        yield f"{what}: {', '.join(_tell(threat.known_of(finding), threat))}"
    if len(findings) > TOLD:
        yield f"... and {len(findings) - TOLD} more"


def _tell(known: Mapping[str, Value], threat: Threat) -> Iterator[str]:
    if threat.catalogue:
        yield _tell_exploited(known)
    if threat.scores:
        yield f"EPSS {known['epss']:.5f}" if "epss" in known else "no EPSS score"


def _tell_exploited(known: Mapping[str, Value]) -> str:
    if "kev" not in known:
        return "no CVE to look for among the exploited ones"
    if known["ransomware"]:
        return "known to be exploited, by ransomware too"
    return "known to be exploited" if known["kev"] else "not known to be exploited"
