import pytest

from deliverygate.judging.threshold import cure, judge, make_limits
from deliverygate.model import CheckResult, Measurement, Rule, Severity, Verdict, Waiver
from deliverygate.testing import finding

CRITICAL, HIGH, MEDIUM, LOW, UNKNOWN = (
    Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.UNKNOWN,
)  # fmt: skip


def told(checks):
    return [(check.name, check.verdict.value, check.summary) for check in checks]


def limits(fail_on=None, maximum=None, **more):
    return make_limits(fail_on=fail_on, maximum=maximum or {}, **more)


def test_fail_on_allows_none_from_that_severity_up():
    findings = [finding(severity=HIGH), finding(severity=MEDIUM)]

    checks = list(judge(findings, limits(HIGH)))

    assert told(checks) == [
        ("critical findings", "passed", "0 found, 0 allowed"),
        ("high findings", "failed", "1 found, 0 allowed"),
        ("findings of unknown severity", "passed", "0 found, 0 allowed"),
        ("other findings", "passed", "1 noted: 1 medium; no limit is set for them"),
    ]


def test_failed_check_says_value_beside_wanted_what_and_how_to_mend():
    broken = finding("CVE-1", HIGH, package="pkg:npm/a@1.0", fixed_in="1.1")
    rules = (Rule(id="CVE-1", summary="A hole"), Rule(id="CVE-2"))

    check = next(iter(judge([broken], limits(maximum={HIGH: 0}, unknown="ignore"), rules=rules)))

    assert check == CheckResult(
        name="high findings",
        verdict=Verdict.FAILED,
        summary="1 found, 0 allowed",
        findings=(broken,),
        measurements=(Measurement(name="high findings", value=1, wanted="at most 0"),),
        rules=(rules[0],),
        mend="update pkg:npm/a@1.0 to 1.1; or let it through with a reason and an end (docs/waivers.md)",
    )


@pytest.mark.parametrize(
    ("found", "verdict"), [(0, "passed"), (2, "passed"), (3, "passed"), (4, "failed")],
    ids=["none", "under", "at the cap", "one over"],
)  # fmt: skip
def test_cap_allows_so_many_and_not_one_more(found, verdict):
    findings = [finding(f"r{number}", HIGH) for number in range(found)]

    checks = list(judge(findings, limits(HIGH, {HIGH: 3}, unknown="ignore")))

    assert told(checks) == [
        ("critical findings", "passed", "0 found, 0 allowed"),
        ("high findings", verdict, f"{found} found, 3 allowed"),
    ]


def test_findings_within_the_cap_are_noted_and_not_called_a_breach():
    within = finding(severity=HIGH)

    (check,) = judge([within], limits(maximum={HIGH: 1}, unknown="ignore"))

    assert (check.findings, check.noted) == ((), (within,))


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ("block", ("findings of unknown severity", "failed", "1 found, 0 allowed")),
        (
            "warn",
            (
                "findings of unknown severity",
                "passed",
                "1 found; look at them, `unknown: warn` lets them through",
            ),
        ),
        ("ignore", ("other findings", "passed", "1 noted: 1 unknown; no limit is set for them")),
    ],
)
def test_unknown_severity_is_never_silently_below(unknown, expected):
    checks = list(judge([finding(severity=UNKNOWN)], limits(maximum={CRITICAL: 0}, unknown=unknown)))

    assert told(checks) == [("critical findings", "passed", "0 found, 0 allowed"), expected]


def test_unknown_severity_may_have_a_cap_of_its_own():
    findings = [finding("a", UNKNOWN), finding("b", UNKNOWN)]

    checks = list(judge(findings, limits(maximum={UNKNOWN: 2})))

    assert told(checks) == [("findings of unknown severity", "passed", "2 found, 2 allowed")]


@pytest.mark.parametrize(
    ("known", "setting", "said"),
    [
        (finding(severity=HIGH, waiver=Waiver(id="w", reason="r")), {}, "0 found, 0 allowed (1 waived or suppressed)"),
        (finding(severity=HIGH, is_new=False), {"only_new": True}, "0 found, 0 allowed (1 known)"),
        (finding(severity=HIGH, package="a@1"), {"only_fixable": True}, "0 found, 0 allowed (1 left aside)"),
        (finding(severity=HIGH, package="a@1", fixable=True), {"only_fixable": True}, "1 found, 0 allowed"),
        (finding(severity=HIGH), {"only_fixable": True}, "1 found, 0 allowed"),
        (finding(severity=HIGH, package="a@1", category="license"), {"only_fixable": True}, "1 found, 0 allowed"),
        (finding(severity=HIGH, is_new=False), {}, "1 found, 0 allowed"),
    ],
    ids=["waived", "known", "no fix", "with a fix", "own code", "licence", "known, but all count"],
)
def test_what_does_not_count_is_shown_all_the_same(known, setting, said):
    (check,) = judge([known], limits(maximum={HIGH: 0}, unknown="ignore", **setting))

    assert (check.summary, check.findings + check.noted) == (said, (known,))


def test_nothing_passes_while_evidence_is_missing():
    checks = list(judge([finding(severity=HIGH)], limits(HIGH, unknown="ignore"), doubt="1 of 2 reports is broken"))

    assert told(checks) == [
        ("critical findings", "inconclusive", "0 found, 0 allowed; 1 of 2 reports is broken"),
        ("high findings", "failed", "1 found, 0 allowed; 1 of 2 reports is broken"),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fail_on": UNKNOWN}, "`fail_on` cannot be unknown; say `unknown: block`"),
        ({"maximum": {LOW: -1}}, "`max` of low is below zero; write how many findings are allowed"),
        (
            {"maximum": {UNKNOWN: 1}, "unknown": "warn"},
            "`max` limits unknown severities and `unknown: warn` lets them through; drop one of them",
        ),
    ],
)
def test_limits_that_contradict_themselves_are_refused(given, said):
    with pytest.raises(ValueError, match=r".") as caught:
        limits(given.pop("fail_on", None), **given)

    assert str(caught.value) == said


def test_cure_names_three_updates_and_counts_the_rest():
    findings = [finding(package=f"pkg:npm/p{number}@1", fixed_in="2") for number in range(5)]

    assert cure(findings, ()).startswith("update pkg:npm/p0@1 to 2, pkg:npm/p1@1 to 2, pkg:npm/p2@1 to 2 and 2 more; ")


def test_cure_is_the_remedy_of_the_rule_where_no_update_helps():
    rules = (Rule(id="DS-0002", remedy="Add a USER line."),)

    assert cure([finding("DS-0002")], rules) == (
        "Add a USER line; or let it through with a reason and an end (docs/waivers.md)"
    )
