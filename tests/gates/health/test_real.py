"""The gate against real servers on this machine that misbehave on purpose, through the real doors."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from threading import Event, Timer
from urllib.parse import quote

import pytest

from deliverygate.clock import SystemClock
from deliverygate.config.values import convert
from deliverygate.errors import Interrupted, TransportError
from deliverygate.gate import GateContext
from deliverygate.http import RequestsHttp
from deliverygate.model import CheckResult, Verdict
from deliverygate.network import SystemNetwork
from deliverygate.shell import SystemShell
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.health import gate
from tests import servers
from tests.command import deliverygate
from tests.network.name_server import NameServer
from tests.servers import Client, Script, Server, answer, answers, serve


def real_context(folder: Path) -> GateContext:
    clock = SystemClock(timeout_seconds=60)
    shell = SystemShell(clock, root=folder, environ={"PATH": "/usr/bin:/bin"})
    return make_context(folder, clock=clock, http=RequestsHttp(clock), network=SystemNetwork(clock), shell=shell)


def asked(folder: Path, *endpoints: dict[str, object], **settings: object) -> tuple[CheckResult, ...]:
    given = {"endpoints": endpoints, "allow_private": True, **settings}
    return run_gate(gate, given, real_context(folder))


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (servers.hangs, "read_timeout"),
        (servers.hangs_in_body, "read_timeout"),
        (servers.drips, "read_timeout"),
        (servers.drips_body, "read_timeout"),
        (servers.resets, "connect_reset"),
        (servers.closes, "connect_reset"),
        (servers.resets_in_body, "reset_mid_response"),
        (servers.breaks_off, "reset_mid_response"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_server_that_does_not_answer_fails(tmp_path: Path, script: Script, kind: str) -> None:
    with serve(script) as server:
        (check,) = asked(tmp_path, {"url": server.url, "timeout": "500ms"})

    assert (check.verdict, f"({kind})" in check.summary) == (Verdict.FAILED, True)
    assert check.seconds < 5


HTTP2_SETTINGS = b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x80"
HEAD = b"HTTP/1.1 200 OK\r\n"
DOWN = b'{"status":"DOWN"}'


@pytest.mark.parametrize(
    ("sent", "verdict", "kind"),
    [
        (HTTP2_SETTINGS, Verdict.INCONCLUSIVE, "http_version"),
        (HEAD + b"x: a\r\nb\r\ntransfer-encoding: chunked\r\n\r\n11\r\n" + DOWN + b"\r\n0\r\n\r\n", Verdict.FAILED, "http_protocol"),
        (HEAD + b"content-length: 0\r\ncontent-length: 17\r\n\r\n" + DOWN, Verdict.FAILED, "http_protocol"),
        (HEAD + b"content-length: 0\r\n\r\n" + DOWN, Verdict.FAILED, "http_protocol"),
        (HEAD + b"content-length: 18\r\n\r\n" + DOWN, Verdict.FAILED, "reset_mid_response"),
        (answer(b"ok", content_encoding="br"), Verdict.FAILED, "body_decode"),
    ],
    ids=["HTTP/2", "broken header", "two lengths", "too much", "too little", "unknown encoding"],
)  # fmt: skip
def test_answer_that_cannot_be_read_never_passes(tmp_path: Path, sent: bytes, verdict: Verdict, kind: str) -> None:
    with serve(answers(sent)) as server:
        (check,) = asked(tmp_path, {"url": f"{server.url}/health", "control": False})

    assert (check.verdict, f"({kind})" in check.summary) == (verdict, True)


def test_second_part_of_a_compressed_body_is_judged_too(tmp_path: Path) -> None:
    body = gzip.compress(b"all is well, ") + gzip.compress(b"or rather DOWN")
    with serve(answers(answer(body, content_encoding="gzip"))) as server:
        (check,) = asked(tmp_path, {"url": server.url, "expect": {"not_matching": "DOWN"}})

    assert (check.verdict, check.summary.startswith('unwanted pattern "DOWN"')) == (Verdict.FAILED, True)


def test_huge_body_is_cut_and_never_held(tmp_path: Path) -> None:
    with serve(servers.gzip_bomb) as server:
        status, within = asked(
            tmp_path,
            {"url": server.url, "name": "status"},
            {"url": server.url, "name": "within", "within": "5s"},
        )

    assert (status.verdict, within.verdict) == (Verdict.PASSED, Verdict.FAILED)
    assert within.summary == "latency missing, wanted at most 5000 ms"


def test_private_address_needs_leave(tmp_path: Path) -> None:
    with serve(answers(answer("ok"))) as server:
        refused, allowed = asked(
            tmp_path,
            {"url": server.url, "name": "refused"},
            {"url": server.url, "name": "allowed", "allow_private": True},
            allow_private=False,
        )
        place = server.url.partition("//")[2]
        (port,) = asked(tmp_path, {"tcp": place}, allow_private=False)

    assert [check.verdict for check in (refused, allowed, port)] == [Verdict.ERROR, Verdict.PASSED, Verdict.ERROR]
    assert "allow_private: true" in refused.mend
    assert len(server.requests) == 1


def test_redirect_to_a_metadata_service_is_never_followed(tmp_path: Path) -> None:
    pivot = answer(status="302 Found", location="http://169.254.169.254/latest/meta-data/iam/")
    with serve(answers(pivot)) as server:
        (check,) = asked(tmp_path, {"url": server.url, "redirects": 3})

    assert (check.verdict, "(redirect_blocked)" in check.summary) == (Verdict.FAILED, True)
    assert "169.254.169.254" in check.summary


def test_redirect_to_a_login_page_is_told(tmp_path: Path) -> None:
    with serve(answers(answer("<html>Log in", content_type="text/html"))) as login:
        to_login = answer(status="302 Found", location=f"{login.url}/login?back=shop")
        with serve(answers(to_login)) as server:
            strict, loose = asked(
                tmp_path,
                {"url": f"{server.url}/a", "name": "strict"},
                {"url": f"{server.url}/a", "name": "loose", "redirects": 2, "expect": {"content_type": "text/plain"}},
            )

    assert (strict.verdict, loose.verdict) == (Verdict.FAILED, Verdict.FAILED)
    assert strict.mend.startswith(f"it leads to {login.url}/login?back=..., and redirects are not followed")
    assert loose.details.startswith(f"302 at {server.url}/a led to {login.url}/login?back=...\n")


def test_catch_all_that_answers_every_path_is_seen_through(tmp_path: Path) -> None:
    page = answer("<!doctype html><title>Shop</title>", content_type="text/html")
    with serve(answers(page)) as server:
        (check,) = asked(tmp_path, {"url": f"{server.url}/healthz"})

    assert check.verdict is Verdict.FAILED
    assert "answer to a path that is none 200 and the same body" in check.summary


def mixed(*versions: str) -> Script:
    """Replicas in turn behind one port."""
    turn = cycle(versions)

    def script(client: Client) -> None:
        client.send(answer(json.dumps({"status": "UP", "version": next(turn)}), content_type="application/json"))

    return script


def test_two_versions_behind_one_port_are_found(tmp_path: Path) -> None:
    version = {"expect": "1.5.0", "json": "version", "replicas": 3}
    with serve(mixed("1.5.0", "1.5.0", "1.4.0")) as server, serve(mixed("1.5.0")) as whole:
        endpoints = [{"url": each.url, "version": version} for each in (server, whole)]
        _, two, _, one = asked(tmp_path, *endpoints)

    assert (two.verdict, two.summary.startswith("mixed: 1.5.0 (")) == (Verdict.FAILED, True)
    assert (one.verdict, one.summary) == (
        Verdict.PASSED,
        "1.5.0 in all 11 answers, which meet each of 3 replicas with 95 %, at 127.0.0.1",
    )


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server


def named_context(folder: Path, names: NameServer) -> GateContext:
    clock = SystemClock(timeout_seconds=60)
    http, network = RequestsHttp(clock, look_up=names.look_up), SystemNetwork(clock, look_up=names.look_up)
    return make_context(folder, clock=clock, http=http, network=network)


def test_old_version_at_one_of_two_addresses_is_found(tmp_path: Path, names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1", "127.0.0.2"]]
    with serve(mixed("1.5.0")) as new, serve(mixed("1.4.0"), place=("127.0.0.2", new.port)):
        endpoint = {"url": f"http://shop.test:{new.port}/", "version": {"expect": "1.5.0", "json": "version"}}
        _, version = run_gate(gate, {"endpoints": [endpoint], "allow_private": True}, named_context(tmp_path, names))

    assert version.verdict is Verdict.FAILED
    assert version.summary.endswith("wanted 1.5.0 everywhere (version_mixed)")
    assert {(each.name, each.value) for each in version.measurements} == {
        ("version at 127.0.0.1", "1.5.0"),
        ("version at 127.0.0.2", "1.4.0"),
    }


def test_name_that_turns_to_a_metadata_service_is_not_followed_there(tmp_path: Path, names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"], ["169.254.169.254"]]
    with serve(mixed("1.5.0")) as server:
        endpoint = {"url": f"http://shop.test:{server.port}/", "version": {"expect": "1.5.0", "json": "version"}}
        context = named_context(tmp_path, names)
        health, version = run_gate(gate, {"endpoints": [endpoint], "allow_private": True}, context)

    assert (health.verdict, version.verdict) == (Verdict.PASSED, Verdict.ERROR)
    assert "169.254.169.254, a link-local or metadata address, which is never asked (config)" in version.summary
    assert len(server.requests) == 1


def test_stop_of_the_run_reaches_all_that_is_under_way_and_what_cleans_up_still_comes(tmp_path: Path) -> None:
    stop = Event()
    clock = SystemClock(timeout_seconds=60, stop=stop, grace_seconds=30)
    shell = SystemShell(clock, root=tmp_path, environ={"PATH": "/usr/bin:/bin"})
    context = make_context(tmp_path, clock=clock, http=RequestsHttp(clock), network=SystemNetwork(clock), shell=shell)
    checks: list[CheckResult] = []
    timer = Timer(0.3, stop.set)
    timer.start()
    began = time.monotonic()

    with serve(servers.hangs) as silent, serve(answers(answer("gone"))) as server:
        endpoints = [
            {"name": "first", "url": silent.url},
            {"name": "second", "url": silent.url},
            {"name": "script", "command": ["sleep", "10"]},
            {"name": "clean", "url": f"{server.url}/", "finally": True},
        ]
        settings = convert({"endpoints": endpoints, "allow_private": True}, gate.settings)
        with pytest.raises(Interrupted):
            checks.extend(gate.check(settings, context))

    assert time.monotonic() - began < 5
    stopped = "the run was told to stop; no answer had come"
    assert [(check.name, check.verdict, check.summary.partition(" in ")[0]) for check in checks] == [
        *((name, Verdict.INCONCLUSIVE, stopped) for name in ("first", "second", "script")),
        ("clean", Verdict.PASSED, "status 200"),
    ]


def test_sample_of_a_real_server_is_judged(tmp_path: Path) -> None:
    sample = {"count": 100, "rate": 100, "availability": 90, "latency": {"p90": "5s"}}
    bad = answer("down", status="503 Service Unavailable")
    with serve(answers(answer("ok"))) as good, serve(answers(answer("ok"), answer("ok"), bad)) as worse:
        endpoints = [{"url": each.url, "sample": sample, "control": False} for each in (good, worse)]
        checks = asked(tmp_path, *endpoints)

    assert [check.verdict for check in checks[:3]] == [Verdict.PASSED] * 3
    assert [check.verdict for check in checks[3:]] == [Verdict.PASSED, Verdict.FAILED, Verdict.FAILED]
    assert "503" in checks[4].details


@pytest.mark.parametrize(
    ("names", "valid", "verdict", "said"),
    [
        ("IP:127.0.0.1", "20200101000000Z-20600101000000Z", Verdict.PASSED, "valid until 2060-01-01"),
        ("IP:127.0.0.1", "20200101000000Z-20210101000000Z", Verdict.FAILED, "tls_expired"),
        ("DNS:other.example", "20200101000000Z-20600101000000Z", Verdict.FAILED, "tls_hostname"),
    ],
    ids=["good", "expired", "another name"],
)
def test_certificate_is_judged_as_such_and_behind_a_url(
    tmp_path: Path, names: str, valid: str, verdict: Verdict, said: str
) -> None:
    authority = servers.make_authority(tmp_path)
    with serve(answers(answer("ok")), tls=authority.server(names, valid=valid)) as server:
        place = server.url.partition("//")[2]
        url, tls = asked(
            tmp_path, {"url": server.url, "ca": "ca.pem"}, {"tls": {"target": place}, "ca": "ca.pem", "timeout": "5s"}
        )

    assert [url.verdict, tls.verdict] == [verdict, verdict]
    assert said in tls.summary


@contextmanager
def greeting(words: bytes) -> Iterator[int]:
    """A port of a server that speaks first."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(words)
                connection.recv(1)

        thread = Thread(target=greet)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_server_that_speaks_first_is_understood(tmp_path: Path) -> None:
    with greeting(b"220 mail.example ready\r\n") as port:
        (check,) = asked(tmp_path, {"tcp": {"target": f"127.0.0.1:{port}", "answers": "^220 "}})

    assert check.verdict is Verdict.PASSED


