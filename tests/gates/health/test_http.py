"""The health gate: what an answer must look like, how long it is waited for, and what a fault proves."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import ValidationError

from deliverygate.clock import SystemClock
from deliverygate.config.values import convert
from deliverygate.errors import DeadlineExceeded, TransportError
from deliverygate.gate import Response
from deliverygate.http import RequestsHttp
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeClock, FakeHttp, make_context, run_gate
from deliverygate_gates.health import gate
from deliverygate_gates.health.documents import MISSING, look_up, read_document, same
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.expectations import read_statuses
from deliverygate_gates.health.naming import name_checks
from tests import servers
from tests.gates.health.asking import DOWN, JSON, OK, REFUSED, URL, broken, checked, respond
from tests.servers import answer, answers, serve


def test_healthy_endpoint_passes_with_its_measurements(tmp_path: Path) -> None:
    assert checked(tmp_path, OK, within="300ms") == CheckResult(
        name="shop/health",
        verdict=Verdict.PASSED,
        summary="status 200 in 12 ms",
        seconds=0.012,
        measurements=(
            Measurement(name="status", value=200, wanted="200-299"),
            Measurement(name="latency", value=12.0, wanted="at most 300", unit="ms"),
        ),
    )


def test_every_breach_is_listed_beside_what_was_wanted(tmp_path: Path) -> None:
    answer = respond(b'{"status": "DOWN", "db": {"up": false}}', status=503, seconds=0.4, headers=JSON)

    check = checked(tmp_path, answer, within="300ms", expect={"status": 200, "json": {"db.up": True}})

    assert check == CheckResult(
        name="shop/health",
        verdict=Verdict.FAILED,
        summary="status 503, wanted 200; latency 400.0 ms, wanted at most 300 ms; "
        'json db.up false, wanted true; body status "DOWN", wanted a healthy word',
        measurements=(
            Measurement(name="status", value=503, wanted="200"),
            Measurement(name="latency", value=400.0, wanted="at most 300", unit="ms"),
            Measurement(name="json db.up", value="false", wanted="true"),
            Measurement(name="body status", value='"DOWN"', wanted="a healthy word"),
        ),
        details="to see it: curl --include --max-time 10 http://shop/health\n"
        'body:\n{"status": "DOWN", "db": {"up": false}}',
        mend="look at the service's log",
        seconds=0.4,
    )


@pytest.mark.parametrize("word", ["DOWN", "down", "fail", "Out of Service", "OUT_OF_SERVICE", "not-serving", "UNKNOWN"])
def test_unhealthy_body_fails_in_spite_of_status_200(word: str) -> None:
    body = f'{{"status": "{word}"}}'.encode()

    assert broken(respond(body, headers=JSON)) == [f'body status "{word}", wanted a healthy word']
    assert broken(respond(body)) == [f'body status "{word}", wanted a healthy word']


@pytest.mark.parametrize(
    "body",
    [
        b'{"status": "UP"}',
        b'{"status": "pass"}',
        b'{"status": "ready"}',
        b'{"status": 1}',
        b"{}",
        b"[]",
        b'"shop"',
        b'["down"]',
    ],
)
def test_other_bodies_are_not_called_unhealthy(body: bytes) -> None:
    assert broken(respond(body, headers=JSON)) == []


def test_status_false_is_unhealthy() -> None:
    assert broken(respond(b'{"status": false}', headers=JSON)) == ["body status false, wanted a healthy word"]


def test_own_expectation_of_the_status_field_replaces_ours() -> None:
    body = respond(b'{"status": "DOWN"}', headers=JSON)

    assert broken(body, expect={"json": {"status": ["DOWN", "UP"]}}) == []
    assert broken(body, expect={"json": {"/status": "UP"}}) == ['json /status "DOWN", wanted "UP"']


def test_degraded_service_passes_and_it_is_said(tmp_path: Path) -> None:
    check = checked(tmp_path, respond(b'{"status": "warn"}', headers=JSON))

    assert (check.verdict, check.summary) == (Verdict.PASSED, 'status 200 in 100 ms, the body says "warn"')


@pytest.mark.parametrize(
    ("response", "expect", "said"),
    [
        (respond(b'{"v": 1}'), {"v": 1}, []),
        (respond(b'{"v": 1.0}'), {"v": 1}, []),
        (respond(b'{"v": true}'), {"v": 1}, ["json v true, wanted 1"]),
        (respond(b'{"v": "1"}'), {"v": 1}, ['json v "1", wanted 1']),
        (respond(b'{"v": null}'), {"v": None}, []),
        (respond(b"{}"), {"v": None}, ["json v missing, wanted null"]),
        (respond(b'{"v": "b"}'), {"v": ["a", "b"]}, []),
        (respond(b'{"v": ["a"]}'), {"v": ["a", "b"]}, ['json v ["a"], wanted "a" or "b"']),
        (respond(b"<!DOCTYPE html><p>Log in"), {"v": 1}, ["body HTML, wanted JSON"]),
        (
            respond(b"Log in", headers={"content-type": "text/html; charset=utf-8"}),
            {"v": 1},
            ["body HTML, wanted JSON"],
        ),
        (respond(b""), {"v": 1}, ["body empty, wanted JSON"]),
        (respond(b'{"v": 1'), {"v": 1}, ["body no JSON (Expecting ',' delimiter, line 1), wanted JSON"]),
        (
            respond(b'{"v": 1, "v": 2}'),
            {"v": 1},
            ['body no JSON (the key "v" stands twice in one object), wanted JSON'],
        ),
        (respond(b'{"v": NaN}'), {"v": 1}, ["body no JSON (NaN is not JSON), wanted JSON"]),
        (respond(b"[" * 100_000), {"v": 1}, ["body no JSON (it is nested too deep), wanted JSON"]),
        (respond(b'{"v": "\xff"}'), {"v": 1}, ["body no JSON (it is not UTF-8, byte 7), wanted JSON"]),
    ],
    ids=[
        "same",
        "as a float",
        "true is not 1",
        "text is not a number",
        "null",
        "missing is not null",
        "one of several",
        "list is none of them",
        "HTML",
        "HTML by its type",
        "empty",
        "truncated",
        "key twice",
        "NaN",
        "nested deep",
        "not UTF-8",
    ],
)
def test_fields_of_a_json_body(response: Response, expect: dict[str, object], said: list[str]) -> None:
    assert broken(response, expect={"json": expect}) == said


@pytest.mark.parametrize(
    ("response", "method", "said"),
    [
        (respond(b"", headers=JSON), "GET", ["body empty, wanted JSON"]),
        (
            respond(b"nope", headers={"content-type": "application/health+json"}),
            "GET",
            ["body no JSON (Expecting value, line 1), wanted JSON"],
        ),
        (respond(b"{not json"), "GET", []),
        (respond(b"", headers=JSON), "HEAD", []),
        (respond(b"", status=204, headers=JSON), "GET", []),
    ],
    ids=["empty", "broken", "nobody promised JSON", "HEAD has no body", "204 has no body"],
)
def test_body_that_is_promised_to_be_json_must_be(response: Response, method: str, said: list[str]) -> None:
    assert broken(response, method=method) == said


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"body_matches": "^o.$"}, []),
        ({"body_matches": "fine"}, ["pattern not found, wanted fine"]),
        ({"not_matching": "(?i)error"}, []),
        ({"not_matching": "o"}, ['unwanted pattern "o", wanted no o']),
        ({"headers": {"X-Build": "7"}}, []),
        ({"headers": {"X-Build": "8"}}, ["header X-Build 7, wanted 8"]),
        ({"headers": {"X-Commit": "a"}}, ["header X-Commit missing, wanted a"]),
        ({"content_type": "Text/Plain"}, []),
        ({"content_type": "application/json"}, ["content type text/plain, wanted application/json"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_text_and_headers(expect: dict[str, object], said: list[str]) -> None:
    response = respond(b"ok", headers={"x-build": "7", "content-type": "text/plain; charset=utf-8"})

    assert broken(response, expect=expect) == said


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ({}, []),
        ({"within": "1s"}, ["latency missing, wanted at most 1000 ms"]),
        ({"expect": {"body_matches": "ok"}}, []),
        ({"expect": {"body_matches": "end"}}, ["pattern longer than 1 MiB, not read to its end, wanted end"]),
        (
            {"expect": {"not_matching": "end"}},
            ["unwanted pattern longer than 1 MiB, not read to its end, wanted no end"],
        ),
        ({"expect": {"json": {"a": 1}}}, ["body no JSON (longer than 1 MiB, not read to its end), wanted JSON"]),
    ],
    ids=["status only", "latency", "found", "not found", "unwanted", "JSON"],
)
def test_body_that_was_cut_proves_only_what_was_seen(endpoint: dict[str, object], said: list[str]) -> None:
    assert broken(Response(200, {}, b"ok", 0.1, URL, truncated=True), **endpoint) == said


CUT = "body longer than 1 MiB, not read to its end, wanted all that it says of health"


@pytest.mark.parametrize(
    ("body", "expect", "said"),
    [
        (b'{"status": "DOWN", "more": "', {}, [CUT]),
        (b' \n{"status": "DOWN", "more": "', {"status": 200}, [CUT]),
        (b"[+]ping ok\n", {}, [CUT]),
        (b"[+]ping ok\n", {"dialect": "readyz"}, [CUT]),
        (b"[+]ping ok\n", {"dialect": "none"}, []),
        (b'{"status": "DOWN", "more": "', {"dialect": "none"}, []),
        (b"long story", {}, []),
    ],
    ids=["object", "behind spaces", "lines", "lines by name", "lines nobody reads", "object nobody reads", "text"],
)
def test_body_that_tells_of_health_and_was_cut_proves_none(
    body: bytes, expect: dict[str, object], said: list[str]
) -> None:
    response = Response(200, {"content-type": "text/plain"}, body, 0.1, URL, truncated=True)

    assert broken(response, expect=expect) == said


OTHER_PROTOCOL = "it speaks no HTTP/1.1, or another protocol: ask an address that does, or use `grpc` or `tcp`"


@pytest.mark.parametrize(
    ("status", "verdict", "mend"),
    [
        (404, Verdict.FAILED, "nothing is served at this path: correct it, or see that the new version is deployed"),
        (
            407,
            Verdict.INCONCLUSIVE,
            "the proxy wants credentials: set them in HTTPS_PROXY, or name the host in NO_PROXY",
        ),
        (426, Verdict.INCONCLUSIVE, OTHER_PROTOCOL),
        (429, Verdict.INCONCLUSIVE, "it was asked too often: raise `every`, or allow this runner more"),
        (505, Verdict.INCONCLUSIVE, OTHER_PROTOCOL),
        (500, Verdict.FAILED, "look at the service's log"),
    ],
)
def test_wrong_status_is_judged_and_mended(tmp_path: Path, status: int, verdict: Verdict, mend: str) -> None:
    check = checked(tmp_path, respond(status=status))

    assert (check.verdict, check.summary, check.mend) == (verdict, f"status {status}, wanted 200-299", mend)


def test_redirect_fails_and_says_where_it_leads(tmp_path: Path) -> None:
    check = checked(tmp_path, respond(status=302, headers={"location": "https://sso.example/login?back=shop"}))

    assert (check.verdict, check.summary) == (Verdict.FAILED, "status 302, wanted 200-299")
    assert check.mend == (
        "it leads to https://sso.example/login?back=..., and redirects are not followed: "
        "name the address that answers itself, or allow them with `redirects`"
    )


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        *((kind, Verdict.INCONCLUSIVE) for kind in ("dns_timeout", "dns_servfail", "proxy_refused", "proxy_auth")),
        *((kind, Verdict.INCONCLUSIVE) for kind in ("connect_unreachable", "tls_client_cert_required")),
        *((kind, Verdict.FAILED) for kind in ("dns_nxdomain", "connect_refused", "connect_timeout", "connect_reset")),
        *((kind, Verdict.FAILED) for kind in ("tls_expired", "tls_hostname", "tls_untrusted", "tls_protocol")),
        *((kind, Verdict.FAILED) for kind in ("read_timeout", "reset_mid_response", "http_protocol", "body_decode")),
        *((kind, Verdict.FAILED) for kind in ("redirect_loop", "redirect_blocked")),
        ("config", Verdict.ERROR),
    ],
)
def test_fault_proves_something_only_when_it_is_the_services(tmp_path: Path, kind: str, verdict: Verdict) -> None:
    check = checked(tmp_path, TransportError("it broke", kind=kind))

    assert (check.verdict, check.summary) == (verdict, f"it broke ({kind})")
    assert check.measurements == (Measurement(name="status", value=None, wanted="200-299"),)
    assert check.mend


def test_waits_until_healthy_and_tells_how_long_it_took(tmp_path: Path) -> None:
    check = checked(tmp_path, [REFUSED, DOWN, OK], wait="60s", every="5s")

    assert check == CheckResult(
        name="shop/health",
        verdict=Verdict.PASSED,
        summary="status 200 in 12 ms (ready after 10.1 s, 3 tries)",
        measurements=(
            Measurement(name="status", value=200, wanted="200-299"),
            Measurement(name="time to ready", value=10.062, wanted="at most 60", unit="s"),
        ),
        details="try 1, 0.0 s: connection refused (connect_refused)\n"
        "try 2, 5.0 s: status 503, wanted 200-299\n"
        "try 3, 10.1 s: status 200 in 12 ms",
        seconds=pytest.approx(10.062),
    )


def test_wait_ends_at_its_time_with_the_last_answer(tmp_path: Path) -> None:
    check = checked(tmp_path, DOWN, wait="12s", every="4s", expect={"status": 200})

    assert (check.verdict, check.summary) == (Verdict.FAILED, "status 503, wanted 200 (3 tries, 8.2 s)")
    assert check.measurements[-1] == Measurement(name="time to ready", value=None, wanted="at most 12", unit="s")
    assert check.details.splitlines()[2:] == [
        "try 3, 8.2 s: status 503, wanted 200",
        f"to see it: curl --include --max-time 10 {URL}",
        "body:",
        "warming up",
    ]


def test_long_wait_keeps_the_last_tries_only(tmp_path: Path) -> None:
    check = checked(tmp_path, DOWN, wait="60s", every="2s")

    lines = check.details.splitlines()
    assert (lines[0], len(lines)) == ("... 22 earlier tries left out ...", 12)


def test_wait_counts_for_all_endpoints_together(tmp_path: Path) -> None:
    clock = FakeClock()
    http = FakeHttp({"http://a/": DOWN, "http://b/": DOWN}, clock=clock)
    endpoints = [{"url": "http://a/", "wait": "60s"}, {"url": "http://b/", "wait": "60s"}]

    run_gate(gate, {"endpoints": endpoints}, make_context(tmp_path, clock=clock, http=http))

    assert clock.monotonic() < 62
    assert http.asked.count(("GET", "http://b/")) == 1


def test_attempts_repeat_only_what_brought_no_answer(tmp_path: Path) -> None:
    flaky = checked(tmp_path, [REFUSED, OK], attempts=3)
    wrong = checked(tmp_path, [DOWN, OK], attempts=3)
    dead = checked(tmp_path, REFUSED, attempts=3, every="1s")

    assert (flaky.verdict, flaky.summary) == (Verdict.PASSED, "status 200 in 12 ms (flaky: 2 tries)")
    assert (wrong.verdict, wrong.summary) == (Verdict.FAILED, "status 503, wanted 200-299")
    assert (dead.verdict, dead.summary) == (Verdict.FAILED, "connection refused (connect_refused) (3 tries, 2.0 s)")


def test_latency_is_judged_on_the_deciding_answer(tmp_path: Path) -> None:
    slow = respond(b"ok", seconds=2)

    check = checked(tmp_path, [slow, slow, OK], wait="60s", within="100ms")

    assert check.verdict is Verdict.PASSED
    assert check.measurements[1] == Measurement(name="latency", value=12.0, wanted="at most 100", unit="ms")


def test_slower_than_its_timeout_fails(tmp_path: Path) -> None:
    check = checked(tmp_path, respond(seconds=11))

    assert (check.verdict, check.summary) == (Verdict.FAILED, "no whole answer in 10 s (read_timeout)")


def test_end_of_the_gates_time_leaves_nothing_out(tmp_path: Path) -> None:
    clock = FakeClock(timeout_seconds=3)
    slow = {f"http://{host}/": Response(503, {}, b"", 0.8, "") for host in "ab"}
    context = make_context(tmp_path, clock=clock, http=FakeHttp(slow, clock=clock))
    endpoints = [{"url": "http://a/", "wait": "3s", "every": "1s"}, *({"url": f"http://{each}/"} for each in "bc")]
    settings = {"endpoints": endpoints, "concurrency": 1}
    checks: list[CheckResult] = []

    with pytest.raises(DeadlineExceeded):
        checks.extend(gate.check(convert(settings, gate.settings), context))  # keeps what came before

    assert [(check.name, check.verdict, check.summary) for check in checks] == [
        ("a/", Verdict.FAILED, "status 503, wanted 200-299 (2 tries, 2.6 s)"),
        ("b/", Verdict.INCONCLUSIVE, "its time of 3 s is over; no answer had come"),
        ("c/", Verdict.INCONCLUSIVE, "its time of 3 s is over; it was not asked"),
    ]


def test_body_of_an_answer_to_credentials_is_not_shown(tmp_path: Path) -> None:
    with_header = checked(tmp_path, DOWN, headers={"X-Api-Key": "k"})
    harmless = checked(tmp_path, DOWN, headers={"Accept": "text/plain"})

    assert [check.details.splitlines()[1:] for check in (with_header, harmless)] == [[], ["body:", "warming up"]]


def test_checks_are_named_by_host_and_path_without_secrets_and_never_alike() -> None:
    written = [
        {"url": "https://ada:pw@shop:8443/health?key=1"},
        {"url": "https://shop:8443/health?key=2"},
        {"url": "https://shop:8443", "method": "HEAD"},
        {"url": "https://shop/", "name": "front"},
    ]

    names = name_checks(tuple(convert(each, Endpoint) for each in written))

    assert names == ("shop:8443/health", "shop:8443/health (2)", "HEAD shop:8443/", "front")


def test_missing_authority_file_is_an_error_with_its_cure(tmp_path: Path) -> None:
    check = checked(tmp_path, OK, ca="ca.pem")

    assert (check.verdict, check.summary) == (Verdict.ERROR, "ca.pem: no such file")
    assert check.mend == "check the path, and that the job that writes it ran before this one"


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ({"url": "shop/health"}, "`url` is not an http(s) address"),
        ({"url": "ftp://shop/"}, "`url` is not an http(s) address"),
        ({"url": "http://"}, "`url` is not an http(s) address"),
        ({"url": "http://shop:99999/"}, "`url` is not an http(s) address"),
        ({"url": "http://[::1/"}, "`url` is not an http(s) address"),
        ({"url": "http://shop/a b"}, "`url` is not an http(s) address"),
        ({"expect": {"status": "ok"}}, "`status` is 'ok'; write a status, a range such as 200-299"),
        ({"expect": {"status": 99}}, "`status` is 99;"),
        ({"expect": {"status": "299-200"}}, "`status` is '299-200';"),
        ({"expect": {"status": []}}, "`status` is ();"),
        ({"expect": {"json": {"a..b": 1}}}, "'a..b' is not a path; write e.g. checks[0].status"),
        ({"expect": {"json": {"a": []}}}, "`json` names no value that 'a' may have"),
        ({"expect": {"body_matches": "("}}, "`body_matches`: '(' is not a regular expression"),
        ({"expect": {"not_matching": "["}}, "`not_matching`: '[' is not a regular expression"),
        ({"headers": {"a b": "c"}}, "'a b' is not the name of a header"),
        ({"headers": {"a": "b\nc"}}, "the header 'a' holds a control character or one beyond ASCII"),
        ({"within": 0}, "`timeout`, `every` and `within` are longer than 0s"),
        ({"every": "0s"}, "`timeout`, `every` and `within` are longer than 0s"),
        ({"attempts": 0}, "`attempts` is a number from 1 to 100"),
        ({"attempts": 2, "wait": "9s"}, "`wait` and `attempts` exclude each other"),
        ({"attempts": 2, "method": "POST"}, "`attempts` would repeat a POST"),
        ({"wait": "1s"}, "`wait` is shorter than `every`, so there would be one try"),
        ({"method": "get"}, "Invalid enum value 'get'"),
        ({"insecure": True}, "Object contains unknown field `insecure`"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_wrong_settings_are_refused_in_words(tmp_path: Path, endpoint: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        checked(tmp_path, OK, **endpoint)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        ([], "`endpoints` is empty, which would prove nothing"),
        ([{"url": URL, "name": "a"}, {"url": URL, "name": "a"}], "two endpoints are called 'a'"),
    ],
    ids=["none", "same name"],
)
def test_wrong_list_of_endpoints_is_refused(tmp_path: Path, endpoints: list[object], said: str) -> None:
    with pytest.raises(ValidationError, match=f"^{said}"):
        run_gate(gate, {"endpoints": endpoints}, make_context(tmp_path))


@pytest.mark.parametrize(
    ("written", "ranges"),
    [(200, ((200, 200),)), ("200-299", ((200, 299),)), ((200, "300 - 301"), ((200, 200), (300, 301)))],
    ids=["one", "range", "list"],
)
def test_statuses_are_read(written: int | str | tuple[int | str, ...], ranges: tuple[tuple[int, int], ...]) -> None:
    assert read_statuses(written) == ranges


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", {"b.c": [10, {"d": None}], "x/y": 1, "~": 2}),
        ("a.x/y", 1),
        ("/a/b.c/0", 10),
        ("/a/b.c/1/d", None),
        ("/a/x~1y", 1),
        ("/a/~0", 2),
        ("list[1][0]", "deep"),
        ("list.1.0", "deep"),
        ("list[9]", MISSING),
        ("list.b", MISSING),
        ("a[0]", MISSING),
        ("none.at.all", MISSING),
    ],
)
def test_paths_lead_to_values(path: str, value: object) -> None:
    document = {"a": {"b.c": [10, {"d": None}], "x/y": 1, "~": 2}, "list": [0, ["deep"]]}

    assert look_up(document, path) == value


def test_json_equality_is_strict() -> None:
    assert [same(True, 1), same(1, True), same(0, False), same(1, 1.0), same("1", 1), same(None, None)] == [
        *(False, False, False, True, False, True)
    ]


def test_byte_order_mark_before_json_is_read() -> None:
    assert read_document(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_real_servers_are_told_apart(tmp_path: Path) -> None:
    clock = SystemClock(timeout_seconds=20)
    context = make_context(tmp_path, clock=clock, http=RequestsHttp(clock))
    healthy = answers(answer('{"status": "UP"}', content_type="application/json"))
    sick = answers(answer('{"status": "DOWN"}', content_type="application/json"))
    with serve(healthy) as good, serve(sick) as bad, serve(servers.drips) as slow:
        endpoints = [
            {"url": good.url, "name": "good", "expect": {"json": {"status": "UP"}}},
            {"url": bad.url, "name": "bad"},
            {"url": slow.url, "name": "slow", "timeout": "200ms"},
            {"url": f"http://127.0.0.1:{servers.free_port()}/", "name": "dead", "wait": "200ms", "every": "100ms"},
        ]
        checks = run_gate(gate, {"endpoints": endpoints, "allow_private": True}, context)

    assert "Accept: application/json".lower() in good.requests[0].lower()
    assert [(check.name, check.verdict, check.summary.partition(" (")[0]) for check in checks[1:]] == [
        ("bad", Verdict.FAILED, 'body status "DOWN", wanted a healthy word'),
        ("slow", Verdict.FAILED, "no answer in 0.2 s"),
        ("dead", Verdict.FAILED, "connection refused"),
    ]
    assert checks[0].verdict is Verdict.PASSED


def test_real_server_that_becomes_ready_is_waited_for(tmp_path: Path) -> None:
    clock = SystemClock(timeout_seconds=20)
    context = make_context(tmp_path, clock=clock, http=RequestsHttp(clock))
    starting = answer("starting", status="503 Service Unavailable")
    with serve(answers(starting, starting, answer("ok"))) as server:
        (check,) = run_gate(
            gate, {"endpoints": [{"url": server.url, "wait": "5s", "every": "50ms"}], "allow_private": True}, context
        )

    assert (check.verdict, len(server.requests)) == (Verdict.PASSED, 3)


def test_authority_of_the_workspace_is_trusted(tmp_path: Path) -> None:
    authority = servers.make_authority(tmp_path)
    clock = SystemClock(timeout_seconds=20)
    context = make_context(tmp_path, clock=clock, http=RequestsHttp(clock))
    with serve(answers(answer("ok")), tls=authority.server()) as server:
        endpoints = [{"url": server.url, "name": "ours", "ca": "ca.pem"}, {"url": server.url, "name": "usual"}]
        checks = run_gate(gate, {"endpoints": endpoints, "allow_private": True}, context)

    assert [check.verdict for check in checks] == [Verdict.PASSED, Verdict.FAILED]
    assert [each.path for each in context.workspace.inputs] == ["ca.pem"]
