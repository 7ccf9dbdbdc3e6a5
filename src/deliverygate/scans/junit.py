"""JUnit XML, in the dialects of its many writers, to Scan. https://github.com/testmoapp/junitxml"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from deliverygate.errors import ReportError
from deliverygate.evidence import Case, Outcome
from deliverygate.model import Finding, Scan
from deliverygate.scans import junit_outcomes
from deliverygate.scans.junit_outcomes import CHILDREN, FLAKY, PLAIN, Told
from deliverygate.scans.numbers import decimal, whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import has_zone, read_time
from deliverygate.scans.xml import walk

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUITES = frozenset({"testsuites", "testsuite"})
WHOLE = frozenset({"testcase"})

# What stands in a suite beside its cases and says nothing about them.
HOLDERS = frozenset({"properties", "system-out", "system-err"})
BESIDE_CASES = HOLDERS | CHILDREN.keys() | junit_outcomes.SILENT
SHOWN_STRANGE = 5

TRIVY = "trivy"  #: how its template names the outermost suite
LONGEST_MESSAGE = 4000  #: characters; what is cut stands in the report itself

_COLOUR = re.compile(r"(?:\x1b|#x1B)\[[\d;]*m")  # pytest spells out what XML forbids


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and bool(outline.keys & SUITES)


class Suite(NamedTuple):
    """What a case inherits from the suites around it."""

    name: str = ""  #: names, the outermost first
    file: str | None = None
    is_counted: bool = False  #: a counter of this suite or of one around it speaks for its cases
    first_line: int = 1  #: what the writer calls the first line of a file


@dataclass
class Seen:
    """What the walk has seen beside the cases."""

    promised: int = 0  # cases that the outermost counters speak of
    promised_bad: int = 0  # failures and errors that they speak of
    shown_bad: int = 0  # failures and errors that cases and suites show
    runs: int = 0  # failed runs before the last one of a case
    broken: list[str] = field(default_factory=list)  # suites that failed as a whole
    strange: dict[str, int] = field(default_factory=dict)  # what nobody knows the meaning of, and how often it stands
    name: str = ""  # of the outermost suite
    times: list[str] = field(default_factory=list)  # when suites began, as it is written

    def add(self, told: Told) -> None:
        """Take note of what a case says beside its outcome."""
        self.shown_bad += told.bad
        self.runs += told.runs
        for what in told.strange:
            self.add_strange(what)

    def add_strange(self, what: str) -> None:
        self.strange[what] = self.strange.get(what, 0) + 1


def read(document: bytes, *, root: str) -> Scan:
    """Every case, with one outcome each. Counters of suites are not believed, but contradictions are told."""
    seen = Seen()
    cases = tuple(_cases(document, seen, root))
    if not cases:
        raise ReportError(
            f"holds no test case{f', although its suites count {seen.promised}' if seen.promised else ''}: "
            "nothing shows that a test ran",
            mend="check that the tests were found and that the run came to its end",
        )
    faults = tuple(_faults(seen, cases))
    return Scan(
        tool="JUnit",
        version=None,
        format="junit",
        findings=_findings(seen.name, cases),
        cases=cases,
        complete=not faults,
        created_at=min(filter(None, map(read_time, seen.times)), default=None),
        zone_is_known=all(map(has_zone, seen.times)),
        notes=faults,
    )


def _findings(name: str, cases: tuple[Case, ...]) -> tuple[Finding, ...]:
    """Trivy's template makes a failed case of each finding; they are the same findings as in its other formats."""
    if name != TRIVY:
        return ()
    from deliverygate.scans.trivy.told import in_junit

    return in_junit(cases)


def _faults(seen: Seen, cases: tuple[Case, ...]) -> Iterator[str]:
    """What leaves the report incomplete. Surefire counts each run of a test that it runs again as a test."""
    lost = seen.promised - len(cases) - seen.runs
    if lost > 0:
        yield f"The suites count {seen.promised} tests, and the report holds {len(cases)} cases: the others are lost."
    hidden = seen.promised_bad - seen.shown_bad - seen.runs
    if hidden > 0:
        yield f"The suites count {seen.promised_bad} failures or errors, and {hidden} of them are in no case."
    for what, count in list(seen.strange.items())[:SHOWN_STRANGE]:
        yield (
            f"{what[:80]} stands in {count} place(s), and nobody knows what it means: it may be a failure. "
            "Let the tool write plain JUnit XML."
        )
    if len(seen.strange) > SHOWN_STRANGE:
        yield f"{len(seen.strange) - SHOWN_STRANGE} further elements or words are not known either."
    yield from seen.broken


