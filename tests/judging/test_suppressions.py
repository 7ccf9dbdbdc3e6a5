from datetime import date

import pytest

from deliverygate.judging.suppressions import doubt_of, judge, split
from deliverygate.model import Measurement, Waiver
from deliverygate.testing import finding

TODAY = date(2026, 1, 2)


def believes(honored):
    """What the policy says, where every suppression is the change's."""
    return doubt_of(honored, lambda _: "the change adds it")


def suppressed(source="sarif inSource", **more):
    return finding(waiver=Waiver(id="s", reason="said so", source=source, **more))


@pytest.mark.parametrize(
    ("source", "honored", "counts"),
    [
        ("sarif inSource", "all", False),
        ("sarif inSource", "external", True),
        ("sarif inSource, external", "external", True),
        ("sarif of no kind", "external", True),
        ("sarif external", "external", False),
        ("sarif external", "none", True),
        ("eslint directive", "external", True),
        ("trivy .trivyignore", "external", True),
        ("trivy sub/.trivyignore.yaml", "external", True),
        ("trivy ./vex.json", "external", False),
        ("trivy OpenVEX", "external", False),
        ("trivy ignored.txt", "external", True),
        ("trivy policy.rego", "external", True),
        ("trivy --ignored-licenses", "external", True),
        ("a tool nobody knows", "external", True),
    ],
)
def test_policy_says_which_suppressions_of_a_tool_are_believed(source, honored, counts):
    refused, kept = split([suppressed(source)], believes(honored), TODAY)

    assert (len(refused), len(kept)) == ((1, 0) if counts else (0, 1))


def test_refused_suppression_is_a_plain_finding_again():
    refused, _ = split([suppressed()], believes("none"), TODAY)

    assert refused == (finding(),)


def test_suppression_of_the_change_counts_and_says_why():
    refused, kept = split([suppressed()], believes("target"), TODAY)

    assert (refused, kept) == ((finding(message="no-unused-vars is broken (the change adds it)"),), ())


def test_suppression_of_the_target_branch_holds():
    hidden = suppressed()

    assert split([hidden], doubt_of("target", lambda _: None), TODAY) == ((), (hidden,))


def test_waiver_of_the_repository_holds_whatever_the_policy_thinks_of_tools():
    ours = suppressed(".deliverygate/waivers.yml:3", owner="@me", expires=date(2026, 2, 1))

    assert split([ours], believes("none"), TODAY) == ((), (ours,))


@pytest.mark.parametrize(("end", "counts"), [(date(2026, 1, 1), True), (TODAY, False)], ids=["over", "last day"])
def test_suppression_with_an_end_holds_through_that_day(end, counts):
    refused, _ = split([suppressed(expires=end)], believes("all"), TODAY)

    assert [entry.message for entry in refused] == (
        ["no-unused-vars is broken (its suppression expired on 2026-01-01)"] if counts else []
    )


@pytest.mark.parametrize(("allowed", "verdict"), [(1, "passed"), (0, "failed")])
def test_suppressions_may_be_capped_and_waivers_are_not_counted(allowed, verdict):
    ours = suppressed(owner="@me", expires=TODAY)

    check = judge([suppressed(), ours], allowed)

    assert (check.verdict.value, check.summary, check.measurements) == (
        verdict,
        f"1 suppressed by the tool, {allowed} allowed",
        (Measurement(name="suppressed findings", value=1, wanted=f"at most {allowed}"),),
    )
