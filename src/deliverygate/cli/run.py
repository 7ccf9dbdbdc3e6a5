"""``deliverygate run STAGE``: the main job, from the policy to the exit code."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from deliverygate import __version__
from deliverygate.cli.interruption import stop_signals, stopped_by
from deliverygate.cli.output import LOG, clear, create, folder_of, write
from deliverygate.cli.policy import find_policy, platform_option, policy_options, ref_option
from deliverygate.cli.saying import say
from deliverygate.cli.stages import offer_stages
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ConfigError, ReportError, UsageError
from deliverygate.model import Duration
from deliverygate.redaction import outlet

if TYPE_CHECKING:
    from deliverygate.cli.policy import Opened
    from deliverygate.cli.wiring import Wiring
    from deliverygate.config.shape import GateSpec, Policy
    from deliverygate.model import GateResult, Report


def _span(_context: click.Context, _option: click.Parameter, value: str) -> Duration:
    try:
        return Duration.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("stage", shell_complete=offer_stages)
@policy_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    envvar="DELIVERYGATE_OUTPUT",
    show_envvar=True,
    help="Folder of the reports  [default: .deliverygate/out/STAGE beside the policy]",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    envvar="DELIVERYGATE_JOBS",
    show_envvar=True,
    help="How many gates run side by side",
)
@click.option(
    "--grace",
    callback=_span,
    default="30s",
    show_default=True,
    envvar="DELIVERYGATE_GRACE",
    show_envvar=True,
    help="Time for running gates to clean up after SIGTERM or SIGINT",
)
@click.option(
    "--description",
    type=click.Path(),
    envvar="DELIVERYGATE_DESCRIPTION",
    show_envvar=True,
    help="Markdown file with the description of the change, or - for standard input",
)
@click.option("--title", envvar="DELIVERYGATE_TITLE", show_envvar=True, help="Title of the change")
@click.option(
    "--base", metavar="REF", envvar="DELIVERYGATE_BASE", show_envvar=True,
    help="What the change is compared with  [default: the default branch]",
)  # fmt: skip
@platform_option
@ref_option
@click.option(
    "--publish/--no-publish", default=None, envvar="DELIVERYGATE_PUBLISH", show_envvar=True,
    help="Show the verdict in the merge or pull request  [default: where a platform is]",
)  # fmt: skip
@click.option("--strict-waivers", is_flag=True, help="Block on a waiver that fits no finding any more")
@click.option("--only", metavar="GATE,...", help="Run these gates alone, by their ids; the verdict is theirs alone")
def run(
    stage: str,
    path: Path | None,
    overrides: tuple[str, ...],
    output: Path | None,
    jobs: int,
    grace: Duration,
    description: str | None,
    title: str | None,
    base: str | None,
    platform: str | None,
    ref: str | None,
    publish: bool | None,
    strict_waivers: bool,
    only: str | None,
) -> None:
    """Run the gates of a stage."""
    from deliverygate.cli.asking import ChangeOptions
    from deliverygate.cli.forks import without_power, without_programs
    from deliverygate.cli.law import read_law
    from deliverygate.cli.law_files import base_text_of, files_of
    from deliverygate.cli.only import chosen
    from deliverygate.cli.opening import open_judging
    from deliverygate.cli.showing import publish_verdict, show, with_change
    from deliverygate.cli.wiring import Wiring
    from deliverygate.platforms import detect
    from deliverygate.platforms.forks import is_fork

    name = platform or detect(os.environ)
    change = ChangeOptions(
        title=title, description=_described(description), base=base, platform=name, look_up=platform is None
    )
    if early := output or _usual_folder(stage, path):
        clear(early)
    opened = open_judging(path, overrides, ref=ref, stage=stage, change=change)
    policy, root = opened.policy, opened.root
    foreign = is_fork(os.environ) and not (opened.trusted and policy.forks.run_programs)
    specs = chosen(_gates_of(stage, policy), only)
    if opened.untrusted:
        specs = without_power(specs)
    elif foreign:
        specs = without_programs(specs)
    law = read_law(policy, opened.files)
    law = replace(law, strict=True) if strict_waivers else law
    folder = output or folder_of(stage, root)
    assert folder is not None  # noqa: S101  a stage that the policy has can name a folder
    clear(folder)
    create(folder)
    started_at = datetime.now(UTC)
    with stop_signals() as (stop, signals):
        wiring = Wiring(
            root,
            law,
            policy=policy,
            change=change,
            stop=stop,
            today=started_at.date(),
            stage=stage,
            foreign=foreign,
            base_text=base_text_of(opened),
            law_files=files_of(opened),
            untrusted=opened.untrusted,
            target=opened.target.tree.commit if opened.target else None,
            partial=len(specs) < len(policy.stages[stage]),
        )
        try:
            report = _judge(stage, opened, specs, wiring, started_at, folder, jobs=jobs, grace=grace, signals=signals)
        finally:
            wiring.close()
        publishing = name != "git" if publish is None else publish
        report = with_change(report, wiring.asking, wiring.redactor) if publishing else report
        fault = write(report, folder)
        show(report)
        if publishing:
            fault = publish_verdict(report, folder, wiring.asking) or fault
    if fault:
        raise fault
    say(f"reports: {os.path.relpath(folder)}/junit.xml and report.json beside it", err=True)
    raise click.exceptions.Exit(report.exit_code)


def _usual_folder(stage: str, path: Path | None) -> Path | None:
    """Where an earlier run of this stage left its reports, as far as the checkout knows."""
    try:
        return folder_of(stage, find_policy(path).parent)
    except ConfigError:
        return None


def _judge_law(opened: Opened, wiring: Wiring, gates: tuple[GateResult, ...]) -> tuple[GateResult, ...]:
    """A result of the run's own where the change edits what it is judged by."""
    if opened.target is None:
        return ()
    from deliverygate.cli.law_changes import as_result, judge_changes
    from deliverygate.judging.fingerprint import identify_results

    check = judge_changes(opened, wiring.asking, wiring.law_used)
    return identify_results([as_result(wiring.redactor.redact_record(check), gates)]) if check else ()


