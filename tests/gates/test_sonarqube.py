"""The sonarqube gate against captured answers of three versions: what passes, and what blocks in which words."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import ValidationError

from deliverygate.clock import SystemClock
from deliverygate.config.values import convert
from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.http import RequestsHttp
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.redaction.redactor import Redactor
from deliverygate.testing import FakeClock, FakeHttp, make_context, run_gate
from deliverygate_gates.sonarqube import gate
from tests.servers import Client, answer, serve

SAMPLES = Path(__file__).parents[1] / "samples" / "sonarqube"
VERSIONS = ("9.9", "25.12", "26.9")
URL = "https://sonarqube.example"
TOKEN = "squ_0123456789abcdef"
SETTINGS = {"url": URL, "project": "shop-py"}
JSON = {"content-type": "application/json"}
LATER = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)  # soon after the captured analyses
REFUSED = TransportError("connection refused", kind="connect_refused")


def sample(name: str, version: str = "25.12") -> bytes:
    """A captured answer; what a version has not captured is the same in 25.12."""
    own = SAMPLES / version / f"{name}.json"
    return (own if own.exists() else SAMPLES / "25.12" / own.name).read_bytes()


def respond(body: bytes | str = b"", *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    data = body.encode() if isinstance(body, str) else body
    return Response(status, JSON if headers is None else headers, data, 0.1, URL)


def told(name: str, version: str = "25.12") -> Response:
    """A captured answer with the status that its name ends in, 200 else."""
    status = re.search(r"_([45]\d\d)$", name)
    return respond(sample(name, version), status=int(status[1]) if status else 200)


def report_task(version: str = "25.12") -> dict[str, str]:
    lines = (SAMPLES / version / "report-task.txt").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def task_of(version: str = "25.12", **changes: object) -> Response:
    """The task that succeeded, with other words in it."""
    found = json.loads(sample("ce_task_success", version))
    found["task"] |= changes
    return respond(json.dumps(found))


class World:
    """A server as a table of answers, and a workspace in which its scanner has run."""

    def __init__(self, folder: Path, version: str = "25.12") -> None:
        self.version = version
        self.folder = folder
        self.task = report_task(version)["ceTaskId"]
        analysis = json.loads(sample("ce_task_success", version))["task"]["analysisId"]
        self.clock = FakeClock(start=LATER)
        self.environ = {"SONAR_TOKEN": TOKEN}
        self.paths = {
            "status": "system/status",
            "task": f"ce/task?id={self.task}",
            "verdict": f"qualitygates/project_status?analysisId={analysis}",
            "last": "qualitygates/project_status?projectKey=shop-py",
            "gate": "qualitygates/get_by_project?project=shop-py",
            "show": "qualitygates/show?name=Promotion",
            "branches": "project_branches/list?project=shop-py",
            "pulls": "project_pull_requests/list?project=shop-py",
            "past": "project_analyses/search?project=shop-py&ps=100",
            "tasks": "ce/component?component=shop-py",
        }
        self.answers: dict[str, object] = {
            "status": told("system_status_up", version),
            "task": told("ce_task_success", version),
            "verdict": told("project_status_ok", version),
            "gate": told("qualitygates_get_by_project", version),
            "show": told("qualitygates_show_promotion", version),
            "branches": told("project_branches_list", version),
        }
        self.write(report_task(version))

    def write(self, lines: dict[str, str]) -> None:
        path = self.folder / ".scannerwork" / "report-task.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))

    def run(self, **settings: object) -> tuple[CheckResult, ...]:
        http = FakeHttp({f"{URL}/api/{self.paths[key]}": each for key, each in self.answers.items()}, clock=self.clock)
        context = make_context(self.folder, clock=self.clock, http=http, environ=self.environ)
        checks = run_gate(gate, {**SETTINGS, **settings}, context)
        self.asked = [url.removeprefix(f"{URL}/api/") for _, url in http.asked]
        return checks


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def lone(checks: tuple[CheckResult, ...]) -> tuple[Verdict, str, str]:
    """Verdict, summary and mend of the one check that there is: nothing else was judged."""
    (check,) = checks
    assert check.name == "analysis"
    return check.verdict, check.summary, check.mend


def verdicts(checks: tuple[CheckResult, ...]) -> dict[str, Verdict]:
    found = {check.name: check.verdict for check in checks}
    assert len(found) == len(checks), "each name stands once"
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_gate_that_is_met_passes_with_every_condition(tmp_path: Path, version: str) -> None:
    checks = World(tmp_path, version).run()

    assert verdicts(checks) == dict.fromkeys(
        [
            "analysis",
            "quality gate",
            "conditions with a value",
            "reliability rating of all code",
            "coverage of all code",
            "duplicated lines density of all code",
            "bugs of all code",
            "code smells of all code",
        ],
        Verdict.PASSED,
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_broken_conditions_fail_with_value_and_threshold(tmp_path: Path, version: str) -> None:
    world = World(tmp_path, version)
    world.answers["verdict"] = told("project_status_error", version)

    checks = world.run()

    see = f"see {URL}/dashboard?id=shop-py"
    assert [check for check in checks if check.verdict is not Verdict.PASSED] == [
        CheckResult(
            name="quality gate",
            verdict=Verdict.FAILED,
            summary="ERROR (Promotion): 3 of 5 conditions broken",
            measurements=(Measurement(name="quality gate", value="ERROR", wanted="OK"),),
            details="new code: since version 1.0",
            mend=see,
        ),
        CheckResult(
            name="reliability rating of all code",
            verdict=Verdict.FAILED,
            summary="C, wanted A",
            measurements=(Measurement(name="reliability_rating", value="C", wanted="A"),),
            mend=see,
        ),
        CheckResult(
            name="coverage of all code",
            verdict=Verdict.FAILED,
            summary="26.1 %, wanted at least 80 %",
            measurements=(Measurement(name="coverage", value=26.1, wanted="at least 80", unit="%"),),
            mend=see,
        ),
        CheckResult(
            name="bugs of all code",
            verdict=Verdict.FAILED,
            summary="3, wanted at most 0",
            measurements=(Measurement(name="bugs", value=3, wanted="at most 0"),),
            mend=see,
        ),
    ]


def test_analysis_tells_what_the_verdict_rests_on(world: World) -> None:
    analysis, *_ = world.run()

    assert analysis.summary == (
        "425b73c3-44fe-40f1-ac73-91bd2541e181, 2026-11-21 09:29 UTC, by SonarQube 25.12.0.117093"
    )
    assert analysis.details.splitlines()[1].startswith("SonarQube warns: SCM provider autodetection failed.")


def test_analysis_of_report_task_is_waited_for_and_no_other_verdict_is_asked_for(world: World) -> None:
    world.answers["task"] = [told("ce_task_pending"), told("ce_task_in_progress"), told("ce_task_success")]

    checks = world.run()

    assert {check.verdict for check in checks} == {Verdict.PASSED}
    assert world.asked == [world.paths[key] for key in ("status", "task", "task", "task", "verdict", "gate", "show")]


@pytest.mark.parametrize("name", ["ce_task_pending", "ce_task_in_progress"])
def test_task_that_does_not_end_is_inconclusive(world: World, name: str) -> None:
    world.answers["task"] = told(name)

    state = name.removeprefix("ce_task_").upper()
    assert lone(world.run(wait="1m")) == (
        Verdict.INCONCLUSIVE,
        f"SonarQube has not finished the analysis: {state} (waited 1m)",
        "look at the server's load, or raise `wait`",
    )
    assert world.clock.monotonic() <= 60


@pytest.mark.parametrize("version", VERSIONS)
def test_failed_task_is_an_error_in_its_own_words(tmp_path: Path, version: str) -> None:
    world = World(tmp_path, version)
    world.answers["task"] = told("ce_task_failed", version)

    verdict, summary, mend = lone(world.run())

    assert (verdict, mend) == (Verdict.ERROR, "mend that, and analyse again")
    assert summary.startswith("SonarQube failed to process the analysis: Validation of project failed:\n  o Date of")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (told("ce_task_canceled"), "the analysis was canceled in SonarQube"),
        (task_of(status="LOST"), "SonarQube tells a status that is not known here: LOST"),
        (task_of(analysisId=None), "task ae881cf7-16e3-4aa1-919a-be8e1ddd8cbf is done without an analysis"),
        (
            task_of(componentKey="other"),
            "task ae881cf7-16e3-4aa1-919a-be8e1ddd8cbf: is of the project 'other', not of 'shop-py'",
        ),
        (
            told("ce_task_unknown_404"),
            f"{URL}/api/ce/task: was refused (status 404: No activity found for task "
            "'00000000-0000-0000-0000-000000000000')",
        ),
        (
            told("ce_task_browse_only_403"),
            f"{URL}/api/ce/task: the token in SONAR_TOKEN may not ask this (status 403: Insufficient privileges)",
        ),
        (
            respond(status=401),
            f"{URL}/api/ce/task: does not accept the token in SONAR_TOKEN (status 401)",
        ),
        (
            task_of(submittedAt="yesterday"),
            "task ae881cf7-16e3-4aa1-919a-be8e1ddd8cbf has no readable time ('yesterday')",
        ),
        (
            task_of(submittedAt="2026-11-21T09:29:49"),
            "task ae881cf7-16e3-4aa1-919a-be8e1ddd8cbf has no readable time ('2026-11-21T09:29:49')",
        ),
        (
            task_of(submittedAt="2026-11-20T09:00:00+0000"),
            "the analysis is of 2026-11-20 09:00 UTC, 1d1h ago; at most 1d is allowed",
        ),
        (task_of(submittedAt="2026-11-21T12:00:00+0000"), "the analysis is dated 2h ahead"),
    ],
    ids=[
        "canceled",
        "unknown status",
        "no analysis",
        "another project",
        "unknown task",
        "browse only",
        "token refused",
        "no time",
        "time without zone",
        "too old",
        "from the future",
    ],
)
def test_task_that_proves_nothing_is_an_error(world: World, given: Response, said: str) -> None:
    world.answers["task"] = given

    verdict, summary, mend = lone(world.run())

    assert (verdict, summary) == (Verdict.ERROR, said)
    assert mend


def test_clock_that_is_a_little_ahead_is_no_fault(world: World) -> None:
    world.answers["task"] = task_of(submittedAt="2026-11-21T10:04:00+0000")

    assert Verdict.worst(check.verdict for check in world.run()) is Verdict.PASSED


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"projectKey": "shop-py"}, "is no report-task.txt: it has no ceTaskId"),
        ({"ceTaskId": "a"}, "is no report-task.txt: it has no projectKey"),
        ({"projectKey": "shop-py", "ceTaskId": ""}, "is no report-task.txt: it has no ceTaskId"),
        ({"projectKey": "shop-py", "ceTaskId": "a&id=b"}, "ceTaskId 'a&id=b' is the id of no task"),
        ({"projectKey": "other", "ceTaskId": "a"}, "is of the project 'other', not of 'shop-py'"),
        (
            {"projectKey": "shop-py", "ceTaskId": "a\nceTaskId=b"},
            "is no report-task.txt: the key 'ceTaskId' stands twice",
        ),
        ({"<html>\nprojectKey": "shop-py"}, "is no report-task.txt: '<html>' is no `key=value`"),
        ({}, "is no report-task.txt: it has no projectKey"),
    ],
    ids=["no task", "no project", "empty", "hostile", "another project", "twice", "a page", "an empty file"],
)
def test_report_task_that_names_no_task_of_the_project_is_an_error(
    world: World, lines: dict[str, str], said: str
) -> None:
    world.write(lines)

    verdict, summary, _ = lone(world.run())

    assert (verdict, summary) == (Verdict.ERROR, f".scannerwork/report-task.txt: {said}")
    assert world.asked == ["system/status"]


def test_report_task_that_is_missing_is_an_error(world: World) -> None:
    assert lone(world.run(report_task="target/sonar/report-task.txt")) == (
        Verdict.ERROR,
        "target/sonar/report-task.txt: no such file",
        "check the path, and that the job that writes it ran before this one",
    )


def test_report_task_of_another_organization_is_an_error(world: World) -> None:
    world.write({**report_task(), "organization": "theirs"})

    verdict, summary, _ = lone(world.run(organization="ours"))

    assert (verdict, summary) == (
        Verdict.ERROR,
        ".scannerwork/report-task.txt: is of the organization 'theirs', not of 'ours'",
    )


def test_addresses_in_report_task_are_never_asked(world: World) -> None:
    world.write({**report_task(), "serverUrl": "https://evil.example", "ceTaskUrl": "https://evil.example/api/ce/task"})

    checks = world.run()

    assert Verdict.worst(check.verdict for check in checks) is Verdict.PASSED
    assert not any("evil" in url for url in world.asked)


@pytest.mark.parametrize("version", VERSIONS)
def test_project_that_was_never_analysed_is_an_error(tmp_path: Path, version: str) -> None:
    world = World(tmp_path, version)
    world.answers["verdict"] = told("project_status_never_analysed", version)

    analysis, check = world.run()

    assert analysis.verdict is Verdict.PASSED
    assert (check.name, check.verdict, check.summary) == (
        "quality gate",
        Verdict.ERROR,
        "NONE: never analysed, or its first analysis still waits",
    )


@pytest.mark.parametrize(
    ("settings", "task", "said"),
    [
        ({"branch": "main"}, {}, None),
        ({"branch": "feature/x"}, {}, "the analysis is of the main branch, not of branch feature/x"),
        ({"branch": "feature/x"}, {"branch": "feature/x"}, None),
        ({"branch": "feature/x"}, {"branch": "other"}, "the analysis is of branch other, not of branch feature/x"),
        ({"branch": "main"}, {"pullRequest": "7"}, "the analysis is of pull request 7, not of branch main"),
        ({"pull_request": 7}, {"pullRequest": "7"}, None),
        ({"pull_request": "7"}, {"pullRequest": "8"}, "the analysis is of pull request 8, not of pull request 7"),
        ({"pull_request": "7"}, {}, "the analysis is of the main branch, not of pull request 7"),
        ({"pull_request": "7"}, {"branch": "7"}, "the analysis is of branch 7, not of pull request 7"),
    ],
)
def test_analysis_must_be_of_the_branch_or_pull_request_that_is_named(
    world: World, settings: dict[str, object], task: dict[str, object], said: str | None
) -> None:
    world.answers["task"] = task_of(**task)

    analysis, *_ = world.run(**settings)

    assert analysis.verdict is (Verdict.ERROR if said else Verdict.PASSED)
    assert said is None or analysis.summary == said
    assert said is None or "need the Developer Edition or above" in analysis.mend


def test_scanners_own_branch_is_shown_where_the_policy_names_none(world: World) -> None:
    world.answers["task"] = task_of(pullRequest="7")

    analysis, *_ = world.run()

    assert " of pull request 7, " in analysis.summary


COMMIT = "b196768e3f07a87818daf54f5727a7b752bf11f6"
OTHER = "0" * 40


def past(*analyses: tuple[str, str | None]) -> Response:
    """Earlier analyses, by id and commit, the newest first."""
    return respond(json.dumps({"analyses": [{"key": key, "revision": commit} for key, commit in analyses]}))


@pytest.mark.parametrize(
    ("analyses", "said"),
    [
        ([("newer", OTHER), ("this", COMMIT)], None),
        ([("newer", COMMIT), ("this", OTHER)], f"the analysis is of the commit {OTHER}, not of {COMMIT}"),
        (
            [("newer", COMMIT), ("this", None)],
            f"the analysis is of a commit that SonarQube does not know, not of {COMMIT}",
        ),
        ([("newer", COMMIT)], f"the analysis is of a commit that SonarQube does not know, not of {COMMIT}"),
    ],
    ids=["this commit", "another", "no commit", "analysis not listed"],
)
def test_analysis_must_be_of_the_commit_that_is_named(
    world: World, analyses: list[tuple[str, str | None]], said: str | None
) -> None:
    this = json.loads(sample("ce_task_success"))["task"]["analysisId"]
    world.answers["past"] = past(*((this if key == "this" else key, commit) for key, commit in analyses))

    analysis, *_ = world.run(revision=COMMIT)

    assert analysis.verdict is (Verdict.ERROR if said else Verdict.PASSED)
    assert said is None or analysis.summary == said


def test_commit_of_a_pull_request_is_looked_for_there(world: World) -> None:
    world.answers |= {"task": task_of(pullRequest="7"), "past": past()}
    world.paths["past"] += "&pullRequest=7"

    world.run(revision=COMMIT)

    assert world.asked[-1] == world.paths["past"]


def test_last_analysis_must_be_of_the_commit_too(unreported: World) -> None:
    unreported.answers["past"] = past(("newest", OTHER), ("older", COMMIT))

    verdict, summary, _ = lone(unreported.run(**LAST, revision=COMMIT))

    assert (verdict, summary) == (Verdict.ERROR, f"the analysis is of the commit {OTHER}, not of {COMMIT}")


def test_token_that_may_not_see_the_gate_is_an_error_unless_the_policy_says_what_to_do(world: World) -> None:
    world.answers["gate"] = told("ce_task_browse_only_403")

    strict, named, lax = world.run(), world.run(quality_gate="Promotion"), world.run(on_missing="pass")

    assert strict[2] == CheckResult(
        name="conditions with a value",
        verdict=Verdict.ERROR,
        summary="5; the token may not see how many the quality gate has",
        measurements=(Measurement(name="conditions", value=5, wanted=""),),
        mend="name the gate with `quality_gate`, or use the token of a user who may browse the project",
    )
    assert (named[2].verdict, named[2].summary) == (Verdict.PASSED, "5 of 5")
    assert Verdict.worst(check.verdict for check in lax) is Verdict.PASSED


def test_another_quality_gate_than_the_policy_names_is_an_error(world: World) -> None:
    assert lone(world.run(quality_gate="Sonar way")) == (
        Verdict.ERROR,
        "the project has the quality gate 'Promotion', not 'Sonar way'",
        "give it the right one in SonarQube, or correct `quality_gate`",
    )


LAST = {"report_task": None}


@pytest.fixture
def unreported(world: World) -> World:
    """A workspace without the scanner's file, and a server that has analysed the main branch."""
    (world.folder / ".scannerwork" / "report-task.txt").unlink()
    world.answers |= {"tasks": respond('{"queue": []}'), "last": told("project_status_ok")}
    return world


