"""The ``ignore`` section of ``.snyk`` to entries. https://docs.snyk.io/manage-risk/policies/the-.snyk-file

An entry for ``*`` is for a whole vulnerability. One for a single path of dependencies lets nothing through: a report is
read one package at a time, and the same package may come along by other paths. A date that cannot be read is a fault,
as is an unknown key: Snyk would take either for no end at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from deliverygate.config.document import Document
from deliverygate.errors import ConfigError
from deliverygate.judging.documents import typed
from deliverygate.judging.foreign.entry import Entry, last_whole_day, line, moment
from deliverygate.model import WaiverMatch

# The JSON report is Snyk's own; in SARIF the parts of the product have names.
TOOLS = ("Snyk", "Snyk Open Source", "Snyk Container")
EVERYWHERE = "*"


class Ignored(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is said of one path."""

    reason: str | None = None
    expires: str | None = None
    created: str | None = None
    reason_type: str | None = None
    source: str | None = None
    ignored_by: object = None
    disregard_if_fixable: bool = False


class File(msgspec.Struct, frozen=True):
    """``.snyk``, of which only the exceptions matter here."""

    ignore: dict[str, tuple[dict[str, Ignored | None], ...]] | None = None


def read_yaml(document: Document) -> Iterator[Entry]:
    """Every path of every vulnerability. Raises ConfigError for an unknown key and for what is no date."""
    for rule, several in (typed(document, File, path=document.path).ignore or {}).items():
        for index, paths in enumerate(several):
            for path, written in paths.items():
                yield _Place(document, ("ignore", rule, index, path)).entry(rule, path, written or Ignored())


class _Place:
    """Where an entry stands."""

    def __init__(self, document: Document, path: tuple[str | int, ...]) -> None:
        self.document = document
        self.path = path

    def entry(self, rule: str, path: str, ignored: Ignored) -> Entry:
        aside = ""
        if path != EVERYWHERE:
            aside = f"it is for the one path of dependencies {path!r}"
        elif ignored.disregard_if_fixable:
            aside = "it is for findings without a fix only"
        return Entry(
            place=line(self.document, *self.path),
            matches=() if aside else tuple(WaiverMatch(tool=tool, rule=rule) for tool in TOOLS),
            reason=ignored.reason or "",
            created=self.day("created", ignored.created),
            expires=self.end(ignored.expires),
            aside=aside,
        )

    def day(self, key: str, written: str | None) -> date | None:
        if written is None:
            return None
        found = moment(written)
        if found is None:
            where = self.document.where((*self.path, key))
            raise ConfigError(f"{written!r} is not a date", where=where, mend="write YYYY-MM-DD")
        return found.date()

    def end(self, written: str | None) -> date | None:
        return last_whole_day(written) if self.day("expires", written) and written else None