def _gates_of(stage: str, policy: Policy) -> tuple[GateSpec, ...]:
    found = policy.stages.get(stage)
    if found is None:
        from deliverygate.config.faults import did_you_mean

        mend = did_you_mean(stage, policy.stage_names) if policy.stage_names else "add it to `stages:`"
        raise UsageError(f"no stage {stage!r}", where=policy.source.path, mend=mend)
    return found


def _described(description: str | None) -> tuple[str, str] | None:
    if description is None:
        return None
    from deliverygate.cli.files import read_input

    try:
        return utf8(read_input(description)), f"--description {description}"
    except ReportError as error:
        raise UsageError(f"--description: {error.what}", where=description, mend=error.mend) from error
    except NotTextError as error:
        raise UsageError(f"is {error}", where=description, mend="save it as UTF-8") from error


def _judge(
    stage: str,
    opened: Opened,
    specs: tuple[GateSpec, ...],
    wiring: Wiring,
    started_at: datetime,
    folder: Path,
    *,
    jobs: int,
    grace: Duration,
    signals: list[str],
) -> Report:
    from deliverygate.cli.only import partial_notes
    from deliverygate.cli.showing import folded, summary_of
    from deliverygate.model import Report
    from deliverygate.renderers.terminal import Progress
    from deliverygate.runner import Options, run_gates

    threading.excepthook = lambda _thrown: None  # the check of its gate tells it; a traceback is nobody's to read
    with (
        folded(f"gates of {stage}", wiring.asking),
        Progress(sys.stderr, [spec.id for spec in specs]) as progress,
    ):
        options = Options(
            jobs=jobs,
            grace_seconds=float(grace),
            stop=wiring.stop,
            today=wiring.today,
            watcher=progress,
            log=_open_log(folder, wiring),
        )
        gates = run_gates(specs, wiring.open_context, options) + stopped_by(signals)
    gates += wiring.judge_waivers(stage, gates)
    of_law = _judge_law(opened, wiring, gates)
    gates += of_law
    told = tuple(f"Note that {check.summary}." for gate in of_law for check in gate.checks)
    redact = wiring.redactor
    return Report(
        stage=stage,
        gates=gates,
        policy=opened.policy.source,
        started_at=started_at,
        seconds=(datetime.now(UTC) - started_at).total_seconds(),
        version=__version__,
        change=summary_of(wiring.asking.known, redact) if wiring.asking.known else None,
        inputs=wiring.workspace.inputs,
        notes=tuple(
            map(
                redact,
                (
                    *opened.notes,
                    *partial_notes(specs, opened.policy.stages[stage]),
                    *told,
                    *_notes(opened.policy, wiring),
                    *wiring.notes(stage, gates),
                ),
            )
        ),
    )


def _notes(policy: Policy, wiring: Wiring) -> Iterator[str]:
    """What judged beside the file that the report names, and what was perhaps meant to."""
    from deliverygate.cli.variables import misspelled, of_options
    from deliverygate.config.overrides import Source

    for value in policy.values:
        if value.source > Source.FILE and value.value is not None:
            yield f"{value.path} was set by {value.origin}, and not by the policy."
    yield from misspelled(wiring.environ, of_options(run), policy)


def _open_log(folder: Path, wiring: Wiring) -> logging.Logger:
    """Tracebacks go to a file beside the reports, without secrets; the file appears with its first line."""

    class Redacted(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return outlet.redact(super().format(record))

    class StrictFileHandler(logging.FileHandler):
        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name
            """Raise what went wrong: the caller says so in its own words; logging would print a traceback."""
            raise  # noqa: PLE0704  called while the fault is handled

    log = logging.getLogger("deliverygate")
    log.propagate = False
    for earlier in list(log.handlers):  # of the shard's part before this one, which has a folder of its own
        log.removeHandler(earlier)
        earlier.close()
    handler = StrictFileHandler(folder / LOG, delay=True, encoding="utf-8")
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log
