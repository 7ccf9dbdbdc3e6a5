"""``.trivyignore`` and ``.trivyignore.yaml`` to entries. https://trivy.dev/latest/docs/configuration/filtering/

As Trivy does, a day ends an entry at its beginning, and a line whose date cannot be read is dropped. Where Trivy would
pass over a key that it does not know, this is a fault: a mistyped ``expired_at`` would let a finding through for ever.
Trivy lets ``purls`` fit a finding without a package URL; here they do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import msgspec

from deliverygate.config.document import Document
from deliverygate.errors import ConfigError
from deliverygate.judging.documents import typed
from deliverygate.judging.foreign.doublestar import to_globs
from deliverygate.judging.foreign.entry import Entry, each_of, last_whole_day, line
from deliverygate.model import WaiverMatch

TOOL = "Trivy"
EXPIRES = "exp:"
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)  # Trivy reads nothing else there

# What Trivy calls the results in which the entries of a section look for findings.
CATEGORIES = {
    "vulnerabilities": ("os-pkgs", "lang-pkgs"),
    "misconfigurations": ("config",),
    "secrets": ("secret",),
    "licenses": ("license", "license-file"),
}


class Ignored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the YAML form."""

    id: str
    paths: tuple[str, ...] | None = None
    purls: tuple[str, ...] | None = None
    expired_at: str | None = None
    statement: str | None = None


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``.trivyignore.yaml``."""

    vulnerabilities: tuple[Ignored, ...] | None = None
    misconfigurations: tuple[Ignored, ...] | None = None
    secrets: tuple[Ignored, ...] | None = None
    licenses: tuple[Ignored, ...] | None = None


def read_lines(text: str) -> Iterator[Entry]:
    """The plain form: an id a line, ``exp:YYYY-MM-DD`` after it, comments above it for the reason."""
    comments: list[str] = []
    for number, written in enumerate(text.splitlines(), start=1):
        words = written.split()
        if not words:
            comments = []
        elif words[0].startswith("#"):
            comments.append(written.strip().lstrip("#").strip())
        else:
            yield _line(words, place=f":{number}", reason=" ".join(comments))


def _line(words: list[str], *, place: str, reason: str) -> Entry:
    end = next((word.removeprefix(EXPIRES) for word in words[1:] if word.startswith(EXPIRES)), None)
    expires = last_whole_day(end) if end is not None and DAY.fullmatch(end) else None
    if end is not None and expires is None:
        return Entry(place=place, aside=f"{end!r} is not a date, and Trivy drops such a line")
    return Entry(place=place, matches=(WaiverMatch(tool=TOOL, rule=words[0]),), reason=reason, expires=expires)


def read_yaml(document: Document) -> Iterator[Entry]:
    """The YAML form. Raises ConfigError for an unknown key and for what is no date."""
    file = typed(document, File, path=document.path)
    for section, categories in CATEGORIES.items():
        for index, ignored in enumerate(getattr(file, section) or ()):
            end, place = _end(ignored, document, section, index), line(document, section, index)
            try:
                matches = tuple(_matches(ignored, categories))
            except ValueError as error:
                yield Entry(place=place, aside=f"paths: {error}")
                continue
            yield Entry(place=place, matches=matches, reason=ignored.statement or "", expires=end)


def _matches(ignored: Ignored, categories: tuple[str, ...]) -> Iterator[WaiverMatch]:
    paths = [glob for pattern in ignored.paths or () for glob in to_globs(pattern)]
    for category, path, purl in product(categories, each_of(paths), each_of(ignored.purls)):
        yield WaiverMatch(tool=TOOL, rule=ignored.id, category=category, path=path, purl=purl)


def _end(ignored: Ignored, document: Document, *place: str | int) -> date | None:
    if ignored.expired_at is None:
        return None
    end = last_whole_day(ignored.expired_at)
    if end is None:
        where = document.where((*place, "expired_at"))
        raise ConfigError(f"{ignored.expired_at!r} is not a date", where=where, mend="write YYYY-MM-DD")
    return end
