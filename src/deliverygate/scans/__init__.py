"""Reports of tools: bytes in, ``Scan`` out. ``READERS`` is the one table of the formats."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import Scan
from deliverygate.scans.documents import as_utf8, describe, make_outline
from deliverygate.scans.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoints

# In the order in which they are asked whether they recognise a document: first the one that most tools write, since
# every reader that is asked in vain has to be imported.
READERS = {
    "sarif": "deliverygate.scans.sarif:reader",
    "bandit": "deliverygate.scans.bandit:reader",
    "checkov": "deliverygate.scans.checkov:reader",
    "checkstyle": "deliverygate.scans.checkstyle:reader",
    "clover": "deliverygate.scans.clover:reader",
    "cobertura": "deliverygate.scans.cobertura:reader",
    "codequality": "deliverygate.scans.codequality:reader",
    "coverage-py": "deliverygate.scans.coverage_py:reader",
    "cyclonedx": "deliverygate.scans.cyclonedx:reader",
    "eslint": "deliverygate.scans.eslint:reader",
    "gitlab-security": "deliverygate.scans.gitlab_security:reader",
    "go-cover": "deliverygate.scans.go_cover:reader",
    "golangci": "deliverygate.scans.golangci:reader",
    "gosec": "deliverygate.scans.gosec:reader",
    "grype": "deliverygate.scans.grype:reader",
    "hadolint": "deliverygate.scans.hadolint:reader",
    "jacoco": "deliverygate.scans.jacoco:reader",
    "junit": "deliverygate.scans.junit:reader",
    "kics": "deliverygate.scans.kics:reader",
    "lcov": "deliverygate.scans.lcov:reader",
    "mypy": "deliverygate.scans.mypy:reader",
    "npm-audit": "deliverygate.scans.npm_audit:reader",
    "osv": "deliverygate.scans.osv:reader",
    "pip-audit": "deliverygate.scans.pip_audit:reader",
    "pylint": "deliverygate.scans.pylint:reader",
    "pyright": "deliverygate.scans.pyright:reader",
    "ruff": "deliverygate.scans.ruff:reader",
    "semgrep": "deliverygate.scans.semgrep:reader",
    "shellcheck": "deliverygate.scans.shellcheck:reader",
    "snyk": "deliverygate.scans.snyk:reader",
    "stylelint": "deliverygate.scans.stylelint:reader",
    "trivy": "deliverygate.scans.trivy:reader",
    "trivy-operator": "deliverygate.scans.trivy_operator:reader",
}
GROUP = "deliverygate.scans"  #: the entry points by which other packages bring their readers


def read(data: bytes, *, path: str, format: str | None = None, root: str = "/") -> Scan:  # noqa: A002
    """Read a report: recognised by its content, unless ``format`` names the reader.

    ``path`` is what errors name; ``root`` is the absolute path of the checkout, and absolute paths below it become
    relative to it. Raises ReportError when nobody can read the document, or when it is no evidence.
    """
    try:
        document, notes = as_utf8(data)
        reader = find_reader(format) if format else recognise(document)
        scan = reader.read(document, root=root)
    except ReportError as error:
        raise ReportError(error.what, where=path, mend=error.mend) from error
    return replace(scan, notes=notes + scan.notes) if notes else scan


def find_reader(name: str) -> Reader:
    """The reader of this name. Raises ReportError, with the nearest name, when there is none."""
    if name in READERS:
        return _load(READERS[name])
    others = _others()
    if name in others.names:
        return _load(others[name].value)
    raise _no_such(name, known=(*READERS, *sorted(others.names)))


def recognise(document: bytes) -> Reader:
    """The first reader that knows this document by its content. Raises ReportError when none does."""
    outline = make_outline(document)
    for reader in _all_readers():
        if reader.recognises(outline):
            return reader
    raise ReportError(
        f"no reader recognises this document: {describe(outline)}",
        mend=f"check that it is the report you mean, or name its format with `format:` ({', '.join(READERS)})",
    )


def _all_readers() -> Iterator[Reader]:
    """Our own first: only a document that none of them knows pays for the look-up of other packages."""
    yield from map(_load, READERS.values())
    yield from (_load(entry.value) for entry in sorted(_others(), key=lambda entry: entry.name))


def _others() -> EntryPoints:
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _load(place: str) -> Reader:
    module, _, name = place.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _broken(place, str(error)) from error
    if not isinstance(found, Reader):
        raise _broken(place, f"it is a {type(found).__name__}, wanted a Reader")
    return found


def _broken(place: str, why: str) -> ReportError:
    return ReportError(
        f"the reader {place} cannot be loaded: {why}", mend="correct or remove the package that brings it"
    )


def _no_such(name: str, *, known: tuple[str, ...]) -> ReportError:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
    return ReportError(f"{name!r} is not a format that can be read", mend=hint)
