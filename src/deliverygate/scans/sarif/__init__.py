"""SARIF 2.1.0 logs to Scan. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import Rule, Scan
from deliverygate.scans.documents import decode
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.sarif import log
from deliverygate.scans.sarif.repeats import Written, refuse_repeats
from deliverygate.scans.sarif.runs import Reading, read_run

VERSION = "2.1.0"


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and ("runs" in outline.keys or "sarif" in str(_schema(outline)))


def _schema(outline: Outline) -> str:
    """The text around ``$schema``, for logs that lack their runs and deserve to be told so."""
    _, _, rest = outline.text.partition('"$schema"')
    return rest[:200].lower()


def read(document: bytes, *, root: str) -> Scan:
    """Every run is read: each is a scan of its own, and all of them together are the answer.

    A run without ``results`` never began to analyse; an empty list of them is a clean run (§3.14.23).
    """
    whole = decode(document, log.Log)
    notes = _check_version(whole)
    if not whole.runs:
        raise ReportError("holds no run: nothing was analysed", mend="check that the tool ran, and what it was given")
    written = Written(around=Counter(runs=1))
    readings = [
        read_run(run, place=f"$.runs[{index}]", root=root, written=written) for index, run in enumerate(whole.runs)
    ]
    refuse_repeats(document, whole.runs, written)
    if not any(reading.analysed for reading in readings):
        raise ReportError(
            "holds no results, not even an empty list: no run came to analyse anything",
            mend="read the tool's own log, and check what it was given",
        )
    return _join(readings, notes)


def _check_version(whole: log.Log) -> tuple[str, ...]:
    if whole.version is None:
        return ("The log does not say which version of SARIF it is; it was read as 2.1.0.",)
    if whole.version != VERSION:
        raise ReportError(
            f"is SARIF of version {str(whole.version)[:20]!r}, wanted 2.1.0", mend="let the tool write SARIF 2.1.0"
        )
    return ()


def _join(readings: Sequence[Reading], notes: tuple[str, ...]) -> Scan:
    scans = [reading.scan for reading in readings]
    if len(scans) == 1:
        return _with_notes(scans[0], notes)
    return Scan(
        tool=", ".join(dict.fromkeys(scan.tool for scan in scans)),
        version=_same(scan.version for scan in scans),
        format="sarif",
        findings=tuple(finding for scan in scans for finding in scan.findings),
        suppressed=tuple(finding for scan in scans for finding in scan.suppressed),
        analysed=_union(scans),
        not_analysed=tuple(dict.fromkeys(path for scan in scans for path in scan.not_analysed)),
        complete=all(scan.complete for scan in scans),
        notes=notes + tuple(f"{scan.tool}: {note}" for scan in scans for note in scan.notes),
        rules=_rules(scans),
        created_at=min((scan.created_at for scan in scans if scan.created_at), default=None),
        runs=tuple(scans),
    )


def _with_notes(scan: Scan, notes: tuple[str, ...]) -> Scan:
    return replace(scan, notes=notes + scan.notes) if notes else scan


def _same(versions: Iterable[str | None]) -> str | None:
    """The version that all runs have; None when they differ."""
    several = set(versions)
    return several.pop() if len(several) == 1 else None


def _union(scans: Sequence[Scan]) -> tuple[str, ...] | None:
    """Unknown as soon as one run does not say what it looked at: half a denominator is none."""
    paths: dict[str, None] = {}
    for scan in scans:
        if not isinstance(scan.analysed, tuple):
            return None
        paths |= dict.fromkeys(scan.analysed)
    return tuple(paths)


def _rules(scans: Sequence[Scan]) -> tuple[Rule, ...]:
    return tuple({rule.id: rule for scan in reversed(scans) for rule in scan.rules}.values())


reader = Reader(name="sarif", summary="SARIF 2.1.0", recognises=recognise, read=read)
