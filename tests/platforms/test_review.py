"""`pr-checklist` on what both platforms know of a change: one service of a monorepo, judged in its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.systems import SYSTEMS, Job

POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: pr-checklist
      template: /template.md
      approvals: { count: 1, from: ["@acme/law", "@bob"], code_owners: true }
      labels: { required: [reviewed], forbidden: ["do-not-*"] }
      draft: forbid
      linked_issue: true
      size: { max_files: 5, max_lines: 50 }
"""
LAW = {
    "services/shop/.deliverygate.yml": POLICY,
    "CODEOWNERS": "* @ada\n/services/shop/ @acme/law\n",
    "template.md": "- [ ] tests\n",
}
DEMANDS = ("approvals", "code owners", "labels", "ready", "linked issue", "size")


@pytest.fixture(params=SYSTEMS)
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Job]:
    with SYSTEMS[request.param](tmp_path, law=LAW, change={"services/shop/main.py": "1\n"}) as made:
        yield made


def judge(job: Job) -> tuple[int, list[str]]:
    """The exit code, and the demands that are not met."""
    ran, checks = job.run("services/shop")
    verdicts = {check["name"]: check["verdict"] for check in checks["pr-checklist"]}
    return ran.status, [name for name in DEMANDS if verdicts[name] != "passed"]


def test_a_change_that_meets_all_demands_is_allowed(job: Job) -> None:
    job.approve("cleo", True)
    job.set(False, ("reviewed",), 7)

    assert judge(job) == (0, [])


def test_one_that_meets_none_is_told_each_of_them(job: Job) -> None:
    job.approve("cleo", False)
    job.approve("ada", True)
    job.set(True, ("do-not-merge",), None)

    assert judge(job) == (1, ["approvals", "code owners", "labels", "ready", "linked issue"])


def test_the_approval_of_somebody_else_than_the_owners_is_not_theirs(job: Job) -> None:
    job.approve("bob", True)
    job.set(False, ("reviewed",), 7)

    assert judge(job) == (1, ["code owners"])
