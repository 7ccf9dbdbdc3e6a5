"""The folder of a run's reports: cleared before the run, filled after it."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path, PurePath
from shutil import rmtree
from typing import TYPE_CHECKING

from deliverygate.cli.places import find_top
from deliverygate.errors import OutputError, UsageError
from deliverygate.redaction import outlet

if TYPE_CHECKING:
    from deliverygate.model import Report

LOG = "deliverygate.log"


def folder_of(stage: str, root: Path) -> Path | None:
    """Where the reports of a stage lie when nobody says otherwise; None for what can be no stage's name."""
    is_plain = PurePath(stage).name == stage and stage not in ("", "..")
    return root / ".deliverygate" / "out" / stage if is_plain else None


def clear(folder: Path) -> None:
    """An old report must never be taken for this run's: it goes before anything can go wrong. Raises UsageError."""
    from deliverygate.renderers import output_files

    refuse_links(folder)
    try:
        for name in (*output_files(), LOG):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def remove(folder: Path) -> None:
    """A folder of ours with all that is in it; links are removed and not followed. Raises UsageError."""
    refuse_links(folder)
    try:
        if folder.is_dir():
            rmtree(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def refuse_links(folder: Path) -> None:
    """A link that the change has put in its place would have us write over files elsewhere. Raises UsageError."""
    whole, top = Path(os.path.normpath(Path.cwd() / folder)), find_top(Path.cwd())
    if not whole.is_relative_to(top):
        return
    for each in takewhile(lambda path: path != top, (whole, *whole.parents)):
        if each.is_symlink():
            raise UsageError(
                "is a link in the checkout; reports are written into folders only",
                where=os.path.relpath(each),
                mend="remove the link, or choose another --output",
            )


def create(folder: Path) -> None:
    """Make the folder, so that a run learns before its first gate that it cannot. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write(report: Report, folder: Path) -> OutputError | None:
    """Every format that can be written; gives the first fault of those that cannot."""
    from deliverygate.cli.files import write_atomically
    from deliverygate.renderers import output_files, render

    report = outlet.clear(report)
    faults = []
    for name, format_ in output_files().items():
        try:
            write_atomically(folder / name, render(report, format_), cleared=True)
        except UsageError as error:
            faults.append(OutputError(error.what, where=error.where, mend=error.mend))
    return faults[0] if faults else None


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot be written to ({error.strerror})", where=str(folder), mend="choose another --output")