def test_last_analysis_is_judged_where_the_policy_says_so(unreported: World) -> None:
    analysis, *rest = unreported.run(**LAST)

    assert analysis.summary == (
        "shop-py of branch main, the last one there, 2026-11-21 09:30 UTC, by SonarQube 25.12.0.117093"
    )
    assert Verdict.worst(check.verdict for check in rest) is Verdict.PASSED


@pytest.mark.parametrize(
    ("answers", "settings", "verdict", "said"),
    [
        (
            {},
            {"max_age": "10m"},
            Verdict.ERROR,
            "the analysis is of 2026-11-21 09:30 UTC, 29m56s ago; at most 10m is allowed",
        ),
        ({}, {"branch": "feature/x"}, Verdict.ERROR, "shop-py has no branch 'feature/x'; it has main"),
        (
            {"branches": told("project_status_unknown_project_404")},
            {},
            Verdict.ERROR,
            f"{URL}/api/project_branches/list: was refused (status 404: Project 'no-such-project' not found)",
        ),
        (
            {"pulls": told("project_pull_requests_list")},
            {"pull_request": "7"},
            Verdict.ERROR,
            f"{URL}/api/project_pull_requests/list: is not known there "
            "(status 404: Unknown url : /api/project_pull_requests/list)",
        ),
        (
            {"branches": respond('{"branches": [{"name": "main", "isMain": true}]}')},
            {},
            Verdict.ERROR,
            "branch main of shop-py was never analysed",
        ),
        (
            {"tasks": told("ce_component_pending")},
            {},
            Verdict.INCONCLUSIVE,
            "SonarQube has not finished the last analysis (waited 5m)",
        ),
    ],
    ids=["too old", "unknown branch", "unknown project", "edition without", "never analysed", "waits"],
)
def test_last_analysis_that_proves_nothing_blocks(
    unreported: World, answers: dict[str, Response], settings: dict[str, object], verdict: Verdict, said: str
) -> None:
    unreported.answers |= answers
    if "pulls" in answers:
        unreported.answers["pulls"] = respond(answers["pulls"].body, status=404)

    assert lone(unreported.run(**LAST, **settings))[:2] == (verdict, said)


