"""Scores of CVSS vectors, and severities in words and numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deliverygate.model import Severity
from deliverygate.scans.cvss import base_score
from deliverygate.scans.severities import severity_of, severity_of_score
from deliverygate.scans.times import read_time


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", 5.3),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N/RL:O", 5.5),
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("(AV:N/AC:L/Au:N/C:P/I:N/A:N)", 5.0),
        ("AV:N/AC:M/Au:N/C:P/I:P/A:P", 6.8),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:N", 0.0),
    ],
)
def test_vectors_have_the_scores_that_their_specification_gives(vector, score):
    assert base_score(vector) == score


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "7.5",
        "CVSS:3.1",
        "CVSS:3.1/AV:N/AC:L",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ],
)
def test_what_is_no_whole_vector_of_version_2_or_3_has_no_score(vector):
    assert base_score(vector) is None


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (10.0, Severity.CRITICAL),
        (9.0, Severity.CRITICAL),
        (8.9, Severity.HIGH),
        (7.0, Severity.HIGH),
        (4.0, Severity.MEDIUM),
        (0.1, Severity.LOW),
        (0.0, Severity.UNKNOWN),
        (-1.0, Severity.UNKNOWN),
        (10.1, Severity.UNKNOWN),
        (float("nan"), Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_scores_fall_into_the_bands_of_cvss(score, severity):
    assert severity_of_score(score) is severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("Moderate", Severity.MEDIUM),
        (" low ", Severity.LOW),
        ("Negligible", Severity.INFO),
        ("none", Severity.INFO),
        ("hihg", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_words_are_read_in_any_case_and_strange_ones_are_unknown(word, severity):
    assert severity_of(word) is severity


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2021-08-25T12:20:30Z", datetime(2021, 8, 25, 12, 20, 30, tzinfo=UTC)),
        ("2021-08-25T12:20:30", datetime(2021, 8, 25, 12, 20, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_are_read_with_a_zone_or_not_at_all(written, time):
    assert read_time(written) == time
