"""JUnit XML, in the dialects of its many writers, to Scan. https://github.com/testmoapp/junitxml"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deliverygate.errors import ReportError
from deliverygate.evidence import Case, Outcome
from deliverygate.model import Finding, Scan
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
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


@dataclass
class Seen:
    """What the walk has seen beside the cases."""

    suites: list[Element] = field(default_factory=list)  # those around the place of the walk, with their attributes
    promised: int = 0  # cases that the outermost counters speak of
    promised_bad: int = 0  # failures and errors that they speak of
    broken: list[str] = field(default_factory=list)  # suites that failed as a whole
    name: str = ""  # of the outermost suite


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
    inside = 0  # how many test cases are around
    for event, element in walk(document, roots=SUITES, whole=WHOLE):
        if event == "start":
            inside += element.tag == "testcase"
            if element.tag in SUITES:
                seen.name = seen.name if seen.suites else element.get("name") or ""
                _promise(seen, element)
                seen.suites.append(element)
        elif element.tag == "testcase":
            inside -= 1
            yield _case(element, seen.suites, root)
        elif element.tag in SUITES:
            seen.suites.pop()
        elif not inside and CHILDREN.get(element.tag, Outcome.PASSED).is_bad:
            seen.broken.append(f"The suite {_suite(seen.suites)!r} broke off: {_message(element)[:500]}")


def _promise(seen: Seen, suite: Element) -> None:
    """Take the counters of the outermost suites that have any; those inside are counted in them."""
    if not any(each.get("tests") for each in seen.suites):
        seen.promised += _counter(suite, "tests")
        seen.promised_bad += _counter(suite, "failures") + _counter(suite, "errors")


def _counter(suite: Element, name: str) -> int:
    written = (suite.get(name) or "").strip()
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= LONGEST else 0


def _case(element: Element, suites: list[Element], root: str) -> Case:
    tags = [child.tag for child in element]
    outcome = _outcome(element, tags)
    reruns = sum(tag in FLAKY or tag in RERUN for tag in tags)
    file = element.get("file") or next((suite.get("file") for suite in reversed(suites) if suite.get("file")), None)
    return Case(
        name=element.get("name") or "(without a name)",
        outcome=outcome,
        classname=element.get("classname") or "",
        suite=_suite(suites),
        file=below(file, root) if file else None,
        line=_line(element, suites),
        seconds=_seconds(element.get("time")),
        message=_reason(element, outcome),
        is_flaky=outcome is Outcome.PASSED and any(tag in FLAKY for tag in tags),
        reruns=reruns,
    )


def _outcome(element: Element, tags: list[str]) -> Outcome:
    for tag, outcome in CHILDREN.items():
        if tag in tags:
            return outcome
    words = [(element.get(name) or "").strip().lower() for name in ("status", "result")]
    told = [WORDS[word] for word in words if word in WORDS]
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


def _suite(suites: list[Element]) -> str:
    return " / ".join(name for suite in suites if suite.tag == "testsuite" and (name := suite.get("name")))


def _line(element: Element, suites: list[Element]) -> int | None:
    written = (element.get("line") or "").strip()
    if not (written.isascii() and written.isdecimal()) or len(written) > LONGEST:
        return None
    # pytest is alone in counting the lines of a file from 0.
    counted_from_0 = any(suite.get("name") == "pytest" for suite in suites)
    return int(written) + counted_from_0 or None


def _seconds(written: str | None) -> float | None:
    """Surefire writes "1,234.5" where the machine's language does."""
    try:
        seconds = float((written or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


reader = Reader(name="junit", summary="JUnit XML", recognises=recognise, read=read)
