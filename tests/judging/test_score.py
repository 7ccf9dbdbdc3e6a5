from fractions import Fraction

import pytest

from deliverygate.errors import ReportError
from deliverygate.judging.score import Evidence, Score, Wanted, judge, measure, truncate
from deliverygate.model import Location, Measurement, Severity, Verdict
from deliverygate.testing import finding

FILES = tuple(f"f{number}" for number in range(10))


def at(path, **more):
    return finding(location=Location(path) if path else None, **more)


@pytest.mark.parametrize(
    ("analysed", "findings", "score"),
    [
        (FILES, [], Score(10, 0)),
        (FILES, [at("f1"), at("f1"), at("f2")], Score(10, 2)),
        ((*FILES, "f1"), [at("f1")], Score(10, 1)),
        (FILES, [at("elsewhere")], Score(11, 1, 1)),
        (FILES, [at(None), at(None)], Score(11, 1, 1)),
        (10, [at("a"), at("b")], Score(10, 2)),
        (10, [at(None)], Score(11, 1, 1)),
    ],
    ids=["clean", "two files", "listed twice", "outside the list", "no file", "a count", "a count, no file"],
)
def test_score_counts_files_and_not_findings(analysed, findings, score):
    assert measure(analysed, findings) == score


@pytest.mark.parametrize(
    ("analysed", "said"),
    [
        (
            None,
            "the report does not say which files were analysed; "
            "name the files with `analysed:` (patterns over the tracked files), or drop `min_score`",
        ),
        ((), "no file was analysed, so no part of it is clean; check the files that the tool was given"),
        (0, "no file was analysed, so no part of it is clean; check the files that the tool was given"),
        (
            1,
            "the report says that 1 files were analysed and names 2 with findings; "
            "name the files with `analysed:` (patterns over the tracked files), or drop `min_score`",
        ),
    ],
    ids=["unknown", "none listed", "none counted", "fewer than have findings"],
)
def test_score_without_a_ground_is_an_error_that_says_how_to_mend_it(analysed, said):
    with pytest.raises(ReportError) as caught:
        measure(analysed, [at("a"), at("b")])

    assert str(caught.value) == said


def test_score_is_cut_and_never_rounded():
    score = Score(10_000, 1_004)

    assert (score.percent, truncate(score.percent)) == (Fraction(8996, 100), 89.9)


def test_score_just_below_what_is_wanted_fails_and_says_how_many_files_are_missing():
    files = tuple(f"f{number}" for number in range(10_000))
    findings = tuple(at(f"f{number}") for number in range(1_004))

    check = judge([Evidence("ESLint", files, findings)], Wanted(Fraction(90)))

    assert (check.verdict, check.summary, check.mend, check.measurements[0]) == (
        Verdict.FAILED,
        "ESLint 89.9 %, at least 90 % wanted (8996 of 10000 files clean)",
        "clean 4 more files; or let it through with a reason and an end (docs/waivers.md)",
        Measurement(name="score of ESLint", value=89.9, wanted="at least 90", unit="%"),
    )


def test_lowest_score_of_several_tools_decides_and_each_is_listed():
    evidence = [Evidence("A", FILES, ()), Evidence("B", FILES, (at("f1"), at("f2")), (at("f3"),))]

    check = judge(evidence, Wanted(Fraction(90)))

    assert (check.verdict, check.summary) == (
        Verdict.FAILED,
        "B 80.0 %, at least 90 % wanted (8 of 10 files clean)",
    )
    assert [(measured.name, measured.value) for measured in check.measurements] == [
        ("score of A", 100.0),
        ("score of A without waivers", 100.0),
        ("score of B", 80.0),
        ("score of B without waivers", 70.0),
    ]


@pytest.mark.parametrize(
    ("severity", "unknown", "value"),
    [("low", "block", 100.0), ("medium", "block", 90.0), ("unknown", "block", 90.0), ("unknown", "warn", 100.0)],
)
def test_only_findings_from_count_from_up_make_a_file_unclean(severity, unknown, value):
    evidence = Evidence("A", FILES, (at("f1", severity=Severity(severity)),))

    check = judge([evidence], Wanted(Fraction(1), Severity.MEDIUM, unknown))

    assert check.measurements[0].value == value


def test_tool_without_a_ground_makes_the_score_an_error_and_its_value_is_no_zero():
    check = judge([Evidence("A", FILES, ()), Evidence("B", None, ())], Wanted(Fraction(90)))

    assert (check.verdict, check.summary, check.measurements[-1]) == (
        Verdict.ERROR,
        "B: the report does not say which files were analysed",
        Measurement(name="score of B", value=None, wanted="at least 90", unit="%"),
    )


def test_score_is_inconclusive_while_evidence_is_missing():
    check = judge([Evidence("A", FILES, ())], Wanted(Fraction(90)), doubt="1 of 2 reports is broken")

    assert (check.verdict, check.summary) == (
        Verdict.INCONCLUSIVE,
        "A 100.0 %, at least 90 % wanted (10 of 10 files clean); 1 of 2 reports is broken",
    )
