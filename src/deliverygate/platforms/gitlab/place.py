"""Which merge request a run is about, and on which server: what the job says, or on a laptop the remote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deliverygate.conversions import url_parts
from deliverygate.platforms.gitlab.job import Job

PUBLIC = "https://gitlab.com"

_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:]+):(?P<path>[^/].*)")  # git@gitlab.com:group/shop.git


@dataclass(frozen=True)
class Place:
    """A project on a server."""

    server: str  #: "https://gitlab.example.com"
    project: str  #: its id or its path


def place_of_job(job: Job) -> Place | None:
    """Where the merge request of a job is; None when GitLab did not say."""
    return Place(job.server, job.project) if job.server and job.project else None


def place_of_remote(job: Job, remote: str | None) -> Place | None:
    """Where a clone on a laptop comes from; None when that is no server that the token may be sent to.

    Whoever made the repository chose its remote. So the user vouches for the host, with GITLAB_HOST; gitlab.com needs
    no word.
    """
    host, path = _split(remote or "")
    server = job.server or PUBLIC
    if not path or host != ((parts := url_parts(server)) and parts.hostname):
        return None
    return Place(server, path)


def _split(remote: str) -> tuple[str | None, str]:
    """Host and project of an address that git fetches from."""
    scp = None if "://" in remote else _SCP.fullmatch(remote)
    if scp:
        return scp["host"], _project(scp["path"])
    parts = url_parts(remote)
    return (parts.hostname, _project(parts.path)) if parts else (None, "")


def _project(path: str) -> str:
    return path.strip("/").removesuffix(".git")
