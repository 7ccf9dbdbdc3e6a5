"""The installed command in a job of GitHub Actions: its environment, a clone as actions/checkout makes it, an API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import Ran, deliverygate
from tests.platforms.github_server import GitHub
from tests.platforms.github_world import Job, Shop, start_job

POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: pr-checklist
      template: template.md
      approvals: { count: 1 }
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("upstream"), **{".deliverygate.yml": POLICY})


def start(hub: GitHub, shop: Shop, folder: Path, *, depth: int | None = 2, **given: Any) -> Job:
    hub.add_pull(12, head={"ref": "feature", "sha": shop.head}, base={"ref": "main", "sha": shop.start}, **given)
    hub.add_review(12, "bob", "APPROVED", commit=shop.head)
    hub.permissions["bob"] = "write"
    hub.contents["main", "template.md"] = b"- [ ] tests\n"
    return start_job(hub, shop.check_out(folder / "work", depth=depth), folder, sha=shop.merge)


def run(job: Job, *options: str, **environ: str) -> Ran:
    return deliverygate("run", "pre-merge", *options, folder=job.work.root, environ=job.environ | environ)


def read_report(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((job.work.root / ".deliverygate/out/pre-merge/report.json").read_text())
    return found


def headings(job: Job) -> list[str]:
    return [comment["body"].splitlines()[1] for comment in job.hub.comments.get(12, [])]


def test_a_good_change_is_allowed_and_said_to_be(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path)

    ran = run(job)

    change = read_report(job)["change"]
    assert (ran.status, headings(job)) == (0, ["## deliverygate: `pre-merge` allowed"])
    assert (change["platform"], change["number"], change["url"]) == (
        "github", 12, "https://github.com/acme/shop/pull/12",
    )  # fmt: skip
    assert job.read("GITHUB_STEP_SUMMARY").startswith("# deliverygate: `pre-merge` allowed")
    assert "exit-code<<" in job.read("GITHUB_OUTPUT")


def test_a_bad_change_is_blocked_and_shown_beside_the_change(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path, body="- [ ] tests")

    ran = run(job)

    assert (ran.status, headings(job)) == (1, ["## deliverygate: `pre-merge` blocked"])
    assert [line for line in ran.stdout.splitlines() if line.startswith("::error title=pr-checklist%3A ")]


def test_a_re_run_sees_the_description_that_was_edited(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path, body="- [ ] tests")
    before = (run(job).status, headings(job))

    hub.pulls[12]["body"] = "- [x] tests"
    after = (run(job, GITHUB_RUN_ATTEMPT="2").status, headings(job))

    assert before == (1, ["## deliverygate: `pre-merge` blocked"])
    assert after == (0, ["## deliverygate: `pre-merge` allowed"])


def test_the_verdict_does_not_depend_on_being_able_to_comment(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path)
    hub.rights = {"metadata: read", "contents: read", "pull-requests: read", "issues: read"}

    ran = run(job)

    said = "No comment was written: POST"
    assert (ran.status, said in ran.stderr) == (0, True)
    assert [note for note in read_report(job)["notes"] if note.startswith(said)]


def test_a_description_that_cannot_be_known_is_an_error_and_no_missing_item(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path)
    hub.rights.clear()

    ran = run(job, GITHUB_RUN_ATTEMPT="2")

    (check,) = read_report(job)["gates"][0]["checks"]
    assert (ran.status, check["verdict"]) == (3, "error")
    assert "allow `pull-requests: read` to the token in GITHUB_TOKEN" in json.dumps(check)


def test_without_a_token_the_event_tells_the_text_and_approvals_are_not_known(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path)
    hub.rights.clear()

    ran = run(job, GITHUB_TOKEN="")

    assert ran.status == 4
    assert "pass a token: `env: {GITHUB_TOKEN: ${{ github.token }}}`" in " ".join(read_report(job)["notes"])


def test_a_server_that_nobody_reaches_blocks_nothing_but_what_needs_it(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path)

    ran = run(job, GITHUB_API_URL="http://127.0.0.1:9")

    assert ran.status == 4  # the approvals are not known
    assert "Title, description and labels are those of the moment" in " ".join(read_report(job)["notes"])


def test_no_token_reaches_any_output(hub, shop, tmp_path):
    job = start(hub, shop, tmp_path, body=f"- [ ] {hub.token}")

    ran = run(job)

    written = [path.read_text() for path in (job.work.root / ".deliverygate").rglob("*") if path.is_file()]
    texts = [ran.stdout, ran.stderr, job.read("GITHUB_STEP_SUMMARY"), *written, str(hub.comments)]
    assert [hub.token in text for text in texts] == [False] * len(texts)
