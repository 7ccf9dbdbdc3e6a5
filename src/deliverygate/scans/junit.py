"""JUnit XML, in the dialects of its many writers, to Scan. https://github.com/testmoapp/junitxml"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from deliverygate.errors import ReportError
from deliverygate.evidence import Case, Outcome
from deliverygate.model import Finding, Scan
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import has_zone, read_time
from deliverygate.scans.xml import LONGEST, walk

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUITES = frozenset({"testsuites", "testsuite"})
WHOLE = frozenset({"testcase"})

# Where a case has several of these, the first decides: a test that failed, and was then skipped at its end, failed.
CHILDREN = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}

# Words in `status` and `result` (googletest, CTest, behave, Katalon), where no child says more.
WORDS = {
    "fail": Outcome.FAILED, "failed": Outcome.FAILED, "failure": Outcome.FAILED,
    "error": Outcome.ERROR, "aborted": Outcome.ERROR, "broken": Outcome.ERROR, "incomplete": Outcome.ERROR,
    "timeout": Outcome.ERROR,
    "disabled": Outcome.SKIPPED, "ignored": Outcome.SKIPPED, "notrun": Outcome.SKIPPED, "pending": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED, "suppressed": Outcome.SKIPPED, "untested": Outcome.SKIPPED,
}  # fmt: skip

# Maven Surefire, Gradle and others, for a test that they run again: it passed at last, or it failed every time.
FLAKY = frozenset({"flakyFailure", "flakyError"})
RERUN = frozenset({"rerunFailure", "rerunError"})

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
    broken: list[str] = field(default_factory=list)  # suites that failed as a whole
    name: str = ""  # of the outermost suite
    times: list[str] = field(default_factory=list)  # when suites began, as it is written


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
    hidden = seen.promised_bad if not any(case.outcome.is_bad for case in cases) else 0
    return Scan(
        tool="JUnit",
        version=None,
        format="junit",
        findings=_findings(seen.name, cases),
        cases=cases,
        complete=not (hidden or seen.broken),
        created_at=min(filter(None, map(read_time, seen.times)), default=None),
        zone_is_known=all(map(has_zone, seen.times)),
        notes=tuple(_notes(seen, cases, hidden)),
    )


def _findings(name: str, cases: tuple[Case, ...]) -> tuple[Finding, ...]:
    """Trivy's template makes a failed case of each finding; they are the same findings as in its other formats."""
    if name != TRIVY:
        return ()
    from deliverygate.scans.trivy.told import in_junit

    return in_junit(cases)


def _notes(seen: Seen, cases: tuple[Case, ...], hidden: int) -> Iterator[str]:
    if seen.promised > len(cases):
        yield f"The suites count {seen.promised} tests, and the report holds {len(cases)} cases: the cases are counted."
    if hidden:
        yield f"The suites count {hidden} failures or errors, and no case shows one: the report is not whole."
    yield from seen.broken


def _cases(document: bytes, seen: Seen, root: str) -> Iterator[Case]:
    suites = [Suite()]  # those around the place of the walk
    inside = 0  # how many test cases are around it
    for event, element in walk(document, roots=SUITES, whole=WHOLE):
        if event == "start":
            inside += element.tag == "testcase"
            if element.tag in SUITES:
                seen.name = seen.name if len(suites) > 1 else element.get("name", "")
                suites.append(_open(element, suites[-1], seen))
        elif element.tag == "testcase":
            inside -= 1
            yield _case(element, suites[-1], root)
        elif element.tag in SUITES:
            suites.pop()
        elif not inside and CHILDREN.get(element.tag, Outcome.PASSED).is_bad:
            seen.broken.append(f"The suite {suites[-1].name!r} broke off: {_message(element)[:500]}")


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
    written = (suite.get(name) or "").strip()
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= LONGEST else 0


def _case(element: Element, suite: Suite, root: str) -> Case:
    tags = [child.tag for child in element]
    outcome = _outcome(element, tags)
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
        is_flaky=outcome is Outcome.PASSED and not FLAKY.isdisjoint(tags),
        reruns=sum(tag in FLAKY or tag in RERUN for tag in tags),
    )


def _outcome(element: Element, tags: list[str]) -> Outcome:
    for tag, outcome in CHILDREN.items():
        if tag in tags:
            return outcome
    told = [WORDS.get(element.get(name, "").strip().lower()) for name in ("status", "result")]
    return next((outcome for outcome in CHILDREN.values() if outcome in told), Outcome.PASSED)


def _reason(element: Element, outcome: Outcome) -> str:
    """The message of the child that decided, else of the first run that failed."""
    children = [child for child in element if CHILDREN.get(child.tag) is outcome]
    children += [child for child in element if child.tag in FLAKY]
    return _message(children[0]) if children else ""


def _message(element: Element) -> str:
    """The message in the attribute, else the text inside, which most tools fill with the whole trace."""
    text = element.get("message") or "".join(element.itertext())
    return _COLOUR.sub("", text).strip()[:LONGEST_MESSAGE]


def _line(written: str | None, first: int) -> int | None:
    number = (written or "").strip()
    if not (number.isascii() and number.isdecimal()) or len(number) > LONGEST:
        return None
    return int(number) + 1 - first or None


def _seconds(written: str | None) -> float | None:
    """Surefire writes "1,234.5" where the machine's language does."""
    try:
        seconds = float((written or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


reader = Reader(name="junit", summary="JUnit XML", recognises=recognise, read=read)