def test_verdict_from_before_a_failed_analysis_does_not_count(unreported: World) -> None:
    unreported.answers["tasks"] = told("ce_component_last_failed")

    verdict, summary, _ = lone(unreported.run(**LAST))

    assert verdict is Verdict.ERROR
    assert summary.startswith("SonarQube failed to process the analysis: Validation of project failed")


@pytest.mark.parametrize(
    ("task", "verdict"),
    [
        ({"status": "FAILED", "pullRequest": "8"}, Verdict.PASSED),
        ({"status": "FAILED", "branch": "other"}, Verdict.PASSED),
        ({"status": "FAILED", "branch": "main"}, Verdict.ERROR),
    ],
    ids=["of a pull request", "of another branch", "of this branch"],
)
def test_failed_analysis_of_something_else_does_not_count(
    unreported: World, task: dict[str, object], verdict: Verdict
) -> None:
    unreported.answers["tasks"] = respond(json.dumps({"queue": [], "current": task}))

    assert unreported.run(**LAST)[0].verdict is verdict


def test_pull_request_is_asked_for_by_its_key(unreported: World) -> None:
    pulls = {"pullRequests": [{"key": "7", "analysisDate": "2026-11-21T09:50:00+0000"}]}
    unreported.paths["last"] += "&pullRequest=7"
    unreported.answers |= {"pulls": respond(json.dumps(pulls)), "last": told("project_status_new_code_error")}

    checks = unreported.run(**LAST, pull_request=7)

    assert checks[0].summary.startswith("shop-py of pull request 7, the last one there, ")
    assert verdicts(checks) == {
        "analysis": Verdict.PASSED,
        "quality gate": Verdict.FAILED,
        "conditions with a value": Verdict.PASSED,  # those on all code are not judged in a pull request
        "coverage of new code": Verdict.FAILED,
        "duplicated lines density of new code": Verdict.PASSED,
        "violations of new code": Verdict.FAILED,
    }


