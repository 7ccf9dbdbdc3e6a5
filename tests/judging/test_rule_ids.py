"""Ids of vulnerabilities and rules: which of them mean the same."""

from __future__ import annotations

import pytest

from deliverygate.judging.rule_ids import canonical, cves, meanings, same


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("CVE-2024-1234", "cve-2024-1234", True),
        ("GHSA-fhqq-8f65-5xfc", "ghsa-FHQQ-8F65-5XFC", True),
        (" CVE-2024-1234 ", "CVE-2024-1234", True),
        ("SNYK-JS-LODASH-567746", "snyk-js-lodash-567746", True),
        ("RHSA-2024:1234", "rhsa-2024:1234", True),
        ("CVE-2024-1234", "CVE-2024-12345", False),
        ("DS002", "AVD-DS-0002", True),
        ("KSV036", "KSV-0036", True),
        ("AVD-AWS-0089", "aws-0089", True),
        ("DS002", "DS-0020", False),
        ("E501", "e501", False),
        ("no-eval", "No-Eval", False),
        ("DL3008", "dl3008", False),
    ],
)
def test_ids_are_one_where_only_the_spelling_differs(one, other, equal):
    assert (canonical(one) == canonical(other)) is equal


@pytest.mark.parametrize(
    ("some", "others", "equal"),
    [
        (("GHSA-1", "CVE-1"), ("cve-1",), True),
        (("GHSA-1",), ("CVE-1",), False),
        ((), (), False),
        (("",), ("",), False),
    ],
)
def test_sets_of_aliases_mean_the_same_where_they_share_an_id(some, others, equal):
    assert same(some, others) is equal
    assert same(others, some) is equal


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ("DEBIAN-CVE-2024-1234", "cve-2024-1234"),
        ("CVE-2024-1234-busybox", "cve-2024-1234"),
        ("GHSA-fhqq-8f65-5xfc-podman", "ghsa-fhqq-8f65-5xfc"),
    ],
)
def test_id_that_holds_another_means_that_too_and_not_the_other_way_round(rule, inside):
    assert inside in meanings(rule)
    assert canonical(rule) not in meanings(inside)


def test_cves_are_found_in_any_id_as_catalogues_write_them():
    assert cves("GHSA-1", ("cve-2024-1234", "UBUNTU-CVE-2023-0001", "CVE-2024-1234", "CVE-2024-1")) == (
        "CVE-2024-1234",
        "CVE-2023-0001",
    )
