"""Every real report, broken in every way: only ReportErrors, and no pass for a report that lost its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from deliverygate.errors import ReportError
from deliverygate.gate import Gate
from deliverygate.model import Scan, Severity, Verdict
from deliverygate.scans import READERS, read
from deliverygate.scans.documents import as_utf8
from deliverygate.testing import make_context, run_gate
from deliverygate_gates import coverage, static_analysis, tests
from tests.scans.mutants import Mutant, make_mutants, name_of, places
from tests.scans.samples import SAMPLES
from tests.scans.test_recognition import FACELESS, SAMPLE_NAMES

ROOT = Path(__file__).parents[2]
THRESHOLDS = [severity for severity in Severity if severity is not Severity.UNKNOWN]

# What cannot be told from a report that its tool wrote, by format: here findings are lost and nothing shows it. Each is
# explained in docs/formats.md under "What no reader can see".
LOST = {
    "bandit": {"emptied $.results"},
    "checkstyle": {"emptied <file>"},
    "codequality": {"emptied $"},
    "gitlab-security": {"emptied $.vulnerabilities"},
    "go-cover": {"cut at the end of a line", "removed a line"},
    "golangci": {"emptied $.Issues"},
    "grype": {"emptied $.matches"},
    "hadolint": {"emptied $"},
    "lcov": {"cut at the end of a line", "removed a line"},
    "mypy": {"cut at the end of a line"},
    "osv": {"emptied $.results"},
    "pip-audit": {"emptied $.dependencies[].vulns"},
    "pylint": {"emptied $"},
    "ruff": {"cut at the end of a line", "emptied $"},
    "sarif": {"emptied $.runs[].results", "removed $.runs[].results[].suppressions[].status"},
    "semgrep": {"emptied $.results"},
    "stylelint": {"emptied $[].warnings"},
    # A clean result has no list at all, so a list that is gone, or null, or under another name, looks clean too.
    "trivy": {
        "emptied $.Results[].Licenses",
        "emptied $.Results[].Secrets",
        "emptied $.Results[].Vulnerabilities",
        "removed $.Results[].Licenses",
        "removed $.Results[].Secrets",
        "removed $.Results[].Vulnerabilities",
        "swapped $.Results[].Vulnerabilities",
        "emptied $.Misconfigurations",
        "emptied $.Misconfigurations[].Results",
        "emptied $.Misconfigurations[].Results[].Misconfigurations",
        "emptied $.Vulnerabilities",
        "emptied $.Vulnerabilities[].Results",
        "emptied $.Vulnerabilities[].Results[].Vulnerabilities",
        "removed $.Misconfigurations[].Results",
        "removed $.Misconfigurations[].Results[].Misconfigurations",
        "removed $.Vulnerabilities",
        "removed $.Vulnerabilities[].Results",
        "removed $.Vulnerabilities[].Results[].Vulnerabilities",
        "swapped $.Misconfigurations[].Results[].Misconfigurations",
        "removed $.Misconfigurations",
    },
}

# Here every finding is left, and some are less severe: what says how bad it is may be missing, and another word, or the
# default of the format, takes its place.
MILDER = {
    "checkstyle": {"removed <error message>", "swapped <error message>", "swapped <error source>"},
    "codequality": {"removed $[].check_name"},
    "golangci": {"removed $.Issues[].Severity"},
    "osv": {
        "emptied $.results[].packages[].vulnerabilities[].severity",
        "emptied $.results[].packages[].vulnerabilities[].severity[]",
        "removed $.results[].packages[].vulnerabilities[].severity",
        "removed $.results[].packages[].vulnerabilities[].severity[].score",
    },
    "sarif": {
        "emptied $.runs[].results[]",
        "emptied $.runs[].tool.driver",
        "emptied $.runs[].tool.driver.rules",
        "emptied $.runs[].tool.driver.rules[]",
        "emptied $.runs[].tool.driver.rules[].defaultConfiguration",
        "emptied $.runs[].tool.driver.rules[].properties",
        "removed $.runs[].results[].ruleId",
        "removed $.runs[].results[].ruleIndex",
        "removed $.runs[].tool",
        "removed $.runs[].tool.driver.rules",
        "removed $.runs[].tool.driver.rules[].defaultConfiguration",
        "removed $.runs[].tool.driver.rules[].defaultConfiguration.level",
        "removed $.runs[].tool.driver.rules[].id",
        "removed $.runs[].tool.driver.rules[].properties",
        "removed $.runs[].tool.driver.rules[].properties.security-severity",
        "swapped $.runs[].tool.driver.rules[].defaultConfiguration.level",
        "swapped $.runs[].tool.driver.rules[].properties.security-severity",
    },
}

# An empty list shows no format, and these tools write it for a clean run: under their names it is one.
CLEAN_WHEN_EMPTY = {"codequality", "hadolint", "pylint", "ruff"}
EMPTY_LISTS = {"eslint/empty.json", "hadolint/clean.json", "ruff/clean.json", "stylelint/nothing.json"}


@cache
def whole_reports() -> dict[str, dict[str, bytes]]:
    """Every sample that is evidence, in UTF-8, by format and name."""
    found: dict[str, dict[str, bytes]] = {format: {} for format in READERS}  # noqa: A001
    for name in SAMPLE_NAMES:
        data = (SAMPLES / name).read_bytes()
        scan = scan_or_none(data, None)
        if scan:
            found[scan.format][name] = as_utf8(data)[0]
    return found


def scan_or_none(data: bytes, format: str | None) -> Scan | None:  # noqa: A002
    """None for what is no evidence; anything else than a ReportError breaks the test."""
    try:
        return read(data, path="r", format=format, root="/repo")
    except ReportError:
        return None


def severe(scan: Scan) -> list[int]:
    """How many findings count at each threshold; an unknown one counts at all of them."""
    known = [finding.severity for finding in scan.findings]
    return [sum(each is Severity.UNKNOWN or each >= threshold for each in known) for threshold in THRESHOLDS]


def lost(whole: Scan, scan: Scan, how: str) -> bool:
    """Whether a report that is read as complete is better than the whole one, and says nothing of it."""
    if scan.coverage and whole.coverage:
        told = any("totals say" in note for note in scan.notes)
        grown = (scan.coverage.lines.percent or 0) > (whole.coverage.lines.percent or 0)
        return how == "cut" or (how != "flipped" and grown and not told)
    if scan.cases is not None and whole.cases is not None:
        return any(case.outcome.is_bad for case in whole.cases) and not any(case.outcome.is_bad for case in scan.cases)
    # One byte can turn a finding into another one, or a key into one that the tool may as well have left out.
    fewest = 1 if how == "flipped" else len(whole.findings)
    return how == "cut" or len(scan.findings) < min(fewest, len(whole.findings))


def milder(whole: Scan, scan: Scan, how: str) -> bool:
    """Whether as many findings are left, and fewer of them reach some threshold."""
    fewer = any(now < before for now, before in zip(severe(scan), severe(whole), strict=True))
    return fewer and how != "flipped" and len(scan.findings) >= len(whole.findings)


def name(mutant: Mutant, whole: bytes) -> str:
    """What was done, without what differs from file to file."""
    if mutant.how == "flipped" and whole.lstrip()[:1] in (b"{", b"["):
        return f"removed {first_gone(whole, mutant.data)}"
    return "removed a line" if mutant.how == "removed" and not mutant.place.startswith(("$", "<")) else str(mutant)


def first_gone(whole: bytes, mutant: bytes) -> str:
    """The topmost place that a document in JSON has no more."""
    before, after = ({name_of(path) for path in places(json.loads(each))} for each in (whole, mutant))
    return min(before - after, key=len, default="nothing")


@pytest.mark.parametrize("format", READERS)
def test_no_broken_report_passes_without_its_evidence(format):  # noqa: A002
    seen: dict[str, set[str]] = {"lost": set(), "milder": set()}

    for sample, data in whole_reports()[format].items():
        whole = read(data, path="r", format=format, root="/repo")
        for mutant in make_mutants(data, seed=sample):
            scan = scan_or_none(mutant.data, format)
            if scan and scan.complete and lost(whole, scan, mutant.how):
                seen["lost"].add(name(mutant, data))
            elif scan and scan.complete and milder(whole, scan, mutant.how):
                seen["milder"].add(name(mutant, data))

    assert seen == {"lost": LOST.get(format, set()), "milder": MILDER.get(format, set())}


@pytest.mark.parametrize("format", READERS)
def test_each_reader_is_tried_on_many_broken_reports(format):  # noqa: A002
    mutants = (mutant for name, data in whole_reports()[format].items() for mutant in make_mutants(data, seed=name))

    # 33 readers: more than 5,000 in all, and of most of them ten times as many.
    assert len(list(islice(mutants, 160))) == 160


@pytest.mark.parametrize("format", READERS)
def test_no_other_formats_report_passes_under_this_name(format):  # noqa: A002
    own = {*whole_reports()[format], *(name for name in FACELESS if name.startswith(f"{format}/"))}

    taken = {name for name in SAMPLE_NAMES if name not in own and scan_or_none((SAMPLES / name).read_bytes(), format)}

    assert taken == (EMPTY_LISTS - own if format in CLEAN_WHEN_EMPTY else set())


DEMANDS: dict[str, tuple[Gate, str, dict[str, object]]] = {
    "findings": (static_analysis.gate, "scans", {"max": {severity.value: 0 for severity in THRESHOLDS}}),
    "tests": (tests.gate, "reports", {}),
    "coverage": (coverage.gate, "reports", {"min_total": 100}),
}


def verdict(data: bytes, scan: Scan, folder: Path) -> Verdict:
    """What the gate of its kind says of a report under the name of its format."""
    (folder / "report").write_bytes(data)
    gate, reports, demands = DEMANDS[scan.kind]
    settings = {reports: "report", "format": scan.format, **demands}
    return Verdict.worst(check.verdict for check in run_gate(gate, settings, make_context(folder)))


def blocked(format: str, folder: Path) -> Iterator[tuple[bytes, Scan]]:  # noqa: A002
    """The samples of a format that its gate does not let through."""
    for data in whole_reports()[format].values():
        scan = read(data, path="r", format=format)
        if verdict(data, scan, folder) is not Verdict.PASSED:
            yield data, scan


@pytest.mark.parametrize("format", READERS)
def test_what_the_gate_blocks_it_blocks_cut_and_with_swapped_types_too(format, tmp_path):  # noqa: A002
    data, scan = next(blocked(format, tmp_path))

    passed = {
        name(mutant, data)
        for mutant in make_mutants(data, seed=format, most=30)
        if mutant.how in ("cut", "swapped") and verdict(mutant.data, scan, tmp_path) is Verdict.PASSED
    }

    assert passed <= LOST.get(format, set())


def test_whatever_no_reader_can_see_is_documented():
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    section = text.partition("## What no reader can see")[2].partition("\n## ")[0]

    missing = {format for format in LOST.keys() | MILDER.keys() if f"`{format}`" not in section}  # noqa: A001

    assert missing == set()