PAGE = respond("<!DOCTYPE html><title>Log in", headers={"content-type": "text/html"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (PAGE, "answers with a page (HTML) in place of JSON"),
        (respond("<html>", headers={}), "answers with a page (HTML) in place of JSON"),
        (respond(""), "answers with an empty body"),
        (respond("{}"), "answers with what is not SonarQube's JSON (Object missing required field `projectStatus`)"),
        (respond('{"projectStatus": {"status": "OK"}}'), "answers with what is not SonarQube's JSON "),
        (
            respond('{"projectStatus": {"status": "OK", "conditions": null}}'),
            "answers with what is not SonarQube's JSON ",
        ),
        (respond(b'{"projectStatus": "\xff"}'), "answers with what is not SonarQube's JSON "),
        (respond(b"[" * 100_000), "answers with what is not SonarQube's JSON "),
        (respond(sample("project_status_ok")[:-40]), "answers with what is not SonarQube's JSON "),
        (
            respond(b" " * (8 << 20) + sample("project_status_ok")),
            "answers with what is not SonarQube's JSON (it is too long)",
        ),
        (
            respond(status=302, headers={"location": "https://sso.example/login?back=x"}),
            "leads to https://sso.example/login (status 302)",
        ),
        (respond(status=407), "was refused (status 407)"),
        (respond(PAGE.body, status=404), "was refused (status 404)"),
        (respond(status=500), "was refused (status 500)"),
    ],
    ids=[
        "page",
        "page without its type",
        "empty",
        "another object",
        "no conditions",
        "conditions null",
        "not UTF-8",
        "nested deep",
        "cut",
        "too long",
        "redirect",
        "proxy",
        "page with 404",
        "server error",
    ],
)
def test_what_is_no_answer_of_sonarqube_is_an_error(world: World, given: Response, said: str) -> None:
    world.answers["verdict"] = given

    verdict, summary, mend = lone(world.run())

    assert verdict is Verdict.ERROR
    assert summary.startswith(f"{URL}/api/qualitygates/project_status: {said}")
    assert mend


