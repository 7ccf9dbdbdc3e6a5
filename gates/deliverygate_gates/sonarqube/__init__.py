"""SonarQube's quality gate as a gate of ours: of one finished analysis, each condition with its value."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.errors import ConfigError, DeadlineExceeded, ReportError, TransportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.sonarqube.analysis import EITHER, Analysis, find_analysis
from deliverygate_gates.sonarqube.answers import GateAnswer, GateNameAnswer, ProjectStatus, StatusAnswer
from deliverygate_gates.sonarqube.judging import judge
from deliverygate_gates.sonarqube.server import ForbiddenError, Server, open_server
from deliverygate_gates.sonarqube.settings import Settings

__all__ = ["Settings", "gate"]

FAULTS = (ConfigError, ReportError, TransportError, DeadlineExceeded)


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for the analysis, one for the quality gate, one for each of its conditions."""
    try:
        server = open_server(settings, context)
        analysis = find_analysis(server, context)
        status, asked = ask_verdict(server, analysis)
    except FAULTS as error:
        yield tell_fault(error)
        return
    yield tell_analysis(analysis, server)
    yield from judge(status, asked, settings, is_pull_request=analysis.is_pull_request)


def ask_verdict(server: Server, analysis: Analysis) -> tuple[ProjectStatus, GateAnswer | None]:
    """The verdict, and the conditions that the project's quality gate has; None: the token may not see them."""
    answer = server.ask(
        "qualitygates/project_status",
        StatusAnswer,
        right=EITHER,
        mend="correct `project` and `branch`, and see that it was analysed on this server",
        **analysis.query,
    )
    return answer.project_status, _ask_gate(server)


def _ask_gate(server: Server) -> GateAnswer | None:
    settings = server.settings
    organization = {"organization": settings.organization} if settings.organization else {}
    try:
        found = server.ask("qualitygates/get_by_project", GateNameAnswer, project=settings.project, **organization)
        name = found.quality_gate.name
    except ForbiddenError:
        name = settings.quality_gate
    if not name:
        return None
    if settings.quality_gate not in ("", name):
        what = f"the project has the quality gate {name!r}, not {settings.quality_gate!r}"
        raise ReportError(what, mend="give it the right one in SonarQube, or correct `quality_gate`")
    return server.ask("qualitygates/show", GateAnswer, mend="correct `quality_gate`", name=name, **organization)


def tell_analysis(analysis: Analysis, server: Server) -> CheckResult:
    """The evidence that the verdict rests on."""
    about = f" of {analysis.about}" if analysis.about else ""
    which = analysis.query.get("analysisId", server.settings.project)
    return CheckResult(
        name="analysis",
        verdict=Verdict.PASSED,
        summary=f"{which}{about}, {analysis.at:%Y-%m-%d %H:%M} UTC, by SonarQube {server.version}",
        details="\n".join(f"SonarQube warns: {server.clear(warning)}" for warning in analysis.warnings),
    )


def tell_fault(error: ConfigError | ReportError | TransportError | DeadlineExceeded) -> CheckResult:
    """Why there is no analysis to judge. One that does not end says nothing either way."""
    verdict = Verdict.INCONCLUSIVE if isinstance(error, DeadlineExceeded) else Verdict.ERROR
    where = f"{error.where}: " if error.where else ""
    return CheckResult(name="analysis", verdict=verdict, summary=f"{where}{error.what}", mend=error.mend)


gate = Gate(
    name="sonarqube",
    summary="Demand that SonarQube's quality gate passes for this very analysis",
    settings=Settings,
    check=check,
)
