"""The gate pr-checklist on what a platform knows: approvals, code owners, labels, drafts, size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deliverygate.change import Approval, ChangedFile, ChangeRequest
from deliverygate.errors import ConfigError
from deliverygate.model import CheckResult, Verdict
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.pr_checklist import gate

PUSHED = datetime(2026, 3, 4, 12, tzinfo=UTC)
HEAD, OLD = "b" * 40, "a" * 40
LATER, EARLIER = PUSHED + timedelta(hours=1), PUSHED - timedelta(hours=1)
CODEOWNERS = "* @lead\n/api/ @org/api\n/docs/ docs@example.com\n/free/\n/mine/ @ann\n"


def change(**more: Any) -> ChangeRequest:
    return ChangeRequest(
        **{
            "title": "feat: a basket", "description": "A basket.\n\n- [x] tested", "source": "https://git.example/shop/12",
            "platform": "github", "number": 12, "author": "ann", "head": HEAD, "pushed_at": PUSHED,
            "approvals": (), "labels": (), "draft": False, "files": (ChangedFile(path="src/a.py", lines=((1, 9),)),),
            **more,
        }
    )  # fmt: skip


def judge(settings: dict[str, Any], judged: ChangeRequest, **doors: Any) -> CheckResult:
    """The last check of the gate: the one that ``settings`` asks for."""
    return run_gate(gate, settings, make_context(Path("/nowhere"), change=judged, **doors))[-1]


def by(name: str, **more: Any) -> Approval:
    return Approval(**{"by": name, "commit": HEAD, **more})


@pytest.mark.parametrize(
    ("approvals", "more", "verdict", "summary"),
    [
        ((), {}, "failed", "0 approvals, 1 wanted"),
        ((by("bob"),), {}, "passed", "1 approvals: @bob"),
        ((by("ann"),), {}, "failed", "0 approvals, 1 wanted"),
        ((by("ANN"),), {}, "failed", "0 approvals, 1 wanted"),
        ((by("ann"),), {"author": True}, "passed", "1 approvals: @ann"),
        ((by("bob", commit=OLD),), {}, "failed", "0 approvals, 1 wanted"),
        ((by("bob", commit=OLD, at=LATER),), {}, "failed", "0 approvals, 1 wanted"),
        ((by("bob", commit=OLD),), {"after_last_push": False}, "passed", "1 approvals: @bob"),
        ((by("bob", commit=None, at=LATER),), {}, "passed", "1 approvals: @bob"),
        ((by("bob", commit=None, at=EARLIER),), {}, "failed", "0 approvals, 1 wanted"),
        ((by("bob", commit=None),), {}, "inconclusive", "0 approvals for sure, 1 wanted"),
        ((by("bob"), by("bob", commit=OLD)), {"count": 2}, "failed", "1 approvals, 2 wanted"),
        ((by("bob"), by("cem")), {"count": 2}, "passed", "2 approvals: @bob, @cem"),
        ((by("bob"),), {"from": ["@cem"]}, "failed", "0 approvals by @cem, 1 wanted"),
        ((by("Cem"),), {"from": ["@cem"]}, "passed", "1 approvals by @cem: @Cem"),
        ((by("bob"),), {"from": ["@org/api"]}, "passed", "1 approvals by @org/api: @bob"),
        ((by("cem"),), {"from": ["@org/api"]}, "failed", "0 approvals by @org/api, 1 wanted"),
        ((by("bob"),), {"from": ["@org/secret"]}, "inconclusive", "0 approvals by @org/secret for sure, 1 wanted"),
        ((), {"from": ["@org/secret"]}, "failed", "0 approvals by @org/secret, 1 wanted"),
    ],
    ids=[
        "none", "one", "the-author", "the-author-in-capitals", "the-author-where-allowed", "of-an-older-commit",
        "of-an-older-commit-sent-later", "older-where-allowed", "after-the-push", "before-the-push", "at-no-known-time",
        "one-twice", "two", "of-somebody-else", "of-the-named", "of-a-team", "not-of-the-team",
        "of-a-team-that-is-hidden", "none-of-a-hidden-team",
    ],
)  # fmt: skip
def test_approval_counts_when_somebody_else_gave_it_to_what_is_judged(
    approvals: tuple[Approval, ...], more: dict[str, Any], verdict: str, summary: str
) -> None:
    check = judge(
        {"approvals": more or {"count": 1}}, change(approvals=approvals), teams={"org/api": frozenset({"bob"})}
    )

    assert (check.name, check.verdict.value, check.summary) == ("approvals", verdict, summary)


def test_approval_that_does_not_count_is_told_with_its_reason() -> None:
    check = judge({"approvals": {}}, change(approvals=(by("ann"), by("bob", commit=OLD))))

    assert check.details.splitlines() == ["@ann: is the author", "@bob: given before the last push"]
    assert [finding.message for finding in check.findings] == ["1 of 1 approvals missing"]


def test_author_that_nobody_knows_leaves_it_open_whose_approval_it_is() -> None:
    check = judge({"approvals": {}}, change(author=None, approvals=(by("bob"),)))

    assert (check.verdict, check.details) == (Verdict.INCONCLUSIVE, "@bob: the change's author is not known")


@pytest.mark.parametrize(
    ("paths", "approvals", "verdict", "said"),
    [
        (["src/a.py"], ["lead"], "passed", "all 1 that CODEOWNERS asks for approved"),
        (["src/a.py"], ["bob"], "failed", "no approval by @lead (src/a.py)"),
        (["api/x", "src/a.py"], ["lead"], "failed", "no approval by @org/api (api/x)"),
        (["api/x", "src/a.py"], ["lead", "bob"], "passed", "all 2 that CODEOWNERS asks for approved"),
        (["free/x"], [], "passed", "CODEOWNERS asks for none"),
        (["docs/x"], ["bob"], "inconclusive", "it is not known whether the code owners approved"),
        (["docs/x"], [], "failed", "no approval by docs@example.com (docs/x)"),
        (["mine/x"], ["lead"], "failed",
         "no approval by @ann (mine/x); the author is the only owner, and somebody else must become one"),
        ([f"src/{n}.py" for n in range(5)], [], "failed",
         "no approval by @lead (src/0.py, src/1.py, src/2.py and 2 more)"),
    ],
    ids=["owner", "somebody-else", "one-of-two", "both", "freed", "address", "address-none", "author-alone", "many"],
)  # fmt: skip
def test_owners_of_each_changed_path_must_have_approved(
    paths: list[str], approvals: list[str], verdict: str, said: str
) -> None:
    judged = change(
        files=tuple(ChangedFile(path=path) for path in paths), approvals=tuple(by(name) for name in approvals)
    )

    check = judge(
        {"approvals": {"count": 0, "code_owners": True}},
        judged,
        base_files={"/CODEOWNERS": CODEOWNERS},
        teams={"org/api": frozenset({"bob"})},
    )

    assert (check.name, check.verdict.value) == ("code owners", verdict)
    assert said in (check.summary, *(finding.message for finding in check.findings))


def test_file_that_was_moved_away_still_has_its_owners() -> None:
    moved = ChangedFile(path="src/a.py", previous_path="api/a.py", status="renamed")

    check = judge(
        {"approvals": {"count": 0, "code_owners": True}},
        change(files=(moved,), approvals=(by("lead"),)),
        base_files={"/CODEOWNERS": CODEOWNERS},
        teams={"org/api": frozenset({"bob"})},
    )

    assert [finding.message for finding in check.findings] == ["no approval by @org/api (api/a.py)"]


def test_sections_of_gitlab_ask_for_their_own_number_and_optional_ones_for_nobody() -> None:
    text = "[API][2] @bob @cem\napi/\n^[Style] @dan\n*\n"

    check = judge(
        {"approvals": {"count": 0, "code_owners": True}},
        change(platform="gitlab", files=(ChangedFile(path="api/x"),), approvals=(by("bob"),)),
        base_files={"/.gitlab/CODEOWNERS": text},
    )

    assert [finding.message for finding in check.findings] == ["no approval by 2 of @bob, @cem for API (api/x)"]


def test_owners_of_a_sub_folder_are_those_of_the_repository() -> None:
    check = judge(
        {"approvals": {"count": 0, "code_owners": True}},
        change(folder="api/", files=(ChangedFile(path="x"),), approvals=(by("lead"),)),
        base_files={"/CODEOWNERS": CODEOWNERS},
        teams={"org/api": frozenset({"bob"})},
    )

    assert [finding.message for finding in check.findings] == ["no approval by @org/api (x)"]


def test_missing_code_owners_file_is_an_error() -> None:
    check = judge({"approvals": {"count": 0, "code_owners": True}}, change())

    assert (check.verdict, check.summary) == (Verdict.ERROR, "the target branch has no CODEOWNERS file")


@pytest.mark.parametrize(
    "settings",
    [{"approvals": {}}, {"approvals": {"count": 0, "code_owners": True}}, {"labels": {"any": ["x"]}}, {"draft": "forbid"}],
    ids=["approvals", "code-owners", "labels", "draft"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("platform", "environ", "verdict"),
    [("git", {}, "skipped"), ("git", {"CI": "true"}, "inconclusive"), ("gitlab", {}, "inconclusive")],
    ids=["laptop", "ci-without-a-platform", "platform-that-may-not-tell"],
)
def test_what_is_not_known_never_passes(
    settings: dict[str, Any], platform: str, environ: dict[str, str], verdict: str
) -> None:
    blind = change(platform=platform, approvals=None, labels=None, draft=None, notes=("the scope read_api is missing",))

    check = judge(settings, blind, environ=environ)

    assert check.verdict.value == verdict
    assert ("the scope read_api is missing" in check.details) is (verdict == "inconclusive")


@pytest.mark.parametrize(
    ("wanted", "labels", "verdict", "summary"),
    [
        ({"required": ["ready"]}, ("Ready",), "passed", "Ready"),
        ({"required": ["ready"]}, (), "failed", "the label 'ready' is missing"),
        ({"any": ["type::*"]}, ("type::bug",), "passed", "type::bug"),
        ({"any": ["type::*", "kind"]}, ("x",), "failed", "none of the labels type::*, kind is there"),
        ({"forbidden": ["do-not-*"]}, ("do-not-merge",), "failed",
         "the label 'do-not-merge' keeps it from going on"),
        ({"forbidden": ["[x]"]}, ("x",), "passed", "x"),
    ],
    ids=["required", "missing", "any", "none-of", "forbidden", "brackets-are-no-set"],
)  # fmt: skip
def test_labels_are_demanded_and_forbidden(
    wanted: dict[str, Any], labels: tuple[str, ...], verdict: str, summary: str
) -> None:
    check = judge({"labels": wanted}, change(labels=labels))

    assert (check.verdict.value, check.summary) == (verdict, summary)


@pytest.mark.parametrize(("draft", "verdict"), [(True, "failed"), (False, "passed")])
def test_draft_is_refused_where_the_policy_says_so(draft: bool, verdict: str) -> None:
    assert judge({"draft": "forbid"}, change(draft=draft)).verdict.value == verdict


def test_size_counts_files_and_new_lines_without_those_that_do_not_count() -> None:
    files = (
        ChangedFile(path="src/a.py", lines=((1, 10), (20, 20))),
        ChangedFile(path="web/package-lock.json", lines=((1, 9000),)),
        ChangedFile(path="logo.png", lines=None),
    )

    check = judge({"size": {"max_files": 2, "max_lines": 10, "exclude": ["**/package-lock.json"]}}, change(files=files))

    assert (check.verdict.value, check.summary) == ("failed", "11 added or changed lines, at most 10 allowed")
    assert [(each.name, each.value, each.wanted) for each in check.measurements] == [
        ("files", 2, "at most 2"), ("added or changed lines", 11, "at most 10"),
    ]  # fmt: skip
    assert check.details.splitlines() == [
        "1 files do not count",
        "how many lines of 1 files are new is not known: logo.png",
    ]


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        (ChangedFile(path="logo.png", added=0), "passed"),
        (ChangedFile(path="big.sql", added=11), "failed"),
        (ChangedFile(path="big.sql"), "inconclusive"),
    ],
    ids=["binary", "counted by the platform", "not known"],
)
def test_lines_that_nobody_shows_are_not_taken_for_none(file: ChangedFile, verdict: str) -> None:
    assert judge({"size": {"max_lines": 10}}, change(files=(file,))).verdict.value == verdict


def test_issue_that_may_be_linked_where_nobody_can_look_is_inconclusive() -> None:
    checks = run_gate(gate, {"linked_issue": True}, make_context(Path("/nowhere"), change=change(issues=None)))

    assert {check.name: check.verdict for check in checks}["linked issue"] is Verdict.INCONCLUSIVE


def test_size_of_unknown_files_is_inconclusive() -> None:
    assert judge({"size": {"max_files": 1}}, change(files=None)).verdict is Verdict.INCONCLUSIVE


def test_issue_that_the_platform_links_is_a_linked_issue() -> None:
    checks = run_gate(
        gate, {"linked_issue": True}, make_context(Path("/nowhere"), change=change(issues=("shop/basket#7",)))
    )

    assert {check.name: check.summary for check in checks}["linked issue"] == "names shop/basket#7"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"approvals": {"count": 0}}, "demands nothing; set `count` or `code_owners`"),
        ({"approvals": {"from": ["bob"]}}, "`from`: 'bob' is no reviewer; write @user or @group/team"),
        ({"labels": {}}, "names no label"),
        ({"size": {}}, "limits nothing"),
        ({"size": {"max_files": 1, "exclude": ["/x"]}}, "is not relative to the repository"),
    ],
    ids=["approvals", "reviewer", "labels", "size", "glob"],
)
def test_demand_that_could_prove_nothing_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((ConfigError, ValueError), match=said.replace("(", r"\(")):
        judge(settings, change())
