"""Requests by a schedule: when they are sent, from when they are timed, and what becomes of each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Timer

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded, Interrupted, TransportError
from deliverygate.gate import Phases, Response, Sample, Schedule, Shot, Shots
from deliverygate.http import RequestsHttp
from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority, Client, Script, answer, answers, serve

TOLERANCE_SECONDS = 0.05  #: a busy machine wakes nobody on the dot


class Keeping(BaseHTTPRequestHandler):
    """Keeps its connections, and counts them."""

    protocol_version = "HTTP/1.1"
    connections: list[object]

    def setup(self) -> None:
        super().setup()
        self.connections.append(self.client_address)

    def do_GET(self) -> None:
        self.wfile.write(answer("ok"))

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def keeping() -> Iterator[tuple[str, list[object]]]:
    Keeping.connections = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keeping)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Keeping.connections
    server.shutdown()
    thread.join()
    server.server_close()


def slowly(seconds: float) -> Script:
    def script(client: Client) -> None:
        client.wait(seconds)
        client.send(answer("ok"))

    return script


def test_each_shot_is_sent_at_its_time_and_has_its_own_connection(http: RequestsHttp) -> None:
    with serve(answers(answer("ok"))) as server:
        sample = http.sample("GET", f"{server.url}/health", schedule=Schedule(5, 0.02))

    assert sorted(shot.intended for shot in sample.shots) == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.08])
    told = {(shot.ok, shot.status, shot.fault, shot.address) for shot in sample.shots}
    assert (told, sample.missed) == ({(True, 200, None, "127.0.0.1")}, 0)
    assert 0.08 <= sample.seconds < 0.08 + 10 * TOLERANCE_SECONDS
    assert len(server.requests) == 5
    assert {"connection: close"} == {
        line for each in server.requests for line in each.split("\r\n") if "connection" in line
    }


def test_shots_do_not_wait_for_each_other(http: RequestsHttp) -> None:
    with serve(slowly(0.2)) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(8, 0.01))

    assert sample.seconds < 0.07 + 0.2 + 4 * TOLERANCE_SECONDS
    assert all(0.2 <= shot.seconds < 0.2 + 2 * TOLERANCE_SECONDS for shot in sample.shots)


def test_shot_that_finds_no_lane_is_timed_from_when_it_was_due(http: RequestsHttp) -> None:
    with serve(slowly(0.1)) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(4, 0.01, concurrency=1))

    expected = [0.1, 0.19, 0.28, 0.37]  # one after the other: each waited for those before
    assert [shot.seconds for shot in sample.shots] == pytest.approx(expected, abs=4 * TOLERANCE_SECONDS)
    assert [shot.lag for shot in sample.shots[1:]] == [0.0, 0.0, 0.0]


def test_slots_that_no_lane_was_free_for_in_time_are_missed_and_told(http: RequestsHttp) -> None:
    with serve(servers.hangs) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(20, 0.005, concurrency=1), timeout_seconds=0.05)

    assert len(sample.shots) + sample.missed == 20
    assert sample.missed > 0
    assert {shot.fault for shot in sample.shots} == {"read_timeout"}
    assert all(shot.seconds >= 0.05 for shot in sample.shots)


def test_shot_that_we_sent_late_ourselves_is_marked_and_not_used(http: RequestsHttp) -> None:
    with serve(answers(answer("ok"))) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(3, 0.1, late_after_seconds=1e-9))

    lags = [shot.lag for shot in sample.shots]
    assert sum(lag > 0 for lag in lags) >= 2  # the first one may find that its time is over already
    assert [shot.late for shot in sample.shots] == [lag > 0 for lag in lags]
    assert list(sample.used) == [shot for shot in sample.shots if shot.lag == 0]


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (servers.hangs, "read_timeout"),
        (servers.drips, "read_timeout"),
        (servers.resets, "connect_reset"),
        (servers.breaks_off, "reset_mid_response"),
        (answers(b"SSH-2.0\r\n"), "http_protocol"),
    ],
    ids=["hangs", "a byte at a time", "resets", "breaks off", "not HTTP"],
)
def test_fault_is_a_shot_of_its_kind_and_nothing_is_repeated(http: RequestsHttp, script: Script, fault: str) -> None:
    with serve(script) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(3, 0.01), timeout_seconds=0.1)

    assert [(shot.ok, shot.status, shot.fault) for shot in sample.shots] == [(False, None, fault)] * 3
    assert len(server.requests) == 3


def test_refused_connections_are_shots_too(http: RequestsHttp) -> None:
    sample = http.sample("GET", f"http://127.0.0.1:{servers.free_port()}/", schedule=Schedule(2, 0.01))

    assert [(shot.fault, shot.address) for shot in sample.shots] == [("connect_refused", "")] * 2


def test_judge_says_what_is_good_and_sees_whole_answers(http: RequestsHttp) -> None:
    seen: list[Response] = []

    def judge(response: Response) -> bool:
        seen.append(response)
        return response.body == b"up"

    with serve(answers(answer("up"), answer("down"))) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(2, 0.05), judge=judge)

    assert [shot.ok for shot in sample.shots] == [True, False]
    assert [each.body for each in seen] == [b"up", b"down"]


@pytest.mark.parametrize(
    ("status", "ok"), [("204 No Content", True), ("302 Found", True), ("404 Not Found", False), ("503 Busy", False)]
)
def test_status_below_400_is_good_where_nobody_judges(http: RequestsHttp, status: str, ok: bool) -> None:
    with serve(answers(answer(status=status, location="/elsewhere"))) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(1, 1))

    assert [(shot.status, shot.ok) for shot in sample.shots] == [(int(status[:3]), ok)]


def test_kept_connection_serves_shot_after_shot(http: RequestsHttp, keeping: tuple[str, list[object]]) -> None:
    url, connections = keeping
    kept = http.sample("GET", url, schedule=Schedule(6, 0.02, concurrency=1), keep_alive=True)
    used = len(connections)
    http.sample("GET", url, schedule=Schedule(6, 0.02, concurrency=1))

    assert (used, len(connections)) == (1, 7)
    assert [shot.ok for shot in kept.shots] == [True] * 6
    assert [shot.phases.connect is None for shot in kept.shots] == [False] + [True] * 5


def test_kept_connection_that_the_server_closed_is_made_anew(http: RequestsHttp) -> None:
    with serve(answers(answer("ok"))) as server:  # closes after every answer, and does not announce it
        sample = http.sample("GET", server.url, schedule=Schedule(4, 0.03, concurrency=1), keep_alive=True)

    assert [(shot.ok, shot.fault) for shot in sample.shots] == [(True, None)] * 4
    assert len(server.requests) == 4


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_kept_connection_over_which_more_comes_unasked_is_not_used_again(http: RequestsHttp, method: str) -> None:
    """Else what a server says late would be taken for its answer to the next question."""

    def talkative(client: Client) -> None:
        client.send(answer("" if method == "HEAD" else "ok"))
        client.wait(0.03)
        client.send(answer("not asked for", status="503 Busy"))
        client.wait(5)

    with serve(talkative) as server:
        sample = http.sample(method, server.url, schedule=Schedule(3, 0.15, concurrency=1), keep_alive=True)

    assert [shot.status for shot in sample.shots] == [200, 200, 200]
    assert len(server.requests) == 3


def test_kept_connection_is_not_used_again_after_a_body_that_head_must_not_have(http: RequestsHttp) -> None:
    def mistaken(client: Client) -> None:
        client.send(answer("HTTP/1.1 503 Busy\r\n\r\n"))
        client.wait(5)

    with serve(mistaken) as server:
        sample = http.sample("HEAD", server.url, schedule=Schedule(3, 0.05, concurrency=1), keep_alive=True)

    assert ([shot.status for shot in sample.shots], len(server.requests)) == ([200, 200, 200], 3)


def test_sample_over_tls_tells_the_handshake(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer("ok")), tls=authority.server()) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(2, 0.05), verify=authority.bundle)

    assert [shot.ok for shot in sample.shots] == [True, True]
    assert all(shot.phases.tls and not shot.phases.dns for shot in sample.shots)


def test_sample_through_a_proxy(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answers(answer("from the proxy"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        sample = http.sample("GET", "http://shop.invalid/", schedule=Schedule(3, 0.01))

    assert [(shot.ok, shot.address) for shot in sample.shots] == [(True, "")] * 3


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://169.254.169.254/", {}),
        ("http://127.0.0.1:1/", {"allow_private": False}),
        ("http://127.0.0.1:1/", {"headers": {"a": "b\r\nc"}}),
        ("https://127.0.0.1:1/", {"verify": "/none.pem"}),
        ("nonsense", {}),
    ],
    ids=["metadata", "private", "header", "authorities", "no URL"],
)
def test_what_cannot_be_asked_at_all_is_an_error_and_not_a_sample(
    http: RequestsHttp, url: str, options: dict[str, object]
) -> None:
    with pytest.raises(TransportError) as caught, serve(answers(answer())) as server:
        http.sample("GET", url.replace(":1/", f":{server.port}/"), schedule=Schedule(5, 0.01), **options)  # type: ignore[arg-type]

    assert caught.value.kind == "config"


def test_name_that_turns_to_a_metadata_address_ends_the_sample(names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"], ["169.254.169.254"]]
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with (
        serve(answers(answer("ok"))) as server,
        pytest.raises(TransportError, match=r"shop\.test leads to 169\.254\.169\.254"),
    ):
        http.sample("GET", f"http://shop.test:{server.port}/", schedule=Schedule(50, 0.01))

    assert len(server.requests) == 1


def test_stop_of_the_run_ends_the_sample_and_its_lanes() -> None:
    stop = Event()
    http = RequestsHttp(SystemClock(timeout_seconds=20, stop=stop), allow_private=True)
    timer = Timer(0.15, stop.set)
    timer.start()
    started = time.monotonic()

    with serve(servers.hangs) as server, pytest.raises(Interrupted):
        http.sample("GET", server.url, schedule=Schedule(1000, 0.05))

    assert time.monotonic() - started < 1


def test_shots_up_to_a_stop_are_kept_by_who_wants_them() -> None:
    http, shots = RequestsHttp(SystemClock(timeout_seconds=0.3), allow_private=True), Shots()

    with serve(answers(answer("ok"))) as server, pytest.raises(DeadlineExceeded):
        http.sample("GET", server.url, schedule=Schedule(1000, 0.02), shots=shots)

    assert (3 <= len(shots) <= 20, {shot.ok for shot in shots}) == (True, {True})


def test_judge_that_breaks_is_heard(http: RequestsHttp) -> None:
    def judge(response: Response) -> bool:
        raise LookupError(f"status {response.status}")

    with serve(answers(answer())) as server, pytest.raises(LookupError, match="status 200"):
        http.sample("GET", server.url, schedule=Schedule(100, 0.01), judge=judge)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"count": 0, "interval_seconds": 1}, "a sample has 1 to 100000 shots, not 0"),
        ({"count": 100_001, "interval_seconds": 1}, "a sample has 1 to 100000 shots, not 100001"),
        ({"count": 1, "interval_seconds": 0}, "an interval of a schedule is longer than 0 s"),
        ({"count": 1, "interval_seconds": float("nan")}, "an interval of a schedule is longer than 0 s"),
        ({"count": 1, "interval_seconds": 1, "concurrency": 0}, "1 to 1000 shots are under way at once, not 0"),
    ],
    ids=["none", "too many", "no interval", "no number", "no lane"],
)
def test_schedule_that_cannot_be_kept_is_refused(arguments: dict[str, float], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Schedule(**arguments)  # type: ignore[arg-type]


def test_shots_come_back_as_they_were_put_in() -> None:
    shots = [
        Shot(0.0, 0.25, ok=True, status=200, address="127.0.0.1", phases=Phases(0.1, 0.01, None, 0.1, 0.04)),
        Shot(0.5, 10.0, 0.002, fault="read_timeout", address="::1", phases=Phases(connect=0.01)),
        Shot(1.0, 0.1, 0.02, True, True, 599),
    ]

    kept = Shots(shots)

    assert (list(kept), kept[-1], list(kept[:2]), len(kept)) == (shots, shots[-1], shots[:2], 3)
    with pytest.raises(IndexError):
        kept[3]


def test_late_shots_are_told_apart_from_those_that_are_used() -> None:
    early, late = Shot(0.0, 0.1, ok=True), Shot(1.0, 0.2, 0.1, late=True)

    sample = Sample(Shots([early, late]))

    assert (list(sample.used), sample.late) == ([early], 1)
