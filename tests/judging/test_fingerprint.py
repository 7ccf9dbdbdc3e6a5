from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deliverygate.judging.fingerprint import fingerprint, identify, identify_results
from deliverygate.model import CheckResult, Finding, GateResult, Location, Scan, Severity, Verdict
from deliverygate.testing import finding


def at(line, message="x is unused", path="a.py", **more):
    return replace(finding(location=Location(path, line), **more), message=message)


def prints(*findings):
    return [each.fingerprint for each in fingerprint(findings)]


@pytest.mark.parametrize(
    "other",
    [
        at(40),
        at(4, message="x is unused since line 17"),
        at(4, native="another"),
        at(4, severity=Severity.LOW),
        at(4, fixed_in="2"),
    ],
    ids=["line", "numbers", "the tool's own", "severity", "fix"],
)
def test_identity_stays_when_only_this_changes(other):
    assert prints(other) == prints(at(4, message="x is unused since line 3") if "since" in other.message else at(4))


@pytest.mark.parametrize(
    "other",
    [at(4, tool="other"), at(4, rule="other"), at(4, path="b.py"), at(4, message="y is unused"), at(4, package="p@1")],
    ids=["tool", "rule", "path", "message", "package"],
)
def test_identity_is_another_when_this_changes(other):
    assert prints(other) != prints(at(4))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pkg:npm/%40scope/a@1.0", "pkg:npm/%40scope/a@2.0"),
        ("pkg:npm/@scope/a@1.0", "pkg:npm/@scope/a"),
        ("pkg:apk/alpine/musl@1.1?arch=x86_64#sub", "pkg:apk/alpine/musl@1.2?arch=arm64"),
        ("openssl@1.1.1c-r0", "openssl@1.1.1d-r2"),
        ("@scope/a@1", "@scope/a@2"),
    ],
)
def test_update_that_mends_nothing_makes_no_new_finding(one, other):
    before, after = (finding("CVE-1", package=package, message=f"in {package}") for package in (one, other))

    assert prints(before) == prints(after)


def test_each_further_occurrence_is_another_one():
    assert len(set(prints(at(1), at(2), at(3)))) == 3


def test_order_of_the_report_changes_nothing():
    findings = [at(line, path=path) for line in range(20) for path in ("a.py", "b.py")]
    shuffled = Random(1).sample(findings, len(findings))

    assert dict(zip(map(str, (each.location for each in shuffled)), prints(*shuffled), strict=True)) == dict(
        zip(map(str, (each.location for each in findings)), prints(*findings), strict=True)
    )


@settings(derandomize=True, max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from("ab")), max_size=12), st.integers(1, 500))
def test_shifting_every_line_makes_no_new_finding(places, shift):
    before = [at(line, path=path) for line, path in places]
    after = [at(line + shift, path=path) for line, path in places]

    assert sorted(prints(*before)) == sorted(prints(*after))


def test_hostile_text_has_an_identity_too():
    assert len(set(prints(at(1, message="\ud800"), at(1, message="\0"), at(1, message="")))) == 3


def test_single_runs_hold_the_same_identities_as_the_scan():
    first, second = at(1), at(2)
    one, two = (
        Scan(tool="demo", version=None, format="sarif", findings=(each,), suppressed=(each,))
        for each in (first, second)
    )
    whole = replace(one, findings=(first, second), suppressed=(first, second), runs=(one, two))

    scan = identify(whole)

    assert [run.findings[0] for run in scan.runs] == list(scan.findings)
    assert [run.suppressed[0] for run in scan.runs] == list(scan.suppressed)


def results_of(*checks: tuple[Finding, ...]) -> tuple[GateResult, ...]:
    """One gate for each tuple of findings."""
    return tuple(
        GateResult(
            gate="demo", id=f"g{number}",
            checks=(CheckResult(name="c", verdict=Verdict.FAILED, summary="", findings=findings),),
        )
        for number, findings in enumerate(checks)
    )  # fmt: skip


def test_a_finding_in_two_gates_gets_one_fingerprint_and_its_twin_another() -> None:
    one, twin = finding(location=Location("a.py", 1)), finding(location=Location("a.py", 7))

    first_gate, second_gate = identify_results(results_of((one, twin), (one,)))

    prints = [found.fingerprint for found in first_gate.checks[0].findings]
    assert len(set(prints)) == 2
    assert [found.fingerprint for found in second_gate.checks[0].findings] == prints[:1]


def test_a_fingerprint_that_is_there_stays() -> None:
    named = finding(fingerprint="f" * 32)

    (result,) = identify_results(results_of((named, finding("other"))))

    assert result.checks[0].findings[0].fingerprint == "f" * 32