@pytest.mark.parametrize("key", ["status", "task", "verdict", "gate", "show"])
@pytest.mark.parametrize(
    "given", [PAGE, respond("null"), respond("[]"), REFUSED], ids=["page", "null", "list", "refused"]
)
def test_no_question_is_left_without_its_answer(world: World, key: str, given: object) -> None:
    world.answers[key] = given

    assert lone(world.run())[0] is Verdict.ERROR


@pytest.mark.parametrize("key", ["status", "task", "verdict", "gate", "show"])
def test_what_passes_by_itself_is_endured(world: World, key: str) -> None:
    world.answers[key] = [respond(status=503), REFUSED, respond(status=429), world.answers[key]]

    assert Verdict.worst(check.verdict for check in world.run()) is Verdict.PASSED


def test_server_out_of_reach_is_given_up_after_a_minute(world: World) -> None:
    world.answers["status"] = REFUSED

    assert lone(world.run(wait="10m"))[:2] == (Verdict.ERROR, f"{URL}: connection refused (connect_refused)")
    assert 50 < world.clock.monotonic() <= 61


@pytest.mark.parametrize("kind", ["dns_nxdomain", "tls_untrusted", "tls_expired", "config", "proxy_auth"])
def test_fault_that_stays_is_not_waited_for(world: World, kind: str) -> None:
    world.answers["status"] = TransportError("it broke", kind=kind)

    assert lone(world.run())[:2] == (Verdict.ERROR, f"{URL}: it broke ({kind})")
    assert world.clock.monotonic() == 0


