"""What SonarQube's verdict means: new code, small changes, missing values, and words that contradict numbers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from deliverygate.config.values import convert
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.sonarqube.answers import Condition, Demand, GateAnswer, Period, ProjectStatus, StatusAnswer
from deliverygate_gates.sonarqube.judging import describe_period, judge, judge_condition, show, wanted_of
from deliverygate_gates.sonarqube.settings import Settings

SAMPLES = Path(__file__).parents[1] / "samples" / "sonarqube"
VERSIONS = ("9.9", "25.12", "26.9")


def settings(**more: object) -> Settings:
    return convert({"url": "https://sonarqube.example", "project": "shop-py", **more}, Settings)


def status_of(name: str, version: str = "25.12") -> ProjectStatus:
    body = (SAMPLES / version / f"project_status_{name}.json").read_bytes()
    return msgspec.json.decode(body, type=StatusAnswer).project_status


def gate_of(name: str = "sonar_way", version: str = "25.12") -> GateAnswer:
    return msgspec.json.decode((SAMPLES / version / f"qualitygates_show_{name}.json").read_bytes(), type=GateAnswer)


def judged(
    status: ProjectStatus, gate: GateAnswer | None, *, is_pull_request: bool = False, **more: object
) -> dict[str, CheckResult]:
    checks = judge(status, gate, settings(**more), is_pull_request=is_pull_request)
    return {check.name: check for check in checks}


def words(checks: dict[str, CheckResult]) -> dict[str, tuple[str, str]]:
    return {name: (check.verdict.value, check.summary) for name, check in checks.items()}


def condition(metric: str = "coverage", op: str = "LT", limit: str = "80", value: str | None = "90", said: str = "OK"):
    return Condition(status=said, metric_key=metric, comparator=op, error_threshold=limit, actual_value=value)


def test_conditions_on_new_code_say_since_when_it_is_new() -> None:
    checks = judged(status_of("new_code_error"), gate_of())

    assert words(checks) == {
        "quality gate": ("failed", "ERROR (Sonar way): 2 of 3 conditions broken"),
        "conditions with a value": ("passed", "3 of 4; without: new_security_hotspots_reviewed"),
        "coverage of new code": ("failed", "5.6 %, wanted at least 80 %, since version 1.1"),
        "duplicated lines density of new code": ("passed", "0.0 %, wanted at most 3 %, since version 1.1"),
        "violations of new code": ("failed", "3, wanted at most 0, since version 1.1"),
        "security hotspots reviewed of new code": ("skipped", "no value, wanted at least 100 %"),
    }
    assert checks["quality gate"].details == "new code: since version 1.1"


def test_ratings_of_the_older_gate_are_letters() -> None:
    checks = judged(status_of("new_code_error", "9.9"), gate_of(version="9.9"))

    assert words(checks)["reliability rating of new code"] == ("failed", "C, wanted A, since version 1.1")
    assert words(checks)["security rating of new code"] == ("passed", "A, wanted A, since version 1.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_small_change_that_sonarqube_lets_through_is_shown_with_its_value(version: str) -> None:
    checks = judged(status_of("new_code_small_change", version), gate_of(version=version))

    assert checks["coverage of new code"] == CheckResult(
        name="coverage of new code",
        verdict=Verdict.PASSED,
        summary="50.0 %, wanted at least 80 %, since version 1.0, let through by SonarQube: the change is too small",
        measurements=(Measurement(name="new_coverage", value=50.0, wanted="at least 80", unit="%"),),
    )
    assert not any(check.verdict.blocks for check in checks.values())


def test_small_change_beside_a_broken_condition_is_shown_as_such() -> None:
    checks = judged(status_of("new_code_error", "26.9"), gate_of(version="26.9"))

    assert checks["quality gate"].verdict is Verdict.FAILED
    assert checks["coverage of new code"].verdict is Verdict.PASSED
    assert checks["coverage of new code"].summary.endswith("let through by SonarQube: the change is too small")


@pytest.mark.parametrize(
    ("ignored", "metric"), [(False, "new_coverage"), (True, "coverage"), (True, "new_bugs")], ids=str
)
def test_ok_that_its_own_numbers_contradict_is_inconclusive(ignored: bool, metric: str) -> None:
    told = condition(metric, "LT", "80", "50.0")

    check = judge_condition(
        told, ProjectStatus(status="OK", conditions=(told,), ignored_conditions=ignored), settings()
    )

    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.summary.endswith("SonarQube says OK all the same")


@pytest.mark.parametrize("said", ["WARN", "NO_VALUE", "", "ok"])
def test_word_that_is_not_known_never_passes(said: str) -> None:
    told = condition(said=said)

    checks = judged(ProjectStatus(status=said, conditions=(told,)), None, on_missing="pass")

    assert {check.verdict for name, check in checks.items() if name != "conditions with a value"} == {
        Verdict.INCONCLUSIVE
    }


@pytest.mark.parametrize("version", ["9.9", "25.12"])
def test_condition_without_a_value_is_an_error_and_shown(version: str) -> None:
    gate = GateAnswer(name="Tests", conditions=(Demand(metric="test_success_density", op="LT", error="100"),))

    checks = judged(status_of("ok_condition_without_value", version), gate)

    assert words(checks) == {
        "quality gate": ("passed", "OK (Tests): 0 of 0 conditions broken"),
        "conditions with a value": ("error", "0 of 1; without: test_success_density"),
        "test success density of all code": ("error", "no value, wanted at least 100 %"),
    }
    assert checks["test success density of all code"].measurements == (
        Measurement(name="test_success_density", value=None, wanted="at least 100", unit="%"),
    )


@pytest.mark.parametrize("more", [{"on_missing": "pass"}, {"may_lack": ["test_success_density"]}], ids=str)
def test_condition_that_may_lack_its_value_is_skipped(more: dict[str, object]) -> None:
    gate = GateAnswer(name="Tests", conditions=(Demand(metric="test_success_density", op="LT", error="100"),))

    checks = judged(status_of("ok_condition_without_value"), gate, **more)

    assert [check.verdict for check in checks.values()] == [Verdict.PASSED, Verdict.PASSED, Verdict.SKIPPED]


def test_condition_that_is_told_without_its_value_is_not_passed() -> None:
    told = condition(value=None)

    checks = judged(ProjectStatus(status="OK", conditions=(told,)), GateAnswer(name="G", conditions=()))

    assert words(checks)["coverage of all code"] == ("error", "no value, wanted at least 80 %")


@pytest.mark.parametrize("version", VERSIONS)
def test_first_analysis_under_a_gate_on_new_code_proves_nothing_of_it(version: str) -> None:
    gate = gate_of(version=version)

    checks = judged(status_of("new_code_first", version), gate)

    assert checks["conditions with a value"].verdict is Verdict.ERROR
    assert len(checks) == 2 + len(gate.conditions)


@pytest.mark.parametrize("more", [{}, {"on_missing": "pass"}], ids=["strict", "lax"])
@pytest.mark.parametrize("gate", [None, GateAnswer(name="Empty")], ids=["unknown gate", "empty gate"])
def test_ok_without_any_condition_proves_nothing(gate: GateAnswer | None, more: dict[str, object]) -> None:
    checks = judged(status_of("new_code_first"), gate, **more)

    assert checks["quality gate"].verdict is Verdict.ERROR
    assert "no condition was judged, which proves nothing" in checks["quality gate"].summary


def test_pull_request_is_not_asked_for_conditions_on_all_code() -> None:
    gate = GateAnswer(name="G", conditions=(Demand(metric="coverage"), Demand(metric="new_bugs", op="GT", error="0")))

    checks = judged(status_of("new_code_error"), gate, is_pull_request=True)

    assert "coverage of all code" not in checks
    assert checks["bugs of new code"].verdict is Verdict.ERROR


def test_error_of_the_whole_fails_although_no_condition_is_broken() -> None:
    checks = judged(ProjectStatus(status="ERROR", conditions=()), None, on_missing="pass")

    assert checks["quality gate"].verdict is Verdict.FAILED


def test_gate_of_another_language_is_read_alike() -> None:
    checks = judged(status_of("js_error"), gate_of("promotion"))

    assert words(checks)["duplicated lines density of all code"] == ("failed", "86.7 %, wanted at most 3 %")
    assert checks["quality gate"].details == "new code: since 2026-11-21T09:30:32+0000"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (condition("coverage", "LT", "80"), "at least 80"),
        (condition("bugs", "GT", "0"), "at most 0"),
        (condition("security_rating", "GT", "1"), "A"),
        (condition("security_rating", "GT", "2"), "B or better"),
        (condition("security_rating", "GT", "1.0"), "A"),
        (condition("alert", "NE", "OK"), "exactly OK"),
        (condition("alert", "EQ", "3"), "other than 3"),
        (condition("alert", "??", "3"), "?? 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_threshold_is_said_as_what_is_wanted(told: Condition, wanted: str) -> None:
    assert wanted_of(told) == wanted


@pytest.mark.parametrize(
    ("metric", "written", "shown"),
    [
        ("reliability_rating", "3", "C"),
        ("reliability_rating", "5.0", "E"),
        ("reliability_rating", "6", "6"),
        ("bugs", "3", "3"),
        ("coverage", "3.0", "3.0"),
    ],
)
def test_ratings_are_letters_and_nothing_else_is(metric: str, written: str, shown: str) -> None:
    assert show(metric, written) == shown


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period(mode="PREVIOUS_VERSION", date="2026-11-21", parameter="1.1"), "since version 1.1"),
        (Period(mode="PREVIOUS_VERSION", date="2026-11-21"), "since 2026-11-21"),
        (Period(mode="REFERENCE_BRANCH", parameter="main"), "against branch main"),
        (Period(mode="NUMBER_OF_DAYS", parameter="30"), "of the last days: 30"),
        (Period(mode="NEW_KIND", parameter="x"), "new_kind x"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_period_is_said_in_words(period: Period, said: str) -> None:
    assert describe_period(period) == said


@pytest.mark.parametrize(
    ("value", "limit", "verdict"),
    [
        ("89.96", "90", Verdict.INCONCLUSIVE),
        ("80.00000000000000000001", "80", Verdict.PASSED),
        ("79.99999999999999999999", "80", Verdict.INCONCLUSIVE),
        ("NaN", "80", Verdict.INCONCLUSIVE),
        ("1_00", "80", Verdict.INCONCLUSIVE),
        ("", "80", Verdict.INCONCLUSIVE),
        ("9" * 5000, "80", Verdict.INCONCLUSIVE),
        ("OK", "ERROR", Verdict.PASSED),
    ],
    ids=["rounded", "a hair above", "a hair below", "no number", "no JSON number", "empty", "too long", "words"],
)
def test_ok_holds_only_with_a_number_on_the_right_side(value: str, limit: str, verdict: Verdict) -> None:
    found = judge_condition(condition(limit=limit, value=value), ProjectStatus(status="OK", conditions=()), settings())

    assert found.verdict is verdict
