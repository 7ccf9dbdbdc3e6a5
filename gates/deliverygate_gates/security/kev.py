"""CISA's catalogue of known exploited vulnerabilities. https://www.cisa.gov/known-exploited-vulnerabilities-catalog

Its JSON and its CSV, as they are published.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from deliverygate.conversions import to_record, utf8
from deliverygate.errors import ReportError
from deliverygate.scans.documents import as_utf8, decode, require_unique_keys
from deliverygate.scans.times import read_time

CVE = re.compile(r"CVE-\d{4}-\d{4,}")
MEND = "download it again, whole, from CISA or your mirror"


class Entry(msgspec.Struct, gc=False):
    cveID: str  # noqa: N815
    dateAdded: str = ""  # noqa: N815
    knownRansomwareCampaignUse: str = ""  # noqa: N815


class Published(msgspec.Struct):
    vulnerabilities: list[Entry]
    dateReleased: str | None = None  # noqa: N815
    count: int | None = None


@dataclass(frozen=True)
class Catalogue:
    """Which vulnerabilities are known to be exploited."""

    made_at: datetime | None
    ransomware: Mapping[str, bool]  #: by CVE: whether campaigns of ransomware are known to use it

    def __len__(self) -> int:
        return len(self.ransomware)


def read_catalogue(data: bytes) -> Catalogue:
    """Raises ReportError for a catalogue that is cut, without entries, or none at all."""
    document, _ = as_utf8(data)
    return _read_json(document) if document.lstrip().startswith(b"{") else _read_csv(document)


def _read_json(document: bytes) -> Catalogue:
    require_unique_keys(document)
    published = decode(document, Published)
    found = len(published.vulnerabilities)
    if published.count is not None and published.count != found:
        raise ReportError(f"holds {found} entries and says that they are {published.count}", mend=MEND)
    return Catalogue(read_time(published.dateReleased), _index(published.vulnerabilities))


def _read_csv(document: bytes) -> Catalogue:
    """The CSV has no date of its own: that of its newest entry stands in, which is never younger than the file."""
    try:
        entries = to_record(list(csv.DictReader(io.StringIO(utf8(document)), strict=True)), list[Entry])
    except (csv.Error, ValueError) as error:
        raise ReportError(f"is no catalogue of known exploited vulnerabilities: {error}", mend=MEND) from error
    times = [time for entry in entries if (time := read_time(entry.dateAdded))]
    return Catalogue(max(times, default=None), _index(entries))


def _index(entries: Iterable[Entry]) -> dict[str, bool]:
    index: dict[str, bool] = {}
    for entry in entries:
        name = entry.cveID.strip().upper()
        index[name] = index.get(name, False) or entry.knownRansomwareCampaignUse.strip().lower() == "known"
    if wrong := next((name for name in index if not CVE.fullmatch(name)), None):
        raise ReportError(f"names {wrong[:40]!r}, which is no CVE", mend=MEND)
    if not index:
        raise ReportError("names no vulnerability", mend=MEND)
    return index