def test_server_that_starts_is_waited_for(world: World) -> None:
    world.answers["status"] = [told("system_status_starting")] * 5 + [told("system_status_up")]

    checks = world.run()

    assert Verdict.worst(check.verdict for check in checks) is Verdict.PASSED
    assert world.asked.count("system/status") == 6


def test_server_that_does_not_come_up_is_inconclusive(world: World) -> None:
    world.answers["status"] = told("system_status_starting")

    assert lone(world.run(wait="30s"))[:2] == (
        Verdict.INCONCLUSIVE,
        "SonarQube is not up yet: STARTING (waited 30s)",
    )


@pytest.mark.parametrize("state", ["DOWN", "DB_MIGRATION_NEEDED"])
def test_server_that_needs_somebody_is_an_error_at_once(world: World, state: str) -> None:
    world.answers["status"] = respond(json.dumps({"status": state, "version": "25.12"}))

    assert lone(world.run())[:2] == (Verdict.ERROR, f"{URL}: SonarQube is not up: {state}")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "SONAR_TOKEN is not set"),
        ({"SONAR_TOKEN": " \n"}, "SONAR_TOKEN is not set"),
        ({"SONAR_TOKEN": "a\r\nHost: evil"}, "SONAR_TOKEN holds what cannot be a token"),
        ({"SONAR_TOKEN": "Töken"}, "SONAR_TOKEN holds what cannot be a token"),
    ],
    ids=["unset", "blank", "two lines", "no ASCII"],
)
def test_without_a_token_nobody_is_asked(world: World, environ: dict[str, str], said: str) -> None:
    world.environ = environ

    assert lone(world.run())[:2] == (Verdict.ERROR, said)
    assert world.asked == []


