"""Which reader takes which document: each real report is known to exactly one."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans import READERS, find_reader
from deliverygate.scans.documents import as_utf8, make_outline
from deliverygate.scans.reader import Outline
from tests.scans.samples import SAMPLES

FOREIGN = {"checklists", "sonarqube", "threat", "vex"}  # no reports of tools

# What a format's own tool writes and nobody can recognise: an empty list, plain text.
FACELESS = {
    "eslint/empty.json",
    "hadolint/clean.json",
    "mypy/absent.txt",
    "ruff/clean.json",
    "same-scan/alpine-310.gsbom",
    "semgrep/empty.json",
    "stylelint/nothing.json",
    "trivy-operator/empty-list.json",
}


def outline_of(name: str) -> Outline | None:
    """None for a document that cannot even be looked at."""
    try:
        return make_outline(as_utf8((SAMPLES / name).read_bytes())[0])
    except ReportError:
        return None


def takers(name: str) -> list[str]:
    outline = outline_of(name)
    return [reader for reader in READERS if outline and find_reader(reader).recognises(outline)]


SAMPLE_NAMES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*")
    if path.is_file() and path.parent != SAMPLES and path.relative_to(SAMPLES).parts[0] not in FOREIGN
)


@pytest.mark.parametrize("name", [name for name in SAMPLE_NAMES if name not in FACELESS])
def test_every_real_report_is_known_to_exactly_one_reader(name):
    assert len(takers(name)) == 1


@pytest.mark.parametrize("name", sorted(FACELESS & set(SAMPLE_NAMES)))
def test_what_shows_no_format_is_known_to_no_reader(name):
    assert takers(name) == []
