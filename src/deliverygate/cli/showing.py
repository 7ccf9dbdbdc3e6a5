"""The verdict on the terminal and in the change request."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deliverygate.cli.output import write

if TYPE_CHECKING:
    from deliverygate.cli.asking import Asking
    from deliverygate.errors import UsageError
    from deliverygate.model import Report


def show(report: Report) -> None:
    """On stdout, in colour where a person reads it."""
    from deliverygate.renderers.terminal import render as render_terminal

    stream = sys.stdout
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_terminal(report, colour=colour, width=_width()), nl=False)


def publish_verdict(report: Report, folder: Path, asking: Asking) -> UsageError | None:
    """In the change request. What was not possible is added to the reports, and changes no verdict."""
    from msgspec.structs import replace

    from deliverygate.renderers.text import clean, neutral

    notes = asking.publish(report, folder)
    for note in notes:
        click.echo(neutral(clean(note)), err=True)
    return write(replace(report, notes=report.notes + notes), folder) if notes else None


def _width() -> int:
    """Columns of the terminal; 0 where there is none, so that lines of a log are not broken."""
    import shutil

    if not sys.stdout.isatty():
        return 0
    return shutil.get_terminal_size((100, 24)).columns
