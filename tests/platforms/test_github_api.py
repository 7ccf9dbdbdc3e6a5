"""How GitHub is asked: pages, limits, refusals and faults, against a server that keeps to GitHub's description."""

from __future__ import annotations

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import ReportError, TransportError
from deliverygate.platforms.github.api import GitHubApi, Refused
from deliverygate.platforms.github.wire import Comment, Pull
from deliverygate.testing import FakeClock
from tests.platforms.github_server import BROKEN, SILENT, Answer, GitHub, limited, said, slowed
from tests.platforms.github_world import open_api

PULL = "repos/acme/shop/pulls/12"
COMMENTS = "repos/acme/shop/issues/12/comments"


@pytest.fixture(autouse=True)
def pull(hub: GitHub) -> None:
    """A pull request to ask for."""
    hub.add_pull()


def ask(api: GitHubApi) -> str:
    return api.get(PULL, Pull, needs="pull-requests: read").title


def test_every_request_names_the_token_the_version_and_who_asks(hub):
    ask(open_api(hub, FakeClock()))

    sent = hub.headers[0]
    assert (sent["authorization"], sent["x-github-api-version"], sent["accept"]) == (
        f"Bearer {hub.token}",
        "2022-11-28",
        "application/vnd.github+json",
    )
    assert sent["user-agent"].startswith("deliverygate/")


def test_pages_are_followed_by_the_links_that_are_given(hub):
    for number in range(230):
        hub.add_comment(12, "ada", f"comment {number}")

    found = list(open_api(hub, FakeClock()).each(COMMENTS, Comment, needs="pull-requests: read"))

    assert [comment.body for comment in found] == [f"comment {number}" for number in range(230)]
    assert [target for _, target in hub.asked] == [
        "/repos/acme/shop/issues/12/comments?per_page=100",
        "/repositories/1/issues/12/comments?per_page=100&page=2",
        "/repositories/1/issues/12/comments?per_page=100&page=3",
    ]


def test_a_next_page_on_another_server_is_not_asked_for(hub):
    elsewhere = {"link": f'<http://127.0.0.1:1/x>; rel="next", <{hub.url}/y>; rel="last"'}
    hub.misbehave("comments", Answer(200, [], elsewhere))

    with pytest.raises(ReportError, match="the next page is on another server, and was not asked"):
        list(open_api(hub, FakeClock()).each(COMMENTS, Comment, needs="pull-requests: read"))


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited(reset=FakeClock().now().timestamp() + 40), 41),
        (slowed(retry_after="7"), 7),
        (slowed(429, retry_after="7"), 7),
        (slowed(), 60),
        (Answer(429, said("Too many requests", 429)), 60),
    ],
    ids=["primary", "secondary with a span", "429", "secondary without one", "429 without a word"],
)
def test_a_limit_is_waited_for(hub, answer, seconds):
    clock = FakeClock()
    hub.misbehave("GET", answer)

    title = ask(open_api(hub, clock))

    assert (title, clock.passed_seconds, len(hub.asked)) == ("Add a basket", seconds, 2)


def test_a_write_is_repeated_after_a_limit_since_it_was_not_made(hub):
    hub.misbehave("POST", slowed(retry_after="1"))

    open_api(hub, FakeClock()).write("POST", COMMENTS, {"body": "x"}, Comment, needs="pull-requests: write")

    assert [comment["body"] for comment in hub.comments[12]] == ["x"]


def test_a_limit_beyond_the_time_of_the_run_is_not_waited_for(hub):
    clock = FakeClock(timeout_seconds=30)
    hub.misbehave("GET", slowed(retry_after="600"))

    with pytest.raises(Refused, match="rate limit holds for 600 s more, and 30 s are left; run again later"):
        ask(open_api(hub, clock))
    assert clock.passed_seconds == 0


def test_a_limit_that_does_not_end_is_given_up(hub):
    hub.misbehave("GET", *[slowed(retry_after="1")] * 5)

    with pytest.raises(Refused, match="rate limit"):
        ask(open_api(hub, FakeClock()))
    assert len(hub.asked) == 3


def test_reads_are_asked_again_after_a_fault_of_the_server(hub):
    clock = FakeClock()
    hub.misbehave("GET", BROKEN, BROKEN)

    assert (ask(open_api(hub, clock)), clock.passed_seconds, len(hub.asked)) == ("Add a basket", 3.0, 3)


def test_reads_of_a_broken_server_end(hub):
    hub.misbehave("GET", *[BROKEN] * 9)

    with pytest.raises(Refused, match=r"GitHub answers 502; run again when GitHub is well"):
        ask(open_api(hub, FakeClock()))
    assert len(hub.asked) == 3


