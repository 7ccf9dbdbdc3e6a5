"""Trivy names files relative to its target; everybody else names them from the top of the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from deliverygate.conversions import read_json

# Where a result of a folder names a file. Other names ("Java", "Node.js") stand for many files and are none.
FIELDS = {"Vulnerabilities": "PkgPath", "Licenses": "FilePath"}


def rebase(report: bytes, *, folder: Path, root: Path) -> bytes:
    """The report with each file below ``folder`` named from ``root``. What is no report is left to its reader."""
    if folder == root:
        return report
    try:
        document = read_json(report)
    except ValueError:
        return report
    for entry, field in _names(document):
        name = entry.get(field)
        if isinstance(name, str) and name and _is_file(folder, name):
            entry[field] = (folder / name).relative_to(root).as_posix()
    return msgspec.json.encode(document)


def _names(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for result in _entries(document, "Results"):
        yield result, "Target"
        for items, field in FIELDS.items():
            for item in _entries(result, items):
                yield item, field


def _entries(holder: Any, field: str) -> list[dict[str, Any]]:
    listed = holder.get(field) if isinstance(holder, dict) else None
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _is_file(folder: Path, name: str) -> bool:
    try:
        return not Path(name).is_absolute() and ".." not in Path(name).parts and (folder / name).is_file()
    except (OSError, ValueError):  # a name that no file system takes
        return False
