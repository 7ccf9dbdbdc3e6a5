"""Expressions over one finding: what they mean, what is refused and where, what is not known."""

from __future__ import annotations

import sys

import pytest

from deliverygate_gates.security import expression
from deliverygate_gates.security.expression import compile_expression

LOW, HIGH, CRITICAL = 2, 4, 5


@pytest.mark.parametrize(
    ("text", "known", "holds"),
    [
        ("kev", {"kev": True}, True),
        ("kev", {"kev": False}, False),
        ("severity >= high && epss >= 0.1", {"severity": HIGH, "epss": 0.1}, True),
        ("severity >= high && epss >= 0.1", {"severity": CRITICAL, "epss": 0.0999}, False),
        ("severity == high", {"severity": CRITICAL}, False),
        ("kev || severity >= high && epss >= 0.1", {"kev": True, "severity": LOW, "epss": 0.0}, True),
        ("rule.startsWith('CVE-2021-') && !fixable", {"rule": "CVE-2021-44228", "fixable": False}, True),
        ("category in ['os-pkgs', 'deb'] && tool != 'Grype'", {"category": "deb", "tool": "Trivy"}, True),
        ("pkg.matches('^pkg:npm/')", {"pkg": "pkg:pypi/flask@1"}, False),
    ],
)
def test_expression_holds_for_the_findings_that_it_describes(text, known, holds):
    assert compile_expression(text).holds(known) is holds


@pytest.mark.parametrize(
    ("text", "known", "holds"),
    [
        ("epss >= 0.1", {}, None),
        ("severity >= high && epss >= 0.1", {"severity": HIGH}, None),
        ("severity >= high && epss >= 0.1", {"severity": LOW}, False),
        ("epss >= 0.1 && severity >= high", {"severity": LOW}, False),
        ("epss >= 0.1 || kev", {"kev": True}, True),
        ("!(epss >= 0.1)", {}, None),
        ("kev", {}, None),
        ("1 / 0 > 1", {"kev": True}, None),
    ],
)
def test_value_that_is_not_there_matters_only_where_the_answer_hangs_on_it(text, known, holds):
    assert compile_expression(text).holds(known) is holds


def test_expression_tells_which_variables_it_uses_and_takes_no_text_for_one():
    assert compile_expression("""kev && rule != "epss" && [1.5].exists(x, x > 1.0)""").uses == {"kev", "rule"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "severity >= high and epss >= 0.1",
            "`block_if`, line 1, column 18: mismatched input 'and'; CEL writes `&&` for and",
        ),
        ("kev or epss > 0.1", "`block_if`, line 1, column 5: mismatched input 'or'; CEL writes `||` for or"),
        ("sevrity >= high", "`block_if`, line 1, column 1: 'sevrity' is not known here; did you mean 'severity'?"),
        ("severity >= HIGH", "`block_if`, line 1, column 13: 'HIGH' is not known here; did you mean 'high'?"),
        (
            "kev &&\n  exploited",
            "`block_if`, line 2, column 3: 'exploited' is not known here; use kev, ransomware, epss, severity, fixable, "
            "rule, pkg, category, tool, unknown, info, low, medium, high, critical",
        ),
        (
            "severity == 'high'",
            "`block_if`, line 1, column 10: found no matching overload for '_==_' applied to '(int, string)'; "
            "write a severity without quotes, as in `severity >= high`",
        ),
        (
            "epss >= 1",
            "`block_if`, line 1, column 6: found no matching overload for '_>=_' applied to '(double, int)'; "
            "write 1.0 for 1: epss is a number with a point",
        ),
        (
            "(kev",
            "`block_if`, line 1, column 5: missing ')' at '<EOF>'; see docs/gates/vulnerabilities.md#block_if",
        ),
        ("", "`block_if`, line 1, column 1: mismatched input '<EOF>'; see docs/gates/vulnerabilities.md#block_if"),
        ("severity", "`block_if` gives a value of type int; write a condition, as in `kev`"),
        ("epss > 0.1 ? 'a' : 'b'", "`block_if` gives a value of type string; write a condition, as in `kev`"),
        (
            "(" * 500 + "kev" + ")" * 500,
            "`block_if` cannot be read: CANCELLED: Expression recursion limit exceeded. limit: 32; "
            "see docs/gates/vulnerabilities.md#block_if",
        ),
    ],
    ids=[
        "and", "or", "misspelled", "capitals", "second line", "text", "whole number", "open", "empty", "number",
        "text as result", "deep",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_with_its_place_and_the_cure(text, said):
    with pytest.raises(ValueError, match="block_if") as caught:
        compile_expression(text)

    assert str(caught.value) == said


def test_unpaired_surrogate_is_no_expression_either():
    with pytest.raises(ValueError, match="`block_if` cannot be read"):
        compile_expression("kev || rule == '\ud800'")


def test_missing_library_is_named_with_what_installs_it(monkeypatch):
    expression._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)

    with pytest.raises(ValueError, match="block_if") as caught:
        compile_expression("kev")

    assert str(caught.value) == (
        "`block_if` needs the extra `cel`, which is not installed; pip install 'deliverygate[cel]'"
    )