def test_a_server_that_did_not_come_back_is_not_waited_for_again(hub):
    clock = FakeClock()
    api = open_api(hub, clock)
    hub.misbehave("GET", *[BROKEN] * 4)

    for _ in range(2):
        with pytest.raises(Refused):
            ask(api)

    assert (clock.passed_seconds, len(hub.asked), ask(api)) == (3.0, 4, "Add a basket")


def test_writes_are_not_repeated_after_a_fault_since_they_may_have_come_through(hub):
    hub.misbehave("POST", BROKEN)

    with pytest.raises(Refused, match="GitHub answers 502"):
        open_api(hub, FakeClock()).write("POST", COMMENTS, {"body": "x"}, Comment, needs="pull-requests: write")
    assert len(hub.asked) == 1


def test_a_server_that_says_nothing_is_left(hub):
    hub.misbehave("GET", SILENT, SILENT, SILENT)

    with pytest.raises(TransportError, match=r"no answer in 0\.2 s"):
        ask(open_api(hub, SystemClock(timeout_seconds=20), request_seconds=0.2))
    assert len(hub.asked) == 3


def test_a_wrong_token_is_named_by_its_variable_and_never_shown(hub):
    with pytest.raises(Refused) as caught:
        ask(open_api(hub, FakeClock(), token="ghs_wrong"))

    assert str(caught.value) == (
        f"GET {hub.url}/{PULL}: GitHub answers 401 (Bad credentials); GITHUB_TOKEN holds no valid token: renew it"
    )


def test_a_right_that_is_missing_is_named_as_github_names_it(hub):
    hub.rights -= {"pull-requests: write"}

    with pytest.raises(Refused) as caught:
        ask(open_api(hub, FakeClock()))

    assert caught.value.mend == "allow `pull-requests: read` to the token in GITHUB_TOKEN"


def test_a_text_that_is_too_long_is_refused_as_github_says_it(hub):
    api = open_api(hub, FakeClock())

    with pytest.raises(Refused, match=r"GitHub answers 422 \(Validation Failed\); see https://docs.github.com/rest"):
        api.write("POST", COMMENTS, {"body": "x" * 65_537}, Comment, needs="pull-requests: write")


@pytest.mark.parametrize("status", [409, 410, 415], ids=str)
def test_other_refusals_are_not_asked_again(hub, status):
    hub.misbehave("GET", Answer(status, said("No", status)))

    with pytest.raises(Refused, match=rf"GitHub answers {status} \(No\)"):
        ask(open_api(hub, FakeClock()))
    assert len(hub.asked) == 1
    hub.faults.clear()  # this question is never answered so


def test_what_may_not_be_seen_without_a_token_asks_for_one(hub):
    hub.rights.clear()

    with pytest.raises(Refused, match=r"GitHub answers 404 \(Not Found\); pass a token"):
        ask(open_api(hub, FakeClock(), token=None))


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"number": "twelve"}', b"\xff", b""],
    ids=["a page", "a list", "another type", "not UTF-8", "nothing"],
)
def test_an_answer_of_another_form_is_an_error_that_says_so(hub, body):
    hub.misbehave("GET", Answer(200, body))

    with pytest.raises(ReportError, match="GitHub's answer is not what its documentation says"):
        ask(open_api(hub, FakeClock()))
    hub.faults.clear()


def test_a_refusal_cannot_bring_its_own_lines(hub):
    hub.misbehave("GET", Answer(404, said("gone\n::error::\x1b[31mred", 404)))

    with pytest.raises(Refused) as caught:
        ask(open_api(hub, FakeClock()))

    assert caught.value.what == "GitHub answers 404 (gone ::error::red)"


def test_full_page_without_a_link_is_not_taken_for_the_whole_list(hub):
    for number in range(130):
        hub.add_comment(12, "ada", f"comment {number}")
    first = [{"id": number, "body": f"comment {number}"} for number in range(100)]
    hub.misbehave("comments", Answer(200, first))

    found = list(open_api(hub, FakeClock()).each(COMMENTS, Comment, needs="pull-requests: read"))

    assert [comment.body for comment in found] == [f"comment {number}" for number in range(130)]
    assert hub.asked[-1][1] == "/repos/acme/shop/issues/12/comments?per_page=100&page=2"
    hub.faults.clear()


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"{" * 500, b'{"number": 1e999}'])
def test_hostile_answer_is_no_answer(hub, body):
    hub.misbehave("GET", Answer(200, body))

    with pytest.raises(ReportError, match="GitHub's answer is not what its documentation says"):
        ask(open_api(hub, FakeClock()))
    hub.faults.clear()
