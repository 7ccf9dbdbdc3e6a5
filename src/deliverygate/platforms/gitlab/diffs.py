"""GitLab's own diff of a merge request to changed files, for a clone that does not reach back far enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverygate.change import ChangedFile, Spans
from deliverygate.platforms.counting import has_binary_ending
from deliverygate.platforms.gitlab.records import Diff
from deliverygate.platforms.patch import added_lines


def changed_files(diffs: Iterable[Diff], *, prefix: str) -> Iterator[ChangedFile]:
    """Those below the folder ``prefix`` of the repository, with paths from there."""
    for diff in diffs:
        if diff.new_path.startswith(prefix):
            lines = _lines(diff)
            moved = diff.renamed_file and diff.old_path.startswith(prefix)
            yield ChangedFile(
                path=diff.new_path.removeprefix(prefix),
                status=_status(diff, moved=moved),
                previous_path=diff.old_path.removeprefix(prefix) if moved else None,
                lines=lines,
                added=0 if lines is None and _is_binary(diff) and has_binary_ending(diff.new_path) else None,
            )


def is_cut(changes_count: str | None) -> bool:
    """Whether GitLab shows only the first files. https://docs.gitlab.com/administration/diff_limits/"""
    return bool(changes_count) and str(changes_count).endswith("+")


def _status(diff: Diff, *, moved: bool) -> str:
    if diff.deleted_file:
        return "deleted"
    if diff.new_file or (diff.renamed_file and not moved):
        return "added"
    return "renamed" if moved else "modified"


def _is_binary(diff: Diff) -> bool:
    """Whether GitLab says so; .gitattributes of the change makes it say so of any file, so its name must agree."""
    return not (diff.collapsed or diff.too_large) and (diff.diff or "").startswith("Binary files ")


def _lines(diff: Diff) -> Spans | None:
    """None: GitLab does not show them, since they are too many or no text."""
    if diff.deleted_file:
        return ()
    if diff.collapsed or diff.too_large:
        return None
    if not diff.diff:
        return () if diff.renamed_file or (diff.a_mode != diff.b_mode and not diff.new_file) else None
    return added_lines(diff.diff) if "@@ " in diff.diff else None
