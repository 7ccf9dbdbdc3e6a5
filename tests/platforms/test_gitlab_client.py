"""How GitLab is asked: again where that is safe, within the deadline, and never anybody else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from plumbum import local

from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded, TransportError
from deliverygate.http import RequestsHttp
from deliverygate.platforms.gitlab.carrier import MOST_REQUESTS, Refused
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.job import Token, read_job
from deliverygate.platforms.gitlab.place import Place, place_of_remote
from deliverygate.platforms.gitlab.records import Note, User
from deliverygate.testing import FakeClock
from tests import servers
from tests.platforms.gitlab_server import BOB, GitLabServer, gitlab_server, note

TOKEN = Token("DELIVERYGATE_GITLAB_TOKEN", "glpat-robot")


@pytest.fixture
def server() -> Iterator[GitLabServer]:
    with gitlab_server() as made:
        yield made


def client(server: GitLabServer | str, clock: FakeClock | SystemClock | None = None, **options: object) -> Client:
    known = clock or FakeClock()
    http = RequestsHttp(known if isinstance(known, SystemClock) else SystemClock(timeout_seconds=30))
    url = server if isinstance(server, str) else server.url
    return Client(url, token=TOKEN, http=http, clock=known, **options)  # type: ignore[arg-type]


def notes(of: Client) -> list[Note]:
    ask = of.request("acme/shop", 12).notes
    return list(of.each(lambda: ask.list(iterator=True, sort="asc"), Note))


@pytest.mark.parametrize(
    ("trouble", "waited"),
    [
        ({"status": 429, "retry_after": "7"}, 7.0),
        ({"status": 429, "retry_after": "Fri, 02 Jan 2026 03:04:35 GMT"}, 30.0),
        ({"status": 429, "retry_after": "soon", "ratelimit_reset": "1767323105"}, 60.0),
        ({"status": 429, "body": b"Retry later\n"}, 0.5),
        ({"status": 429, "retry_after": "-5"}, 0.5),
        ({"status": 503}, 0.5),
        ({"status": 502, "times": 3}, 7.5),
    ],
    ids=["seconds", "date", "reset", "no word", "nonsense", "not available", "three times"],
)
def test_a_passing_fault_is_waited_out(server: GitLabServer, trouble: dict[str, object], waited: float) -> None:
    clock = FakeClock()
    server.trouble("/user", **{"times": 1, **trouble})  # type: ignore[arg-type]

    me = client(server, clock).me

    assert (me, clock.passed_seconds) == (User(9, "project_42_bot"), waited)


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {"retry_after": "3600"}), (503, {}), (500, {})], ids=["429", "503", "500"]
)
def test_what_would_pass_too_late_is_told_at_once(server: GitLabServer, status: int, headers: dict[str, str]) -> None:
    clock = FakeClock(timeout_seconds=0.4)
    server.trouble("/user", status, **headers)

    with pytest.raises(Refused, match=f"GitLab answers {status}"):
        _ = client(server, clock).me

    assert clock.passed_seconds == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_lasting_fault_is_asked_once(server: GitLabServer, status: int) -> None:
    server.trouble("/user", status, body={"message": {"base": ["is taken"], "name": ["is bad"]}})

    with pytest.raises(Refused) as caught:
        _ = client(server).me

    where = f"GET {server.url}/api/v4/user"
    assert str(caught.value) == f"{where}: GitLab answers {status} (base: ['is taken'], name: ['is bad'])"
    assert len(server.asked) == 1


def test_a_server_that_is_slow_does_not_outlast_the_deadline(server: GitLabServer) -> None:
    server.trouble("/user", is_slow=True)
    clock = SystemClock(timeout_seconds=0.3, stop=Event())

    with pytest.raises((TransportError, DeadlineExceeded)):
        _ = client(server, clock).me

    assert len(server.asked) == 1


def test_a_connection_that_breaks_is_made_again() -> None:
    clock = FakeClock()
    with servers.serve(servers.resets) as server, pytest.raises(TransportError) as caught:
        _ = client(server.url, clock).me

    assert (caught.value.kind, len(server.requests), clock.passed_seconds) == ("connect_reset", 4, 7.5)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<html>Sign in</html>", "Failed to parse"),
        (b"", "Failed to parse"),
        (b"[" * 100_000, "Failed to parse"),
        (b"[]", "not as documented"),
        (b'"a"', "not as documented"),
        (b'{"id": "9", "username": "x"}', "not as documented"),
        (b'{"id": 9}', "not as documented"),
    ],
    ids=["a login page", "nothing", "deep", "a list", "a text", "a wrong type", "a missing field"],
)
def test_an_odd_answer_is_an_error_in_our_words(server: GitLabServer, body: bytes, what: str) -> None:
    server.trouble("/user", 200, body=body)

    with pytest.raises(TransportError, match=what):
        _ = client(server).me


@pytest.mark.parametrize(
    "body", [b"{}", b'{"a": 1}', b"7", b'["a"]', b"[[]]", b"null"],
    ids=["an object", "an object with fields", "a number", "texts", "lists", "nothing"],
)  # fmt: skip
def test_a_list_that_is_none_is_an_error_in_our_words(server: GitLabServer, body: bytes) -> None:
    server.trouble("/notes", 200, body=body)

    with pytest.raises(TransportError, match="not as documented"):
        notes(client(server))


def test_a_list_without_end_is_given_up(server: GitLabServer) -> None:
    more = f'<{server.url}/api/v4/projects/acme%2Fshop/merge_requests/12/notes?page=2>; rel="next"'
    server.trouble("/notes", 200, body=b"[]", times=10_000, link=more)

    with pytest.raises(TransportError, match=f"more than {MOST_REQUESTS} requests"):
        notes(client(server))


@pytest.mark.parametrize(
    ("count", "headers"),
    [(1, {"x-next-page": "2"}), (100, {})],
    ids=["next page without a link", "full page without a word"],
)
def test_list_that_goes_on_nowhere_is_no_evidence(server: GitLabServer, count: int, headers: dict[str, str]) -> None:
    moment = "2026-01-02T03:04:05Z"
    records = [{"id": number, "body": "a", "author": None, "created_at": moment} for number in range(count)]
    server.trouble("/notes", 200, body=json.dumps(records).encode(), **headers)

    with pytest.raises(TransportError, match="one page of a list, and does not say where the next one is"):
        notes(client(server))


def test_links_are_followed_at_the_address_we_were_given(server: GitLabServer) -> None:
    server.external_url = "https://gitlab.acme.example"
    server.notes = [note("a", BOB, number=number) for number in range(150)]

    assert len(notes(client(server))) == 150


def test_a_link_to_another_server_gets_no_token(server: GitLabServer) -> None:
    server.trouble("/notes", 200, body=b"[]", link='<https://evil.example/steal?page=2>; rel="next"')

    with pytest.raises(TransportError, match="leads to another server, which must not get the token"):
        notes(client(server))


def test_a_redirect_to_another_server_gets_no_token(server: GitLabServer) -> None:
    with servers.serve(
        servers.answers(servers.answer('{"id": 9, "username": "x"}', content_type="application/json"))
    ) as other:
        server.trouble("/user", 301, location=f"{other.url}/api/v4/user")
        _ = client(server).me

    assert "glpat-robot" not in "".join(other.requests)


def test_a_write_follows_no_redirect(server: GitLabServer) -> None:
    server.trouble("/discussions", 301, method="POST", location=f"{server.url}/elsewhere")
    asked = client(server)

    with pytest.raises(Refused, match="GitLab answers 301"):
        asked.do(lambda: asked.request("42", 12).discussions.create({"body": "a"}))

    assert len(server.asked) == 1


def test_the_library_is_imported_when_something_is_asked_and_not_before() -> None:
    code = "import sys, deliverygate.platforms.gitlab; print({'gitlab', 'requests'} & {*sys.modules})"

    assert local[sys.executable]("-c", code) == "set()\n"


def test_no_token_is_shown() -> None:
    assert "glpat" not in repr(TOKEN)


def test_a_companys_own_authority_is_trusted_where_the_runner_names_it(tmp_path: Path, server: GitLabServer) -> None:
    authority = servers.make_authority(tmp_path)
    job = read_job({"CI_SERVER_TLS_CA_FILE": authority.bundle, "SSL_CERT_FILE": ""})
    whole = servers.answers(servers.answer('{"id": 9, "username": "x"}', content_type="application/json"))

    with servers.serve(whole, tls=authority.server()) as secure:
        me = client(secure.url, verify=job.ca).me
        with pytest.raises(TransportError, match="certificate"):
            _ = client(secure.url).me

    assert me == User(9, "x")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"GITLAB_CI": "true", "CI_JOB_TOKEN": "j"}, ("CI_JOB_TOKEN", "j")),
        ({"GITLAB_CI": "true", "CI_JOB_TOKEN": "j", "GITLAB_TOKEN": "g\n"}, ("GITLAB_TOKEN", "g")),
        ({"GITLAB_TOKEN": "g", "DELIVERYGATE_GITLAB_TOKEN": "d"}, ("DELIVERYGATE_GITLAB_TOKEN", "d")),
        ({"GITLAB_TOKEN": "g", "DELIVERYGATE_GITLAB_TOKEN": "$NOT_SET"}, ("GITLAB_TOKEN", "g")),
        ({"CI_JOB_TOKEN": "j"}, None),
        ({}, None),
    ],
    ids=["job", "general", "own", "a variable that is made of a missing one", "job's elsewhere", "none"],
)
def test_the_most_special_token_is_used(environ: dict[str, str], expected: tuple[str, str] | None) -> None:
    token = read_job(environ).token

    assert (token and (token.name, token.value)) == expected


@pytest.mark.parametrize(
    ("host", "remote", "expected"),
    [
        ("", "https://gitlab.com/acme/shop.git", Place("https://gitlab.com", "acme/shop")),
        ("", "git@gitlab.com:acme/sub/shop.git", Place("https://gitlab.com", "acme/sub/shop")),
        ("", "ssh://git@gitlab.com:22/acme/shop", Place("https://gitlab.com", "acme/shop")),
        ("git.acme.example", "https://ada:pw@git.acme.example/shop/", Place("https://git.acme.example", "shop")),
        ("http://git.acme.example:8080", "git@git.acme.example:shop", Place("http://git.acme.example:8080", "shop")),
        ("git.acme.example", "https://gitlab.com/acme/shop.git", None),
        ("", "https://gitlab.com.evil.example/acme/shop.git", None),
        ("", "https://gitlab.com@evil.example/acme/shop.git", None),
        ("", "https://gitlab.com", None),
        ("", "/srv/shop.git", None),
        ("", "https://[::1/x", None),
        ("", None, None),
    ],
    ids=[
        "https", "scp", "ssh", "own host", "own host with port", "another host", "name that looks alike",
        "user that looks alike", "no project", "a folder", "no address", "no remote",
    ],
)  # fmt: skip
def test_a_remote_is_asked_only_on_the_host_that_the_user_vouches_for(
    host: str, remote: str | None, expected: Place | None
) -> None:
    assert place_of_remote(read_job({"GITLAB_HOST": host}), remote) == expected


def test_numbers_that_are_none_are_left_out() -> None:
    job = read_job({"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "1/../2", "CI_PIPELINE_ID": "²"})

    assert (job.number, job.pipeline) == (None, None)
