"""What GitLab CI tells a job in its environment. https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deliverygate.conversions import whole

#: The first that is set is used; GitLab itself gives the last one to every job.
TOKENS = ("DELIVERYGATE_GITLAB_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN")
JOB_TOKEN = "CI_JOB_TOKEN"  # noqa: S105  the name of a variable

#: A user's own bundle of authorities comes before the one that the runner found to work.
CA_FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "CI_SERVER_TLS_CA_FILE")

#: Pipelines that test what the merge would give, not the branch itself.
MERGED = ("merged_result", "merge_train")


@dataclass(frozen=True)
class Token:
    """A right to ask GitLab. Only its name is ever shown."""

    name: str  #: of the variable that holds it
    value: str = field(repr=False)

    @property
    def is_of_job(self) -> bool:
        """Whether it is the job's own token, which may read a little and write nothing."""
        return self.name == JOB_TOKEN


@dataclass(frozen=True)
class Told:
    """The merge request as it was when the pipeline was made. What was edited since then is not in it."""

    title: str
    description: str | None  #: None: cut, or not told at all
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """The job that we run in; on a laptop nearly all of it is None."""

    is_ci: bool
    server: str | None  #: "https://gitlab.example.com", without a slash at the end
    token: Token | None
    ca: str | bool  #: a file of certificates, or True for the usual ones
    project: str | None  #: id of the project that the merge request belongs to
    own_project: str | None  #: id of the project that the pipeline runs in: a fork's, where that is so
    number: int | None  #: of the merge request
    is_fork: bool  #: whether its branch is in another project
    told: Told
    event: str  #: "detached", "merged_result", "merge_train", or "" outside of merge requests
    commit: str | None  #: what is checked out
    source_head: str | None  #: of the source branch, told only where something else is checked out
    target_head: str | None  #: of the target branch, told only where a merge with it is checked out
    diff_base: str | None  #: where the source branch started
    target_branch: str | None
    default_branch: str | None
    target_url: str | None  #: of the project that the target branch is in, where that is another one
    pipeline: int | None
    url: str | None  #: of the job's page
    name: str | None
    branch: str | None  #: of a branch pipeline
    open_requests: tuple[int, ...]  #: merge requests of that branch in this project

    @property
    def head(self) -> str | None:
        """The last commit of the change itself."""
        return self.source_head if self.event in MERGED else self.commit

    @property
    def base(self) -> str | None:
        """What the checked-out commit is compared with."""
        return self.target_head if self.event in MERGED and self.target_head else self.diff_base


def read_job(environ: Mapping[str, str]) -> Job:
    """The job, from its environment."""
    is_ci = environ.get("GITLAB_CI") == "true"

    def said(name: str) -> str | None:
        return environ.get(name, "").strip() or None if is_ci else None

    project, target_url = said("CI_MERGE_REQUEST_PROJECT_ID"), said("CI_MERGE_REQUEST_PROJECT_URL")
    return Job(
        is_ci=is_ci,
        server=_server(environ, is_ci=is_ci),
        token=_token(environ, is_ci=is_ci),
        ca=next((environ[name] for name in CA_FILES if environ.get(name)), True),
        project=project or said("CI_PROJECT_ID"),
        own_project=said("CI_PROJECT_ID"),
        number=_number(said("CI_MERGE_REQUEST_IID")),
        is_fork=said("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != project,
        told=_told(environ),
        event=said("CI_MERGE_REQUEST_EVENT_TYPE") or "",
        commit=said("CI_COMMIT_SHA"),
        source_head=said("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
        target_head=said("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"),
        diff_base=said("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        target_branch=said("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        default_branch=said("CI_DEFAULT_BRANCH"),
        target_url=target_url if target_url != said("CI_PROJECT_URL") else None,
        pipeline=_number(said("CI_PIPELINE_ID")),
        url=said("CI_JOB_URL"),
        name=said("CI_JOB_NAME"),
        branch=said("CI_COMMIT_BRANCH"),
        open_requests=_open_requests(said("CI_OPEN_MERGE_REQUESTS") or "", said("CI_PROJECT_PATH") or ""),
    )


def _server(environ: Mapping[str, str], *, is_ci: bool) -> str | None:
    """In CI what the runner says, elsewhere what the user vouches for: a token is sent there."""
    if is_ci:
        api = environ.get("CI_API_V4_URL", "").rstrip("/").removesuffix("/api/v4")
        return api or environ.get("CI_SERVER_URL", "").rstrip("/") or None
    host = environ.get("GITLAB_HOST", "").strip().rstrip("/")
    return (host if "://" in host else f"https://{host}") if host else None


def _token(environ: Mapping[str, str], *, is_ci: bool) -> Token | None:
    for name in TOKENS if is_ci else TOKENS[:-1]:
        value = environ.get(name, "").strip()
        # GitLab hands on "$NAME" as it is written where a variable is made of one that does not exist.
        if value and not value.startswith("$"):
            return Token(name, value)
    return None


def _told(environ: Mapping[str, str]) -> Told:
    # The text is set to its first 2,700 characters, and not at all on servers before 16.7 or where it is empty.
    is_whole = environ.get("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED") == "false"
    return Told(
        title=environ.get("CI_MERGE_REQUEST_TITLE", ""),
        description=environ.get("CI_MERGE_REQUEST_DESCRIPTION", "") if is_whole else None,
        labels=tuple(filter(None, environ.get("CI_MERGE_REQUEST_LABELS", "").split(","))),
    )


def _number(text: str | None) -> int | None:
    found = whole(text or "", most=10**18)
    return found if found is not None and found >= 0 else None


def _open_requests(text: str, project: str) -> tuple[int, ...]:
    """``group/shop!12,group/fork!3``: the numbers of those in this project."""
    pairs = (each.strip().rpartition("!") for each in text.split(","))
    return tuple(number for path, _, iid in pairs if path == project and (number := _number(iid)) is not None)
