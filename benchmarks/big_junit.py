"""A big JUnit report, the same bytes every time: fifty cases a suite, one in a hundred failed, with its trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

EACH = 50  #: cases in a suite
FRAMES = 20
FAILED, SKIPPED, PRINTED = 100, 37, 10  #: each so-many-th case


def write(path: Path, cases: int) -> None:
    """Write the report, piece by piece."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_pieces(cases))


def _pieces(cases: int) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for first in range(0, cases, EACH):
        numbers = range(first, min(first + EACH, cases))
        failed = sum(number % FAILED == 0 for number in numbers)
        skipped = sum(number % FAILED != 0 and number % SKIPPED == 0 for number in numbers)
        yield (
            f'<testsuite name="shop.Suite{first // EACH:05}Test" tests="{len(numbers)}" failures="{failed}" errors="0" '
            f'skipped="{skipped}" time="1.25" timestamp="2026-01-02T03:04:05" hostname="runner">\n'
        )
        yield from map(_case, numbers)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _case(number: int) -> str:
    suite = f"shop.Suite{number // EACH:05}Test"
    start = f'<testcase name="case_{number}_of_the_basket" classname="{suite}" time="0.0{number % 90 + 10}">'
    if number % FAILED == 0:
        trace = "".join(
            f"\tat shop.package{at:02}.Class.method(Class.java:{number % 500 + at})\n" for at in range(FRAMES)
        )
        message = f"expected: &lt;{number}&gt; but was: &lt;{number + 1}&gt;"
        inside = f'<failure message="{message}" type="java.lang.AssertionError">{message}\n{trace}</failure>'
    elif number % SKIPPED == 0:
        inside = '<skipped message="not on this machine"/>'
    elif number % PRINTED == 0:
        inside = f"<system-out>opened connection {number}\nclosed connection {number}\n</system-out>"
    else:
        inside = ""
    return f"{start}{inside}</testcase>\n"
