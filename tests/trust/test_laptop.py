"""A branch on a laptop: judged by its own checkout, with a word on what the target branch has."""

from __future__ import annotations

from deliverygate.platforms.github.place import TOKENS as GITHUB_TOKENS
from deliverygate.platforms.gitlab.job import JOB_TOKEN
from deliverygate.platforms.gitlab.job import TOKENS as GITLAB_TOKENS
from deliverygate.platforms.guessing import VARIABLES
from tests.trust.world import LAX, World, git, judge, write_report

CHECKLIST = LAX + "    - gate: pr-checklist\n      title: '.*'\n"


def test_another_law_of_the_target_branch_is_noted(world: World) -> None:
    world.commit("Be lax", {".deliverygate.yml": LAX})
    write_report(world.clone)

    judged = judge(world.clone, {})

    assert judged.report is not None
    assert judged.report["notes"] == [
        "origin/main has another law (.deliverygate.yml), which judges once this is a merge or pull request; "
        "`--config-ref origin/main` judges by it now."
    ]


def test_nothing_is_noted_where_the_law_is_the_same(world: World) -> None:
    world.commit("Add code", {"src/new.js": "1"})
    write_report(world.clone)

    judged = judge(world.clone, {})

    assert judged.report is not None
    assert judged.report["notes"] == []


def test_a_request_that_cannot_be_looked_up_leaves_the_commits_and_a_note(world: World) -> None:
    world.commit("Add code\n\nBecause.", {".deliverygate.yml": CHECKLIST})
    git(world.clone, "remote", "set-url", "origin", "https://127.0.0.1:9/acme/shop.git")
    write_report(world.clone)
    environ = {"GITHUB_TOKEN": "token-0123456789", "GH_HOST": "127.0.0.1"}

    judged = judge(world.clone, environ)

    assert judged.report is not None
    assert judged.report["change"]["source"] == "commits"
    assert any("so the commits describe the change" in note for note in judged.report["notes"])
    assert "token-0123456789" not in str(judged)


def test_git_alone_asks_nobody(world: World) -> None:
    world.commit("Add code", {".deliverygate.yml": CHECKLIST})
    git(world.clone, "remote", "set-url", "origin", "https://127.0.0.1:9/acme/shop.git")
    write_report(world.clone)
    environ = {"GITHUB_TOKEN": "token-0123456789", "GH_HOST": "127.0.0.1"}

    judged = judge(world.clone, environ, "--platform", "git")

    assert judged.report is not None
    assert [note for note in judged.report["notes"] if "looked up" in note] == []


def test_tokens_are_those_that_the_platforms_read() -> None:
    assert {
        "github": GITHUB_TOKENS,
        "gitlab": tuple(name for name in GITLAB_TOKENS if name != JOB_TOKEN),
    } == VARIABLES
