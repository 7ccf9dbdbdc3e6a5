"""`policy_changes: approve` on both platforms: a change of the law passes with the approval of somebody who may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.systems import SYSTEMS, Job

POLICY = "version: 1\npolicy_changes: approve\nstages:\n  pre-merge:\n    - { gate: command, run: ['true'] }\n"
OWNERS = ".deliverygate.yml @bob @acme/law @ada\n"
NOBODY = "and no code owner of .deliverygate.yml has approved it"
HIDDEN = "and whether a code owner of .deliverygate.yml approved it is not known"


@pytest.fixture(params=SYSTEMS)
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Job]:
    law = {".deliverygate.yml": POLICY, "CODEOWNERS": OWNERS}
    with SYSTEMS[request.param](tmp_path, law=law, change={".deliverygate.yml": f"# mine\n{POLICY}"}) as made:
        yield made


def judge(job: Job) -> tuple[int, str]:
    """The exit code, and what the check of the law says."""
    ran, checks = job.run()
    return ran.status, checks["policy"][0]["summary"].partition("(.deliverygate.yml), ")[2]


@pytest.mark.parametrize(
    ("by", "is_late", "expected"),
    [
        (None, True, (1, NOBODY)),
        ("bob", True, (0, "approved by bob")),
        ("cleo", True, (0, "approved by cleo")),
        ("bob", False, (1, f"{NOBODY} (@bob: given before the last push)")),
        ("ada", True, (1, f"{NOBODY} (@ada: is the author)")),
        ("eve", True, (1, f"{NOBODY} (@eve: is none of them)")),
    ],
    ids=["nobody", "owner", "member of a team", "before the last push", "author", "stranger"],
)
def test_a_change_of_the_law_passes_with_the_approval_of_an_owner(
    job: Job, by: str | None, is_late: bool, expected: tuple[int, str]
) -> None:
    if by:
        job.approve(by, is_late)

    assert judge(job) == expected


def test_a_team_that_may_not_be_seen_leaves_it_undecided(job: Job) -> None:
    job.hide_teams()
    job.approve("eve", True)

    assert judge(job) == (4, f"{HIDDEN} (@eve: the members of @acme/law are not known)")
