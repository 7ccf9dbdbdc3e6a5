"""Where the verdict is shown on GitHub, what a stranger's text may not do there, and what is said when it may not be."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.model import CheckResult, Finding, GateResult, Location, PolicySource, Report, Severity, Verdict
from deliverygate.testing import FakeClock
from deliverygate.testing.doors import START
from tests.platforms.github_server import BROKEN, TOKEN, Answer, GitHub, said, slowed
from tests.platforms.github_world import Job, Shop, start_job
from tests.renderers.test_markdown import ATTACKS, hostile_report

MARKER = "<!-- deliverygate pre-merge .deliverygate.yml -->"


def report(
    *findings: Finding, verdict: Verdict = Verdict.FAILED, blocks: bool = True, stage: str = "pre-merge"
) -> Report:
    check = CheckResult(name="no finding", verdict=verdict, summary=f"{len(findings)} found", findings=findings)
    return Report(
        stage=stage,
        gates=(GateResult(gate="lint", id="lint", checks=(check,), blocks=blocks),),
        policy=PolicySource(path=".deliverygate.yml", sha256="0" * 64),
        started_at=START,
        seconds=1.0,
        version="1.0",
    )


def found(rule: str, line: int = 1, *, message: str = "is wrong", path: str = "app.py") -> Finding:
    where = Location(path, line)
    return Finding(rule=rule, message=message, severity=Severity.HIGH, tool="demo", location=where, fingerprint=rule)


@pytest.fixture
def job(hub: GitHub, shop: Shop, tmp_path: Path) -> Job:
    hub.add_pull(12, head={"ref": "feature", "sha": shop.head}, base={"ref": "main", "sha": shop.start})
    return start_job(hub, shop.check_out(tmp_path / "work", depth=2), tmp_path, sha=shop.merge)


def publish(job: Job, shown: Report) -> tuple[str, ...]:
    return job.platform(FakeClock()).publish(shown, job.folder / "out")


def bodies(job: Job) -> list[str]:
    return [comment["body"] for comment in job.hub.comments.get(12, [])]


def test_the_verdict_is_written_into_one_comment_that_is_kept_up_to_date(job):
    notes = [*publish(job, report(found("no-eval"))), *publish(job, report(verdict=Verdict.PASSED))]

    (body,) = bodies(job)
    assert (notes, body.splitlines()[:2]) == ([], [MARKER, "## deliverygate: `pre-merge` allowed"])
    assert "[the job](https://github.com/acme/shop/actions/runs/77)" in body


def test_the_same_verdict_is_not_written_twice(job):
    publish(job, report())
    publish(job, report())

    assert [method for method, _ in job.hub.asked if method != "GET"] == ["POST"]


def test_each_stage_and_each_policy_has_a_comment_of_its_own(job):
    other = replace(report(), policy=PolicySource(path="services/x/.deliverygate.yml", sha256="0" * 64))
    for shown in (report(), report(stage="deploy -->"), other):
        publish(job, shown)

    assert [body.splitlines()[0] for body in bodies(job)] == [
        MARKER,
        "<!-- deliverygate deploy%20--%3E .deliverygate.yml -->",
        "<!-- deliverygate pre-merge services%2Fx%2F.deliverygate.yml -->",
    ]


@pytest.mark.parametrize("kind", ["User", "Bot"])
def test_a_comment_of_somebody_else_is_left_alone_whatever_it_begins_with(job, kind):
    job.hub.login = "gatekeeper"
    job.hub.add_comment(12, "eve", f"{MARKER}\nallowed", kind=kind)

    publish(job, report())

    assert [comment["user"]["login"] for comment in job.hub.comments[12]] == ["eve", "gatekeeper"]
    assert bodies(job)[0] == f"{MARKER}\nallowed"


def test_a_persons_comment_is_never_ours_where_the_token_is_a_jobs(job):
    job.hub.add_comment(12, "eve", f"{MARKER}\nallowed")

    publish(job, report())

    assert [comment["user"]["login"] for comment in job.hub.comments[12]] == ["eve", "github-actions[bot]"]


def test_a_comment_that_may_not_be_changed_is_written_anew(job):
    job.hub.add_comment(12, "other-app[bot]", f"{MARKER}\nallowed", kind="Bot")
    job.hub.misbehave("PATCH", Answer(403, said("Resource not accessible by integration", 403)))

    assert publish(job, report()) == ()
    assert len(bodies(job)) == 2


def test_our_comment_is_found_behind_hundreds_of_others(job):
    for number in range(150):
        job.hub.add_comment(12, "ada", f"{number}")
    publish(job, report())
    publish(job, report(found("no-eval")))

    assert len(bodies(job)) == 151


def test_a_long_note_stays_within_what_github_takes(job):
    gates = tuple(
        GateResult(gate="lint", id=f"lint-{number}", checks=report(*(found(f"r{n}", n) for n in range(1, 40))).gates[0].checks)
        for number in range(200)
    )  # fmt: skip

    assert publish(job, replace(report(), gates=gates)) == ()
    assert len(bodies(job)[0]) <= 60_200


@pytest.mark.parametrize(
    ("fork", "mend"),
    [
        (False, "allow `pull-requests: write` to the token in GITHUB_TOKEN"),
        (True, "in a run of a fork the token may only read: see the summary of the job"),
    ],
    ids=["of the repository", "of a fork"],
)
def test_a_comment_that_is_not_allowed_is_a_note_and_changes_nothing(hub, shop, tmp_path, fork, mend):
    hub.rights = {"metadata: read", "contents: read", "pull-requests: read"}
    hub.add_pull(12, fork="eve/shop" if fork else None)
    job = start_job(hub, shop.check_out(tmp_path / "work", depth=2), tmp_path, sha=shop.merge)

    notes = publish(job, report())

    comments = f"{hub.url}/repos/acme/shop/issues/12/comments"
    what = "GitHub answers 403 (Resource not accessible by integration)"
    assert notes == (f"No comment was written: POST {comments}: {what}; {mend}.",)


def test_without_a_token_there_is_no_comment_and_a_note_says_how_to_have_one(job):
    del job.environ["GITHUB_TOKEN"]

    assert publish(job, report()) == (
        "No comment was written: GITHUB_TOKEN: no token is set; pass `GITHUB_TOKEN: ${{ github.token }}`.",
    )
    assert job.hub.asked == []


@pytest.mark.parametrize("answer", [BROKEN, slowed(retry_after="9999")], ids=["a fault", "a limit"])
def test_a_server_that_does_not_answer_is_a_note(job, answer):
    job.hub.misbehave("POST", answer)

    (note,) = publish(job, report())

    assert note.startswith("No comment was written: POST ")


def test_an_event_that_cannot_be_read_is_a_note(job):
    job.write_event({"pull_request": 3})

    notes = publish(job, report())

    assert len(notes) == 1
    assert notes[0].startswith("No comment was written: GITHUB_EVENT_PATH: is no event of GitHub")


def test_a_push_has_no_comment(job):
    job.environ |= {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_BASE_REF": ""}
    job.write_event({"before": "0" * 40})

    assert (publish(job, report()), job.hub.asked) == ((), [])


def test_the_summary_is_added_to_what_the_step_has_written(job):
    Path(job.environ["GITHUB_STEP_SUMMARY"]).write_text("mine")

    publish(job, report())

    assert job.read("GITHUB_STEP_SUMMARY").startswith("mine\n\n# deliverygate: `pre-merge` blocked\n")


def test_the_summary_of_a_step_stays_below_a_mebibyte(job):
    path = Path(job.environ["GITHUB_STEP_SUMMARY"])
    path.write_text("x" * 950_000)
    checks = tuple(
        CheckResult(name=f"c{number}", verdict=Verdict.FAILED, summary="s", details="y" * 5000) for number in range(300)
    )

    notes = publish(job, replace(report(), gates=(GateResult(gate="a", id="a", checks=checks),)))

    assert (notes, path.stat().st_size < 1_000_000) == ((), True)
    assert path.read_text().rstrip().endswith("further sections are left out here; `report.json` holds the whole.*")


def test_a_summary_that_is_full_is_left_as_it_is(job):
    path = Path(job.environ["GITHUB_STEP_SUMMARY"])
    path.write_text("x" * 999_000)

    notes = publish(job, report())

    assert (len(path.read_text()), notes) == (
        999_000,
        ("The summary of the job was not written: GITHUB_STEP_SUMMARY: this step has written a whole summary before.",),
    )


def test_a_file_of_the_runner_that_cannot_be_written_is_a_note(job):
    job.environ |= {"GITHUB_STEP_SUMMARY": str(job.folder), "GITHUB_OUTPUT": str(job.folder / "no" / "where")}

    notes = publish(job, report())

    assert [note.partition(":")[0] for note in notes] == [
        "The outputs of the step were not written",
        "The summary of the job was not written",
    ]


def outputs_of(text: str) -> dict[str, str]:
    """As GitHub's runner reads them (actions/runner, FileCommandManager.cs)."""
    read, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        read[name] = "\n".join(iter(lambda: next(lines), end))
    return read


