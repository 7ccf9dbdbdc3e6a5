"""GitHub's list of the files of a pull request to ours. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files"""

from __future__ import annotations

from deliverygate.change import ChangedFile, Spans
from deliverygate.platforms.counting import has_binary_ending
from deliverygate.platforms.github.wire import PullFile
from deliverygate.platforms.patch import added_lines

STATUSES = {"added": "added", "copied": "added", "removed": "deleted", "renamed": "renamed"}  # others: "modified"


def changed_file(file: PullFile, *, prefix: str, with_lines: bool) -> ChangedFile | None:
    """The file below the folder ``prefix``; None for one elsewhere. ``with_lines``: whether its lines hold here."""
    if not file.filename.startswith(prefix):
        return None
    status = STATUSES.get(file.status, "modified")
    lines = _lines(file, status) if with_lines or status == "deleted" else None
    before = file.previous_filename if status == "renamed" else None
    return ChangedFile(
        path=file.filename.removeprefix(prefix),
        status=status,
        previous_path=before.removeprefix(prefix) if before and before.startswith(prefix) else None,
        lines=lines,
        added=_added(file) if lines is None else None,
    )


def _added(file: PullFile) -> int | None:
    """GitHub counts nothing in what .gitattributes of the change calls binary, so the file's name must agree."""
    return file.additions if file.additions or has_binary_ending(file.filename) else None


def _lines(file: PullFile, status: str) -> Spans | None:
    if status == "deleted":
        return ()
    lines = added_lines(file.patch) if file.patch is not None else None
    told = None if lines is None else sum(last - first + 1 for first, last in lines)
    return lines if file.additions in (None, told) else None  # GitHub cuts long patches
