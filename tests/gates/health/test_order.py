"""Endpoints beside and after each other: needs, last ones, a thousand at once, an end in the middle."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any

import pytest

from deliverygate.clock import SystemClock
from deliverygate.config.values import convert
from deliverygate.errors import ConfigError, Interrupted, ReportError
from deliverygate.gate import Completed, Response
from deliverygate.model import CheckResult, Verdict
from deliverygate.testing import FakeClock, FakeHttp, FakeShell, make_context, run_gate
from deliverygate_gates.health import gate
from tests.gates.health.asking import DOWN, OK


def told(checks: tuple[CheckResult, ...]) -> list[tuple[str, Verdict, str]]:
    return [(check.name, check.verdict, check.summary) for check in checks]


def test_needed_checks_come_first_and_the_report_keeps_the_order_of_the_policy(tmp_path: Path) -> None:
    http = FakeHttp({f"http://{host}/": OK for host in "abc"})
    endpoints = [{"url": "http://a/", "needs": ["b/"]}, {"url": "http://b/", "needs": ["c/"]}, {"url": "http://c/"}]

    checks = run_gate(gate, {"endpoints": endpoints}, make_context(tmp_path, http=http))

    assert [url for _, url in http.asked] == ["http://c/", "http://b/", "http://a/"]
    assert [check.name for check in checks] == ["a/", "b/", "c/"]


def test_what_needs_a_failed_check_is_skipped_and_says_why(tmp_path: Path) -> None:
    http = FakeHttp({"http://a/": DOWN, "http://b/": OK, "http://c/": OK})
    sample = {"count": 100, "availability": 90}
    endpoints = [
        {"url": "http://a/"},
        {"url": "http://b/", "needs": ["a/"], "sample": sample},
        {"url": "http://c/", "needs": ["b/"]},
    ]

    checks = run_gate(gate, {"endpoints": endpoints}, make_context(tmp_path, http=http))

    assert told(checks) == [
        ("a/", Verdict.FAILED, "status 503, wanted 200-299"),
        ("b/", Verdict.SKIPPED, "not asked: it needs 'a/', which is failed"),
        ("b/: availability", Verdict.SKIPPED, "not asked: it needs 'a/', which is failed"),
        ("c/", Verdict.SKIPPED, "not asked: it needs 'b/', which is skipped"),
    ]


def test_last_checks_come_when_all_others_are_done_whatever_became_of_them(tmp_path: Path) -> None:
    clock = FakeClock()
    shell = FakeShell({"./clean.sh": lambda _: Completed(0, b"", b"", 0.1)}, clock=clock)
    http = FakeHttp({"http://a/": DOWN, "http://b/": OK})
    endpoints = [{"command": "./clean.sh", "finally": True}, {"url": "http://a/"}, {"url": "http://b/"}]
    asked_before: list[int] = []
    run = shell.run

    def watch(*command: Any, **given: Any) -> Completed:
        asked_before.append(len(http.asked))
        return run(*command, **given)

    shell.run = watch  # type: ignore[method-assign]
    checks = run_gate(gate, {"endpoints": endpoints}, make_context(tmp_path, http=http, shell=shell, clock=clock))

    assert asked_before == [2]
    assert [check.verdict for check in checks] == [Verdict.PASSED, Verdict.FAILED, Verdict.PASSED]


class Meeting(FakeHttp):
    """Answers only when so many ask at once, so that a test ends only if they really do."""

    def __init__(self, urls: list[str], *, parties: int) -> None:
        super().__init__(dict.fromkeys(urls, OK))
        self._barrier = Barrier(parties)
        self._lock = Lock()

    def request(self, method: str, url: str, **given: Any) -> Response:
        self._barrier.wait(10)
        with self._lock:
            return super().request(method, url, **given)


def test_endpoints_are_asked_side_by_side(tmp_path: Path) -> None:
    urls = [f"http://host-{number}/" for number in range(8)]

    checks = run_gate(
        gate,
        {"endpoints": [{"url": url} for url in urls], "concurrency": 4},
        make_context(tmp_path, http=Meeting(urls, parties=4)),
    )

    assert [check.verdict for check in checks] == [Verdict.PASSED] * 8


class Counting(FakeHttp):
    """Knows how many of its answers somebody still holds."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        super().__init__(answers)
        self.held, self.most = 0, 0
        self._lock = Lock()

    def request(self, method: str, url: str, **given: Any) -> Response:
        with self._lock:
            response = super().request(method, url, **given)
            self.held += 1
            self.most = max(self.most, self.held)
        weakref.finalize(response, self._let_go)
        return response

    def _let_go(self) -> None:
        self.held -= 1


def test_a_thousand_endpoints_are_asked_and_few_answers_held_at_a_time(tmp_path: Path) -> None:
    urls = [f"http://host-{number}/" for number in range(1000)]
    (tmp_path / "endpoints.txt").write_text("\n".join(urls))
    http = Counting(dict.fromkeys(urls, OK))

    checks = run_gate(gate, {"endpoints_from": "endpoints.txt"}, make_context(tmp_path, http=http))

    assert [check.verdict for check in checks] == [Verdict.PASSED] * 1000
    assert http.most < 40


