"""What became of a JUnit test case: its children and its words in, one outcome out, and what nobody can tell.

A child or a word that no writer is known to use may be a failure, so it is never taken for a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from deliverygate.evidence import Outcome

# Children in the order in which they decide: a test that failed, and was then skipped at its end, failed. PHPUnit 6 to
# 9 write <warning> for a class without tests, and count such a run as no success.
CHILDREN = {
    "failure": Outcome.FAILED, "fail": Outcome.FAILED, "failed": Outcome.FAILED,
    "error": Outcome.ERROR, "warning": Outcome.ERROR, "aborted": Outcome.ERROR, "incomplete": Outcome.ERROR,
    "inconclusive": Outcome.ERROR, "risky": Outcome.ERROR, "timeout": Outcome.ERROR,
    "skipped": Outcome.SKIPPED, "skip": Outcome.SKIPPED, "ignored": Outcome.SKIPPED, "disabled": Outcome.SKIPPED,
    "notrun": Outcome.SKIPPED, "pending": Outcome.SKIPPED,
}  # fmt: skip

# Maven Surefire, Gradle and others, for a test that they run again: it passed at last, or it failed every time.
FLAKY = frozenset({"flakyfailure", "flakyerror"})
RERUN = frozenset({"rerunfailure", "rerunerror"})

# What tools write beside it, and what says nothing about the outcome.
SILENT = frozenset({
    "artifacts", "attachment", "attachments", "description", "link", "links", "metadata", "output", "properties",
    "property", "steps", "system-err", "system-out", "tags",
})  # fmt: skip

# Words in `status` and `result` (googletest, CTest, behave, Katalon), where no child says more.
WORDS = {
    "fail": Outcome.FAILED, "failed": Outcome.FAILED, "failure": Outcome.FAILED, "ko": Outcome.FAILED,
    "error": Outcome.ERROR, "aborted": Outcome.ERROR, "broken": Outcome.ERROR, "cancelled": Outcome.ERROR,
    "crashed": Outcome.ERROR, "incomplete": Outcome.ERROR, "inconclusive": Outcome.ERROR,
    "interrupted": Outcome.ERROR, "timeout": Outcome.ERROR, "undefined": Outcome.ERROR, "warning": Outcome.ERROR,
    "disabled": Outcome.SKIPPED, "ignored": Outcome.SKIPPED, "notrun": Outcome.SKIPPED, "pending": Outcome.SKIPPED,
    "skip": Outcome.SKIPPED, "skipped": Outcome.SKIPPED, "suppressed": Outcome.SKIPPED, "untested": Outcome.SKIPPED,
}  # fmt: skip
PASSES = frozenset({
    "", "complete", "completed", "executed", "expected", "flaky", "ok", "pass", "passed", "run", "success", "succeeded",
    "successful", "true",
})  # fmt: skip

_ORDER = (Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED)


class Told(NamedTuple):
    """What a case says of itself."""

    outcome: Outcome
    runs: int = 0  #: earlier runs of the same test that failed
    strange: tuple[str, ...] = ()  #: children and words that may mean anything, as they are written
    bad: int = 0  #: failures and errors that it shows, for the counters of its suites


PLAIN = Told(Outcome.PASSED)  #: what a case without children and words says


def judge(tags: Iterable[str], words: Iterable[str]) -> Told:
    """One outcome: by the children, else by the words.

    Letters' case does not matter, since a ``<Failure>`` is hardly a pass.
    """
    names = [(tag, tag.lower()) for tag in tags]
    strange = [f"<{tag}>" for tag, name in names if name not in _KNOWN and tag != "testcase"]
    told = [CHILDREN[name] for _, name in names if name in CHILDREN]
    runs = sum(name in FLAKY or name in RERUN for _, name in names)
    bad = sum(outcome.is_bad for outcome in told)
    if not told:
        said = [(word, word.strip().lower()) for word in words]
        strange += [repr(word) for word, name in said if name not in PASSES and name not in WORDS]
        told = [WORDS[name] for _, name in said if name in WORDS]
        bad = sum(outcome.is_bad for outcome in told[:1])
    outcome = next((each for each in _ORDER if each in told), Outcome.PASSED)
    return Told(outcome, runs, tuple(strange), bad)


_KNOWN = frozenset(CHILDREN) | FLAKY | RERUN | SILENT
