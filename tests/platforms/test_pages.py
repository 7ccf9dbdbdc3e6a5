"""The header that leads to the next page of a list, in any form that RFC 8288 allows."""

from __future__ import annotations

import pytest

from deliverygate.platforms.pages import next_page

NEXT = "https://api.test/items?page=2&ids=1,2"


@pytest.mark.parametrize(
    "link",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f"<{NEXT}>;rel='next'",
        f'<{NEXT}>; REL="Next"',
        f'<{NEXT}>; title="more"; rel="next"',
        f'<{NEXT}>; rel="last next"',
        f'<https://api.test/a,b>; rel="first", <{NEXT}>; rel="next", <https://api.test/c>; rel="last"',
    ],
)
def test_next_page_is_found(link: str) -> None:
    assert next_page(link) == NEXT


@pytest.mark.parametrize("link", ["", f'<{NEXT}>; rel="prev"', f"<{NEXT}>", f'<{NEXT}>; title="rel=next"', "next"])
def test_no_next_page_is_made_up(link: str) -> None:
    assert next_page(link) is None
