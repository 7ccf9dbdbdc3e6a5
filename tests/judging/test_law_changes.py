"""What a change to the law means, and who may approve it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deliverygate.change import Approval, ChangeRequest
from deliverygate.judging.codeowners import Ownership
from deliverygate.judging.law_changes import LINES, Consent, Touched, differences, find_consent, judge
from deliverygate.model import Verdict

POLICY = Touched(".deliverygate.yml", "a: 1\n", "a: 2\n")
BEFORE, AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
PUSHED = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "consent", "verdict"),
    [
        ("warn", None, Verdict.PASSED),
        ("block", None, Verdict.FAILED),
        ("approve", Consent(Verdict.PASSED, "approved by olga"), Verdict.PASSED),
        ("approve", Consent(Verdict.FAILED, "and nobody approved it"), Verdict.FAILED),
        ("approve", None, Verdict.INCONCLUSIVE),
    ],
    ids=["warns", "blocks", "approved", "not approved", "not known"],
)
def test_the_policy_says_what_becomes_of_a_change_to_it(mode, consent, verdict):
    check = judge([POLICY], mode, consent=consent)

    assert (check.verdict, bool(check.findings), bool(check.noted)) == (verdict, verdict.blocks, not verdict.blocks)


@pytest.mark.parametrize(("first", "verdict"), [("of the change", Verdict.PASSED), ("of a fork", Verdict.INCONCLUSIVE)])
def test_the_first_policy_is_let_through_where_it_is_not_of_a_fork(first, verdict):
    assert judge([POLICY], "block", first=first).verdict is verdict


def test_the_difference_is_shown_below_the_settings_that_change():
    check = judge([POLICY], "warn", settings=["pre-merge.x.a: 1 -> 2"])

    assert check.details.splitlines() == [
        "pre-merge.x.a: 1 -> 2",
        "--- a/.deliverygate.yml",
        "+++ b/.deliverygate.yml",
        "@@ -1 +1 @@",
        "-a: 1",
        "+a: 2",
    ]


@pytest.mark.parametrize(
    ("touched", "head"),
    [
        (Touched("w.yml", None, "a\n"), ["--- /dev/null", "+++ b/w.yml"]),
        (Touched("w.yml", "a\n", None), ["--- a/w.yml", "+++ /dev/null"]),
        (
            Touched("w.yml", "a\n", "a\n"),
            ["w.yml: its lines are the same, or not shown; the ends of lines, or its mode, differ"],
        ),
        (Touched("w.yml", "a\n" * 30_000, ""), ["w.yml: 30000 lines before, 0 after; too many to compare"]),
    ],
    ids=["added", "removed", "mode only", "enormous"],
)
def test_a_difference_says_what_became_of_the_file(touched, head):
    assert differences([touched])[:2] == head


def test_long_differences_are_cut():
    lines = differences([Touched("w.yml", None, "x" * 1000 + "\n" + "a\n" * 500)])

    assert (len(lines), lines[-1], max(map(len, lines))) == (LINES + 1, "... 304 more lines", 304)


def change(*approvals: Approval, **given) -> ChangeRequest:
    told = {"title": "", "description": "", "source": "", "author": "mallory", "head": "h2", "pushed_at": PUSHED}
    return ChangeRequest(**{**told, "approvals": approvals, **given})


OLGA = (Ownership(("@olga",)),)
TWO = (Ownership(("@olga",)), Ownership(("@sam",), "Security"))
NOBODY = "and no code owner of p.yml has approved it"
OLD = (Verdict.FAILED, f"{NOBODY} (@olga: given before the last push)")


@pytest.mark.parametrize(
    ("request_", "demands", "expected"),
    [
        (change(Approval(by="olga", commit="h2")), OLGA, (Verdict.PASSED, "approved by olga")),
        (change(Approval(by="Olga", at=AFTER)), OLGA, (Verdict.PASSED, "approved by Olga")),
        (change(Approval(by="ben", commit="h2")), (Ownership(("@acme/law",)),), (Verdict.PASSED, "approved by ben")),
        (change(Approval(by="olga", commit="h1", at=AFTER)), OLGA, OLD),
        (change(Approval(by="olga", at=BEFORE)), OLGA, OLD),
        (
            change(Approval(by="olga")),
            OLGA,
            (
                Verdict.INCONCLUSIVE,
                "and whether a code owner of p.yml approved it is not known "
                "(@olga: the platform does not say to which commit it was given)",
            ),
        ),
        (
            change(Approval(by="mallory", commit="h2")),
            (Ownership(("@mallory",)),),
            (Verdict.FAILED, f"{NOBODY} (@mallory: is the author)"),
        ),
        (
            change(Approval(by="eve", commit="h2")),
            OLGA,
            (Verdict.FAILED, f"{NOBODY} (@eve: is none of them)"),
        ),
        (
            change(Approval(by="eve", commit="h2")),
            (Ownership(("@acme/hidden",)),),
            (
                Verdict.INCONCLUSIVE,
                "and whether a code owner of p.yml approved it is not known "
                "(@eve: the members of @acme/hidden are not known)",
            ),
        ),
        (change(Approval(by="olga", commit="h2")), TWO, (Verdict.FAILED, f"{NOBODY} (@olga: is none of them)")),
        (
            change(Approval(by="olga", commit="h2"), Approval(by="sam", commit="h2")),
            TWO,
            (Verdict.PASSED, "approved by olga, sam"),
        ),
        (
            change(Approval(by="olga", commit="h2")),
            (),
            (Verdict.FAILED, "and CODEOWNERS of the target branch names nobody who answers for p.yml"),
        ),
        (
            change(Approval(by="olga", commit="h2"), author=None),
            OLGA,
            (
                Verdict.INCONCLUSIVE,
                "and whether a code owner of p.yml approved it is not known (@olga: the change's author is not known)",
            ),
        ),
        (change(approvals=None), OLGA, (Verdict.INCONCLUSIVE, "and who approved it could not be looked at")),
    ],
    ids=["head", "after the push", "member of a team", "older head", "before the push", "at no time", "the author",
         "a stranger", "a hidden team", "one of two sections", "both sections", "no owner", "author not known",
         "not known"],
)  # fmt: skip
def test_only_a_code_owner_who_saw_the_last_commit_and_did_not_write_it_consents(request_, demands, expected):
    teams = {"acme/law": frozenset({"ben"})}

    assert find_consent(request_, demands, team=teams.get, file="p.yml") == expected