def served(tmp_path: Path, version: str, *, token: str, echo: bool = False, **settings: Any) -> tuple[list[str], str]:
    """Heads of the requests that a real server saw, and the text of the checks that came of its answers."""
    world = World(tmp_path, version)
    bodies = {
        f"/api/{world.paths[key]}": each.body for key, each in world.answers.items() if isinstance(each, Response)
    }

    def script(client: Client) -> None:
        head = client.request.decode()
        given = bodies[head.split(" ")[1]]
        if echo and "authorization" in head.lower():
            words = re.findall(r"(?i)authorization: \w+ (\S+)", head)[0]
            client.send(answer(json.dumps({"errors": [{"msg": f"no {words} {token}"}]}), status="400 Bad Request"))
        else:
            client.send(answer(given, content_type="application/json"))

    clock = SystemClock(timeout_seconds=60)
    with serve(script) as server:
        context = make_context(
            tmp_path, clock=clock, http=RequestsHttp(clock), environ={"SONAR_TOKEN": token, "ODD": token}
        )
        checks = run_gate(gate, {**SETTINGS, "max_age": "9999d", "url": f"{server.url}/", **settings}, context)
        return server.requests, repr(checks)


@pytest.mark.parametrize(
    ("version", "settings", "wanted"),
    [
        ("9.9", {}, "Basic c3F1XzAxMjM0NTY3ODlhYmNkZWY6"),
        ("25.12", {}, f"Bearer {TOKEN}"),
        ("26.9", {}, f"Bearer {TOKEN}"),
    ],
)
def test_token_is_sent_as_the_version_knows_it_and_only_where_it_is_needed(
    tmp_path: Path, version: str, settings: dict[str, str], wanted: str
) -> None:
    first, *others = served(tmp_path, version, token=TOKEN, **settings)[0]

    assert "authorization" not in first.lower()
    assert [re.findall(r"(?im)^authorization: (.*?)\r$", head) for head in others] == [[wanted]] * 4


