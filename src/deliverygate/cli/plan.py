"""``deliverygate plan STAGE``: a stage over several machines, in the words of the system that has them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from msgspec.structs import replace

from deliverygate import __version__
from deliverygate.cli.policy import platform_option, policy_options, ref_option
from deliverygate.cli.saying import say, write_out
from deliverygate.cli.stages import offer_stages
from deliverygate.errors import ReportError, UsageError

if TYPE_CHECKING:
    from deliverygate.cli.checkout import Checkout
    from deliverygate.cli.policy import Opened
    from deliverygate.model import PolicySource, Report
    from deliverygate.sharding.planning import GateNode, Plan, Unit

IMAGE = "deliverygate"
CLAIM = "deliverygate-workspace"


@click.command()
@click.argument("stage", shell_complete=offer_stages)
@policy_options
@platform_option
@ref_option
@click.option(
    "--for", "system", type=click.Choice(["gitlab", "github", "kubernetes"]), required=True,
    help="Write a child pipeline, a matrix, or an Indexed Job",
)  # fmt: skip
@click.option("--shards", type=click.IntRange(1, 256), default=4, show_default=True, help="How many, at most")
@click.option(
    "--durations",
    multiple=True,
    type=click.Path(path_type=Path),
    help="report.json of an earlier run, or a folder of them",
)
@click.option("--every-policy", is_flag=True, help="Plan every policy of the repository that has this stage")
@click.option("--output", default="-", show_default=True, type=click.Path(), help="File for what is written, or -")
@click.option("--image", default=IMAGE, show_default=True, help="Container image of the shards")
@click.option("--claim", default=CLAIM, show_default=True, help="PersistentVolumeClaim with the checkout (kubernetes)")
def plan(
    stage: str,
    path: Path | None,
    overrides: tuple[str, ...],
    platform: str | None,
    ref: str | None,
    system: str,
    shards: int,
    durations: tuple[Path, ...],
    every_policy: bool,
    output: str,
    image: str,
    claim: str,
) -> None:
    """Split a stage over several machines.

    The plan itself is kept in .deliverygate/plan.json; `shard` and `merge` read it there. What an earlier plan
    has left in .deliverygate/shards is removed.
    """
    from deliverygate.cli.checkout import open_checkout
    from deliverygate.cli.files import write_atomically
    from deliverygate.cli.output import refuse_links, remove
    from deliverygate.cli.planned import GIT_SECONDS
    from deliverygate.clock import SystemClock
    from deliverygate.renderers.text import count
    from deliverygate.sharding.pipelines import PLAN, SHARDS
    from deliverygate.sharding.planning import encode

    checkout = open_checkout(Path.cwd(), environ=os.environ, clock=SystemClock(timeout_seconds=GIT_SECONDS))
    survey = _Survey(stage, overrides, platform, ref, checkout)
    found = survey.every() if every_policy else [survey.one(path)]
    planned = _plan(stage, checkout, found, shards, _earlier(durations))
    text = _written(planned, system, image=image, claim=claim)
    refuse_links((checkout.top / SHARDS).parent)
    remove(checkout.top / SHARDS)  # what an earlier plan has left must never be merged for this one
    write_atomically(checkout.top / PLAN, encode(planned), mend="make the folder writable")
    if output == "-":
        write_out(text)
    else:
        write_atomically(Path(output), text)
    told = f"{count(sum(len(each.nodes) for each in found), 'gate')} in {count(len(planned.shards), 'shard')}"
    say(f"{told}; the plan is {PLAN}", err=True)


class _Found(NamedTuple):
    """A policy that has the stage."""

    source: PolicySource  #: its path from the root of the repository
    nodes: list[GateNode]
    whole: bool  #: whether its gates must stay together


class _Survey:
    """The policies of a repository, read as ``run`` reads them."""

    def __init__(
        self, stage: str, overrides: tuple[str, ...], platform: str | None, ref: str | None, checkout: Checkout
    ) -> None:
        from deliverygate.cli.asking import ChangeOptions
        from deliverygate.platforms import detect

        self._stage = stage
        self._overrides = overrides
        self._ref = ref
        self._checkout = checkout
        self._change = ChangeOptions(platform=platform or detect(os.environ))

    def one(self, path: Path | None) -> _Found:
        """The policy that would judge here. Raises UsageError where it has no such stage."""
        opened = self._open(path, self._stage)
        found = self._read(opened)
        if found is None:
            source = opened.policy.source.path
            raise UsageError(f"no stage {self._stage!r} with gates", where=source, mend="correct the name")
        return found

    def every(self) -> list[_Found]:
        """Each that has the stage: of the checkout, and of the target branch, where the change may have removed one."""
        from deliverygate.cli.policy import NAMES

        top = self._checkout.top
        waiting = [name for name in self._tracked() if Path(name).name in NAMES]
        seen, found = set(waiting), []
        while waiting:
            opened = self._open(top / waiting.pop(0), self._stage)
            if opened.target:
                more = {name for name in opened.target.tree.paths() if Path(name).name in NAMES} - seen
                waiting += sorted(more)
                seen |= more
            if one := self._read(opened):
                found.append(one)
        if not found:
            what = f"no policy of this repository has a stage {self._stage!r}"
            raise UsageError(what, mend="correct the name of the stage, or write a policy")
        return sorted(found, key=lambda each: each.source.path)

    def _tracked(self) -> list[str]:
        """All files of the commit that is checked out."""
        from deliverygate.platforms.git_tree import GitTree

        head = self._checkout.git.look_up("HEAD^{commit}")
        return sorted(GitTree(self._checkout.git, head, name="HEAD").paths()) if head else []

    def _open(self, path: Path | None, stage: str | None) -> Opened:
        from deliverygate.cli.opening import open_judging

        return open_judging(path, self._overrides, ref=self._ref, stage=stage, change=self._change)

    def _read(self, opened: Opened) -> _Found | None:
        from deliverygate.sharding.planning import GateNode

        specs = opened.policy.stages.get(self._stage)
        if not specs:
            return None
        name = Path(opened.policy.source.path).name
        path = (opened.root / name).resolve().relative_to(self._checkout.top.resolve()).as_posix()
        nodes = [GateNode(id=spec.id, linked=(*spec.needs, *spec.looks_at)) for spec in specs]
        # Which waiver fits nothing any more is known to a run of all gates only.
        return _Found(replace(opened.policy.source, path=path, ref=None), nodes, opened.policy.strict_waivers)


def _plan(stage: str, checkout: Checkout, found: list[_Found], shards: int, earlier: Iterable[Report]) -> Plan:
    from uuid import uuid4

    from deliverygate.platforms.pipeline import read_pipeline
    from deliverygate.sharding.planning import Plan, balance, expected_seconds, name_in_report, units

    policies = tuple(each.source for each in found)
    names = {
        (each.source.path, node.id): name_in_report(each.source.path, node.id, policies)
        for each in found
        for node in each.nodes
    }
    seconds = expected_seconds(names.values(), earlier)
    all_units: list[Unit] = []
    for source, nodes, whole in found:
        times = {node.id: seconds[names[source.path, node.id]] for node in nodes}
        all_units += units(source.path, nodes, times, whole=whole)
    return Plan(
        id=uuid4().hex,
        run=read_pipeline(os.environ).run or "",
        stage=stage,
        version=__version__,
        head=checkout.git.look_up("HEAD^{commit}"),
        policies=policies,
        shards=balance(all_units, shards),
    )


def _written(planned: Plan, system: str, *, image: str, claim: str) -> bytes:
    import msgspec

    from deliverygate.sharding import pipelines

    if system == "github":
        return msgspec.json.encode(pipelines.github(planned)) + b"\n"  # one line, as GITHUB_OUTPUT wants it
    if system == "kubernetes":
        document = pipelines.kubernetes(planned, image=image, claim=claim)
    else:
        parent = os.environ.get("CI_PIPELINE_ID") or "$PARENT_PIPELINE_ID"
        document = pipelines.gitlab(planned, image=image, parent=parent, job=os.environ.get("CI_JOB_NAME") or "plan")
    from deliverygate.config.document import dump

    return dump(document)


def _earlier(places: tuple[Path, ...]) -> Iterator[Report]:
    """The reports of earlier runs, oldest first."""
    from deliverygate.cli.files import read_input
    from deliverygate.renderers.json import load

    files = [file for place in places for file in (sorted(place.rglob("report.json")) if place.is_dir() else [place])]
    reports = []
    for file in files:
        try:
            reports.append(load(read_input(str(file)), where=str(file)))
        except ReportError as error:
            raise UsageError(error.what, where=error.where, mend="leave it out, or name another report.json") from error
    yield from sorted(reports, key=lambda report: report.started_at)
