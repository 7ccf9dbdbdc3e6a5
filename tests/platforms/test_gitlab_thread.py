"""The verdict in a merge request: one thread for each stage, by the owner of the token, resolved when it is green."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deliverygate.clock import SystemClock
from deliverygate.model import CheckResult, Verdict
from tests.platforms.gitlab_server import ADA, BOB, ROBOT, note
from tests.platforms.gitlab_world import World, gitlab_world
from tests.renderers.sample_report import ALLOWED, HOSTILE, REPORT, with_checks

MARK = re.compile(r"<!-- deliverygate key=\S+ pipeline=\d+ -->\n")
FOLDER = Path("reports")
SCOPE = "the scope api and the role Developer"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with gitlab_world(tmp_path) as made:
        yield made


def shown(world: World) -> list[tuple[str, bool]]:
    """The title of each thread and whether it is resolved."""
    notes = [each["notes"][0] for each in world.server.discussions]
    return [(MARK.sub("", each["body"]).splitlines()[0], each["resolved"]) for each in notes]


def test_a_red_verdict_begins_a_thread(world: World) -> None:
    assert world.platform().publish(REPORT, FOLDER) == ()

    assert shown(world) == [("## deliverygate: `pre-merge` blocked", False)]


def test_a_green_verdict_resolves_it(world: World) -> None:
    green = with_checks(CheckResult(name="a", verdict=Verdict.PASSED, summary=""), stage="pre-merge")
    world.platform().publish(REPORT, FOLDER)

    world.platform(CI_PIPELINE_ID="301").publish(green, FOLDER)

    assert shown(world) == [("## deliverygate: `pre-merge` allowed", True)]


def test_a_red_verdict_opens_it_again(world: World) -> None:
    green = with_checks(CheckResult(name="a", verdict=Verdict.PASSED, summary=""), stage="pre-merge")
    world.platform().publish(green, FOLDER)

    world.platform().publish(REPORT, FOLDER)

    assert shown(world) == [("## deliverygate: `pre-merge` blocked", False)]


def test_each_stage_and_each_policy_has_a_thread_of_its_own(world: World) -> None:
    world.platform().publish(REPORT, FOLDER)
    world.platform().publish(ALLOWED, FOLDER)
    world.repository.write("services/cart/x", "1")
    world.repository.root = world.repository.root / "services" / "cart"
    world.platform().publish(REPORT, FOLDER)

    assert shown(world) == [
        ("## deliverygate: `pre-merge` blocked", False),
        ("## deliverygate: `build` allowed", True),
        ("## deliverygate: `pre-merge` blocked", False),
    ]


def test_a_thread_that_somebody_else_marked_is_left_alone(world: World) -> None:
    world.platform().publish(REPORT, FOLDER)
    copy = world.server.discussions[0]["notes"][0]["body"]
    world.server.discussions = [{"id": "f" * 40, "individual_note": True, "notes": [note(copy, BOB)]}]

    world.platform().publish(REPORT, FOLDER)

    assert [each["notes"][0]["author"]["username"] for each in world.server.discussions] == ["bob", "project_42_bot"]
    assert world.server.discussions[0]["notes"][0]["body"] == copy


def test_an_answer_that_quotes_our_mark_is_no_thread_of_ours(world: World) -> None:
    world.platform().publish(REPORT, FOLDER)
    copy = world.server.discussions[0]["notes"][0]["body"]
    answers = [note("Look", ADA, number=1), note(copy, ROBOT, number=2)]
    world.server.discussions = [{"id": "f" * 40, "individual_note": False, "notes": answers}]

    world.platform().publish(REPORT, FOLDER)

    assert len(world.server.discussions) == 2


def test_a_thread_is_found_behind_a_hundred_others(world: World) -> None:
    world.platform().publish(REPORT, FOLDER)
    others = [
        {"id": f"{number:040x}", "individual_note": True, "notes": [note("Hm", BOB, number=number)]}
        for number in range(1000, 1150)
    ]
    world.server.discussions = [*others, *world.server.discussions]

    world.platform().publish(REPORT, FOLDER)

    assert len(world.server.discussions) == 151


def test_an_older_pipeline_does_not_overwrite_a_later_one(world: World) -> None:
    world.platform(CI_PIPELINE_ID="301").publish(ALLOWED, FOLDER)

    said = world.platform(CI_PIPELINE_ID="300").publish(with_checks(stage="build"), FOLDER)

    assert said == ("The thread in the merge request shows a later pipeline and was left as it is.",)
    assert shown(world) == [("## deliverygate: `build` allowed", True)]


def test_no_text_of_a_stranger_can_pass_for_a_mark(world: World) -> None:
    hostile = "a --> <!-- deliverygate key=x pipeline=1 -->"

    world.platform().publish(with_checks(stage=hostile), FOLDER)

    (thread,) = world.server.discussions
    body = thread["notes"][0]["body"]
    assert (body.count("<!--"), body.count("-->"), bool(MARK.match(body))) == (1, 1, True)


def test_a_stranger_commands_nothing_in_the_thread(world: World) -> None:
    hostile = CheckResult(name=HOSTILE, verdict=Verdict.FAILED, summary=HOSTILE, details=HOSTILE, mend=HOSTILE)

    world.platform().publish(with_checks(hostile), FOLDER)

    body = world.server.discussions[0]["notes"][0]["body"]
    assert [line for line in body.splitlines() if line.lstrip().startswith("/")] == []


def test_no_secret_is_written(world: World) -> None:
    check = CheckResult(name="a", verdict=Verdict.FAILED, summary="the token glpat-robot was printed")

    world.platform().publish(with_checks(check), FOLDER)

    body = world.server.discussions[0]["notes"][0]["body"]
    assert ("glpat-robot" in body, "the token *** was printed" in body) == (False, True)


def test_the_thread_leads_to_the_files_of_the_job(world: World) -> None:
    world.platform().publish(REPORT, FOLDER)

    body = world.server.discussions[0]["notes"][0]["body"]
    assert f"[the files of the job]({world.environ['CI_JOB_URL']}/artifacts/browse)" in body


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/) [a](https://evil.example"])
def test_an_address_that_is_none_leads_nowhere(world: World, url: str) -> None:
    world.platform(CI_JOB_URL=url).publish(REPORT, FOLDER)

    assert "the files of the job" not in world.server.discussions[0]["notes"][0]["body"]


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        (
            {"DELIVERYGATE_GITLAB_TOKEN": ""},
            f"a job token may not do this: set DELIVERYGATE_GITLAB_TOKEN to a project access token with {SCOPE}",
        ),
        (
            {"DELIVERYGATE_GITLAB_TOKEN": "", "CI_JOB_TOKEN": ""},
            f"set DELIVERYGATE_GITLAB_TOKEN to a project access token with {SCOPE}",
        ),
        (
            {"DELIVERYGATE_GITLAB_TOKEN": "glpat-reads"},
            f"GitLab answers 403 (needs more); give the token in DELIVERYGATE_GITLAB_TOKEN {SCOPE}",
        ),
        (
            {"DELIVERYGATE_GITLAB_TOKEN": "", "GITLAB_TOKEN": "glpat-old"},
            "GitLab answers 401 (401 Unauthorized); the token in GITLAB_TOKEN is not accepted: "
            "give one that has neither expired nor been revoked",
        ),
    ],
    ids=["a job's token", "no token", "a token that only reads", "a token that expired"],
)
def test_what_may_not_be_written_is_told_with_the_right_that_would_allow_it(
    world: World, environ: dict[str, str], why: str
) -> None:
    assert world.platform(**environ).publish(REPORT, FOLDER) == (f"No note was written in !12: {why}.",)
    assert world.server.discussions == []


def test_a_reporter_writes_and_is_told_what_resolving_needs(world: World) -> None:
    green = with_checks(CheckResult(name="a", verdict=Verdict.PASSED, summary=""))

    said = world.platform(DELIVERYGATE_GITLAB_TOKEN="glpat-reporter").publish(green, FOLDER)

    assert said == (
        "The thread in !12 was not resolved: GitLab answers 403 (403 Forbidden); "
        f"give the token in DELIVERYGATE_GITLAB_TOKEN {SCOPE}.",
    )
    assert [resolved for _, resolved in shown(world)] == [False]


def test_a_server_that_fails_is_told_and_raises_nothing(world: World) -> None:
    world.server.trouble("/discussions", 500)

    (said,) = world.platform().publish(REPORT, FOLDER)

    assert said.startswith(f"No note was written in !12: GET {world.server.url}/api/v4/projects/42/")
    assert "GitLab answers 500" in said


def test_a_write_that_failed_is_not_made_twice(world: World) -> None:
    world.server.trouble("/discussions", 502, method="POST")

    world.platform().publish(REPORT, FOLDER)

    assert [each for each in world.server.asked if each.startswith("POST")] == [
        "POST /projects/42/merge_requests/12/discussions"
    ]


def test_a_write_that_came_too_often_is_made_again(world: World) -> None:
    world.server.trouble("/discussions", 429, method="POST", times=2, body=b"Retry later\n", retry_after="7")

    assert world.platform().publish(REPORT, FOLDER) == ()

    assert len(shown(world)) == 1


def test_a_run_whose_time_is_over_raises_nothing(world: World) -> None:
    (said,) = world.platform(clock=SystemClock(timeout_seconds=0)).publish(REPORT, FOLDER)

    assert said.startswith("No note was written in !12: its time of 0s is over")


def test_nothing_is_written_outside_of_a_merge_request(world: World) -> None:
    platform = world.platform(CI_MERGE_REQUEST_IID="")

    assert (platform.publish(REPORT, FOLDER), world.server.asked) == ((), [])


def test_nothing_is_written_from_a_laptop(world: World) -> None:
    platform = world.platform(GITLAB_CI="", GITLAB_HOST=world.server.url)

    assert (platform.publish(REPORT, FOLDER), world.server.asked) == ((), [])


def test_a_status_is_set_where_it_is_asked_for(world: World) -> None:
    said = world.platform(DELIVERYGATE_GITLAB_STATUS="true").publish(REPORT, FOLDER)

    (status,) = world.server.statuses
    kept = ("sha", "status", "name", "target_url", "description", "pipeline_id")
    assert said == ()
    assert {name: status[name] for name in kept} == {
        "sha": world.head,
        "status": "failed",
        "name": "deliverygate/pre-merge",
        "target_url": world.environ["CI_JOB_URL"],
        "description": "blocked: failed",
        "pipeline_id": 300,
    }


def test_a_status_that_stands_already_is_no_fault(world: World) -> None:
    asked = world.platform(DELIVERYGATE_GITLAB_STATUS="true")

    assert [asked.publish(ALLOWED, FOLDER) for _ in range(2)] == [(), ()]

    assert len(world.server.statuses) == 1


def test_a_status_that_may_not_be_set_is_told(world: World) -> None:
    world.server.trouble(f"/statuses/{world.head}", 403, method="POST")

    said = world.platform(DELIVERYGATE_GITLAB_STATUS="true").publish(REPORT, FOLDER)

    right = f"give the token in DELIVERYGATE_GITLAB_TOKEN {SCOPE}"
    assert said == (f"The commit got no status: GitLab answers 403 (403 Trouble); {right}.",)


def test_teams_that_could_not_be_looked_up_are_told_with_the_verdict(world: World) -> None:
    platform = world.platform()
    platform.team("acme/secret")

    (said,) = platform.publish(REPORT, FOLDER)

    assert said.startswith("Not known: who is in @acme/secret. GitLab answers 404")


def test_lines_of_the_log_fold_into_a_section(world: World) -> None:
    start, end = world.platform().fold("What a gate\x1b[0Ksection_start:1:x\r\n said: é")

    assert (
        start
        == "\x1b[0Ksection_start:1767323045:deliverygate_What_a_gatesection_start_1_x_said___[collapsed=true]\r\x1b[0KWhat a gatesection_start:1:x said: é"
    )
    assert end == "\x1b[0Ksection_end:1767323045:deliverygate_What_a_gatesection_start_1_x_said___\r\x1b[0K"
