"""What SonarQube's web API answers, and the scanner's report-task.txt: only what is needed, in their spelling.

https://docs.sonarsource.com/sonarqube-server/latest/extension-guide/web-api/ (each server has the whole at /web_api)
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from deliverygate.conversions import moment
from deliverygate.errors import ReportError

AGAIN = "let the scanner run to its end before this stage"
TASK_ID = re.compile(r"[\w-]+", re.ASCII)


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Unknown keys are skipped: versions add them."""


class SystemStatus(Answer, frozen=True):
    """``system/status``"""

    status: str  #: UP, STARTING, RESTARTING, DOWN, DB_MIGRATION_NEEDED or DB_MIGRATION_RUNNING
    version: str = ""  #: e.g. "25.12.0.117093"


class Task(Answer, frozen=True):
    """A report that the compute engine works on."""

    status: str  #: PENDING, IN_PROGRESS, SUCCESS, FAILED or CANCELED
    component_key: str = ""  #: the project's key
    analysis_id: str | None = None  #: only of one that succeeded
    error_message: str | None = None
    submitted_at: str = ""
    branch: str | None = None  #: None as well: the edition has none, or the scanner named none
    pull_request: str | None = None
    warnings: tuple[str, ...] = ()


class TaskAnswer(Answer, frozen=True):
    """``ce/task``"""

    task: Task


class TasksAnswer(Answer, frozen=True):
    """``ce/component``: what still waits, and what was worked on last, whatever became of it."""

    queue: tuple[Task, ...]
    current: Task | None = None


class Branch(Answer, frozen=True):
    """A branch, or a pull request, which has a key in place of a name."""

    name: str = ""
    key: str = ""
    is_main: bool = False
    analysis_date: str = ""  #: "": never analysed


class BranchesAnswer(Answer, frozen=True):
    """``project_branches/list``"""

    branches: tuple[Branch, ...]


class PullRequestsAnswer(Answer, frozen=True):
    """``project_pull_requests/list``"""

    pull_requests: tuple[Branch, ...]


class PastAnalysis(Answer, frozen=True):
    """An analysis of the project."""

    key: str
    revision: str | None = None  #: the commit; None: the scanner found no version control


class AnalysesAnswer(Answer, frozen=True):
    """``project_analyses/search``, the newest first"""

    analyses: tuple[PastAnalysis, ...]


class Condition(Answer, frozen=True):
    """A condition that was judged. One whose metric has no value is left out by SonarQube."""

    status: str
    metric_key: str
    comparator: str = ""  #: GT fails above the threshold, LT below it
    error_threshold: str = ""
    actual_value: str | None = None


class Period(Answer, frozen=True):
    """Since when code is new."""

    mode: str = ""
    date: str = ""
    parameter: str = ""


class ProjectStatus(Answer, frozen=True):
    """The verdict of a quality gate."""

    status: str  #: OK, ERROR or NONE
    conditions: tuple[Condition, ...]
    ignored_conditions: bool = False  #: coverage and duplication of a change too small to judge were let through
    period: Period | None = None


class StatusAnswer(Answer, frozen=True):
    """``qualitygates/project_status``"""

    project_status: ProjectStatus


class GateName(Answer, frozen=True):
    """Which gate a project has."""

    name: str


class GateNameAnswer(Answer, frozen=True):
    """``qualitygates/get_by_project``"""

    quality_gate: GateName


class Demand(Answer, frozen=True):
    """A condition as the gate asks it, which has other names than one that was judged."""

    metric: str
    op: str = ""
    error: str = ""


class GateAnswer(Answer, frozen=True):
    """``qualitygates/show``"""

    name: str
    conditions: tuple[Demand, ...] = ()


class Fault(Answer, frozen=True):
    """One of the reasons for a refusal."""

    msg: str = ""


class FaultsAnswer(Answer, frozen=True):
    """The body of a refusal."""

    errors: tuple[Fault, ...]


class ReportTask(msgspec.Struct, frozen=True, kw_only=True):
    """What the scanner leaves behind; the addresses in it are not used, since the judged could have written them."""

    project: str
    task: str
    organization: str = ""


def read_report_task(text: str, *, where: str) -> ReportTask:
    """``key=value`` a line, without escapes. Raises ReportError."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, equals, value = line.partition("=")
        if not equals or key in found:
            what = f"the key {key!r} stands twice" if equals else f"{line[:80]!r} is no `key=value`"
            raise ReportError(f"is no report-task.txt: {what}", where=where, mend=AGAIN)
        found[key] = value
    if missing := [key for key in ("projectKey", "ceTaskId") if not found.get(key)]:
        raise ReportError(f"is no report-task.txt: it has no {missing[0]}", where=where, mend=AGAIN)
    if not TASK_ID.fullmatch(found["ceTaskId"]):
        raise ReportError(f"ceTaskId {found['ceTaskId'][:80]!r} is the id of no task", where=where, mend=AGAIN)
    return ReportTask(project=found["projectKey"], task=found["ceTaskId"], organization=found.get("organization", ""))


def read_time(written: str, *, what: str) -> datetime:
    """A time as SonarQube writes it, e.g. ``2026-11-21T09:29:49+0000``. Raises ReportError."""
    time = moment(written)
    if time is None:
        raise ReportError(f"{what} has no readable time ({written[:40]!r})", mend="analyse again")
    return time
