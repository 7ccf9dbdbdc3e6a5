"""A job of either system, driven by the installed command: a law, a change, and people who approve it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.command import Ran, deliverygate
from tests.platforms.github_server import GitHub, label, serving
from tests.platforms.github_world import Shop, start_job
from tests.platforms.gitlab_server import issue, user
from tests.platforms.gitlab_world import gitlab_world
from tests.platforms.gitlab_world import job as gitlab_job
from tests.platforms.test_local_git import Repository

BEFORE, AFTER = "2026-01-02T09:00:00.000Z", "2026-01-02T12:00:00.000Z"  # the push is at ten


@dataclass
class Job:
    """The change of ada; ``@acme/law`` is the team of cleo."""

    folder: Path
    environ: dict[str, str]
    approve: Callable[[str, bool], None]  #: who, and whether it was after the last push
    hide_teams: Callable[[], None]
    set: Callable[[bool, tuple[str, ...], int | None], None]  #: draft, labels, the issue that the merge closes

    def run(self, folder: str = ".") -> tuple[Ran, dict[str, Any]]:
        """The run of the stage from a folder, and the checks of its report by gate."""
        ran = deliverygate("run", "pre-merge", folder=self.folder / folder, environ=self.environ)
        file = self.folder / folder / ".deliverygate/out/pre-merge/report.json"
        assert file.exists(), ran.stderr
        return ran, {gate["id"]: gate["checks"] for gate in json.loads(file.read_bytes())["gates"]}


@contextmanager
def on_gitlab(folder: Path, *, law: dict[str, str], change: dict[str, str]) -> Iterator[Job]:
    """A pipeline of a merge request."""
    with gitlab_world(folder) as world:
        git = world.repository.git
        git("checkout", "--quiet", "main")
        base = world.repository.commit("Judge changes", **law)
        git("checkout", "--quiet", "basket")
        git("rebase", "--quiet", "main")
        head = world.repository.commit("Change it", **change)
        clone = Repository(folder / "builds")
        clone.git("clone", "--quiet", "--branch", "basket", world.repository.root.as_uri(), ".")
        server = world.server
        server.request |= {"sha": head, "diff_refs": {"base_sha": base, "head_sha": head, "start_sha": base}}
        server.versions[0]["head_commit_sha"] = head
        server.members["acme/law"] = [user("cleo", 5) | {"access_level": 30}]

        def approve(name: str, is_late: bool) -> None:
            server.approved_by.append({"user": user(name), "approved_at": AFTER if is_late else BEFORE})

        def tell(draft: bool, labels: tuple[str, ...], closes: int | None) -> None:
            server.request |= {"draft": draft, "labels": list(labels)}
            server.closes = [issue(closes)] if closes else []

        yield Job(clone.root, gitlab_job(server.url, base, head), approve, server.members.clear, tell)


@contextmanager
def on_github(folder: Path, *, law: dict[str, str], change: dict[str, str]) -> Iterator[Job]:
    """A job on a pull request."""
    shop = Shop(folder, **law, change=change)
    with serving(GitHub()) as hub:
        heads = {"head": {"ref": "feature", "sha": shop.head}, "base": {"ref": "main", "sha": shop.start}}
        hub.add_pull(12, **heads)
        hub.rights.add("members: read")
        hub.teams["acme/law"] = ["cleo"]

        def approve(name: str, is_late: bool) -> None:
            hub.permissions[name] = "write"
            hub.add_review(12, name, "APPROVED", commit=shop.head if is_late else shop.start)

        def tell(draft: bool, labels: tuple[str, ...], closes: int | None) -> None:
            hub.pulls[12] |= {"draft": draft, "labels": [label(each) for each in labels]}
            hub.closes[12] = [(hub.repository, closes)] if closes else []

        job = start_job(hub, shop.check_out(folder / "work", depth=2), folder, sha=shop.merge)
        yield Job(job.work.root, job.environ, approve, lambda: hub.rights.discard("members: read"), tell)
    assert hub.faults == []


SYSTEMS = {"gitlab": on_gitlab, "github": on_github}
