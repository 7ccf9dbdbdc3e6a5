"""Reports that are cut, mutated or made to hurt: an error that says so, and never a traceback."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverygate.errors import ReportError
from deliverygate.scans import read
from tests.scans.mutants import ODD, line_ends, places, put
from tests.scans.samples import SAMPLES, sarif_log

REPORTS = {
    "sarif": ["sarif/appendix_k.sarif", "sarif/Suppressions.sarif", "sarif/OriginalUriBaseIds.sarif"],
    "trivy": [
        "trivy/npm-with-suppressed.json",
        "trivy/misconfigurations_and_secrets.json",
        "trivy/license-cyclonedx.json",
    ],
    "eslint": ["eslint/scan.json"],
    "checkstyle": ["checkstyle/eslint-8.xml", "checkstyle/php.xml"],
    "codequality": ["codequality/ruff.json", "codequality/trivy.json"],
    "golangci": ["golangci/golangci-lint-report.json"],
    "hadolint": ["hadolint/bad.json"],
    "mypy": ["mypy/bad.jsonl"],
    "pylint": ["pylint/bad.json", "pylint/bad.json2"],
    "pyright": ["pyright/pyright-report.json"],
    "ruff": ["ruff/bad.json", "ruff/bad.jsonl"],
    "shellcheck": ["shellcheck/bad.json", "shellcheck/bad.json1"],
    "stylelint": ["stylelint/stylelint.json"],
    "junit": ["junit/junit.fail.xml", "junit/testsuite-in-testsuite.xml", "junit/surefire-report.xml"],
    "clover": ["coverage/clover.xml"],
    "cobertura": ["coverage/cobertura-python.xml"],
    "coverage-py": ["coverage/coverage-py-7.17.json"],
    "go-cover": ["coverage/go-coverage-atomic.out"],
    "jacoco": ["coverage/jacoco-codingstyle.xml"],
    "lcov": ["coverage/coverage-py-7.17.lcov"],
    "bandit": ["bandit/bad-1.9.json", "bandit/broken-1.9.json"],
    "checkov": ["checkov/list.json"],
    "cyclonedx": ["cyclonedx/valid-vulnerability-1.4.json", "same-scan/pip.cdx.json"],
    "gitlab-security": ["gitlab-security/gl-dependency-scanning-report-15.json"],
    "gosec": ["gosec/bad.json", "gosec/broken.json"],
    "grype": ["grype/ignored.json"],
    "kics": ["kics/bad.json"],
    "npm-audit": ["npm-audit/bad.json", "npm-audit/failed-11.json"],
    "osv": ["osv/bad.json"],
    "pip-audit": ["pip-audit/bad.json", "pip-audit/clean-list.json"],
    "semgrep": ["semgrep/bad-1.182.json", "semgrep/close_old_findings_report_line31.json"],
    "snyk": ["snyk/filtered-and-errored.json", "snyk/iac.json"],
    "trivy-operator": ["trivy-operator/list.json"],
}
NAMES = [(format, name) for format, names in REPORTS.items() for name in names]  # noqa: A001
JSON_NAMES = [(format, name) for format, name in NAMES if ".json" in name and not name.endswith(".jsonl")]  # noqa: A001
EXAMPLES = settings(
    max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def survives(data: bytes, format: str) -> None:  # noqa: A002
    """Read by name and by content: text that can be written out, or an error that names the file and the cure."""
    assert {outcome(data, format), outcome(data, None)} <= {"read", "refused: file True, reason True, cure True"}


def outcome(data: bytes, format: str | None) -> str:  # noqa: A002
    try:
        scan = read(data, path="r", format=format, root="/repo")
    except ReportError as error:
        return f"refused: file {error.where == 'r'}, reason {bool(error.what)}, cure {bool(error.mend)}"
    return "read" if msgspec.json.encode(scan) else "lost"


@pytest.mark.parametrize(("format", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_report_cut_anywhere_is_an_error(format, name):  # noqa: A002
    whole = (SAMPLES / name).read_bytes().rstrip()
    ends = line_ends(whole) if name.endswith((".jsonl", ".lcov", ".out")) else set()
    cuts = set(range(0, len(whole), max(1, len(whole) // 150))) - ends

    for cut in cuts:
        with pytest.raises(ReportError):
            read(whole[:cut], path="r", format=format)


@pytest.mark.parametrize(("format", "name"), JSON_NAMES, ids=[name for _, name in JSON_NAMES])
def test_a_value_of_another_kind_anywhere_is_read_or_refused(format, name):  # noqa: A002
    text = (SAMPLES / name).read_text()
    every = list(places(json.loads(text)))

    for turn, path in enumerate(every[:: max(1, len(every) // 300)]):
        survives(json.dumps(put(json.loads(text), path, ODD[turn % len(ODD)])).encode(), format)


@pytest.mark.parametrize(("format", "name"), JSON_NAMES, ids=[name for _, name in JSON_NAMES])
@EXAMPLES
@given(data=st.data())
def test_mutated_reports_raise_nothing_but_report_errors(format, name, data):  # noqa: A002
    text = (SAMPLES / name).read_text()
    every = list(places(json.loads(text)))
    odd = st.one_of(
        st.sampled_from(ODD),
        st.text(max_size=8),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["%", "%zz", "file:", "file://", "//", "\\\\", "../..", "{0}", "/v1", "2026-13-99", "C:"]),
    )

    changed = json.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        changed = put(changed, data.draw(st.sampled_from(every)), data.draw(odd))

    survives(json.dumps(changed).encode(), format)


@pytest.mark.parametrize(("format", "name"), NAMES, ids=[name for _, name in NAMES])
@EXAMPLES
@given(data=st.data())
def test_reports_with_changed_bytes_raise_nothing_but_report_errors(format, name, data):  # noqa: A002
    whole = bytearray((SAMPLES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(whole) - 1))
        whole[where : where + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))

    survives(bytes(whole), format)


@EXAMPLES
@given(data=st.binary(max_size=200))
def test_any_bytes_are_an_error_or_a_report(data):
    survives(data, "sarif")


@pytest.mark.parametrize("format", [*REPORTS, None])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\x00",
        b"\xef\xbb\xbf",
        b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"runs":' * 50_000,
        b"9" * 100_000,
        b"1e999",
        b'"\\ud800"',
        b'{"version": "2.1.0", "runs": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"SchemaVersion": ' + b"9" * 10_000 + b', "Results": [{"Target": "a"}]}',
        b'{"SchemaVersion": 1e999, "Results": [{"Target": "a"}]}',
        b'[{"filePath": "\\udc00", "messages": []}]',
        b'{"version": "2.1.0", "runs": [{"results": []}], "runs": [{"results": []}]}',
    ],
    ids=lambda data: repr(data[:40]),
)
def test_documents_made_to_hurt_are_errors(data, format):  # noqa: A002
    with pytest.raises(ReportError):
        read(data, path="r", format=format)


HOSTILE = {"a/" * 100_000: "long id", "%2e%2e/" * 10_000: "dots", "{" * 10_000: "braces", "file:" * 10_000: "schemes"}


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE.values())
@pytest.mark.timeout(10)
def test_long_hostile_text_costs_no_time_and_stays_text(text):
    artifact = {"uri": text, "uriBaseId": text}
    result = {
        "ruleId": text,
        "message": {"text": text, "arguments": [text]},
        "locations": [{"physicalLocation": {"artifactLocation": artifact}}],
        "partialFingerprints": {text: text},
    }
    bases = {text: {"uri": text, "uriBaseId": text}}

    scan = read(json.dumps(sarif_log(result, originalUriBaseIds=bases)).encode(), path="r")

    assert [finding.rule for finding in scan.findings] == [text]
