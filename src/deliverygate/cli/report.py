"""``deliverygate report``: render a run's report.json again, in any format."""

from __future__ import annotations

from pathlib import Path

import click

from deliverygate.cli.saying import write_out
from deliverygate.redaction import outlet


@click.command()
@click.option(
    "--from", "source", required=True, type=click.Path(), help="report.json of a run, or - for standard input"
)
@click.option("--format", "format_", default="text", show_default=True, help="Format to render")
@click.option("--output", "target", default="-", show_default=True, type=click.Path(), help="File to write, or -")
def report(source: str, format_: str, target: str) -> None:
    """Render the report of an earlier run again."""
    from deliverygate.cli.files import read_input
    from deliverygate.renderers import render
    from deliverygate.renderers.json import load

    loaded = load(read_input(source), where=source)
    text = render(outlet.clear(loaded), format_)
    if target == "-":
        write_out(text)
    else:
        from deliverygate.cli.files import write_atomically

        write_atomically(Path(target), text, cleared=True)
