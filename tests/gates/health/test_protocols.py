"""What is not HTTP: gRPC, TCP, DNS, certificates, and scripts of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, ChainLink, Completed, Connected, DnsAnswer, GrpcHealth, Network
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeClock, FakeNetwork, FakeShell, make_context, run_gate
from deliverygate_gates.health import gate


def asked(tmp_path: Path, network: Network, **endpoint: object) -> CheckResult:
    (check,) = run_gate(gate, {"endpoints": [endpoint]}, make_context(tmp_path, network=network))
    return check


@pytest.mark.parametrize(
    ("answer", "verdict", "summary"),
    [
        (GrpcHealth("SERVING", seconds=0.004), Verdict.PASSED, "SERVING in 4 ms"),
        (GrpcHealth("SERVING", seconds=0.5), Verdict.FAILED, "latency 500.0 ms, wanted at most 100 ms"),
        (GrpcHealth("NOT_SERVING"), Verdict.FAILED, "health NOT_SERVING, wanted SERVING"),
        (GrpcHealth("UNKNOWN"), Verdict.FAILED, "health UNKNOWN, wanted SERVING"),
        (
            TransportError("it tells nobody's health", kind="grpc_unimplemented"),
            Verdict.INCONCLUSIVE,
            "it tells nobody's health (grpc_unimplemented)",
        ),
        (
            TransportError("it knows no Basket", kind="grpc_not_found"),
            Verdict.FAILED,
            "it knows no Basket (grpc_not_found)",
        ),
        (
            TransportError("it needs grpcio", kind="config", mend="pip install 'deliverygate[grpc]'"),
            Verdict.ERROR,
            "it needs grpcio (config)",
        ),
    ],
    ids=["serving", "slow", "not serving", "unknown", "not checkable", "no such service", "no extra"],
)
def test_grpc_service_tells_its_health(tmp_path: Path, answer: object, verdict: Verdict, summary: str) -> None:
    network = FakeNetwork(services={"shop:443 Basket": answer})

    check = asked(tmp_path, network, grpc={"target": "shop:443", "service": "Basket"}, within="100ms")

    assert (check.name, check.verdict, check.summary) == ("grpc shop:443 Basket", verdict, summary)
    assert bool(check.mend) == (verdict is not Verdict.PASSED)


@pytest.mark.parametrize(
    ("tcp", "answer", "verdict", "summary"),
    [
        ({}, Connected("10.0.0.1", 0.003), Verdict.PASSED, "connected in 3 ms"),
        ({"answers": "^220 "}, Connected("10.0.0.1", 0.003, b"220 ready\r\n"), Verdict.PASSED, "connected in 3 ms"),
        (
            {"answers": "^220 "},
            Connected("10.0.0.1", 0.003, b"554 \xff no"),
            Verdict.FAILED,
            'answer "554 \ufffd no", wanted ^220 ',
        ),
        ({"answers": "^220 "}, Connected("10.0.0.1", 0.003), Verdict.FAILED, "answer missing, wanted ^220 "),
        (
            {},
            TransportError("connection refused", kind="connect_refused"),
            Verdict.FAILED,
            "connection refused (connect_refused)",
        ),
    ],
    ids=["connects", "says so", "says something else", "says nothing", "refuses"],
)
def test_port_takes_connections_and_says_what_it_should(
    tmp_path: Path, tcp: dict[str, str], answer: object, verdict: Verdict, summary: str
) -> None:
    check = asked(tmp_path, FakeNetwork(ports={"mail:25": answer}), tcp={"target": "mail:25", **tcp})

    assert (check.name, check.verdict, check.summary) == ("tcp mail:25", verdict, summary.strip())


@pytest.mark.parametrize(
    ("dns", "answer", "verdict", "summary"),
    [
        ({}, DnsAnswer("NOERROR", ("10.0.0.1", "10.0.0.2")), Verdict.PASSED, "NOERROR: 10.0.0.1, 10.0.0.2"),
        ({}, DnsAnswer("NOERROR"), Verdict.FAILED, "records missing, wanted at least one A record"),
        (
            {},
            DnsAnswer("NXDOMAIN"),
            Verdict.FAILED,
            "rcode NXDOMAIN, wanted NOERROR; records missing, wanted at least one A record",
        ),
        ({"rcode": "NXDOMAIN"}, DnsAnswer("NXDOMAIN"), Verdict.PASSED, "NXDOMAIN: no record"),
        ({"records": ["10.0.0.2"]}, DnsAnswer("NOERROR", ("10.0.0.1", "10.0.0.2")), Verdict.PASSED, None),
        (
            {"records": ["10.0.0.2"], "exact": True},
            DnsAnswer("NOERROR", ("10.0.0.1", "10.0.0.2")),
            Verdict.FAILED,
            "records 10.0.0.1, 10.0.0.2, wanted 10.0.0.2 and no other",
        ),
        (
            {"records": ["10.0.0.3"]},
            DnsAnswer("NOERROR", ("10.0.0.1",)),
            Verdict.FAILED,
            "records 10.0.0.1, wanted 10.0.0.3",
        ),
        (
            {},
            TransportError("no name server answered", kind="dns_timeout"),
            Verdict.INCONCLUSIVE,
            "no name server answered (dns_timeout)",
        ),
    ],
    ids=[
        *("known", "no record", "unknown", "gone as wanted", "one of them", "not exactly", "another"),
        "no name server",
    ],
)
def test_name_has_the_records_that_it_should(
    tmp_path: Path, dns: dict[str, object], answer: object, verdict: Verdict, summary: str | None
) -> None:
    check = asked(tmp_path, FakeNetwork(records={"shop A": answer}), dns={"target": "shop", **dns})

    assert (check.name, check.verdict) == ("dns shop A", verdict)
    assert summary in (None, check.summary)


GOOD = Certificate(
    subject="CN=shop",
    issuer="CN=authority",
    names=("shop",),
    not_before=datetime(2025, 12, 1, tzinfo=UTC),
    not_after=datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC),
    serial="1",
    protocol="TLSv1.3",
)
SHORT = ChainLink("CN=between", "CN=root", GOOD.not_before, datetime(2026, 1, 7, 3, 4, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("certificate", "verdict", "summary"),
    [
        (GOOD, Verdict.PASSED, "CN=shop, valid until 2026-03-01, TLSv1.3"),
        (
            replace(GOOD, not_after=SHORT.not_after),
            Verdict.FAILED,
            "days left 5.0, wanted at least 14",
        ),
        (replace(GOOD, chain=(SHORT,)), Verdict.FAILED, "days left 5.0, wanted at least 14"),
        (
            replace(GOOD, verified="tls_hostname", why="IP address mismatch"),
            Verdict.FAILED,
            "certificate tls_hostname (IP address mismatch), wanted trusted",
        ),
        (
            TransportError("no TLS connection (protocol version)", kind="tls_protocol"),
            Verdict.FAILED,
            "no TLS connection (protocol version) (tls_protocol)",
        ),
    ],
    ids=["good", "ends soon", "one that it hangs on ends soon", "another name", "too old a version"],
)
def test_certificate_is_trusted_and_stays_so_for_a_while(
    tmp_path: Path, certificate: object, verdict: Verdict, summary: str
) -> None:
    check = asked(tmp_path, FakeNetwork(certificates={"shop:443": certificate}), tls="shop:443")

    assert (check.name, check.verdict, check.summary) == ("tls shop:443", verdict, summary)


def scripted(tmp_path: Path, *done: Completed, **endpoint: object) -> CheckResult:
    clock, left = FakeClock(), list(done)
    shell = FakeShell({"./smoke.sh": lambda _: left.pop(0) if len(left) > 1 else left[0]}, clock=clock)
    context = make_context(tmp_path, clock=clock, shell=shell)
    (check,) = run_gate(gate, {"endpoints": [{"command": ["./smoke.sh"], **endpoint}]}, context)
    return check


def test_script_judges_by_its_exit_status(tmp_path: Path) -> None:
    good = scripted(tmp_path, Completed(0, b"bought a basket\n", b"", 2.0))
    bad = scripted(tmp_path, Completed(3, b"no basket\n", b"warned\n", 2.0))
    killed = scripted(tmp_path, Completed(-9, b"", b"", 2.0))

    assert [(check.verdict, check.summary, check.details) for check in (good, bad, killed)] == [
        (Verdict.PASSED, "exit status 0 (2.0 s)", ""),
        (Verdict.FAILED, "exit status 3, wanted 0", "stdout:\nno basket\nstderr:\nwarned"),
        (Verdict.INCONCLUSIVE, "exit status -9, wanted 0", ""),
    ]


def test_script_that_hangs_is_killed_at_its_timeout(tmp_path: Path) -> None:
    check = scripted(tmp_path, Completed(0, b"", b"", 60.0), timeout="5s")

    assert (check.verdict, check.summary) == (
        Verdict.INCONCLUSIVE,
        "exit status killed after 5s, wanted an end",
    )


def test_script_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (check,) = run_gate(gate, {"endpoints": [{"command": "./none.sh"}]}, make_context(tmp_path))

    assert (check.verdict, check.summary) == (Verdict.ERROR, "./none.sh: no such program (config)")


def test_script_is_waited_for_as_any_endpoint_is(tmp_path: Path) -> None:
    answers = (Completed(1, b"", b"", 1.0), Completed(1, b"", b"", 1.0), Completed(0, b"", b"", 1.0))

    check = scripted(tmp_path, *answers, wait="30s", every="5s")

    assert (check.verdict, check.summary) == (Verdict.PASSED, "exit status 0 (1.0 s) (ready after 13.0 s, 3 tries)")
    assert check.measurements[-1] == Measurement(name="time to ready", value=13.0, wanted="at most 30", unit="s")


def test_waiting_and_trying_again_are_the_same_for_every_protocol(tmp_path: Path) -> None:
    refused = TransportError("connection refused", kind="connect_refused")
    network = FakeNetwork(
        ports={"db:5432": [refused, refused, Connected("10.0.0.1", 0.001)]},
        services={"shop:443": [GrpcHealth("NOT_SERVING"), GrpcHealth("SERVING")]},
    )
    endpoints = [{"tcp": "db:5432", "attempts": 3}, {"grpc": "shop:443", "wait": "30s", "every": "10s"}]
    context = make_context(tmp_path, clock=FakeClock(), network=network)

    checks = run_gate(gate, {"endpoints": endpoints, "concurrency": 1}, context)

    assert [(check.verdict, check.summary) for check in checks] == [
        (Verdict.PASSED, "connected in 1 ms (flaky: 3 tries)"),
        (Verdict.PASSED, "SERVING in 0 ms (ready after 14.0 s, 2 tries)"),
    ]
