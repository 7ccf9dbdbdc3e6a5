"""FIRST's daily file of EPSS scores, as CSV or gzip. https://www.first.org/epss/data_stats"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverygate.conversions import number, readable
from deliverygate.errors import ReportError
from deliverygate.scans.documents import as_utf8
from deliverygate.scans.times import read_time

LARGEST = 256 * 1024 * 1024  #: bytes when unpacked; a day's scores are a twentieth of it
MEND = "download it again, whole, from FIRST or your mirror"

_GZIP = b"\x1f\x8b"
_HEADER = b"cve,epss,percentile"
_REMARK = re.compile(r"#model_version:([^,]*),score_date:(.*)")


@dataclass(frozen=True)
class Scores:
    """How probable it is that a vulnerability is exploited within the next 30 days."""

    made_at: datetime | None
    model: str  #: e.g. "v2025.03.14": scores of two models cannot be compared
    total: int  #: how many scores the file has
    by_cve: Mapping[str, float]  #: from 0 to 1, of those that were asked for


def read_scores(data: bytes, wanted: Collection[str]) -> Scores:
    """The scores of the ``wanted`` CVEs. Raises ReportError for a file that is cut, without scores, or none at all."""
    document, _ = as_utf8(_unpack(data) if data.startswith(_GZIP) else data)
    remark, header, rows = _split(document)
    total = rows.count(b"\n") + (not rows.endswith(b"\n"))
    if header != _HEADER or not rows.strip() or rows.count(b",") != 2 * total:
        raise ReportError("is no file of EPSS scores, or one that is cut", mend=MEND)
    found = _REMARK.fullmatch(remark)
    return Scores(
        made_at=read_time(found[2]) if found else None,
        model=found[1] if found else "",
        total=total,
        by_cve=dict(_pick(rows, frozenset(name.encode() for name in wanted))),
    )


def _unpack(data: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(data, LARGEST)
    except zlib.error as error:
        raise ReportError(f"cannot be unpacked: {error}", mend=MEND) from error
    if not unpacking.eof:
        raise ReportError("is cut, or far too big to be a file of EPSS scores", mend=MEND)
    return text


def _split(document: bytes) -> tuple[str, bytes, bytes]:
    """The remark (none in the files of the first year), the header and the rows."""
    remark = b""
    if document.startswith(b"#"):
        remark, _, document = document.partition(b"\n")
    header, _, rows = document.partition(b"\n")
    return readable(remark).strip(), header.strip(), rows


def _pick(rows: bytes, wanted: Collection[bytes]) -> Iterator[tuple[str, float]]:
    # Most of 300,000 rows speak of what nobody asked for: only their first word is looked at.
    for row in rows.splitlines():
        name, _, rest = row.partition(b",")
        if name in wanted or (not name.isupper() and name.strip().upper() in wanted):
            yield readable(name).strip().upper(), _score(name, rest.partition(b",")[0])


def _score(name: bytes, written: bytes) -> float:
    score = number(readable(written).strip())
    if score is None or not 0 <= score <= 1:
        raise ReportError(f"gives {readable(name)} the score {written[:20]!r}, which is none from 0 to 1", mend=MEND)
    return score
