"""One exception as another tool's file has it, and the waivers that it becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from deliverygate import conversions
from deliverygate.config.document import Document, load
from deliverygate.config.shape import ForeignFile
from deliverygate.conversions import utf8
from deliverygate.errors import ConfigError
from deliverygate.judging.waivers.file import match_faults
from deliverygate.model import Waiver, WaiverMatch

T = TypeVar("T")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One exception."""

    place: str  #: in its file, e.g. ":12" for a line or "#statements[3]"
    matches: tuple[WaiverMatch, ...] = ()  #: each fits on its own
    unless: tuple[WaiverMatch, ...] = ()  #: what the file takes back again
    reason: str = ""
    created: date | None = None
    expires: date | None = None  #: the last whole day on which it holds; None: it names no end
    vex: str | None = None
    aside: str = ""  #: why it lets nothing through here; "" when it does


def to_waivers(entries: Iterable[Entry], file: ForeignFile) -> tuple[tuple[Waiver, ...], tuple[str, ...]]:
    """The waivers, and a sentence for each entry that lets nothing through.

    Those of one entry share its id. Each ends with its entry or with the file, whatever is earlier.
    """
    waivers: list[Waiver] = []
    notes: list[str] = []
    for entry in entries:
        place = f"{file.path}{entry.place}"
        why = entry.aside or _fault(entry.matches)
        if why:
            notes.append(f"{place} lets nothing through: {why}.")
            continue
        waivers += [_waiver(entry, match, file, place) for match in entry.matches]
    return tuple(waivers), tuple(notes)


def _waiver(entry: Entry, match: WaiverMatch, file: ForeignFile, place: str) -> Waiver:
    return Waiver(
        id=place,
        match=match,
        reason=entry.reason.strip() or "no reason is given",
        owner=file.owner,
        created=entry.created,
        expires=min(file.expires, entry.expires or file.expires),
        vex=entry.vex,
        source=place,
        unless=entry.unless,
    )


def _fault(matches: Iterable[WaiverMatch]) -> str:
    return next((f"{path[-1]}: {what}" for match in matches for path, what, _ in match_faults(match)), "")


def read_yaml(data: bytes, path: str) -> Document:
    """A mapping with the line of each value; one without a key for an empty file. Raises ConfigError."""
    document = load(data, path)
    if document.data is None:
        return replace(document, data={})
    if not isinstance(document.data, dict):
        raise ConfigError("is not a mapping", where=path, mend="write it as its tool reads it")
    return document


def read_json(data: bytes, path: str) -> dict[str, Any]:
    """A JSON object, each key of it once. Raises ConfigError."""
    try:
        found = json.loads(utf8(data), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        what = "is nested too deep" if isinstance(error, RecursionError) else f"is no whole JSON document: {error}"
        raise ConfigError(what, where=path, mend="write it again with the tool that made it") from error
    if not isinstance(found, dict):
        raise ConfigError("is not a JSON object", where=path, mend="write it again with the tool that made it")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object, so it has two meanings")
    return found


def line(document: Document, *path: str | int) -> str:
    """The place of a value for people, e.g. ``:12``."""
    return document.where(path).partition(": ")[0].removeprefix(document.path)


def moment(written: str) -> datetime | None:
    """A day or a point in time of ISO 8601, in UTC where it says nothing else; None for anything else."""
    return conversions.moment(written, naive_as_utc=True) if _DAY.match(written) else None


def last_whole_day(written: str) -> date | None:
    """The last day that is over before the point in time: tools stop at its beginning, as at midnight of a bare day.

    None when it is no date at all.
    """
    found = moment(written)
    if found is None or found.date() == date.min:
        return None
    return found.date() - timedelta(days=1)


def each_of(values: Iterable[T] | None) -> Iterator[T | None]:
    """Each value; one None when there is none, so that products of several lists are not empty."""
    found = tuple(values or ())
    yield from found or (None,)
