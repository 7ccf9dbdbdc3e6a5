"""The first policy of a repository is the word of the change that brings it: it learns nothing and reaches nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.command import deliverygate
from tests.trust.test_attacks import GATE
from tests.trust.test_law import OWN_GATE, on_main
from tests.trust.world import LAX, POLICY, SYSTEMS, World, git, judge

SECRETS = {
    "CI_JOB_TOKEN": "glcbt-64_secretjobtoken", "DEPLOY_PASSWORD": "deploy-secret-99",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.example/services/T0000/B0000/abcdefghijklmnop",
    "SONAR_LICENCE": "1234-5678-9012",
}  # fmt: skip
TRAP = json.dumps([sys.executable, "-c", "open('trap', 'w')"])


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server of the change's author; ``asked`` is what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {dict(self.headers)}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = asked  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def gates(port: int) -> dict[str, str]:
    """Gates that ask for each of the powers, as entries of a stage."""
    url = f"http://127.0.0.1:{port}"
    return {
        "network": f"{{gate: health, allow_private: true, endpoints: [{{url: '{url}/x?${{CI_JOB_TOKEN:-none}}', control: false}}]}}",
        "headers": f"{{gate: health, allow_private: true, endpoints: [{{url: '{url}/', headers: {{X-A: '${{DEPLOY_PASSWORD:-none}}'}}}}]}}",
        "tcp": f"{{gate: health, allow_private: true, endpoints: [{{tcp: '127.0.0.1:{port}'}}]}}",
        "dns": "{gate: health, endpoints: [{dns: secret.example.com}]}",
        "program": f"{{gate: command, run: {TRAP}}}",
        "script": f"{{gate: health, endpoints: [{{name: s, command: {{run: {TRAP}}}}}]}}",
        "scanner": "{gate: trivy, fs: ., program: ./trap.sh}",
        "quality server": f"{{gate: sonarqube, url: '{url}', project: x, report_task: null, token_env: DEPLOY_PASSWORD}}",
        "metrics": "{gate: slo, slos: [{name: s, objective: 99, period: 30d, good: 'a', total: 'b'}]}",
        "cluster": "{gate: health, endpoints_from: {kubernetes: {service: shop}}}",
    }


POWERS = tuple(gates(1))


def first_policy(world: World, entry: str, **files: str) -> Path:
    """A checkout whose change brings the first policy, with one gate."""
    on_main(world, {".deliverygate.yml": None})
    metrics = "metrics: { a: { url: 'http://127.0.0.1:1', token_env: DEPLOY_PASSWORD } }\n"
    text = f"version: 1\n{metrics}stages:\n  pre-merge:\n    - {entry}\n"
    world.change({".deliverygate.yml": text, "trap.sh": "#!/bin/sh\ntouch trap\n", **files})
    job = world.check_out()
    (job / "trap.sh").chmod(0o755)
    return job


@pytest.mark.parametrize("power", ["network", "program"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_first_policy_of_a_fork_is_shown_and_not_run(
    world: World, server: HTTPServer, power: str, system: str
) -> None:
    job = first_policy(world, gates(server.server_port)[power])

    judged = judge(job, SYSTEMS[system](job, fork=True) | SECRETS)

    assert (judged.ran.status, judged.gates, (job / "trap").exists()) == (4, ["first-policy", "policy"], False)
    assert server.asked == []  # type: ignore[attr-defined]
    assert judged.check("first-policy")["summary"] == (
        "not run: the target branch has no policy, and the one here comes from a fork"
    )
    assert "a maintainer reads it and brings it into the target branch" in judged.check("first-policy")["mend"]
    assert "+  pre-merge:" in judged.check("policy")["details"]


@pytest.mark.parametrize(
    "text",
    ["{", "", "a: *b", "version: 1\nforks: { run_programs: true }\nstages: { pre-merge: 7 }\n", OWN_GATE, "\x00"],
    ids=["no YAML", "empty", "no anchor", "no list", "gate of its own", "no text"],
)
def test_a_first_policy_of_a_fork_with_a_fault_is_inconclusive_all_the_same(world: World, text: str) -> None:
    on_main(world, {".deliverygate.yml": None})
    gate = "open('trap', 'w')\n" + GATE.format(verdict="PASSED")
    world.change({".deliverygate.yml": text, ".deliverygate/gates/own-rule.py": gate})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job, fork=True))

    assert (judged.ran.status, judged.gates, (job / "trap").exists()) == (4, ["first-policy", "policy"], False)


@pytest.mark.parametrize("power", POWERS)
def test_the_first_policy_of_a_member_is_given_no_power(world: World, server: HTTPServer, power: str) -> None:
    job = first_policy(world, gates(server.server_port)[power])

    judged = judge(job, SYSTEMS["gitlab"](job) | SECRETS | {"KUBERNETES_SERVICE_HOST": "127.0.0.1"})

    assert judged.report is not None, judged.ran.stderr
    check = judged.report["gates"][0]["checks"][-1]
    assert (judged.ran.status, check["name"], check["verdict"]) == (4, "policy of the change", "inconclusive"), check
    assert "which a policy that the change itself brings is not given" in check["summary"]
    assert (server.asked, (job / "trap").exists()) == ([], False)  # type: ignore[attr-defined]
    assert not any(secret in json.dumps(judged.report) + judged.ran.stderr for secret in SECRETS.values())


def test_the_first_policy_of_a_member_may_judge_files(world: World) -> None:
    on_main(world, {".deliverygate.yml": None})
    world.change({".deliverygate.yml": POLICY})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert (judged.ran.status, judged.gates) == (1, ["static-analysis", "policy"])


def test_a_variable_is_not_given_to_the_first_policy_and_its_name_is_told(world: World) -> None:
    entry = "{gate: static-analysis, scans: '${SLACK_WEBHOOK_URL}', fail_on: high}"
    job = first_policy(world, entry)

    judged = judge(job, SYSTEMS["gitlab"](job) | SECRETS)

    assert (judged.ran.status, judged.check("static-analysis")["summary"]) == (
        4,
        "not run: it asks for variables (SLACK_WEBHOOK_URL), which a policy that the change itself brings is not given",
    )


def test_a_gate_that_the_change_brings_with_its_first_policy_is_not_compiled(world: World) -> None:
    on_main(world, {".deliverygate.yml": None})
    gate = "open('trap', 'w')\n" + GATE.format(verdict="PASSED")
    world.change({".deliverygate.yml": OWN_GATE, ".deliverygate/gates/own-rule.py": gate})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert (judged.ran.status, (job / "trap").exists()) == (2, False)
    assert "nothing of a change is executed before it is merged" in judged.ran.stderr


def test_a_maintainer_may_judge_by_a_policy_that_is_not_merged_yet(world: World) -> None:
    on_main(world, {".deliverygate.yml": None})
    world.change({".deliverygate.yml": POLICY})
    job = world.check_out()
    commit = git(job, "rev-parse", "HEAD")

    judged = judge(job, SYSTEMS["gitlab"](job, fork=True), "--config-ref", commit)

    assert (judged.ran.status, judged.gates) == (1, ["static-analysis"])


@pytest.mark.parametrize("fork", [False, True], ids=["member", "fork"])
def test_a_policy_in_a_new_folder_has_no_power_among_all_policies(world: World, server: HTTPServer, fork: bool) -> None:
    url = f"http://127.0.0.1:{server.server_port}/x?${{CI_JOB_TOKEN:-none}}"
    entry = f"{{ gate: health, allow_private: true, endpoints: [{{ url: '{url}', control: false }}] }}"
    world.change({"services/b/.deliverygate.yml": f"version: 1\nstages:\n  pre-merge:\n    - {entry}\n"})
    job = world.check_out()
    environ = SYSTEMS["gitlab"](job, fork=fork) | SECRETS

    planned = deliverygate(
        "plan", "pre-merge", "--for", "github", "--every-policy", "--shards", "2", folder=job, environ=environ
    )
    shards = [deliverygate("shard", "--number", number, folder=job, environ=environ) for number in ("1", "2")]
    merged = deliverygate("merge", ".deliverygate/shards", "--no-publish", folder=job, environ=environ)

    assert (planned.status, sorted(each.status for each in shards), merged.status) == (0, [1, 4], 1), merged.stderr
    assert server.asked == []  # type: ignore[attr-defined]


def test_a_policy_is_the_changes_whatever_way_leads_to_it(world: World, tmp_path: Path) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    (tmp_path / "builds").symlink_to(job.parent)
    (tmp_path / "policy.yml").symlink_to(job / ".deliverygate.yml")
    ways = (
        f"{tmp_path}/builds/{job.name}/.deliverygate.yml",
        f"{tmp_path}/policy.yml",
        f"{job}/x/../.deliverygate.yml",
    )

    judged = [judge(job, SYSTEMS["gitlab"](job), "--config", way) for way in ways]

    assert [(each.ran.status, each.gates) for each in judged] == [(1, ["static-analysis", "policy"])] * 3


REFERRING = (
    "version: 1\nstages:\n  pre-merge:\n"
    "    - gate: static-analysis\n      scans: ['${SLACK_WEBHOOK_URL}', '${SONAR_LICENCE:-none}']\n"
    "      format: '${DEPLOY_PASSWORD}'\n      fail_on: {severity}\n"
)
COMMANDS = {
    "run": ["run", "pre-merge", "--no-publish"],
    "config show": ["config", "show"],
    "config check": ["config", "check"],
    "plan": ["plan", "pre-merge", "--for", "gitlab"],
    "plan of every policy": ["plan", "pre-merge", "--for", "gitlab", "--every-policy"],
    "baseline write": ["baseline", "write"],
    "baseline diff": ["baseline", "diff"],
    "waivers list": ["waivers", "list"],
    "waivers check": ["waivers", "check"],
}


@pytest.mark.parametrize(
    ("is_first", "severity"), [(True, "high"), (False, "'${SONAR_LICENCE}'")], ids=["first policy", "edit with a fault"]
)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_fills_variables_into_a_policy_of_the_change(
    world: World, command: str, severity: str, is_first: bool
) -> None:
    if is_first:
        on_main(world, {".deliverygate.yml": None})
    world.change({".deliverygate.yml": REFERRING.replace("{severity}", severity)})
    job = world.check_out()

    ran = deliverygate(*COMMANDS[command], folder=job, environ=SYSTEMS["gitlab"](job, fork=True) | SECRETS)

    written = "".join(path.read_text(errors="replace") for path in (job / ".deliverygate").rglob("*") if path.is_file())
    told = ran.stdout + ran.stderr + written
    assert [name for name, secret in SECRETS.items() if secret in told] == []


@pytest.mark.parametrize(
    "command", [["gates", "explain", "own-rule"], ["config", "schema"], ["config", "check"], ["gates", "list"]]
)
def test_no_command_compiles_a_gate_of_a_change(world: World, command: list[str]) -> None:
    gate = "open('trap', 'w')\n" + GATE.format(verdict="PASSED")
    world.change({".deliverygate.yml": OWN_GATE, ".deliverygate/gates/own-rule.py": gate})
    job = world.check_out()

    deliverygate(*command, folder=job, environ=SYSTEMS["gitlab"](job))

    assert not (job / "trap").exists()
