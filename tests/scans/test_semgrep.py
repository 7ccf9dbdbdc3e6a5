"""Semgrep's results, fingerprints that are none, its own errors, and what it looked at."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def report(*results, errors=(), scanned=("src/app.py",), **more):
    return {"results": list(results), "errors": list(errors), "paths": {"scanned": list(scanned)}, **more}


def result(*, rule="python.shell-true", line=3, **extra):
    return {
        "check_id": rule,
        "path": "src/app.py",
        "start": {"line": line, "col": 5},
        "end": {"line": line + 1, "col": 9},
        "extra": {"message": "Runs a shell", "severity": "ERROR", **extra},
    }


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_result_becomes_a_finding_with_its_rule():
    scan = read_json(
        report(
            result(fingerprint="f1", fix="safe()", metadata={"source": "https://rule.test", "shortlink": 7}),
            scanned=["/repo/src/app.py", "/repo/src/clean.py"],
            version="1.182.0",
        ),
        root="/repo",
    )

    assert (scan.version, scan.findings, scan.rules, scan.analysed) == (
        "1.182.0",
        (
            Finding(
                rule="python.shell-true",
                message="Runs a shell",
                severity=Severity.HIGH,
                tool="Semgrep",
                location=Location("src/app.py", 3, 5, 4),
                fixable=True,
                native="f1",
            ),
        ),
        (Rule(id="python.shell-true", summary="Runs a shell", help_uri="https://rule.test"),),
        ("src/app.py", "src/clean.py"),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("ERROR", Severity.HIGH),
        ("WARNING", Severity.MEDIUM),
        ("INFO", Severity.LOW),
        ("CRITICAL", Severity.CRITICAL),
        ("HIGH", Severity.HIGH),
        ("MEDIUM", Severity.MEDIUM),
        ("LOW", Severity.LOW),
        ("EXPERIMENT", Severity.UNKNOWN),
    ],
)
def test_severities_are_the_rules_old_and_new_words(word, severity):
    assert only(read_json(report(result(severity=word)))).severity is severity


def test_what_nosem_silenced_is_shown_and_does_not_count():
    scan = read_json(report(result(is_ignored=True)))

    assert (scan.findings, [each.waiver for each in scan.suppressed]) == (
        (),
        [Waiver(id="python.shell-true", reason="", source="semgrep nosem")],
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["requires login", "requires login"], [None, None]),
        (["same", "same"], [None, None]),
        (["", "b"], [None, "b"]),
        (["a", "b"], ["a", "b"]),
        (["alone"], ["alone"]),
    ],
    ids=["requires login", "constant", "absent", "differ", "alone"],
)
def test_a_fingerprint_that_identifies_nothing_is_dropped(given, kept):
    scan = read_json(report(*(result(line=3 + at, fingerprint=value) for at, value in enumerate(given))))

    assert [each.native for each in scan.findings] == kept


def test_a_vulnerable_dependency_is_named():
    info = {"dependency_match": {"found_dependency": {"package": "left", "version": "1.0"}}, "reachable": True}

    assert only(read_json(report(result(sca_info=info)))).package == "left@1.0"


@pytest.mark.parametrize(
    ("fault", "complete", "notes"),
    [
        (
            {"level": "warn", "message": "Partial parsing\nof a.py"},
            False,
            ("Semgrep could not check everything: Partial parsing",),
        ),
        (
            {"level": "error", "message": "", "path": "a.py"},
            False,
            ("Semgrep could not check everything: a.py",),
        ),
        ({"message": "timeout"}, False, ("Semgrep could not check everything: timeout",)),
        ({"level": "info", "message": "rule needs Pro"}, True, ("Semgrep says: rule needs Pro",)),
    ],
    ids=["warning", "error", "no level", "information"],
)
def test_an_error_of_semgreps_own_leaves_the_run_incomplete(fault, complete, notes):
    scan = read_json(report(errors=[fault]))

    assert (scan.complete, scan.notes) == (complete, notes)


def test_many_errors_are_summed_up():
    scan = read_json(report(errors=[{"message": str(at)} for at in range(5)]))

    assert scan.notes[-1] == "Semgrep could not check everything 2 further time(s)."


def test_an_old_report_without_paths_is_a_clean_run_only_under_its_name():
    scan = read_sample("semgrep/empty.json", format="semgrep")

    assert (scan.findings, scan.analysed, scan.notes) == (
        (),
        None,
        ("The report does not say which files were scanned.",),
    )


@pytest.mark.parametrize(
    "document",
    [
        report(scanned=()),
        {"results": []},
        report() | {"paths": {}},
        report() | {"results": None},
        report(result() | {"extra": None}),
    ],
    ids=["nothing scanned", "no errors", "no list of paths", "null", "no extra"],
)
def test_what_shows_no_scanned_file_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="semgrep")
