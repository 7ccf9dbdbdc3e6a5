"""The scan with each of its paths written as the tracked file that it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from posixpath import normpath

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.evidence import Case, Coverage, FileCoverage, Unsure
from deliverygate.judging.fingerprint import spread
from deliverygate.judging.placing.candidates import Hints
from deliverygate.judging.placing.deciding import Named, Placed, decide
from deliverygate.judging.placing.sight import Sight
from deliverygate.model import Finding, Location, Scan

SHOWN = 4  # candidates in a message
_FURTHER, _RELATED = attrgetter("others"), attrgetter("related")


def place_scan(
    scan: Scan, sight: Sight, *, report: str = "", root: str | None = None, source_roots: tuple[str, ...] = ()
) -> Scan:
    """The scan with the paths of this checkout, in its single runs as well.

    ``report`` is where the report lies, ``root`` the folder that its tool ran in and ``source_roots`` those that
    covered files lie below, as the policy says; all relative to the workspace. Raises ReportError for a path of
    findings that may be several files. Of coverage such paths are kept, and told in ``unsure``: which of them matter
    hangs on what is asked.
    """
    if scan.in_image:
        return scan
    hints = Hints(
        report=report,
        root=None if root is None else _folder(root),
        source_roots=tuple(map(_folder, source_roots)),
        sources=scan.coverage.sources if scan.coverage else (),
        is_coverage=scan.coverage is not None,
        by_package=scan.coverage is not None and scan.coverage.by_package,
    )
    placed = decide(_paths(scan), sight, hints)
    if placed.unsure and scan.kind == "findings":
        raise _ambiguous(placed)
    if all(each.path == file for each, file in placed.files.items()) and not placed.unsure:
        return scan
    return replace(_moved(scan, placed), notes=(*scan.notes, *_notes(placed)))


def _folder(written: str) -> str:
    tidy = normpath(written)
    return "" if tidy == "." else tidy


def _ambiguous(placed: Placed) -> ReportError:
    named, candidates = next(iter(placed.unsure.items()))
    return ReportError(
        f"{named.path} in it may be {shown(candidates)}",
        mend="say with `root:` in which folder the tool ran",
    )


def shown(candidates: tuple[str, ...]) -> str:
    """Files that may be meant, for a message."""
    more = f" or {len(candidates) - SHOWN} more" if len(candidates) > SHOWN else ""
    return " or ".join(candidates[:SHOWN]) + more


def _paths(scan: Scan) -> Iterator[Named]:
    if scan.coverage is not None:
        yield from (Named(file.path, file.group) for file in scan.coverage.files)
        return
    # The findings of big reports are many and their files are few; single runs hold the same findings.
    found = dict.fromkeys([each.location.path for each in scan.findings if each.location])
    several = scan.findings if any(map(_FURTHER, scan.findings)) or any(map(_RELATED, scan.findings)) else ()
    for finding in chain(several, scan.suppressed):
        found.update(dict.fromkeys(where.path for where in places_of(finding)))
    for run in (scan, *scan.runs):
        found.update(dict.fromkeys(run.analysed if isinstance(run.analysed, tuple) else ()))
    found.update(dict.fromkeys(case.file for case in scan.cases or () if case.file))
    yield from map(Named, found)


def places_of(finding: Finding) -> Iterator[Location]:
    """All places that a finding names."""
    if finding.location:
        yield finding.location
    yield from finding.others
    yield from finding.related


def _moved(scan: Scan, placed: Placed) -> Scan:
    files = {each.path: file for each, file in placed.files.items() if not each.group}

    def move(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(_moved_finding(each, files) for each in findings)

    def listed(analysed: tuple[str, ...] | int | None) -> tuple[str, ...] | int | None:
        if not isinstance(analysed, tuple):
            return analysed
        return tuple(dict.fromkeys(files.get(path, path) for path in analysed))

    moved = spread(scan, move(scan.findings), move(scan.suppressed))
    runs = tuple(replace(run, analysed=listed(run.analysed)) for run in moved.runs)
    coverage = scan.coverage and _moved_coverage(scan.coverage, placed)
    return replace(
        moved,
        analysed=tuple(dict.fromkeys(file.path for file in coverage.files)) if coverage else listed(moved.analysed),
        runs=runs,
        cases=scan.cases and tuple(_moved_case(case, files) for case in scan.cases),
        coverage=coverage,
    )


def _moved_finding(finding: Finding, files: dict[str, str]) -> Finding:
    if all(files.get(where.path, where.path) == where.path for where in places_of(finding)):
        return finding
    first = finding.location
    return replace(
        finding,
        location=first and _moved_place(first, files),
        others=tuple(_moved_place(each, files) for each in finding.others),
        related=tuple(_moved_place(each, files) for each in finding.related),
    )


def _moved_place(where: Location, files: dict[str, str]) -> Location:
    return replace(where, path=files.get(where.path, where.path))


def _moved_case(case: Case, files: dict[str, str]) -> Case:
    return replace(case, file=files.get(case.file, case.file)) if case.file else case


def _moved_coverage(coverage: Coverage, placed: Placed) -> Coverage:
    """Files that turn out to be one are joined; those that may be several keep the words of the report."""
    files: dict[str, FileCoverage] = {}
    for file in coverage.files:
        named = Named(file.path, file.group)
        path = placed.files.get(named) or (f"{file.group}: {file.path}" if file.group else file.path)
        moved = replace(file, path=path, group="")
        known = files.get(path)
        files[path] = known.join(moved) if known else moved
    records = {Named(file.path, file.group): file.records for file in coverage.files}
    unsure = tuple(
        Unsure(f"{each.group}: {each.path}" if each.group else each.path, candidates, records[each])
        for each, candidates in placed.unsure.items()
    )
    return Coverage(files=tuple(files.values()), unsure=unsure)


def _notes(placed: Placed) -> Iterator[str]:
    """What was read into the paths, so that a reader can see it."""
    for cut in dict.fromkeys(reading.cut for reading in placed.readings if reading.cut.strip("./")):
        yield f"Paths below {cut.rstrip('/')} are those of this checkout."
    roots = dict.fromkeys(reading.root for reading in placed.readings if reading.root)
    for root in list(roots)[:SHOWN]:
        yield f"Paths are those of {root.rstrip('/')}."