def _cases(document: bytes, seen: Seen, root: str) -> Iterator[Case]:
    suites = [Suite()]  # those around the place of the walk
    inside = 0  # how many test cases are around it
    holders = 0  # how many elements that may hold anything
    for event, element in walk(document, roots=SUITES, whole=WHOLE):
        if event == "start":
            tag = element.tag
            if tag == "testcase":
                inside += 1
                continue
            holders += tag in HOLDERS
            if not (inside or holders or _is_known(tag)):
                seen.add_strange(f"<{tag}>")
            if tag in SUITES:
                seen.name = seen.name if len(suites) > 1 else element.get("name", "")
                suites.append(_open(element, suites[-1], seen))
        elif element.tag in HOLDERS:
            holders -= 1
        elif element.tag == "testcase":
            inside -= 1
            yield _case(element, suites[-1], root, seen)
        elif element.tag in SUITES:
            suites.pop()
        elif not inside and CHILDREN.get(element.tag.lower(), Outcome.PASSED).is_bad:
            seen.shown_bad += 1
            seen.broken.append(f"The suite {suites[-1].name!r} broke off: {_message(element)[:500]}")


def _is_known(tag: str) -> bool:
    """What may stand in a suite. A ``<TestCase>`` is none to other readers, and may hide a failure from them."""
    return tag in SUITES or tag == "testcase" or tag.lower() in BESIDE_CASES


def _open(element: Element, around: Suite, seen: Seen) -> Suite:
    """Take the counters of the outermost suites that have any; those inside are counted in them."""
    if written := element.get("timestamp"):
        seen.times.append(written)
    if not around.is_counted:
        seen.promised += _counter(element, "tests")
        seen.promised_bad += _counter(element, "failures") + _counter(element, "errors")
    name = element.get("name", "") if element.tag == "testsuite" else ""
    return Suite(
        name=" / ".join(filter(None, (around.name, name))),
        file=element.get("file") or around.file,
        is_counted=around.is_counted or bool(element.get("tests")),
        # pytest is alone in counting the lines of a file from 0.
        first_line=0 if name == "pytest" else around.first_line,
    )


def _counter(suite: Element, name: str) -> int:
    return whole(suite.get(name)) or 0


def _case(element: Element, suite: Suite, root: str, seen: Seen) -> Case:
    tags = [child.tag for child in element]
    words = [word for word in (element.get("status"), element.get("result")) if word]
    told = junit_outcomes.judge(tags, words) if tags or words else PLAIN
    if told is not PLAIN:
        seen.add(told)
    outcome = told.outcome
    file = element.get("file") or suite.file
    return Case(
        name=element.get("name") or "(without a name)",
        outcome=outcome,
        classname=element.get("classname") or "",
        suite=suite.name,
        file=below(file, root) if file else None,
        line=_line(element.get("line"), suite.first_line),
        seconds=_seconds(element.get("time")),
        message=_reason(element, outcome) if tags else "",
        is_flaky=outcome is Outcome.PASSED and any(tag.lower() in FLAKY for tag in tags),
        reruns=told.runs,
    )


def _reason(element: Element, outcome: Outcome) -> str:
    """The message of the child that decided, else of the first run that failed."""
    children = [child for child in element if CHILDREN.get(child.tag.lower()) is outcome]
    children += [child for child in element if child.tag.lower() in FLAKY]
    return _message(children[0]) if children else ""


def _message(element: Element) -> str:
    """The message in the attribute, else the text inside, which most tools fill with the whole trace."""
    text = element.get("message") or "".join(element.itertext())
    return _COLOUR.sub("", text).strip()[:LONGEST_MESSAGE]


def _line(written: str | None, first: int) -> int | None:
    number = whole(written)
    return None if number is None else number + 1 - first or None


def _seconds(written: str | None) -> float | None:
    """Surefire writes "1,234.5" where the machine's language does."""
    seconds = decimal((written or "").replace(",", ""))
    return seconds if seconds is not None and seconds >= 0 else None


reader = Reader(name="junit", summary="JUnit XML", recognises=recognise, read=read)
