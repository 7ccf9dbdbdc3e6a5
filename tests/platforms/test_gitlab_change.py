"""What a merge request of GitLab becomes, on a real checkout and against a server that keeps to the documented API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.change import Approval, ChangedFile, ChangeRequest
from deliverygate.errors import ReportError
from deliverygate.platforms import Target
from deliverygate.platforms.gitlab import GitLabPlatform
from tests.platforms.gitlab_server import ADA, BOB, FORK, PATH, diff, issue, merge_request, note, user, version
from tests.platforms.gitlab_world import FORKED, World, gitlab_world

NOON = "2026-01-02T12:00:00.000Z"
APPROVED = "approved this merge request"
RIGHT = "set DELIVERYGATE_GITLAB_TOKEN to a project access token with the scope read_api and the role Reporter"
BASKET = ChangedFile(path="basket", status="added", lines=((1, 2),))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with gitlab_world(tmp_path) as made:
        yield made


def test_a_merge_request_is_told_as_gitlab_knows_it(world: World) -> None:
    world.server.approved_by = [{"user": BOB, "approved_at": NOON}]
    world.server.closes = [issue(12), issue(3, 77, "acme/plans"), {"id": "SHOP-12", "title": "elsewhere"}]

    change = world.platform().change()

    assert change == ChangeRequest(
        title="Add a basket",
        description="- [x] tests",
        source="https://gitlab.example.com/acme/shop/-/merge_requests/12",
        platform="gitlab",
        number=12,
        url="https://gitlab.example.com/acme/shop/-/merge_requests/12",
        target="main",
        branch="basket",
        base=world.base,
        head=world.head,
        tested=world.head,
        author="ada",
        draft=False,
        labels=("shop", "size::S"),
        approvals=(Approval(by="bob", at=datetime(2026, 1, 2, 12, tzinfo=UTC), commit=world.head),),
        pushed_at=datetime(2026, 1, 2, 10, tzinfo=UTC),
        issues=("#12", "acme/plans#3", "SHOP-12"),
        files=(BASKET,),
    )


def test_the_description_is_the_one_of_now_however_long_it_is(world: World) -> None:
    world.server.request["description"] = "x" * 3_000
    cut = {"CI_MERGE_REQUEST_DESCRIPTION": "x" * 2_700, "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "true"}

    assert world.platform(**cut).change().description == "x" * 3_000


def test_a_merge_request_is_asked_for_once(world: World) -> None:
    platform = world.platform()

    first, second = platform.change(), platform.change()

    assert first is second
    assert len(world.server.asked) == len(set(world.server.asked))


def test_nothing_is_asked_before_it_is_needed(world: World) -> None:
    world.platform().target()

    assert world.server.asked == []


def test_every_page_of_a_list_is_read(world: World) -> None:
    names = [f"user{number}" for number in range(250)]
    world.server.notes = [
        note(APPROVED, user(name, index), number=index, system=True) for index, name in enumerate(names)
    ]
    world.server.approved_by = [{"user": user("user0", 0)}]

    (approval,) = world.platform().change().approvals or ()

    assert approval.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert world.server.asked.count("GET /projects/42/merge_requests/12/notes") == 3


def test_an_approval_without_a_date_is_dated_by_gitlabs_own_note(world: World) -> None:
    pushes = [("c" * 40, "2026-01-02T15:00:00.000Z"), (world.head, "2026-01-02T10:00:00.000Z")]
    world.server.versions = [version(head, at, number) for number, (head, at) in enumerate(pushes)]
    world.server.approved_by = [{"user": ADA}, {"user": BOB}]
    world.server.notes = [
        note(APPROVED, BOB, at="2026-01-02T11:00:00.000Z", number=1, system=True),
        note("unapproved this merge request", BOB, at="2026-01-02T11:30:00.000Z", number=2, system=True),
        note(APPROVED, BOB, at=NOON, number=3, system=True),
        note(APPROVED, BOB, at="2026-01-02T16:00:00.000Z", number=4),  # Bob wrote that himself
        note(APPROVED, ADA, at="2026-01-02T16:30:00.000Z", number=5, system=True),
    ]

    assert world.platform().change().approvals == (
        Approval(by="ada", at=datetime(2026, 1, 2, 16, 30, tzinfo=UTC), commit="c" * 40),
        Approval(by="bob", at=datetime(2026, 1, 2, 12, tzinfo=UTC), commit=world.head),
    )


def test_an_approval_without_any_date_is_an_approval_without_a_commit(world: World) -> None:
    world.server.approved_by = [{"user": BOB}]
    world.server.trouble("/notes", 403)

    change = world.platform().change()

    assert change.approvals == (Approval(by="bob"),)
    assert change.notes == (
        "Not known: the times of approvals. GitLab answers 403 (403 Trouble); "
        "give the token in DELIVERYGATE_GITLAB_TOKEN the scope read_api and the role Reporter.",
    )


def test_a_new_target_branch_is_no_push(world: World) -> None:
    world.server.versions = [version(world.head, NOON, 2), version(world.head, "2026-01-02T10:00:00.000Z", 1)]

    assert world.platform().change().pushed_at == datetime(2026, 1, 2, 10, tzinfo=UTC)


def test_merged_results_are_compared_with_the_target_that_was_merged(world: World) -> None:
    merged = world.merge()

    change = world.platform(**merged).change()

    told = (change.head, change.tested, change.base, change.files, change.notes)
    assert told == (
        world.head, merged["CI_COMMIT_SHA"], merged["CI_MERGE_REQUEST_TARGET_BRANCH_SHA"], (BASKET,), (),
    )  # fmt: skip


def test_a_base_from_the_command_line_wins(world: World) -> None:
    change = world.platform(base=f"{world.head}~1").change()

    assert change.files == (ChangedFile(path="basket", lines=((2, 2),)),)


def test_a_merge_request_that_moved_on_is_told(world: World) -> None:
    world.server.request["sha"] = "d" * 40

    change = world.platform().change()

    said = f"The merge request has moved on to dddddddddd; this run is about {world.head[:10]}."
    assert (change.head, change.notes) == (world.head, (said,))


@pytest.mark.parametrize(
    ("source", "is_fork"), [({"source_project_id": FORK}, True), ({"source_project_id": None}, True), ({}, False)],
    ids=["fork", "fork that is gone", "own branch"],
)  # fmt: skip
def test_a_fork_is_told_from_a_branch(world: World, source: dict[str, int | None], is_fork: bool) -> None:
    world.server.request |= source

    assert world.platform().change().is_fork is is_fork


def test_an_old_server_calls_a_draft_work_in_progress(world: World) -> None:
    old = {name: value for name, value in world.server.request.items() if name != "draft"}
    world.server.trouble("/merge_requests/12", 200, body=old | {"work_in_progress": True})

    assert world.platform().change().draft is True


def test_issues_are_unknown_where_gitlab_would_close_none(world: World) -> None:
    world.server.request["target_branch"] = "release"

    change = world.platform().change()

    said = "GitLab tells which issues a change closes only where it goes to the default branch."
    assert (change.issues, change.notes) == (None, (said,))


def test_a_clone_that_is_too_shallow_takes_the_files_from_gitlab(world: World) -> None:
    world.server.diffs = [
        diff(
            "basket",
            "@@ -1,2 +1,4 @@\n one\n+two\n+three\n two\n@@ -9 +10,2 @@\n-x\n+y\n+z\n\\ No newline at end of file\n",
        ),
        diff("gone", "@@ -1 +0,0 @@\n-x\n", deleted_file=True),
        diff("new", "@@ -0,0 +1 @@\n+x\n", new_file=True),
        diff("b", old_path="a", renamed_file=True),
        diff("run", b_mode="100755"),
        diff("huge", too_large=True),
        diff("folded", collapsed=True),
        diff("logo.png", "Binary files a/logo.png and b/logo.png differ\n"),
    ]
    missing = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "e" * 40}
    world.server.request["diff_refs"] = {"base_sha": "e" * 40, "head_sha": world.head, "start_sha": "e" * 40}

    change = world.platform(**missing).change()

    assert change.base == "e" * 40
    assert change.files == (
        ChangedFile(path="basket", lines=((2, 3), (10, 11))),
        ChangedFile(path="gone", status="deleted", lines=()),
        ChangedFile(path="new", status="added", lines=((1, 1),)),
        ChangedFile(path="b", status="renamed", previous_path="a", lines=()),
        ChangedFile(path="run", lines=()),
        ChangedFile(path="huge"),
        ChangedFile(path="folded"),
        ChangedFile(path="logo.png", added=0),
    )
    assert change.notes == (
        "The changed files are GitLab's, since the clone does not reach back far enough; "
        "check out with the whole history (GIT_DEPTH: 0) and it is git's.",
        "GitLab does not show the changed lines of 3 of 8 files.",
    )


def test_a_list_of_files_that_gitlab_cuts_is_no_list(world: World) -> None:
    world.server.request |= {"changes_count": "1000+", "diff_refs": None}

    change = world.platform(CI_MERGE_REQUEST_DIFF_BASE_SHA="e" * 40).change()

    said = "Not known: the changed files. GitLab lists only 1000+ of them; check out with the whole history"
    assert (change.files, change.notes) == (None, (f"{said} (GIT_DEPTH: 0) and it is git's.",))


@pytest.mark.parametrize("denial", [401, 403, 404])
def test_what_a_jobs_token_may_not_see_is_named_with_the_right_that_would_show_it(world: World, denial: int) -> None:
    world.server.job_denial = denial

    change = world.platform(DELIVERYGATE_GITLAB_TOKEN="").change()

    unknown = (change.approvals, change.pushed_at, change.issues)
    assert (change.title, change.labels, change.files, unknown) == (
        "Add a basket", ("shop", "size::S"), (BASKET,), (None, None, None),
    )  # fmt: skip
    assert change.notes == (
        f"Not known: the times of pushes, approvals, linked issues. GitLab answers {denial} ({denial} Denied); "
        f"a job token may not do this: {RIGHT}.",
    )


def test_where_the_api_is_not_open_the_whole_text_of_the_environment_will_do(world: World) -> None:
    closed = {"DELIVERYGATE_GITLAB_TOKEN": "", "CI_JOB_TOKEN": "", "CI_MERGE_REQUEST_EVENT_TYPE": "detached"}

    change = world.platform(**closed).change()

    expected = ChangeRequest(
        title="Draft: Add a basket", description="- [ ] tests", source="$CI_MERGE_REQUEST_DESCRIPTION",
        platform="gitlab", number=12, target="main", base=world.base, head=world.head, tested=world.head, draft=True,
        labels=("shop", "size::S"), files=(BASKET,),
    )  # fmt: skip
    assert replace(change, notes=()) == expected
    assert change.notes == (
        "Not known: merge request !12 as it is now, its approvals and issues. "
        f"GitLab answers 401 (401 Unauthorized); {RIGHT}.",
        "Title and description are those of the time when the pipeline was made, edits since then are not.",
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "true"},
        {"CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": ""},
        {"CI_MERGE_REQUEST_TITLE": ""},
    ],
    ids=["cut", "an old server that does not say", "no title"],
)
def test_a_text_that_may_be_cut_is_an_error_and_no_description(world: World, environ: dict[str, str]) -> None:
    world.server.tokens = {}

    with pytest.raises(ReportError) as caught:
        world.platform(**environ).change()

    assert str(caught.value).startswith(
        "merge request !12: title and description could not be asked for (GitLab answers 401 (401 Unauthorized); "
        "the token in DELIVERYGATE_GITLAB_TOKEN is not accepted"
    )


def test_a_server_that_fails_is_an_error_even_where_the_environment_has_a_text(world: World) -> None:
    world.server.trouble("/merge_requests/12", 502)

    with pytest.raises(ReportError, match=r"title and description could not be asked for \(.*GitLab answers 502"):
        world.platform().change()


def test_a_job_that_does_not_know_its_server_is_an_error(world: World) -> None:
    with pytest.raises(ReportError, match="does not say on which server it is"):
        world.platform(CI_API_V4_URL="", CI_SERVER_URL="").change()


def test_a_branch_pipeline_looks_at_the_open_merge_request_of_its_branch(world: World) -> None:
    branch = {name: "" for name in world.environ if name.startswith("CI_MERGE_REQUEST_")}
    open_ones = {"CI_OPEN_MERGE_REQUESTS": f"{PATH}!12,eve/shop!99", "CI_COMMIT_BRANCH": "basket"}

    change = world.platform(**branch, **open_ones).change()

    assert (change.number, change.description, change.base, change.files) == (12, "- [x] tests", world.base, (BASKET,))


def test_a_pipeline_without_a_merge_request_is_told_by_its_commits(world: World) -> None:
    branch = {name: "" for name in world.environ if name.startswith("CI_MERGE_REQUEST_")}

    platform = world.platform(**branch, CI_COMMIT_BRANCH="main")

    assert (platform.change().source, platform.target(), world.server.asked) == ("commits", None, [])


@pytest.mark.parametrize(
    ("event", "commit"), [("detached", None), ("merged_result", "1" * 40), ("merge_train", None)],
)  # fmt: skip
def test_the_law_stands_in_the_target_branch(world: World, event: str, commit: str | None) -> None:
    heads = {"CI_MERGE_REQUEST_EVENT_TYPE": event, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "1" * 40}

    assert world.platform(**heads).target() == Target(branch="main", commit=commit)


def test_a_pipeline_in_the_fork_fetches_the_law_from_the_project(world: World) -> None:
    expected = Target(branch="main", fetch_from=f"{world.server.url}/{PATH}")

    assert world.platform(**FORKED).target() == expected


def test_a_file_of_the_base_comes_from_the_clone_or_else_from_gitlab(world: World) -> None:
    world.server.files = {(".gitlab/template.md", "e" * 40): "\ufeff## Über\n".encode()}
    shallow = world.platform(CI_MERGE_REQUEST_DIFF_BASE_SHA="e" * 40)

    texts = [platform.base_text(".gitlab/template.md") for platform in (world.platform(), shallow)]

    assert texts == ["## Summary\n", "## Über\n"]
    assert shallow.base_text("missing.md") is None


@pytest.mark.parametrize(
    ("path", "status", "body", "what"),
    [
        ("a.md", 404, {"message": "404 Project Not Found"}, "could not be read as the target branch has it"),
        ("a.md", 403, {"message": "403 Forbidden"}, "could not be read as the target branch has it"),
        ("a.md", 200, b"\xff", "is not UTF-8 in the target branch"),
        ("../a.md", 200, b"", "lies outside"),
        ("//etc/passwd", 200, b"", "lies outside"),
    ],
    ids=["project not seen", "not allowed", "no text", "above", "elsewhere"],
)
def test_a_file_of_the_base_that_cannot_be_had_is_an_error(
    world: World, path: str, status: int, body: bytes | dict[str, str], what: str
) -> None:
    world.server.trouble("/raw", status, body=body, content_type="application/octet-stream")

    with pytest.raises(ReportError, match=what):
        world.platform(CI_MERGE_REQUEST_DIFF_BASE_SHA="e" * 40).base_text(path)


def test_a_team_is_whoever_is_active_in_the_group(world: World) -> None:
    def member(name: str, **fields: object) -> dict[str, object]:
        return user(name) | {"access_level": 30} | fields

    gone = [member("gone", state="blocked"), member("guest", membership_state="awaiting")]
    world.server.members = {"acme/payments": [*gone, *(member(f"m{number}") for number in range(120))]}

    team = world.platform().team("acme/payments")

    assert team == frozenset(f"m{number}" for number in range(120))


def test_a_team_that_may_not_be_seen_is_unknown_and_told(world: World) -> None:
    platform = world.platform(CI_MERGE_REQUEST_IID="")

    assert [platform.team("acme/secret") for _ in range(2)] == [None, None]
    assert platform._gaps.notes == (
        "Not known: who is in @acme/secret. GitLab answers 404 (404 Group Not Found); "
        "give the token in DELIVERYGATE_GITLAB_TOKEN the scope read_api and the role Reporter.",
    )
    assert world.server.asked == ["GET /groups/acme%2Fsecret/members/all"]


class TestLaptop:
    """No variable of GitLab CI is set; the remote says where the project is, the user which host may be asked."""

    def platform(self, world: World, remote: str, **environ: str) -> GitLabPlatform:
        world.repository.git("remote", "add", "origin", remote)
        nothing = dict.fromkeys(world.environ, "")
        return world.platform(**nothing | {"GITLAB_HOST": world.server.url} | environ)

    def test_the_open_merge_request_of_the_branch_is_found(self, world: World) -> None:
        world.server.others = [merge_request(iid=11, state="merged"), merge_request(iid=10, source_branch="else")]
        platform = self.platform(world, f"{world.server.url}/{PATH}.git", GITLAB_TOKEN="glpat-reads")

        change = platform.change()

        told = (change.number, change.description, change.head, change.tested, change.files, change.notes)
        assert told == (12, "- [x] tests", world.head, world.head, (BASKET,), ())
        assert platform.target() == Target(branch="main")

    def test_a_branch_without_a_merge_request_has_no_target(self, world: World) -> None:
        world.server.request["state"] = "merged"

        platform = self.platform(world, f"{world.server.url}/{PATH}.git", GITLAB_TOKEN="glpat-reads")

        assert platform.target() is None

    def test_a_forks_branch_of_the_same_name_is_another_one(self, world: World) -> None:
        world.server.request["source_project_id"] = FORK

        change = self.platform(
            world,
            f"{world.server.url}/{PATH}",
            GITLAB_TOKEN="glpat-reads",
        ).change()

        said = "basket has no open merge request; title and description are those of its commits."
        assert (change.source, change.notes) == ("commits", (said,))

    def test_the_token_goes_to_no_host_that_the_user_has_not_named(self, world: World) -> None:
        change = self.platform(world, "git@evil.example:acme/shop.git", GITLAB_TOKEN="glpat-reads").change()

        said = "the remote origin is on no server that the token may be sent to; set GITLAB_HOST to its host"
        assert change.notes == (f"No merge request of basket was looked for: {said}.",)
        assert world.server.asked == []

    def test_without_a_token_nothing_is_asked(self, world: World) -> None:
        change = self.platform(world, f"{world.server.url}/{PATH}", CI_JOB_TOKEN="job-token").change()

        said = "set DELIVERYGATE_GITLAB_TOKEN to a token with the scope read_api"
        assert change.notes == (f"No merge request of basket was looked for: {said}.",)
        assert world.server.asked == []
