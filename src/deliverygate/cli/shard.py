"""``deliverygate shard``: judge what the plan gives to this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from deliverygate.cli.interruption import was_stopped
from deliverygate.cli.only import NO_VERDICT
from deliverygate.cli.run import run
from deliverygate.cli.saying import say
from deliverygate.errors import ReportError, UsageError

if TYPE_CHECKING:
    from deliverygate.model import Report
    from deliverygate.sharding.planning import Part, Plan

OWN = {"path", "output", "publish", "only", "strict_waivers", "stage"}  # of ``run``: what the plan says instead


@click.command(params=[each for each in run.params if each.name not in OWN])
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), help="The plan  [default: .deliverygate/plan.json]"
)
@click.option(
    "--number",
    type=click.IntRange(min=1),
    help="Which shard  [default: what CI_NODE_INDEX or JOB_COMPLETION_INDEX say]",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="Folder of the reports  [default: .deliverygate/shards/NUMBER]"
)
@click.pass_context
def shard(
    context: click.Context, /, plan_file: Path | None, number: int | None, output: Path | None, **options: Any
) -> None:
    """Run the gates of one shard of a plan."""
    from deliverygate.cli.checkout import open_checkout
    from deliverygate.cli.output import clear, create, write
    from deliverygate.cli.planned import GIT_SECONDS, read_plan
    from deliverygate.clock import SystemClock
    from deliverygate.platforms.pipeline import read_pipeline
    from deliverygate.sharding.merging import join_parts
    from deliverygate.sharding.pipelines import PLAN, SHARDS, own_number

    checkout = open_checkout(Path.cwd(), environ=os.environ, clock=SystemClock(timeout_seconds=GIT_SECONDS))
    plan = read_plan(str(plan_file or checkout.top / PLAN), checkout)
    mine = _number(plan, number or own_number(os.environ))
    folder = output or checkout.top / SHARDS / str(mine)
    clear(folder)
    create(folder)
    judged = []
    for index, part in enumerate(plan.shards[mine - 1], 1):
        place = folder / "parts" / str(index)
        report = _judge(context, plan, part, checkout.top, place, options)
        judged.append((part, report))
        if was_stopped(report):  # merge names the gates that are missing
            break
    joined = join_parts(
        plan, mine, judged, head=checkout.git.look_up("HEAD^{commit}"), attempt=read_pipeline(os.environ).attempt
    )
    if fault := write(joined, folder):
        raise fault
    told = f"shard {mine} of {len(plan.shards)}: {joined.verdict.value}"
    say(f"{told}; its report is {os.path.relpath(folder)}", err=True)
    raise click.exceptions.Exit(joined.exit_code)


def _number(plan: Plan, given: int | None) -> int:
    if given is None:
        raise UsageError("which shard this is, nobody says", where="--number", mend="give it, from 1 on")
    if given > len(plan.shards):
        # A machine more than the plan has shards for: a job was given another count than was planned.
        raise UsageError(
            f"there is no shard {given}", where="--number", mend=f"the plan has {len(plan.shards)}; start as many"
        )
    return given


def _judge(context: click.Context, plan: Plan, part: Part, top: Path, folder: Path, options: dict[str, Any]) -> Report:
    """Run one policy's gates, as ``run --only`` does, and read the report that it leaves."""
    from deliverygate.cli.files import read_input
    from deliverygate.renderers.json import load

    say(f"{part.policy}: {', '.join(part.gates)}", err=True)
    own = {"path": top / part.policy, "output": folder, "publish": False, "only": ",".join(part.gates)}
    try:
        context.invoke(run, stage=plan.stage, strict_waivers=False, **own, **options)
    except click.exceptions.Exit:  # its verdict is in the report
        pass
    file = folder / "report.json"
    try:
        report = load(read_input(str(file)), where=str(file))
        return replace(report, notes=tuple(note for note in report.notes if not note.endswith(NO_VERDICT)))
    except ReportError as error:
        raise ReportError(f"the run left no report: {error.what}", where=error.where, mend=error.mend) from error
