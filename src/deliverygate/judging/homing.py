"""Absolute paths of another checkout to those of this one: a report made in a container, in another job, elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from msgspec.structs import replace

from deliverygate.judging.fingerprint import spread
from deliverygate.model import Finding, Scan

_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
# What is installed beside a checkout holds files of the same names as many a checkout (README.md, tests/__init__.py).
_INSTALLED = re.compile(
    r"/(?:site-packages|dist-packages|node_modules)(?:/|$)|^/usr/(?!src/)|^/(?:lib|lib64|etc)(?:/|$)"
)


def bring_home(scan: Scan, has: Callable[[str], bool], *, folder: str) -> Scan:
    """The scan with its absolute paths made relative, where they are those of this checkout somewhere else.

    ``has`` tells whether the checkout has a file, ``folder`` is the name of its own folder. One prefix must turn the
    absolute path of every finding into a file of the checkout; else all stay as they are.
    """
    prefix = find_prefix(_absolute(scan), has, folder=folder)
    if prefix is None:
        return scan

    def move(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(_moved(finding, prefix) for finding in findings)

    moved = spread(scan, move(scan.findings), move(scan.suppressed))
    runs = tuple(_with_files_below(run, prefix) for run in moved.runs)
    note = f"Paths below {prefix[:-1]} are those of this checkout: each finding names a file that it has."
    return replace(_with_files_below(moved, prefix), runs=runs, notes=(*moved.notes, note))


def find_prefix(paths: Iterable[str], has: Callable[[str], bool], *, folder: str) -> str | None:
    """What all paths begin with, up to and with a slash, so that the rest of each is a file; the shortest such.

    A bare name behind it is too little to know a checkout by, unless the prefix ends in the name of its folder.
    """
    listed = list(dict.fromkeys(paths))
    if not listed:
        return None
    for place in re.finditer("/", listed[0]):
        prefix = listed[0][: place.end()]
        if not all(path.startswith(prefix) for path in listed):
            return None
        rests = [path[len(prefix) :] for path in listed]
        is_known = any("/" in rest for rest in rests) or prefix.endswith(f"/{folder}/")
        if is_known and not _INSTALLED.search(prefix) and all(map(has, rests)):
            return prefix
    return None


def _absolute(scan: Scan) -> Iterator[str]:
    everything = chain(scan.findings, scan.suppressed)
    named = {finding.location.path: None for finding in everything if finding.location}
    return (path for path in named if _ABSOLUTE.match(path))


def _moved(finding: Finding, prefix: str) -> Finding:
    where = finding.location
    if where is None or not where.path.startswith(prefix):
        return finding
    return replace(finding, location=replace(where, path=where.path[len(prefix) :]))


def _with_files_below(scan: Scan, prefix: str) -> Scan:
    analysed = scan.analysed
    if isinstance(analysed, tuple):
        analysed = tuple(path.removeprefix(prefix) for path in analysed)
    return replace(scan, analysed=analysed, not_analysed=tuple(path.removeprefix(prefix) for path in scan.not_analysed))
