"""Paths as coverage reports write them to files of the repository: below a folder, or with somebody's prefix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Places:
    """Where the files of a report lie in the repository."""

    found: Mapping[str, str]  #: the path in the report to that in the repository
    unsure: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: to several that it may be


def place(paths: Iterable[str], tracked: Iterable[str], roots: Sequence[str] = ()) -> Places:
    """Find each path of a report among the tracked files.

    A folder of ``roots`` with the path behind it goes first, then the path itself. A report that was written
    elsewhere, or by Go, has a prefix that is cut off; one that names packages (JaCoCo) lacks a folder, which is found
    where only one file can be meant. A path that fits nothing is left out: a generated or a foreign file.
    """
    files = frozenset(tracked)
    by_name: dict[str, list[str]] = defaultdict(list)
    for file in sorted(files):
        by_name[_name(file)].append(file)
    found: dict[str, str] = {}
    unsure: dict[str, tuple[str, ...]] = {}
    prefixed: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        namesakes = by_name.get(_name(path), [])
        fitting = _below(path, files, roots) or tuple(file for file in namesakes if file.endswith(f"/{path}"))
        if len(fitting) == 1:
            found[path] = fitting[0]
        elif fitting:
            unsure[path] = fitting
        elif longer := [file for file in namesakes if path.endswith(f"/{file}")]:
            prefixed[path] = max(longer, key=len)
    return Places(found | _without_prefix(prefixed), unsure)


def _below(path: str, files: frozenset[str], roots: Sequence[str]) -> tuple[str, ...]:
    """The path in the folders that the policy names, else as it stands."""
    named = (f"{root.strip('/')}/{path}" for root in roots)
    return tuple(file for file in named if file in files) or ((path,) if path in files else ())


def _without_prefix(prefixed: Mapping[str, str]) -> dict[str, str]:
    """Those whose prefix is the checkout of somebody, and not a folder inside it that happens to hold such a name."""
    prefixes = {path.removesuffix(file) for path, file in prefixed.items()}
    tops = {
        prefix for prefix in prefixes if not any(prefix != other and prefix.startswith(other) for other in prefixes)
    }
    return {path: file for path, file in prefixed.items() if path.removesuffix(file) in tops}


def _name(path: str) -> str:
    return path.rpartition("/")[2]
