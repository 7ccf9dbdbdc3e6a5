"""How old evidence may be: every report from before the bound is refused, whatever tells its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.errors import ReportError
from deliverygate.judging.freshness import Bound, made_at, refuse_tracked, require_later
from deliverygate.model import Scan

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
COMMIT = Bound("the commit 1a2b3c4d5e was made", AT)
SKEW = timedelta(minutes=5)
MOMENTS = st.integers(-20 * 3600, 20 * 3600).map(lambda seconds: AT + timedelta(seconds=seconds))


def scan(created_at: datetime | None, *, zone_is_known: bool = True, written_at: datetime | None = None) -> Scan:
    return Scan(
        tool="T", version=None, format="sarif", findings=(), created_at=created_at, zone_is_known=zone_is_known,
        written_at=written_at,
    )  # fmt: skip


@given(written_at=st.none() | MOMENTS, created_at=st.none() | MOMENTS, zone_is_known=st.booleans())
def test_report_counts_when_nothing_tells_that_it_is_older(
    written_at: datetime | None, created_at: datetime | None, zone_is_known: bool
) -> None:
    slack = SKEW if zone_is_known else SKEW + timedelta(hours=12)
    is_late = (written_at is None or written_at >= AT - SKEW) and (created_at is None or created_at >= AT - slack)

    try:
        require_later(COMMIT, where="r", written_at=written_at, scan=scan(created_at, zone_is_known=zone_is_known))
        accepted = True
    except ReportError:
        accepted = False

    assert accepted == is_late


def test_old_file_is_told_with_both_times_and_the_cure() -> None:
    with pytest.raises(ReportError) as caught:
        require_later(COMMIT, where="reports/x.sarif", written_at=AT - timedelta(hours=1))

    assert str(caught.value) == (
        "reports/x.sarif: was written on 2026-03-04 11:00:00 UTC, before the commit 1a2b3c4d5e was made"
        " (2026-03-04 12:00:00 UTC), so it is no evidence of this run; let the tool run again before this gate, and"
        " remove what an earlier run has left; `fresh: any` in the policy accepts it all the same"
    )


def test_old_date_in_a_new_file_is_told_as_the_report_gives_it() -> None:
    with pytest.raises(ReportError, match=r"^r: says that it was made on 2026-03-03 12:00:00 UTC, before the commit"):
        require_later(
            COMMIT, where="r", written_at=AT, scan=scan(AT - timedelta(days=1), zone_is_known=False, written_at=AT)
        )


@pytest.mark.parametrize(
    ("created", "known", "written", "told"),
    [
        (None, True, None, None),
        (None, True, AT, AT),
        (AT, True, AT + SKEW, AT),
        (AT, False, None, AT + timedelta(hours=12)),
        (AT, False, AT + SKEW, AT + SKEW),
        (AT, False, AT + timedelta(days=9), AT + timedelta(hours=12)),
    ],
    ids=["nothing", "the file", "the report", "local time", "local time in a file", "local time in an old file"],
)
def test_report_was_made_at_the_latest_that_it_can_be(
    created: datetime | None, known: bool, written: datetime | None, told: datetime | None
) -> None:
    assert made_at(scan(created, zone_is_known=known, written_at=written)) == told


def test_tracked_report_is_named_as_git_names_it() -> None:
    assert str(refuse_tracked("kept/x.sarif", where="reports/x.sarif")) == (
        "reports/x.sarif: is no evidence of this run, since git tracks kept/x.sarif: whoever writes the change writes"
        " this report; remove it from git (`git rm --cached`), name it in .gitignore and let the tool write it;"
        " `fresh: any` in the policy accepts it all the same"
    )
