"""Trivy: vulnerabilities, misconfigurations, secrets and licences, from its report or from a run of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Duration, Verdict
from deliverygate_gates.reports import Reading, assess, no_evidence, read_reports
from deliverygate_gates.security.demands import Demands
from deliverygate_gates.security.judging import follow, judge
from deliverygate_gates.trivy.classes import Class, judge_classes, require_evidence
from deliverygate_gates.trivy.outcome import read_outcome
from deliverygate_gates.trivy.run import (
    DEFAULT_SCANNERS,
    POSSIBLE_SCANNERS,
    Kind,
    Order,
    Scanner,
    refused,
    run,
)

ONLY_WHEN_RUN = ("arguments", "trivy_config", "secret_config", "no_results")


class Settings(Demands, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the policy may say of this gate; docs/gates/trivy.md has an example of each."""

    report: str | tuple[str, ...] | None = None
    image: str | None = None
    fs: str | None = None
    config: str | None = None
    sbom: str | None = None

    program: str = "trivy"
    scanners: tuple[Scanner, ...] | None = None
    arguments: tuple[str, ...] = ()
    deadline: Duration = Duration.default(300)
    trivy_config: str | None = None
    secret_config: str | None = None
    no_results: Literal["error", "pass"] = "error"

    classes: Annotated[tuple[Class, ...], msgspec.Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("report", "image", "fs", "config", "sbom") if getattr(self, name)]
        if len(given) != 1:
            what = f"{' and '.join(given)} are given" if given else "nothing to judge is named"
            raise ValueError(f"{what}; name exactly one of report, image, fs, config, sbom")
        super().__post_init__()
        if self.kind and self.root is not None:
            raise ValueError("`root` is only for a report: deliverygate knows where it runs Trivy; drop it")
        if self.kind:
            self._check_order(self.kind)
        elif unused := [name for name in ONLY_WHEN_RUN if getattr(self, name) not in ((), None, "error")]:
            raise ValueError(f"`{unused[0]}` is only for a Trivy that deliverygate runs; drop it, or name a target")

    def _check_order(self, kind: Kind) -> None:
        if self.target.startswith("-"):
            raise ValueError(f"`{kind}`: {self.target!r} would be taken for an option; name a target")
        for argument in self.arguments:
            if said := refused(argument):
                raise ValueError(f"`arguments`: {said}")
        if impossible := [name for name in self.scanners or () if name not in POSSIBLE_SCANNERS[kind]]:
            raise ValueError(f"`scanners`: {impossible[0]} does not work on `{kind}`; drop it")
        if self.no_results == "pass" and set(self.ran) != {"secret"}:
            raise ValueError(
                "`no_results: pass` is for `scanners: [secret]` alone; the others name what they looked at"
            )

    @property
    def kind(self) -> Kind | None:
        """What Trivy is run on; None: a report is read."""
        kinds: tuple[Kind, ...] = ("image", "fs", "config", "sbom")
        return next((kind for kind in kinds if getattr(self, kind)), None)

    @property
    def target(self) -> str:
        return str(getattr(self, self.kind)) if self.kind else ""

    @property
    def ran(self) -> tuple[Scanner, ...]:
        """The scanners that are known to have run."""
        return self.scanners or (DEFAULT_SCANNERS[self.kind] if self.kind else ())


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each report or run, its age, the classes that were looked at, and each capped severity."""
    readings = yield from follow(read_all(settings, context), settings, context)
    yield from judge(
        readings,
        settings,
        context,
        judge_classes=lambda scans: judge_classes(scans, settings.classes or (), settings.ran),
    )


def read_all(settings: Settings, context: GateContext) -> Iterator[Reading]:
    """The reports that the policy names, or the one of a run."""
    if settings.report:
        patterns = (settings.report,) if isinstance(settings.report, str) else settings.report
        for reading in read_reports(patterns, context, format="trivy", root=settings.root):
            yield prove(reading, settings.ran)
    else:
        yield run_trivy(settings, context)


def prove(reading: Reading, ran: Sequence[Scanner]) -> Reading:
    """A report of which nothing comes from the scanners that are known to have run is no evidence."""
    try:
        if reading.scan:
            require_evidence(reading.scan, ran)
    except ReportError as error:
        return no_evidence(reading.name, error)
    return reading


def run_trivy(settings: Settings, context: GateContext) -> Reading:
    """Run Trivy and read what it says. A run that fails is a check with the verdict ERROR, in Trivy's own words."""
    order = make_order(settings)
    try:
        if order.kind == "sbom" and context.workspace.has(order.target):
            context.require_fresh(order.target)  # what it leaves out is not looked at
        outcome = run(order, context)
        scan = read_outcome(outcome.report, order, context, silence_passes=settings.no_results == "pass")
    except ToolError as error:
        summary, _, details = error.what.partition("\n")
        check = CheckResult(
            name=f"report {order.name}", verdict=Verdict.ERROR, summary=summary, details=details, mend=error.mend
        )
        return Reading(order.name, check, None)
    except ReportError as error:
        return no_evidence(order.name, error)
    scan = replace(scan, version=outcome.version, notes=scan.notes + outcome.warnings)
    return Reading(order.name, *assess(order.name, scan))


def make_order(settings: Settings) -> Order:
    """The settings as an order to Trivy."""
    if settings.kind is None:
        raise ValueError("a report is read, nothing is run")
    return Order(
        kind=settings.kind,
        target=settings.target,
        program=settings.program,
        scanners=settings.ran,
        arguments=settings.arguments,
        deadline=settings.deadline,
        trivy_config=settings.trivy_config,
        secret_config=settings.secret_config,
    )


gate = Gate(
    name="trivy",
    summary="Fail on vulnerabilities, misconfigurations, secrets and licences that Trivy finds",
    settings=Settings,
    check=check,
)
