"""The verdict on the terminal and in the change request."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from deliverygate.cli.output import write
from deliverygate.cli.saying import say
from deliverygate.errors import DeliveryGateError
from deliverygate.model import ChangeSummary, Report
from deliverygate.redaction import outlet

if TYPE_CHECKING:
    from deliverygate.change import ChangeRequest
    from deliverygate.cli.asking import Asking
    from deliverygate.errors import OutputError


def show(report: Report) -> None:
    """On stdout, in colour where a person reads it."""
    from deliverygate.renderers.terminal import render as render_terminal

    stream = sys.stdout
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_terminal(outlet.clear(report), colour=colour, width=_width()), nl=False)


@contextmanager
def folded(title: str, asking: Asking) -> Iterator[None]:
    """What is said in between is a part of the job's log that can be folded away, where the platform has those."""
    before, after = asking.fold(title)
    if before:
        click.echo(before, err=True)
    try:
        yield
    finally:
        if after:
            click.echo(after, err=True)


def summary_of(change: ChangeRequest, redact: Callable[[str], str]) -> ChangeSummary:
    """What the report tells of the change."""
    return ChangeSummary(
        title=redact(change.title),
        source=change.source,
        base=change.base,
        head=change.head,
        platform=change.platform,
        number=change.number,
        url=change.url,
    )


def with_change(report: Report, asking: Asking, redact: Callable[[str], str]) -> Report:
    """The same report, telling of the change also where no gate asked for it, and where it can be learned."""
    if report.change is not None:
        return report
    try:
        change = asking.change()
    except DeliveryGateError as error:
        return replace(report, notes=(*report.notes, redact(f"The report tells nothing of the change: {error}.")))
    notes = tuple(map(redact, change.notes))
    return replace(report, change=summary_of(change, redact), notes=report.notes + notes)


def publish_verdict(report: Report, folder: Path, asking: Asking) -> OutputError | None:
    """In the change request. What was not possible is added to the reports, and changes no verdict."""
    notes = asking.publish(outlet.clear(report), folder)
    for note in notes:
        say(note, err=True)
    return write(replace(report, notes=report.notes + notes), folder) if notes else None


def _width() -> int:
    """Columns of the terminal; 0 where there is none, so that lines of a log are not broken."""
    import shutil

    if not sys.stdout.isatty():
        return 0
    return shutil.get_terminal_size((100, 24)).columns
