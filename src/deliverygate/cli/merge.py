"""``deliverygate merge DIR...``: the reports of all shards as one report with one verdict."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deliverygate.cli.policy import platform_option
from deliverygate.cli.saying import say
from deliverygate.errors import ReportError

if TYPE_CHECKING:
    from deliverygate.cli.asking import Asking
    from deliverygate.sharding.merging import Found

OUTPUT = ".deliverygate/out/merged"


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option(
    "--plan", "plan_file", default=".deliverygate/plan.json", show_default=True, type=click.Path(), help="The plan"
)
@click.option(
    "--output", type=click.Path(path_type=Path), default=OUTPUT, show_default=True, help="Folder of the joined reports"
)
@platform_option
@click.option(
    "--publish/--no-publish", default=None, envvar="DELIVERYGATE_PUBLISH", show_envvar=True,
    help="Show the verdict in the merge or pull request  [default: where a platform is]",
)  # fmt: skip
def merge(folders: tuple[Path, ...], plan_file: str, output: Path, platform: str | None, publish: bool | None) -> None:
    """Join the reports of a plan's shards into one verdict."""
    from deliverygate.cli.output import clear, create, write
    from deliverygate.cli.planned import checkout_here, read_plan
    from deliverygate.cli.showing import publish_verdict, show
    from deliverygate.platforms import detect
    from deliverygate.sharding.merging import merge as join

    clear(output)  # before anything can go wrong: an earlier verdict must not be taken for this one
    plan = read_plan(plan_file, checkout_here())
    create(output)
    unread: list[ReportError] = []
    report = join(plan, list(_reports(folders, unread)), unread=unread)
    fault = write(report, output)
    show(report)
    name = platform or detect(os.environ)
    if name != "git" if publish is None else publish:
        fault = publish_verdict(report, output, _asking(name)) or fault
    if fault:
        raise fault
    say(f"reports: {os.path.relpath(output)}/junit.xml and report.json beside it", err=True)
    raise click.exceptions.Exit(report.exit_code)


def _reports(folders: tuple[Path, ...], unread: list[ReportError]) -> Iterator[Found]:
    """The report of each folder: its own, else those of the shards in it; ``unread`` gets what is none."""
    from deliverygate.cli.files import read_input
    from deliverygate.renderers.json import load
    from deliverygate.sharding.merging import Found

    for folder in folders:
        own = folder / "report.json"
        for file in [own] if own.exists() else sorted(folder.glob("*/report.json")):
            try:
                yield Found(str(file), load(read_input(str(file)), where=str(file)))
            except ReportError as error:
                unread.append(error)


def _asking(platform: str) -> Asking:
    from threading import Event

    from deliverygate.cli.asking import Asking, ChangeOptions
    from deliverygate.redaction import outlet

    return Asking(Path.cwd(), ChangeOptions(platform=platform), environ=os.environ, stop=Event(), redact=outlet.redact)
