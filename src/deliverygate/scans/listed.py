"""Reports that list findings and nothing else: what an empty one is worth."""

from __future__ import annotations

from collections.abc import Sized


def note_on(entries: Sized, *, tool: str) -> tuple[str, ...]:
    """What there is to say of a list that names no file.

    It is read as a clean run only under the name of its format, and only where the tool gives a file that it could
    not read an entry of its own, or writes no report at all then.
    """
    return () if len(entries) else (f"The report is an empty list: it does not say which files {tool} looked at.",)
