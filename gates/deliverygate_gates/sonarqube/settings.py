"""What the policy may say: where SonarQube is, which analysis is meant, and what may lack a value."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlencode

import msgspec

from deliverygate.conversions import url_parts
from deliverygate.judging.freshness import Fresh
from deliverygate.model import Duration
from deliverygate.syntax import is_http_url

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Without a hotspot there is none to review, and then these have no value; the built-in gate asks for the first.
HOTSPOTS = ("new_security_hotspots_reviewed", "security_hotspots_reviewed")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """docs/gates/sonarqube.md has an example of each."""

    url: str  #: of the server, with its context path if it has one
    project: str  #: its key
    branch: str = ""
    pull_request: str | int = ""
    revision: str = ""  #: the commit that must have been analysed, as a whole
    quality_gate: str = ""  #: which one the project must have
    organization: str = ""  #: of SonarQube Cloud
    token_env: str = "SONAR_TOKEN"  # noqa: S105  the name of the variable; its value never stands in the policy
    report_task: str | None = ".scannerwork/report-task.txt"  #: None: the last analysis that the server knows
    max_age: Duration = Duration.default(86400)
    fresh: Fresh | None = None
    wait: Duration = Duration.default(300)
    on_missing: Literal["error", "pass"] = "error"
    may_lack: tuple[str, ...] = HOTSPOTS

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.project.strip():
            raise ValueError("`project` is empty; write the key of the project")
        if self.branch and self.pull_request != "":
            raise ValueError("`branch` and `pull_request` exclude each other")
        if self.revision and not COMMIT.fullmatch(self.revision):
            raise ValueError("`revision` is the whole id of a commit, 40 or 64 digits, e.g. ${CI_COMMIT_SHA}")
        if not VARIABLE.fullmatch(self.token_env):
            raise ValueError("`token_env` is the name of a variable, e.g. SONAR_TOKEN, and never the token itself")
        if self.report_task is not None and not self.report_task.strip():
            raise ValueError("`report_task` is empty; leave it out, or write null for the last analysis of the project")

    @property
    def base(self) -> str:
        """The address below which ``/api`` is; two slashes in a row would be answered with a page."""
        return self.url.rstrip("/")

    @property
    def target(self) -> dict[str, str]:
        """The branch or pull request, as a parameter of the web API; none: the main branch."""
        given = {"branch": self.branch, "pullRequest": str(self.pull_request)}
        return {name: value for name, value in given.items() if value}

    @property
    def dashboard(self) -> str:
        """The page that shows people the same."""
        return f"{self.base}/dashboard?{urlencode({'id': self.project, **self.target})}"


def _check_url(url: str) -> None:
    parts = url_parts(url) if is_http_url(url) else None
    if parts is None or parts.query or parts.fragment:
        raise ValueError("`url` is not the http(s) address of a server, e.g. https://sonarqube.example")
    if "@" in parts.netloc:
        raise ValueError("`url` holds a user or a password; name the variable that holds a token with `token_env`")