def test_the_outputs_of_the_step_tell_the_verdict(job):
    publish(job, report())

    path = job.folder / "out" / "report.json"
    assert outputs_of(job.read("GITHUB_OUTPUT")) == {"verdict": "failed", "exit-code": "1", "report": str(path)}


def test_no_value_of_an_output_can_end_itself(job):
    job.platform().publish(report(), Path("x\nend_\nexit-code=0"))

    assert outputs_of(job.read("GITHUB_OUTPUT"))["report"] == "x\nend_\nexit-code=0/report.json"
    ends = re.findall("<<(.+)", job.read("GITHUB_OUTPUT"))
    assert (len(set(ends)), min(map(len, ends))) == (3, 36)


def test_findings_are_shown_beside_their_lines(job):
    finding = replace(found("no-eval", message="100 % wrong\nreally"), location=Location("a,b:c.py", 3, 7, 4))

    publish(job, report(finding))

    assert job.output.getvalue() == (
        "::error title=lint%3A no-eval (high),file=a%2Cb%3Ac.py,line=3,endLine=4,col=7::100 %25 wrong really\n"
    )


def test_a_gate_that_only_warns_is_shown_as_a_warning(job):
    publish(job, report(found("no-eval"), blocks=False))

    assert job.output.getvalue().startswith("::warning title=lint%3A no-eval (high),file=app.py,line=1::")