def test_stop_of_the_run_reaches_every_endpoint_and_the_last_ones_still_clean_up(tmp_path: Path) -> None:
    stop, clock = Event(), FakeClock()
    gate_clock = SystemClock(timeout_seconds=60, stop=stop, grace_seconds=20)
    shell = FakeShell({"./clean.sh": lambda _: Completed(0, b"", b"", 0.1)}, clock=clock)
    urls = [f"http://{host}/" for host in "abc"]
    http = StopsRun(dict.fromkeys(urls, DOWN), stop=stop)
    endpoints = [{"url": url, "wait": "30s", "every": "10s"} for url in urls]
    endpoints.append({"command": "./clean.sh", "finally": True})
    context = make_context(tmp_path, clock=gate_clock, http=http, shell=shell)
    checks: list[CheckResult] = []

    with pytest.raises(Interrupted):
        checks.extend(gate.check(convert({"endpoints": endpoints}, gate.settings), context))

    assert [(check.name, check.verdict) for check in checks] == [
        *((f"{host}/", Verdict.INCONCLUSIVE) for host in "abc"),
        ("command ./clean.sh", Verdict.PASSED),
    ]


class StopsRun(FakeHttp):
    """Tells the run to stop when the third request has come."""

    def __init__(self, answers: dict[str, object], *, stop: Event) -> None:
        super().__init__(answers)
        self._stop = stop
        self._lock = Lock()

    def request(self, method: str, url: str, **given: Any) -> Response:
        with self._lock:
            response = super().request(method, url, **given)
            if len(self.asked) == 3:
                self._stop.set()
            return response


def test_fault_of_ours_in_one_endpoint_is_not_swallowed(tmp_path: Path) -> None:
    http = FakeHttp({"http://a/": "no response at all"})

    with pytest.raises(TypeError, match="the table holds"):
        run_gate(gate, {"endpoints": [{"url": "http://a/"}]}, make_context(tmp_path, http=http))


LISTED = """\
endpoints:
  - http://a/
  - {url: http://b/, name: the other, expect: {status: 503}}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.yml", LISTED),
        (
            "list.json",
            '{"endpoints": ["http://a/", {"url": "http://b/", "name": "the other", "expect": {"status": 503}}]}',
        ),
    ],
)
def test_endpoints_are_read_from_a_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    http = FakeHttp({"http://a/": OK, "http://b/": DOWN, "http://c/": OK})
    settings = {"endpoints": [{"url": "http://c/", "needs": ["the other"]}], "endpoints_from": name}
    context = make_context(tmp_path, http=http)

    checks = run_gate(gate, settings, context)

    assert [(check.name, check.verdict) for check in checks] == [
        ("c/", Verdict.PASSED),
        ("a/", Verdict.PASSED),
        ("the other", Verdict.PASSED),
    ]
    assert [each.path for each in context.workspace.inputs] == [name]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("endpoints: []", ConfigError, "list.yml: names no endpoint, which would prove nothing; write one"),
        ("", ConfigError, "list.yml"),
        ("- http://a/", ConfigError, "list.yml:1: is not a mapping"),
        ("endpoints: [ftp://a/]", ConfigError, "list.yml: endpoint 1: `url` is not an http(s) address"),
        ("endpoints: [{url: http://a/, timout: 1s}]", ConfigError, "list.yml:1: endpoints[0]"),
        ("endpoints: [{command: rm}]", ConfigError, "list.yml: endpoint 1: `command` stands in a file that a change"),
        (
            "endpoints: [{url: http://a/, allow_private: true}]",
            ConfigError,
            "list.yml: endpoint 1: `allow_private` stands in a file that a change may edit",
        ),
        (
            "endpoints: [{url: http://a/, name: x}, {url: http://b/, name: x}]",
            ConfigError,
            "list.yml: two endpoints are called 'x'; correct the file",
        ),
        (None, ReportError, "list.yml: no such file"),
    ],
    ids=[
        *("empty list", "empty file", "no mapping", "no address", "wrong key", "script", "private", "same name"),
        "missing",
    ],
)
def test_wrong_file_of_endpoints_is_refused(
    tmp_path: Path, text: str | None, error: type[Exception], said: str
) -> None:
    if text is not None:
        (tmp_path / "list.yml").write_text(text)

    with pytest.raises(error) as caught:
        run_gate(gate, {"endpoints_from": "list.yml"}, make_context(tmp_path))

    assert str(caught.value).startswith(said)


def test_variables_are_not_filled_in_where_a_change_may_write_them(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# ours\nhttp://a/${SECRET}\n\nhttp://b/\n")
    http = FakeHttp({"http://a/${SECRET}": OK, "http://b/": OK})
    context = make_context(tmp_path, http=http, environ={"SECRET": "hunter2hunter2"})

    run_gate(gate, {"endpoints_from": "list.txt", "concurrency": 1}, context)

    assert {url for _, url in http.asked if "no-such-page" not in url} == {"http://a/${SECRET}", "http://b/"}
