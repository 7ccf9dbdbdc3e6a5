"""Report to JUnit XML, as GitLab, Jenkins and the reporters of GitHub read it: one suite a gate, one case a check.

Counters of a suite decide nothing for those readers, so all that matters is a case. Of two cases with the same name the
second is not seen, so names are unique; they are compared with the target branch's, so names are stable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, indent, tostring

from junit_xml import TestCase, TestSuite

from deliverygate.model import CheckResult, GateResult, Report, Verdict
from deliverygate.renderers.selection import checks_of, first, gates_of, summed_up
from deliverygate.renderers.text import clean, cut, one_line
from deliverygate.renderers.wording import (
    details,
    finding_line,
    help_lines,
    measurements,
    mend_line,
    more,
    noted_line,
    waived_lines,
)

if TYPE_CHECKING:
    from typing import Any

# GitLab reads files below 30 MB, 250,000 objects of XML and text nodes below 10 MB. A case is up to 13 objects:
# three elements, their attributes and texts, and the white space between them.
MAX_BYTES = 28_000_000
# (cases, characters of a text): the first that fits is taken.
SIZES = ((15_000, 64_000), (15_000, 900), (3_000, 900), (500, 900))
FINDINGS = 50
WAIVED = 50


def render(report: Report) -> bytes:
    """The whole file. What does not fit is summed up, with a line that says so."""
    data = b""
    for cases, characters in SIZES:
        data = _render(report, cases=cases, characters=characters)
        if len(data) <= MAX_BYTES:
            break
    return data


def _render(report: Report, *, cases: int, characters: int) -> bytes:
    gates = gates_of(report)
    per_gate = max(2, cases // len(gates))
    names: Counter[tuple[str, str]] = Counter()
    root = Element("testsuites", name=f"deliverygate {one_line(report.stage)}")
    for gate in gates:
        checks = summed_up(checks_of(gate), per_gate)
        built = [_case(check, gate, names=names, characters=characters) for check in checks]
        root.append(_element(_suite(report, gate, built), gate.seconds))
    for counter in ("tests", "failures", "errors"):
        root.set(counter, str(sum(int(suite.get(counter, 0)) for suite in root)))
    root.set("time", f"{report.seconds:.3f}")
    indent(root)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _suite(report: Report, gate: GateResult, cases: list[Any]) -> Any:
    properties = {
        "deliverygate.version": report.version,
        "gate": gate.gate,
        "enforcement": "blocks" if gate.blocks else "warns",
        "policy.path": report.policy.path,
        "policy.sha256": report.policy.sha256,
    }
    if report.policy.ref:
        properties["policy.ref"] = report.policy.ref
    return TestSuite(
        f"{one_line(report.stage)}/{one_line(gate.id)}",
        cases,
        timestamp=report.started_at.isoformat(timespec="seconds"),
        properties={name: one_line(text) for name, text in properties.items()},
        stdout="\n".join(one_line(note) for note in report.notes),
        stderr=clean(gate.error or ""),
    )


def _element(suite: Any, seconds: float) -> Element:
    """The suite as the schemas of JUnit's readers want it, which know no ``disabled`` and three decimals at most.

    The library's own writer goes through minidom, at twenty times the memory of the file.
    """
    element: Element = suite.build_xml_doc()
    element.attrib.pop("disabled", None)
    element.set("time", f"{seconds:.3f}")
    return element


def _case(check: CheckResult, gate: GateResult, *, names: Counter[tuple[str, str]], characters: int) -> Any:
    place = f"deliverygate.{one_line(gate.id)}"
    case = TestCase(_unique(place, one_line(check.name, 200), names), place, elapsed_sec=round(check.seconds, 3))
    message, body = one_line(check.summary, 200) or check.verdict.value, _text(_body(check), characters)
    waived = _text(_waived(check), characters)
    if check.verdict.blocks and not gate.blocks:
        warning = f"WARNING ({check.verdict.value}): this gate only warns\n\n{body}"
        case.stdout = "\n\n".join(text for text in (warning, waived) if text)
    elif check.verdict is Verdict.PASSED:
        case.stdout = "\n\n".join(text for text in (body, waived) if text)
    else:
        _ADD[check.verdict](case, message, body)
        case.stdout = waived
    return case


_ADD: dict[Verdict, Callable[[Any, str, str], None]] = {
    Verdict.FAILED: lambda case, message, body: case.add_failure_info(message, body, "failed"),
    Verdict.ERROR: lambda case, message, body: case.add_error_info(message, body, "error"),
    Verdict.INCONCLUSIVE: lambda case, message, body: case.add_error_info(message, body, "inconclusive"),
    Verdict.SKIPPED: lambda case, message, body: case.add_skipped_info(message, body),
}


def _unique(place: str, name: str, names: Counter[tuple[str, str]]) -> str:
    """``name``, or ``name (2)`` and so on when the class has one of that name already."""
    chosen = name
    while names[place, chosen]:
        names[place, name] += 1
        chosen = f"{name} ({names[place, name]})"
    names[place, chosen] += 1
    return chosen


def _body(check: CheckResult) -> list[list[str]]:
    """What GitLab shows of a case: it shows no attribute, so the summary and the rules' pages stand here too."""
    shown, left_out = first(check.findings, FINDINGS)
    return [
        [one_line(check.summary, 1000), *measurements(check)],
        [*(finding_line(finding) for finding in shown), *more(left_out)],
        mend_line(check),
        help_lines(check, shown),
        details(check, 16_000),
    ]


def _waived(check: CheckResult) -> list[list[str]]:
    return [noted_line(check), waived_lines(check, WAIVED)]


def _text(paragraphs: list[list[str]], characters: int) -> str:
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
    # GitLab takes [[ATTACHMENT|path]] for a file to show.
    safe = text.replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
    if len(safe) <= characters:
        return safe
    return cut(safe, characters) + "\nThe rest is left out here; report.json holds the whole."