def test_the_runners_ten_of_a_step_are_the_most_important_and_the_rest_is_counted(job):
    platform = job.platform()
    assert platform.change().files[0] == ChangedFile(path="app.py", lines=((3, 3),))

    platform.publish(report(*(found(f"r{line}", line) for line in range(1, 26))), job.folder / "out")

    lines = job.output.getvalue().splitlines()
    assert lines[0] == "::error title=lint%3A r3 (high),file=app.py,line=3::is wrong"
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice"]
    assert lines[-1].startswith("::notice title=deliverygate%3A pre-merge::15 more are in the summary of the job")


def test_paths_are_told_as_the_repository_names_them(job):
    folder = job.work.root / "services" / "shop"
    folder.mkdir(parents=True)
    job.work = type(job.work)(folder)

    publish(job, report(found("no-eval", path="a.py")))

    assert ",file=services/shop/a.py,line=1::" in job.output.getvalue()


@pytest.mark.parametrize("text", ATTACKS.values(), ids=list(ATTACKS))
def test_a_strangers_text_is_no_command_and_no_marker(job, text):
    publish(job, hostile_report(text))

    lines = job.output.getvalue().splitlines()
    assert all(re.match(r"::(error|notice) [^:]*::", line) for line in lines)
    assert [body.count("<!--") for body in bodies(job)] == [1]
    assert not [line for body in bodies(job) for line in body.splitlines() if line.lstrip().startswith("/")]


def test_a_log_that_knows_no_umlauts_is_no_reason_to_fail(job):
    job.output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    assert publish(job, report(found("no-eval", message="ü"))) == ()


def test_a_secret_reaches_nothing(job):
    publish(job, report(found("no-eval", message=f"holds {TOKEN}", path=f"{TOKEN}.py")))

    written = (job.output.getvalue(), job.read("GITHUB_STEP_SUMMARY"), *bodies(job))
    assert [TOKEN in text for text in written] == [False] * 3