@pytest.mark.parametrize("version", ["9.9", "25.12"])
def test_token_that_the_server_repeats_is_not_shown(tmp_path: Path, version: str) -> None:
    _, text = served(tmp_path, version, token=TOKEN, echo=True, token_env="ODD")

    assert "was refused (status 400: no *** ***)" in text
    assert Redactor([TOKEN])(text) == text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "sonarqube.example"}, "`url` is not the http(s) address of a server"),
        ({"url": "https://sonarqube.example?x=1"}, "`url` is not the http(s) address of a server"),
        ({"url": "https://[::1"}, "`url` is not the http(s) address of a server"),
        ({"url": "https://squ_1:@sonarqube.example"}, "`url` holds a user or a password"),
        ({"project": " "}, "`project` is empty"),
        ({"branch": "main", "pull_request": 7}, "`branch` and `pull_request` exclude each other"),
        ({"revision": "b196768"}, "`revision` is the whole id of a commit"),
        ({"token_env": "squ-0123"}, "`token_env` is the name of a variable"),
        ({"report_task": ""}, "`report_task` is empty"),
        ({"on_missing": "ignore"}, "Invalid enum value 'ignore'"),
        ({"token": "squ_0123"}, "unknown field `token`"),
    ],
)
def test_policy_that_cannot_work_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        convert({**SETTINGS, **settings}, gate.settings)


def test_end_of_the_gates_own_time_is_inconclusive_too(world: World) -> None:
    world.answers["task"] = told("ce_task_pending")
    world.clock = FakeClock(start=LATER, timeout_seconds=10)

    assert lone(world.run())[:2] == (Verdict.INCONCLUSIVE, "its time of 10 s is over")


@pytest.mark.parametrize("key", ["status", "task", "verdict", "gate", "show"])
def test_answer_that_is_cut_anywhere_never_passes(world: World, key: str) -> None:
    whole = world.answers[key]
    assert isinstance(whole, Response)
    cuts = [place for place, byte in enumerate(whole.body.rstrip()) if byte in b'{}[],:"']

    for place in cuts:
        world.answers[key] = respond(whole.body[:place])
        assert lone(world.run())[0] is Verdict.ERROR, place


@pytest.mark.parametrize("key", ["status", "task", "verdict", "gate", "show"])
@pytest.mark.parametrize("value", [None, 7, True, [], {}, "", "x"], ids=repr)
def test_value_of_another_kind_is_no_crash_and_never_turns_a_failure_into_a_pass(
    world: World, key: str, value: object
) -> None:
    world.answers["verdict"] = told("project_status_error")
    whole = world.answers[key]
    assert isinstance(whole, Response)
    text = whole.body.decode()
    places = [found.span(1) for found in re.finditer(r'": ("[^"]*"|\d+|true|false|\[\]|[\[{])', text)]

    for begin, end in places:
        swapped = text[:begin] + json.dumps(value) + text[end:]
        world.answers[key] = respond(swapped)
        assert Verdict.worst(check.verdict for check in world.run()).blocks, swapped


def test_condition_that_is_left_out_is_missed(world: World) -> None:
    whole = json.loads(sample("project_status_ok"))
    conditions = whole["projectStatus"]["conditions"]

    for left_out in conditions:
        whole["projectStatus"]["conditions"] = [each for each in conditions if each is not left_out]
        world.answers["verdict"] = respond(json.dumps(whole))
        assert verdicts(world.run())["conditions with a value"] is Verdict.ERROR
