"""``deliverygate run``: the policy in, the exit code and the reports out."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plumbum import local

from tests.command import PROGRAM, deliverygate

OUTPUTS = ["codequality.json", "junit.xml", "report.json", "report.md", "sarif.json"]


def write_policy(folder: Path, *gates: str) -> None:
    lines = "".join(f"    - {{gate: command, {gate}}}\n" for gate in gates)
    (folder / ".deliverygate.yml").write_text(f"version: 1\nstages:\n  build:\n{lines}")


def python(code: str) -> str:
    """A ``run:`` that runs some Python."""
    return f"run: {json.dumps([sys.executable, '-c', code])}"


def test_a_stage_that_passes_is_allowed_and_leaves_five_reports(tmp_path: Path) -> None:
    write_policy(tmp_path, python("print('well')"))

    ran = deliverygate("run", "build", folder=tmp_path)

    assert ran.status == 0, ran.stderr
    assert sorted(path.name for path in (tmp_path / ".deliverygate/out/build").iterdir()) == OUTPUTS
    assert re.search(r"^ALLOWED +build", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("gates", "status"),
    [
        ([python("raise SystemExit(1)")], 1),
        ([python("raise SystemExit(1)") + ", enforce: warn"], 0),
        ([python("raise SystemExit(1)") + ", block_from: 2999-01-01"], 0),
        ([python("raise SystemExit(1)") + ", block_from: 2020-01-01"], 1),
        (["run: [no-such-program]"], 3),
        ([python("import time; time.sleep(60)") + ", timeout: 300ms"], 3),
        (["run: [no-such-program]", python("raise SystemExit(1)") + ", id: other"], 1),
    ],
    ids=[
        "failed",
        "only warns",
        "warns until a day",
        "blocks from a day",
        "cannot run",
        "deadline",
        "failed and error",
    ],
)
def test_the_exit_code_says_why_it_is_blocked(tmp_path: Path, gates: list[str], status: int) -> None:
    write_policy(tmp_path, *gates)

    assert deliverygate("run", "build", folder=tmp_path).status == status


@pytest.mark.parametrize(
    ("policy", "arguments", "said"),
    [
        (None, ["run", "build"], "no .deliverygate.yml in "),
        ("version: 1\nstages: {}\n", ["run", "build"], ".deliverygate.yml: no stage 'build'; add it to `stages:`"),
        (
            "version: 1\nstages:\n  pre-merge:\n    - {gate: command, run: ['true']}\n",
            ["run", "premerge"],
            ".deliverygate.yml: no stage 'premerge'; did you mean 'pre-merge'?",
        ),
        ("version: 1\nstages:\n  build: []\n", ["run", "build"], ".deliverygate.yml:3: stages.build: has no gates"),
        (
            "version: 1\nstages:\n  build:\n    - gate: comand\n",
            ["run", "build"],
            ".deliverygate.yml:4: stages.build[0].gate: no gate 'comand' is installed; did you mean 'command'?",
        ),
        (
            "version: 1\nwaivers: w.yml\nstages:\n  build:\n    - {gate: command, run: ['true']}\n",
            ["run", "build"],
            "w.yml: cannot be read (No such file or directory); write it, or correct `waivers:` in the policy",
        ),
        ("version: 1\nstages: {}\n", ["rnu", "build"], "no command 'rnu'; did you mean 'run'?"),
        ("version: 1\nstages: {}\n", ["run", "build", "--config", "x.yml"], "x.yml: no such file; "),
    ],
    ids=[
        "no policy",
        "no stage",
        "another stage",
        "empty stage",
        "unknown gate",
        "no waivers",
        "unknown command",
        "wrong --config",
    ],
)
def test_wrong_use_is_two_with_place_and_cure(
    tmp_path: Path, policy: str | None, arguments: list[str], said: str
) -> None:
    (tmp_path / ".git").mkdir()
    if policy is not None:
        (tmp_path / ".deliverygate.yml").write_text(policy)

    ran = deliverygate(*arguments, folder=tmp_path)

    assert (ran.status, ran.stdout) == (2, "")
    assert ran.errors[0].startswith(said)


def test_the_policy_is_found_from_a_folder_below(tmp_path: Path) -> None:
    write_policy(tmp_path, python("open('here', 'w')"))
    (tmp_path / "src/deep").mkdir(parents=True)

    ran = deliverygate("run", "build", folder=tmp_path / "src/deep")

    assert (ran.status, (tmp_path / "here").exists()) == (0, True)


def test_an_old_report_does_not_outlive_a_run_that_was_killed(tmp_path: Path) -> None:
    write_policy(tmp_path, python("print('well')"))
    deliverygate("run", "build", folder=tmp_path)
    write_policy(tmp_path, python("import os, signal; os.kill(os.getppid(), signal.SIGKILL)"))

    ran = deliverygate("run", "build", folder=tmp_path)

    assert ran.status == -signal.SIGKILL
    assert list((tmp_path / ".deliverygate/out/build").iterdir()) == []


@pytest.mark.parametrize("options", [[], ["--output", "elsewhere"]], ids=["default folder", "named folder"])
def test_an_old_report_does_not_outlive_a_policy_that_became_wrong(tmp_path: Path, options: list[str]) -> None:
    write_policy(tmp_path, python("print('well')"))
    deliverygate("run", "build", *options, folder=tmp_path)
    write_policy(tmp_path, "run: [true], tiemout: 5m")

    ran = deliverygate("run", "build", *options, folder=tmp_path)

    assert (ran.status, [path.name for path in tmp_path.rglob("*.json")]) == (2, [])


def test_what_was_found_is_shown_when_the_reports_cannot_be_written(tmp_path: Path) -> None:
    write_policy(tmp_path, python("import os; os.mkdir('.deliverygate/out/build/report.json'); raise SystemExit(1)"))

    ran = deliverygate("run", "build", folder=tmp_path)

    assert ran.status == 3
    assert re.search(r"^BLOCKED +build: a rule of the policy is broken: command$", ran.stdout, re.MULTILINE)
    assert ran.errors[-1].endswith("report.json: cannot be written (Is a directory); choose another --output")
    assert (tmp_path / ".deliverygate/out/build/junit.xml").exists()


@pytest.mark.parametrize(
    ("policy", "variable", "notes"),
    [
        ("run: ['true']", "DELIVERYGATE_JOB", ["DELIVERYGATE_JOBS"]),
        ("run: ['true']", "DELIVERYGATE_BUILD_COMMAND_TIMEOUT", ["DELIVERYGATE_BUILD__COMMAND__TIMEOUT"]),
        ("run: ['true', '${DELIVERYGATE_JOB}']", "DELIVERYGATE_JOB", []),
        ("run: ['true']", "DELIVERYGATE_FLAVOUR", []),
    ],
    ids=["option", "setting", "used by the policy", "like nothing of ours"],
)
def test_a_variable_that_is_nearly_one_of_ours_is_noted(
    tmp_path: Path, policy: str, variable: str, notes: list[str]
) -> None:
    write_policy(tmp_path, policy)

    deliverygate("run", "build", folder=tmp_path, environ={variable: "3"})
    checked = deliverygate("config", "check", folder=tmp_path, environ={variable: "3"})

    told = [f"The variable {variable} was not read; did you mean {name}?" for name in notes]
    report = json.loads((tmp_path / ".deliverygate/out/build/report.json").read_text())
    assert (report.get("notes", []), checked.errors) == (told, [f"note: {each}" for each in told])


def test_other_files_in_the_output_folder_are_left_alone(tmp_path: Path) -> None:
    write_policy(tmp_path, python("print('well')"))
    (tmp_path / "keep.txt").write_text("mine")

    ran = deliverygate("run", "build", "--output", ".", folder=tmp_path)

    assert (ran.status, (tmp_path / "keep.txt").read_text()) == (0, "mine")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_the_run_in_order(tmp_path: Path, number: signal.Signals) -> None:
    write_policy(
        tmp_path,
        python("open('started', 'w'); import time; time.sleep(60)"),
        python("print('never')") + ", id: second, needs: [command]",
    )
    process = local[PROGRAM]["run", "build", "--grace", "5s"].popen(cwd=tmp_path)
    wait_for(tmp_path / "started")

    process.send_signal(number)
    process.communicate(timeout=20)

    report = json.loads((tmp_path / ".deliverygate/out/build/report.json").read_text())
    assert process.returncode == 4
    assert [(gate["id"], gate["verdict"]) for gate in report["gates"]] == [
        ("command", "inconclusive"),
        ("second", "inconclusive"),
        ("deliverygate", "inconclusive"),
    ]
    assert report["gates"][-1]["checks"][0]["summary"] == f"ended early by {number.name}"


def test_a_stopped_run_is_not_allowed_even_where_every_gate_only_warns(tmp_path: Path) -> None:
    write_policy(tmp_path, python("open('started', 'w'); import time; time.sleep(60)") + ", enforce: warn")
    process = local[PROGRAM]["run", "build"].popen(cwd=tmp_path)
    wait_for(tmp_path / "started")

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert process.returncode == 4


def wait_for(path: Path) -> None:
    """Until a program of the test has begun."""
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_secret_of_the_environment_reaches_no_output(tmp_path: Path) -> None:
    write_policy(tmp_path, python("import os; raise SystemExit('it is ' + os.environ['SHOP_TOKEN'])"))

    ran = deliverygate("run", "build", folder=tmp_path, environ={"SHOP_TOKEN": "hunter2-hunter2"})

    written = [path.read_text() for path in (tmp_path / ".deliverygate").rglob("*") if path.is_file()]
    assert ran.status == 1
    assert [text for text in (ran.stdout, ran.stderr, *written) if "hunter2" in text] == []


def test_a_secret_in_the_policy_is_not_shown_when_it_is_at_fault(tmp_path: Path) -> None:
    write_policy(tmp_path, "run: ['true'], timeout: '${SHOP_TOKEN}'")

    ran = deliverygate("run", "build", folder=tmp_path, environ={"SHOP_TOKEN": "hunter2-hunter2"})

    assert ran.status == 2
    assert "is not a duration" in ran.stderr
    assert "hunter2" not in ran.stderr


def test_a_crash_of_the_command_itself_leaves_no_traceback(tmp_path: Path) -> None:
    write_policy(tmp_path, python("print('well')"))
    (tmp_path / "out").write_text("a file where the folder should be")

    ran = deliverygate("run", "build", "--output", "out/x", folder=tmp_path)

    assert ran.status == 2
    assert ran.errors == ["out/x: cannot be written to (Not a directory); choose another --output"]


def test_a_report_of_another_checkout_is_joined_with_the_waivers_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.js").write_text("eval(x)\n")
    message = {"ruleId": "no-eval", "severity": 2, "message": "m", "line": 1, "column": 1}
    counts = {"errorCount": 1, "warningCount": 0, "fixableErrorCount": 0, "fixableWarningCount": 0}
    report = [{"filePath": "/builds/g/shop/src/a.js", "messages": [message], **counts}]
    (tmp_path / "eslint.json").write_text(json.dumps(report))
    (tmp_path / ".deliverygate.yml").write_text(
        "version: 1\nwaivers: w.yml\nstages:\n  build: [{gate: static-analysis, scans: eslint.json, min_score: 100}]\n"
    )
    today = datetime.now(UTC).date()
    (tmp_path / "w.yml").write_text(
        "version: 1\nwaivers:\n  - {id: W, match: {rule: no-eval, path: 'src/**'}, reason: only our own input, owner: '@a', "
        f"created: {today}, expires: {today + timedelta(days=7)}}}\n"
    )

    ran = deliverygate("run", "build", folder=tmp_path)

    assert (ran.status, "waived: no-eval  src/a.js:1:1" in ran.stdout) == (0, True), ran.stderr


def test_a_setting_from_outside_the_policy_is_named_in_the_report(tmp_path: Path) -> None:
    write_policy(tmp_path, python("raise SystemExit(1)"))
    environ = {"DELIVERYGATE_BUILD__COMMAND__ENFORCE": "warn"}

    ran = deliverygate("run", "build", "--set", "build.command.passes=[1, 2]", folder=tmp_path, environ=environ)

    report = json.loads((tmp_path / ".deliverygate/out/build/report.json").read_text())
    assert (ran.status, report["notes"]) == (
        0,
        [
            "build.command.passes was set by --set build.command.passes, and not by the policy.",
            "build.command.enforce was set by DELIVERYGATE_BUILD__COMMAND__ENFORCE, and not by the policy.",
        ],
    )