def test_smoke_script_runs_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "smoke.sh").write_text('#!/bin/sh\necho "bought $1"\ntest "$WHAT" = basket\n')
    (tmp_path / "smoke.sh").chmod(0o755)
    script = {"run": ["./smoke.sh", "a basket"]}

    good, bad = asked(
        tmp_path,
        {"name": "good", "command": {**script, "environment": {"WHAT": "basket"}}},
        {"name": "bad", "command": script},
    )

    assert (good.verdict, bad.verdict, bad.details) == (Verdict.PASSED, Verdict.FAILED, "stdout:\nbought a basket")


SECRET = "hunter2/Zürich+&%s3cret"


def echoes(client: Client) -> None:
    """Answers with all that it was sent, as a careless debug page does."""
    headers = client.request.decode("latin-1").encode()
    client.send(answer(headers, status="500 Oops", content_type="text/plain"))


def everything(server: Server) -> str:
    return f"""\
version: 1
stages:
  post-deploy:
    - gate: health
      allow_private: true
      endpoints:
        - url: "{server.url}/query?token=${{API_TOKEN_QUOTED}}"
          expect: {{ not_matching: HTTP, headers: {{ Content-Type: nothing }} }}
        - url: "{server.url.replace("//", "//ada:${API_TOKEN_QUOTED}@")}/basic"
          wait: 300ms
          every: 100ms
        - url: "{server.url}/bearer"
          headers: {{ Accept: text/plain, Authorization: "Bearer ${{API_TOKEN_QUOTED}}" }}
          body: "${{API_TOKEN}}"
          method: POST
        - url: "{server.url}/harmless"
          headers: {{ User-Agent: "${{API_TOKEN_QUOTED}}" }}
        - tcp: {{ target: "{server.url.partition("//")[2]}", send: "${{API_TOKEN}}\\r\\n\\r\\n", answers: "^nothing" }}
        - command: [sh, -c, "echo $API_TOKEN $API_TOKEN | base64; echo $API_TOKEN; exit 1"]
"""


def test_planted_secret_is_in_nothing_that_the_run_wrote(tmp_path: Path) -> None:
    quoted = quote(SECRET, safe="")
    with serve(echoes) as server:
        (tmp_path / ".deliverygate.yml").write_text(everything(server))
        environ = {"API_TOKEN": SECRET, "API_TOKEN_QUOTED": quoted}
        ran = deliverygate("run", "post-deploy", folder=tmp_path, environ=environ)

    written = [path.read_bytes() for path in (tmp_path / ".deliverygate").rglob("*") if path.is_file()]
    forms = {SECRET, quoted, base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-2]}
    forms |= {base64.b64encode(f"ada:{SECRET}".encode()).decode().rstrip("=")[8:-2]}
    assert (ran.status, len(written) > 3, "***" in ran.stdout) == (1, True, True)
    for text in (ran.stdout, ran.stderr, *(data.decode() for data in written)):
        assert [form for form in forms if form in text] == []


def test_fault_of_the_door_names_no_password(tmp_path: Path) -> None:
    with pytest.raises(TransportError) as caught:
        real_context(tmp_path).http.request("GET", f"http://ada:hunter2@127.0.0.1:{servers.free_port()}/")

    assert "hunter2" not in str(caught.value)