def leave_actions(job: Job, **environ: str) -> None:
    job.environ = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": job.hub.url, **environ}
    job.work.git("checkout", "--quiet", "-B", "feature")
    job.work.git("remote", "set-url", "origin", "https://github.com/acme/shop")


def test_another_ci_system_comments_and_writes_no_command_into_its_log(job):
    leave_actions(job, CI="true")

    assert (publish(job, report()), job.output.getvalue(), len(bodies(job))) == ((), "", 1)


def test_a_laptop_writes_nothing(job):
    leave_actions(job)

    assert (publish(job, report()), job.output.getvalue(), job.hub.asked) == ((), "", [])


def test_no_status_is_set_unless_it_is_wanted(job):
    job.hub.rights |= {"checks: write", "statuses: write"}

    publish(job, report())

    assert (job.hub.check_runs, job.hub.statuses) == ([], [])


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.PASSED, "success"), (Verdict.FAILED, "failure"), (Verdict.ERROR, "error"), (Verdict.INCONCLUSIVE, "error")],
    ids=str,
)  # fmt: skip
def test_a_commit_status_tells_the_verdict_at_the_head(job, shop, verdict, state):
    job.hub.rights.add("statuses: write")
    job.environ["DELIVERYGATE_GITHUB_STATUS"] = "commit-status"

    assert publish(job, report(verdict=verdict)) == ()

    (status,) = job.hub.statuses
    assert {key: status[key] for key in ("sha", "state", "context", "target_url")} == {
        "sha": shop.head,
        "state": state,
        "context": "deliverygate/pre-merge",
        "target_url": "https://github.com/acme/shop/actions/runs/77",
    }


def test_a_check_run_brings_its_annotations_fifty_at_a_time(job, shop):
    job.hub.rights.add("checks: write")
    job.environ["DELIVERYGATE_GITHUB_STATUS"] = "check-run"

    assert publish(job, report(*(found(f"r{line:03}", line) for line in range(1, 131)))) == ()

    (run,) = job.hub.check_runs
    assert (run["name"], run["head_sha"], run["conclusion"]) == ("deliverygate/pre-merge", shop.head, "failure")
    assert [annotation["start_line"] for annotation in run["annotations"]] == list(range(1, 101))
    assert run["annotations"][0] == {
        "path": "app.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "failure",
        "title": "lint: r001 (high)",
        "message": "is wrong",
    }


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (
            "check-run",
            "GitHub answers 403 (Resource not accessible by integration); allow `checks: write` to the token",
        ),
        ("commit-status", "allow `statuses: write` to the token in GITHUB_TOKEN"),
        ("chek-run", "'chek-run' is not a kind of status; write check-run, commit-status or none"),
    ],
    ids=str,
)
def test_a_status_that_cannot_be_set_is_a_note(job, kind, note):
    job.environ["DELIVERYGATE_GITHUB_STATUS"] = kind

    (said_,) = publish(job, report())

    assert said_.startswith("No status was set: ")
    assert note in said_


def test_a_team_that_could_not_be_looked_up_is_among_what_was_not_possible(job):
    platform = job.platform(FakeClock())
    platform.team("acme/owners")

    (note,) = platform.publish(report(), job.folder / "out")

    assert note.startswith("The members of acme/owners are not known: GET ")
    assert note.endswith("allow `members: read` to the token in GITHUB_TOKEN.")


def test_the_log_is_folded_by_groups_that_a_title_cannot_leave(job):
    assert job.platform().fold("a\n::error::b %0A") == ("::group::a ::error::b %250A", "::endgroup::")
    job.environ = {}
    assert job.platform().fold("a") == ("", "")


def test_the_payload_of_the_event_is_enough_to_comment(job):
    job.hub.misbehave("GET .*/pulls/12$", *[BROKEN] * 3)

    assert publish(job, report()) == ()
    assert json.loads(Path(job.environ["GITHUB_EVENT_PATH"]).read_text())["number"] == 12
    assert len(bodies(job)) == 1
