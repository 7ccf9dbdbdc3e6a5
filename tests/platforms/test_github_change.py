"""What is learned of a pull request, from GitHub's API, the event and git, and what becomes of it when one fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deliverygate.change import Approval, ChangedFile, ChangeRequest
from deliverygate.errors import ReportError
from deliverygate.platforms import Target
from deliverygate.testing import FakeClock
from tests.platforms.github_server import Answer, GitHub, label, made_of, said, user
from tests.platforms.github_world import Job, Shop, start_job
from tests.platforms.test_local_git import Repository

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REFUSED = Answer(403, said("Resource not accessible by integration", 403))

FILES = (
    ChangedFile(path="app.py", status="modified", lines=((3, 3),)),
    ChangedFile(path="basket.py", status="added", lines=((1, 2),)),
)


@pytest.fixture
def start(hub: GitHub, shop: Shop, tmp_path: Path) -> Callable[..., Job]:
    def start(*, depth: int | None = 2, ref: str = "refs/pull/12/merge", **given: Any) -> Job:
        heads = {"head": {"ref": "feature", "sha": shop.head}, "base": {"ref": "main", "sha": shop.start}}
        hub.add_pull(12, **{**heads, **given})
        return start_job(hub, shop.check_out(tmp_path / "work", depth=depth, ref=ref), tmp_path, sha=shop.merge)

    return start


def test_a_pull_request_is_told_whole(hub, shop, start):
    job = start(labels=[label("risk: low")], draft=True)
    hub.add_review(12, "bob", "APPROVED", commit=shop.head)
    hub.permissions["bob"] = "write"
    hub.closes[12] = [("acme/shop", 7), ("acme/other", 3)]

    assert job.platform().change() == ChangeRequest(
        title="Add a basket",
        description="- [x] tests",
        source="https://github.com/acme/shop/pull/12",
        platform="github",
        number=12,
        url="https://github.com/acme/shop/pull/12",
        target="main",
        branch="feature",
        base=shop.tip,
        head=shop.head,
        tested=shop.merge,
        is_fork=False,
        author="ada",
        draft=True,
        labels=("risk: low",),
        approvals=(Approval(by="bob", at=MOMENT, commit=shop.head),),
        pushed_at=MOMENT,
        issues=("#7", "acme/other#3"),
        files=FILES,
    )


def test_the_text_is_the_one_of_now_and_not_that_of_the_event(hub, start):
    job = start()
    hub.pulls[12]["body"] = "- [x] tests\n- [x] docs"

    assert job.platform().change().description == "- [x] tests\n- [x] docs"


def test_github_is_asked_once_however_often_the_change_is_asked_for(hub, start):
    platform = start().platform()

    assert platform.change() is platform.change()
    assert len(hub.asked) == 3


@pytest.mark.parametrize(
    "answers",
    [[REFUSED], [Answer(404, said("Not Found", 404))], [Answer(500, said("Oops", 500))] * 9],
    ids=["refused", "hidden", "broken"],
)
def test_the_text_of_the_event_stands_in_where_github_does_not_answer(hub, start, answers):
    job = start()
    hub.misbehave("GET .*/pulls/12$", *answers)

    change = job.platform(FakeClock()).change()

    assert (change.description, change.source) == ("- [x] tests", "GITHUB_EVENT_PATH")
    assert change.notes[0].startswith(
        "Title, description and labels are those of the moment when the run was started: GET "
    )


def test_a_re_run_never_takes_the_text_of_the_first_run(hub, start):
    job = start()
    job.environ["GITHUB_RUN_ATTEMPT"] = "2"
    hub.misbehave("GET .*/pulls/12$", REFUSED)

    with pytest.raises(ReportError, match=r"GitHub answers 403 .* allow `pull-requests: read` to the token"):
        job.platform().change()


def test_a_description_that_nobody_wrote_is_empty(start):
    assert start(body=None).platform().change().description == ""


def test_a_run_that_was_started_for_another_target_is_refused(hub, start):
    job = start()
    hub.pulls[12]["base"]["ref"] = "release"

    with pytest.raises(ReportError, match="#12 is to be merged into release by now, and this run was started for main"):
        job.platform().change()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({"number": 13}, "number 13, and the runner says 12"), ({"base": "evil"}, "base.ref 'evil'.* runner says 'main'")],
    ids=["number", "target"],
)
def test_a_payload_that_a_step_has_written_to_is_refused(hub, start, changes, wrong):
    job = start()
    pull = {**hub.pulls[12], "number": changes.get("number", 12)}
    pull["base"] = {**pull["base"], "ref": changes.get("base", "main")}
    job.write_event({"action": "opened", "pull_request": pull})

    with pytest.raises(ReportError, match=f"GITHUB_EVENT_PATH: says {wrong}"):
        job.platform().target()


@pytest.mark.parametrize(
    ("payload", "fault"),
    [("{", "is no event of GitHub"), ('{"pull_request": 3}', "is no event of GitHub"), (None, "cannot be read")],
    ids=["cut", "of another form", "missing"],
)
def test_a_payload_that_is_none_is_an_error(start, payload, fault):
    job = start()
    path = Path(job.environ["GITHUB_EVENT_PATH"])
    path.unlink() if payload is None else path.write_text(payload)

    with pytest.raises(ReportError, match=f"GITHUB_EVENT_PATH: {fault}"):
        job.platform().change()


@pytest.mark.parametrize(
    ("reviews", "standing"),
    [
        ([("bob", "APPROVED")], ["bob"]),
        ([("bob", "APPROVED"), ("bob", "COMMENTED")], ["bob"]),
        ([("bob", "APPROVED"), ("bob", "CHANGES_REQUESTED")], []),
        ([("bob", "CHANGES_REQUESTED"), ("bob", "APPROVED")], ["bob"]),
        ([("bob", "DISMISSED")], []),
        ([("bob", "APPROVED"), ("bob", "CHANGES_REQUESTED"), ("bob", "DISMISSED")], []),
        ([("bob", "PENDING"), ("bob", "COMMENTED")], []),
        ([("bob", "APPROVED"), ("carl", "CHANGES_REQUESTED"), ("dora", "APPROVED")], ["bob", "dora"]),
    ],
    ids=[
        "approved", "a comment later", "changes wanted later", "approved in the end", "dismissed",
        "nothing comes back", "not yet sent", "each by himself",
    ],
)  # fmt: skip
def test_the_last_word_of_each_reviewer_counts(hub, start, reviews, standing):
    job = start()
    hub.permissions = dict.fromkeys(["bob", "carl", "dora"], "write")
    for by, state in reviews:
        hub.add_review(12, by, state)

    assert [approval.by for approval in job.platform().change().approvals] == standing


@pytest.mark.parametrize(
    ("level", "counts"), [("admin", True), ("write", True), ("read", False), ("none", False)], ids=str
)
def test_only_who_may_write_approves_anything(hub, start, level, counts):
    job = start()
    hub.add_review(12, "bob", "APPROVED")
    hub.permissions["bob"] = level

    change = job.platform().change()

    note = "The approval by bob does not count: who may not write to the repository has no say."
    assert ([approval.by for approval in change.approvals], change.notes) == (["bob"], ()) if counts else ([], (note,))


def test_a_program_approves_nothing(hub, start):
    job = start()
    hub.add_review(12, "github-actions[bot]", "APPROVED", user=user("github-actions[bot]", "Bot"))
    hub.permissions["github-actions[bot]"] = "write"

    change = job.platform().change()

    note = "The approval by github-actions[bot] does not count: it is no person."
    assert (change.approvals, change.notes) == ((), (note,))


def test_a_review_of_a_deleted_account_counts_for_nobody(hub, start):
    job = start()
    hub.add_review(12, "ghost", "APPROVED", user=None)

    assert job.platform().change().approvals == ()


@pytest.mark.parametrize("piece", ["reviews", "permission"])
def test_approvals_that_may_not_be_looked_at_are_not_known(hub, start, piece):
    job = start()
    hub.add_review(12, "bob", "APPROVED")
    hub.misbehave(piece, REFUSED)

    change = job.platform().change()

    assert (change.approvals, len(change.notes)) == (None, 1)
    assert change.notes[0].startswith("The approvals are not known: GET ")


def test_issues_that_may_not_be_looked_at_are_not_known(hub, start):
    job = start()
    hub.rights.discard("issues: read")

    change = job.platform().change()

    assert change.issues is None
    assert change.notes[0].startswith("The linked issues are not known: graphql: GitHub answers with errors")
    assert change.notes[0].endswith("allow `issues: read`.")


@pytest.mark.parametrize("depth", [2, 3, None], ids=["two commits", "three", "all"])
def test_the_change_is_what_its_merge_adds_to_the_target(shop, start, depth):
    change = start(depth=depth).platform().change()

    assert (change.base, change.files, change.notes) == (shop.tip, FILES, ())


def test_a_head_that_is_checked_out_itself_is_compared_with_where_it_started(shop, start):
    job = start(depth=None, ref="refs/heads/feature")

    change = job.platform().change()

    assert (change.base, change.head, change.tested) == (shop.start, shop.head, shop.head)
    assert change.files[0] == ChangedFile(path="app.py", lines=((2, 2),))


def test_a_base_on_the_command_line_wins(shop, start):
    job = start(depth=None)

    assert job.platform(base=shop.start).change().base == shop.start


PATCH = "@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n\\ No newline at end of file"
LISTED = [
    {"filename": "app.py", "status": "modified", "patch": PATCH},
    {"filename": "new name.py", "status": "renamed", "previous_filename": "old name.py"},
    {"filename": "gone.py", "status": "removed", "patch": "@@ -1 +0,0 @@\n-x"},
    {"filename": "logo.png", "status": "added"},
]


def list_files(hub: GitHub) -> None:
    hub.files[12] = [made_of("diff-entry", **each) for each in LISTED]
    hub.pulls[12]["changed_files"] = len(LISTED)


def test_github_lists_the_files_where_the_clone_is_too_shallow(hub, start):
    job = start(depth=1)
    list_files(hub)

    change = job.platform().change()

    # The lines that GitHub tells are those of the head, and its merge is checked out.
    assert change.files == (
        ChangedFile(path="app.py", added=1),
        ChangedFile(path="new name.py", status="renamed", previous_path="old name.py", added=1),
        ChangedFile(path="gone.py", status="deleted", lines=()),
        ChangedFile(path="logo.png", status="added", added=1),
    )
    assert change.notes == (
        "The changed files are those that GitHub lists: git: the target branch is not in the clone; check out with"
        " `fetch-depth: 2` (or 0, for the whole history).",
    )


def test_the_lines_that_github_lists_hold_where_the_head_is_checked_out(hub, start):
    job = start(depth=1, ref="refs/heads/feature")
    list_files(hub)

    assert job.platform().change().files[0] == ChangedFile(path="app.py", lines=((2, 2),))


def test_a_list_that_github_cuts_is_no_list(hub, start):
    job = start(depth=1)
    hub.files[12] = [made_of("diff-entry", filename=f"{number}.py", status="added") for number in range(3050)]
    hub.pulls[12]["changed_files"] = 3050

    change = job.platform().change()

    assert change.files is None
    assert change.notes[0].startswith("The changed files are not known: git: the target branch is not in the clone")
    assert change.notes[0].endswith("GitHub: GitHub lists 3,000 of 3,050 changed files.")


def test_paths_are_those_of_the_folder_of_the_policy(hub, shop, start):
    job = start(depth=1)
    hub.files[12] = [
        made_of("diff-entry", filename="services/shop/a.py", status="added"),
        made_of("diff-entry", filename="b.py", status="added"),
    ]
    hub.pulls[12]["changed_files"] = 2
    (job.work.root / "services" / "shop").mkdir(parents=True)
    job.work = Repository(job.work.root / "services" / "shop")

    assert job.platform().change().files == (ChangedFile(path="a.py", status="added", added=1),)


def test_a_fork_is_known_as_one(start):
    assert start(fork="eve/shop").platform().change().is_fork


def test_a_fork_that_was_deleted_is_known_as_one(hub, start):
    job = start(fork="eve/shop")
    hub.pulls[12]["head"]["repo"] = None

    assert job.platform().change().is_fork
    hub.faults.clear()  # https://github.com/github/rest-api-description/issues/1811: null is not described


def test_a_pull_request_that_went_on_is_judged_as_it_was_at_the_start(hub, shop, start):
    job = start()
    hub.pulls[12] = {**hub.pulls[12], "head": {**hub.pulls[12]["head"], "sha": "c" * 40}}

    change = job.platform().change()

    assert (change.head, change.notes) == (
        shop.head,
        (
            f"#12 has moved on from {shop.head[:10]} to cccccccccc since this run was started; it judges"
            f" {shop.head[:10]}.",
        ),
    )


def test_a_target_that_is_checked_out_is_not_taken_for_the_change(hub, shop, start):
    job = start(depth=None, ref="refs/heads/main")
    job.environ |= {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": shop.tip}
    list_files(hub)

    change = job.platform().change()

    assert [file.path for file in change.files] == ["app.py", "new name.py", "gone.py", "logo.png"]
    assert change.notes[0].startswith(
        f"The changed files are those that GitHub lists: git: {shop.tip[:10]} is checked out, which is neither the head"
        f" of #12 ({shop.head[:10]}) nor its merge with the target"
    )


def test_a_merge_queue_tests_the_last_pull_request_with_those_before_it(hub, shop, start):
    job = start()
    queue = f"refs/heads/gh-readonly-queue/main/pr-12-{shop.tip}"
    job.environ |= {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": queue, "GITHUB_BASE_REF": ""}
    group = {"head_ref": queue, "head_sha": shop.merge, "base_ref": "refs/heads/main", "base_sha": shop.tip}
    job.write_event({"action": "checks_requested", "merge_group": group})
    platform = job.platform()

    change = platform.change()

    assert (change.number, change.head, change.tested, change.base, change.files) == (
        12, shop.head, shop.merge, shop.tip, FILES,
    )  # fmt: skip
    assert change.notes[0].startswith("A merge queue tests #12 together with those before it")
    assert platform.target().branch == "main"


def test_a_push_to_the_default_branch_is_compared_with_what_that_was_before_it(hub, shop, start):
    job = start(depth=None)
    job.environ |= {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    job.environ["GITHUB_BASE_REF"] = ""
    job.write_event({"before": shop.tip, "ref": "refs/heads/main"})
    platform = job.platform()

    change = platform.change()

    assert (change.platform, change.branch, change.base, change.number, change.target) == (
        "github", "main", shop.tip, None, None,
    )  # fmt: skip
    assert (change.title, platform.target(), hub.asked) == ("Add a basket", None, [])
    assert change.is_of_target


def test_a_push_to_another_branch_is_compared_with_the_default_one(hub, shop, start):
    job = start(depth=None)
    job.environ |= {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/basket", "GITHUB_REF_NAME": "basket"}
    job.environ["GITHUB_BASE_REF"] = ""
    job.write_event({"before": shop.head, "ref": "refs/heads/basket", "repository": {"default_branch": "main"}})
    job.work.git("fetch", "--quiet", "origin", f"{shop.tip}:refs/remotes/origin/main")

    change = job.platform().change()

    assert (change.base == shop.head, change.is_of_target, bool(change.files)) == (False, False, True)


def test_the_target_is_told_without_asking_github(hub, shop, start):
    job = start()

    assert job.platform().target() == Target(branch="main", commit=shop.tip, fetch_from="origin")
    assert hub.asked == []


def test_the_target_of_a_checkout_of_a_fork_is_fetched_from_the_repository_itself(start):
    job = start()
    job.work.git("remote", "set-url", "origin", "https://github.com/eve/shop")

    assert job.platform().target().fetch_from == "https://github.com/acme/shop"


@pytest.mark.parametrize("depth", [2, 1], ids=["from git", "from GitHub"])
def test_a_file_is_read_as_the_target_has_it(hub, start, depth):
    job = start(depth=depth)
    hub.contents["main", "template.md"] = b"- [ ] tests\n"
    platform = job.platform()

    assert platform.base_text("template.md") == "- [ ] tests\n"
    assert platform.base_text("missing.md") is None


@pytest.mark.parametrize(
    ("data", "fault"),
    [(b"\xff\xfe", "is not UTF-8 in the target branch"), (b"x" * 1_048_577, "is no small file in the target branch")],
    ids=["not UTF-8", "too large"],
)
def test_a_file_of_the_target_that_is_no_text_is_an_error(hub, start, data, fault):
    job = start(depth=1)
    hub.contents["main", "template.md"] = data

    with pytest.raises(ReportError, match=fault):
        job.platform().base_text("template.md")


def test_a_file_that_may_not_be_seen_is_not_taken_for_a_missing_one(hub, start):
    job = start(depth=1)
    hub.misbehave("/contents/", Answer(404, said("Not Found", 404)))
    hub.misbehave("/branches/", Answer(404, said("Not Found", 404)))

    with pytest.raises(ReportError, match="allow `contents: read`"):
        job.platform().base_text("template.md")


def test_members_of_a_team_are_told_page_by_page(hub, start):
    hub.rights.add("members: read")
    hub.teams["acme/owners"] = [f"person-{number}" for number in range(120)]

    assert start().platform().team("@acme/owners") == frozenset(hub.teams["acme/owners"])


@pytest.mark.parametrize("name", ["acme/owners", "bob", "a/b/c", "../x"], ids=["no right", "a person", "odd", "a path"])
def test_a_team_that_is_not_known_is_none(hub, start, name):
    hub.teams["acme/owners"] = ["bob"]

    assert start().platform().team(name) is None


def laptop(job: Job, shop: Shop, *, remote: str = "https://github.com/acme/shop.git") -> Job:
    """The same checkout, on a branch, outside of any CI system."""
    job.environ = {"GITHUB_TOKEN": job.environ["GITHUB_TOKEN"], "GITHUB_API_URL": job.hub.url}
    job.work.git("checkout", "--quiet", "-B", "feature", shop.head)
    job.work.git("remote", "set-url", "origin", remote)
    return job


def test_on_a_laptop_the_open_pull_request_of_the_branch_is_found(hub, shop, start):
    job = laptop(start(depth=None), shop)
    hub.add_pull(3, state="closed", head={"ref": "feature", "sha": shop.head})
    platform = job.platform()

    change = platform.change()

    assert (change.number, change.title, change.base, change.pushed_at) == (12, "Add a basket", shop.start, None)
    assert platform.target() == Target(branch="main")


def test_a_pull_request_from_a_fork_is_found_in_the_repository_upstream(hub, shop, start):
    job = laptop(start(depth=None, fork="eve/shop"), shop, remote="git@github.com:eve/shop.git")
    job.work.git("remote", "add", "upstream", "https://github.com/acme/shop")

    change = job.platform().change()

    assert (change.number, change.is_fork) == (12, True)


def test_a_commit_without_a_branch_finds_its_pull_request(hub, shop, start):
    job = laptop(start(depth=None), shop)
    job.work.git("checkout", "--quiet", "--detach")

    assert job.platform().change().number == 12


@pytest.mark.parametrize(
    ("token", "why"), [(True, "there is none for this branch"), (False, "no token is set (GITHUB_TOKEN)")], ids=str
)
def test_without_a_pull_request_the_commits_tell_the_change(hub, shop, start, token, why):
    job = laptop(start(depth=None, state="closed"), shop)
    job.work.git("update-ref", "refs/heads/main", shop.start)
    if not token:
        del job.environ["GITHUB_TOKEN"]

    change = job.platform().change()

    assert (change.title, change.number, change.branch, change.notes) == (
        "Add a basket", None, "feature", (f"No pull request was read: {why}.",),
    )  # fmt: skip


def test_a_token_is_never_sent_to_a_server_that_only_a_remote_names(hub, shop, start):
    job = laptop(start(depth=None), shop, remote=f"http://{hub.url.removeprefix('http://')}/acme/shop")

    with pytest.raises(ReportError, match=r"the remote origin is on 127\.0\.0\.1, and not on github\.com; name your"):
        job.platform().change()
    assert hub.asked == []


def test_a_branch_with_two_pull_requests_is_an_error(hub, shop, start):
    job = laptop(start(depth=None), shop)
    hub.add_pull(13, head={"ref": "feature", "sha": shop.head}, base={"ref": "release", "sha": shop.start})

    with pytest.raises(ReportError, match=r"several pull requests \(#12 into main, #13 into release\)"):
        job.platform().change()


def test_run_is_as_old_as_its_first_attempt_for_a_token_that_may_see_it(hub, start):
    job = start()
    with pytest.raises(ReportError, match="actions: read"):
        job.platform().pipeline_started_at()

    hub.rights.add("actions: read")

    assert job.platform().pipeline_started_at() == datetime(2026, 1, 2, 0, 4, 5, tzinfo=UTC)
    del job.environ["GITHUB_RUN_ID"]
    assert job.platform().pipeline_started_at() is None
