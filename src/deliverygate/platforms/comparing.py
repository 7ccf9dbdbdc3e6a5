"""Two states of a repository to the files that changed between them, with the lines that are new.

Every call asks for an exact format, whatever the user's git configuration says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.change import ChangedFile, Spans
from deliverygate.platforms.git_command import Git
from deliverygate.platforms.patch import new_lines
from deliverygate.platforms.working_tree import WorkingTree, beside, settle

#: How changes are looked at, so that no setting of the user and no attribute of the repository has a say in it: with
#: ``--text`` git shows the lines of what .gitattributes calls binary as well.
EXACT = ("--find-renames", "-l1000", "--ignore-submodules=none")
PATCH = (
    "--text", "--patch", "--unified=0", "--inter-hunk-context=0", "--no-color", "--src-prefix=a/", "--dst-prefix=b/",
    "--submodule=short", "--diff-algorithm=myers",
)  # fmt: skip

STATUSES = {"A": "added", "D": "deleted", "R": "renamed"}  # all others: "modified"


def compare(git: Git, tree: WorkingTree, *, base: str, head: str, is_local: bool) -> Iterator[ChangedFile]:
    """The files of the change, with what only the working tree has beside them.

    Where somebody works at it the change ends in the working tree; in CI it ends in ``head``.
    """
    ends = (base,) if is_local else (base, head)
    edited = tree.edited()
    spans = new_lines(git.output("diff", *PATCH, *EXACT, git.relative, *ends, "--"))
    records = tuple(_records(git, *ends))
    converted = tree.converted(record.path for record in records if record.is_only_here)
    for record in records:
        found = _as_changed(record, spans)
        if found.status != "deleted":
            lines, is_same = tree.look_at(record.path, record.after, committed=not is_local and record.path in edited)
            found = settle(found, mode=record.mode, lines=lines, is_same=is_same and record.path not in converted)
        if record.path in edited:
            found = replace(found, edited_at=tree.written_at(record.path))
            found = found if is_local else _with_all_lines(found)
        yield found
    yield from beside(tree, sorted(edited - {record.path for record in records}), is_local=is_local)


def _records(git: Git, *ends: str) -> Iterator[_Record]:
    fields = iter(git.text("diff", "--raw", "--no-abbrev", "-z", *EXACT, git.relative, *ends, "--").split("\0"))
    for record in fields:
        if not record:
            continue
        _, mode, before, after, status = record.split(" ")
        first = next(fields)
        yield _Record(
            path=next(fields) if status[0] in "RC" else first,
            previous_path=first if status[0] in "RC" else None,
            mode=mode,
            before=before,
            after=after,
            status=status[0],
        )


class _Record(NamedTuple):
    """What ``git diff --raw`` tells of a file."""

    path: str
    previous_path: str | None
    mode: str  #: as it is now
    before: str  #: names of the content; only zeros where it is in the working tree alone
    after: str
    status: str  #: one letter

    @property
    def is_only_here(self) -> bool:
        """Whether git has no name for the content: it is in the working tree, and was not stored."""
        return not self.after.strip("0")


def _as_changed(record: _Record, spans: Mapping[str, Spans]) -> ChangedFile:
    is_new = record.status in "AC"
    is_same = record.before == record.after and not record.is_only_here
    # Git shows the lines of all files: what it shows none of has the text of before, or none at all.
    nothing = None if is_new or record.path in spans else ()
    return ChangedFile(
        path=record.path,
        status=STATUSES.get(record.status, "added" if is_new else "modified"),
        previous_path=record.previous_path,
        lines=() if record.status == "D" or is_same else spans.get(record.path, nothing),
        added=0 if is_new and record.path not in spans else None,
    )


def _with_all_lines(file: ChangedFile) -> ChangedFile:
    """A file that a job has edited: nobody knows on which of the two texts the lines of a report are."""
    told = sum(last - first + 1 for first, last in file.lines or ()) if file.lines is not None else file.added
    return replace(file, lines=None, added=told)
