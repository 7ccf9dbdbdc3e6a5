"""Which analysis is judged: that of the scanner's report-task.txt, or else the last one that the server knows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate.model import Duration, Scan
from deliverygate_gates.sonarqube.answers import (
    AnalysesAnswer,
    Branch,
    BranchesAnswer,
    PullRequestsAnswer,
    Task,
    TaskAnswer,
    TasksAnswer,
    read_report_task,
    read_time,
)
from deliverygate_gates.sonarqube.server import LONGEST_WORDS, Server
from deliverygate_gates.sonarqube.settings import Settings

UNFINISHED = frozenset({"PENDING", "IN_PROGRESS"})
SKEW_SECONDS = 300.0  #: by how much the server's clock may be ahead of ours
EDITION = "branches and pull requests need the Developer Edition or above, or SonarQube Cloud"
NAME_BRANCH = f"give the scanner `sonar.branch.name`; {EDITION}"
NAME_PULL_REQUEST = f"give the scanner `sonar.pullrequest.key`; {EDITION}"
TASK_RIGHT = "Execute Analysis on the project, or use a project analysis token"
BROWSE = "Browse on the project"
EITHER = "Browse or Execute Analysis on the project"


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """An analysis that the server finished."""

    query: dict[str, str]  #: how its verdict is asked for
    target: dict[str, str]  #: branch or pull request, as a parameter of the web API
    about: str  #: e.g. "pull request 7"; "" for the main branch, or where nothing is said
    is_pull_request: bool  #: then conditions on overall code are not judged
    at: datetime
    warnings: tuple[str, ...] = ()


def find_analysis(server: Server, context: GateContext) -> Analysis:
    """The analysis to judge, once it is finished.

    Raises ReportError for one that failed, is of something else or too old, DeadlineExceeded for one that does not
    end, and what ``Server.ask`` raises.
    """
    path = server.settings.report_task
    if path is not None:
        context.require_fresh(path)
    found = _find_last(server) if path is None else _find_reported(server, context.read_text(path), path)
    context.require_fresh(path or "the last analysis", _as_evidence(found))
    _check_age(found.at, context.clock.now(), server.settings.max_age)
    if server.settings.revision:
        _check_revision(found, server)
    return found


def _as_evidence(found: Analysis) -> Scan:
    """The analysis as a report without a file of its own: that of the scanner only names it."""
    return Scan(tool="SonarQube", version=None, format="sonarqube", findings=(), created_at=found.at)


def _check_age(at: datetime, now: datetime, limit: Duration) -> None:
    seconds = (now - at).total_seconds()
    if seconds > limit:
        raise ReportError(
            f"the analysis is of {at:%Y-%m-%d %H:%M} UTC, {_span(seconds)} ago; at most {limit} is allowed",
            mend="analyse again; a scanner that fails leaves the report-task.txt of the run before",
        )
    if seconds < -SKEW_SECONDS:
        raise ReportError(f"the analysis is dated {_span(-seconds)} ahead", mend="set the clocks right")


def _check_revision(found: Analysis, server: Server) -> None:
    """The commit that was analysed, as the scanner found it in the checkout."""
    settings = server.settings
    past = server.ask(
        "project_analyses/search", AnalysesAnswer, right=BROWSE, project=settings.project, ps="100", **found.target
    ).analyses
    wanted = found.query.get("analysisId")
    match = next((each for each in past if wanted in (None, each.key)), None)
    revision = match.revision if match else None
    if revision != settings.revision:
        what = f"the commit {revision[:64]}" if revision else "a commit that SonarQube does not know"
        mend = "analyse this one; a scanner that fails leaves the report-task.txt of the run before"
        raise ReportError(f"the analysis is of {what}, not of {settings.revision}", mend=mend)


def _span(seconds: float) -> Duration:
    return Duration(round(seconds))


def _find_reported(server: Server, text: str, path: str) -> Analysis:
    """What the task of report-task.txt became. Asking for the project instead would tell of any other analysis."""
    settings = server.settings
    report = read_report_task(text, where=path)
    if report.project != settings.project:
        raise _of_another(path, report.project, settings)
    if settings.organization and report.organization not in ("", settings.organization):
        what = f"is of the organization {report.organization!r}, not of {settings.organization!r}"
        raise ReportError(what, where=path, mend="correct `organization`, or the scanner's `sonar.organization`")
    task = _await_task(server, report.task)
    if task.component_key != settings.project:
        raise _of_another(f"task {report.task}", task.component_key, settings)
    if not task.analysis_id:
        raise ReportError(f"task {report.task} is done without an analysis", mend="analyse again")
    _check_target(task, server)
    return Analysis(
        query={"analysisId": task.analysis_id},
        target=_target(task),
        about=_about(task),
        is_pull_request=task.pull_request is not None,
        at=read_time(task.submitted_at, what=f"task {report.task}"),
        warnings=task.warnings,
    )


def _of_another(where: str, key: str, settings: Settings) -> ReportError:
    what = f"is of the project {key[:200]!r}, not of {settings.project!r}"
    return ReportError(what, where=where, mend="correct `project`, or the scanner's `sonar.projectKey`")


def _await_task(server: Server, task_id: str) -> Task:
    gone = "analyse again: this server has never had the task, or has forgotten it"
    while (task := _ask_task(server, task_id, gone)).status in UNFINISHED:
        server.pause(f"SonarQube has not finished the analysis: {task.status}")
    _require_success(task, server)
    return task


def _ask_task(server: Server, task_id: str, mend: str) -> Task:
    return server.ask("ce/task", TaskAnswer, right=TASK_RIGHT, mend=mend, id=task_id).task


def _require_success(task: Task, server: Server) -> None:
    if task.status == "FAILED":
        words = server.clear(task.error_message or "it says no more")[:LONGEST_WORDS]
        raise ReportError(f"SonarQube failed to process the analysis: {words}", mend="mend that, and analyse again")
    if task.status == "CANCELED":
        raise ReportError("the analysis was canceled in SonarQube", mend="analyse again")
    if task.status != "SUCCESS":
        raise ReportError(f"SonarQube tells a status that is not known here: {task.status[:40]}", mend="analyse again")


def _about(task: Task) -> str:
    if task.pull_request is not None:
        return f"pull request {task.pull_request}"
    return "" if task.branch is None else f"branch {task.branch}"


def _target(task: Task) -> dict[str, str]:
    given = {"branch": task.branch, "pullRequest": task.pull_request}
    return {name: value for name, value in given.items() if value}


def _check_target(task: Task, server: Server) -> None:
    """The analysis must be of the branch or pull request that the policy names, if it names one."""
    settings = server.settings
    found = _about(task) or "the main branch"
    if settings.pull_request != "":
        if task.pull_request != str(settings.pull_request):
            wanted = f"pull request {settings.pull_request}"
            raise ReportError(f"the analysis is of {found}, not of {wanted}", mend=NAME_PULL_REQUEST)
    elif settings.branch and (task.pull_request or (task.branch or _main_branch(server)) != settings.branch):
        raise ReportError(f"the analysis is of {found}, not of branch {settings.branch}", mend=NAME_BRANCH)


def _main_branch(server: Server) -> str:
    return next((branch.name for branch in _branches(server) if branch.is_main), "")


def _branches(server: Server) -> tuple[Branch, ...]:
    project = server.settings.project
    mend = "correct `project`, and see that it was analysed on this server"
    return server.ask("project_branches/list", BranchesAnswer, right=EITHER, mend=mend, project=project).branches


def _find_last(server: Server) -> Analysis:
    """The last one, when no later one waits or failed: SonarQube goes on telling the verdict from before."""
    settings = server.settings
    name = _find_branch(server).name
    while (tasks := _tasks(server, name))[0]:
        server.pause("SonarQube has not finished the last analysis")
    if tasks[1]:
        _require_success(tasks[1], server)
    found = _find_branch(server)
    what = f"pull request {found.key}" if found.key else f"branch {found.name}"
    if not found.analysis_date:
        raise ReportError(f"{what} of {settings.project} was never analysed", mend="let the scanner run first")
    return Analysis(
        query={"projectKey": settings.project, **settings.target},
        target=settings.target,
        about=f"{what}, the last one there",
        is_pull_request=bool(found.key),
        at=read_time(found.analysis_date, what=f"the last analysis of {what}"),
    )


def _find_branch(server: Server) -> Branch:
    """The branch or pull request that the policy names, or the main branch."""
    settings = server.settings
    wanted = str(settings.pull_request) or settings.branch
    if settings.pull_request != "":
        found = _pull_requests(server)
        kind, mend = "pull request", NAME_PULL_REQUEST
    else:
        found = _branches(server)
        kind, mend = "branch", NAME_BRANCH
    for each in found:
        if wanted in (each.key, each.name) if wanted else each.is_main:
            return each
    known = ", ".join(each.key or each.name for each in found[:5]) or "none"
    raise ReportError(f"{settings.project} has no {kind} {wanted!r}; it has {known}", mend=mend)


def _pull_requests(server: Server) -> tuple[Branch, ...]:
    project = server.settings.project
    return server.ask(
        "project_pull_requests/list", PullRequestsAnswer, right=EITHER, mend=EDITION, project=project
    ).pull_requests


def _tasks(server: Server, branch: str) -> tuple[tuple[Task, ...], Task | None]:
    """Those that wait, and the last one worked on, as far as they are of the branch or pull request that is meant."""
    settings = server.settings
    wanted = str(settings.pull_request)
    answer = server.ask("ce/component", TasksAnswer, right=BROWSE, component=settings.project)

    def is_ours(task: Task) -> bool:
        return task.pull_request == wanted if wanted else not task.pull_request and task.branch in (None, branch)

    current = answer.current if answer.current and is_ours(answer.current) else None
    return tuple(filter(is_ours, answer.queue)), current
