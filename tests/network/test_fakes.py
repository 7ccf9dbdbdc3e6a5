"""The fakes of the network's doors behave as the doors do."""

from __future__ import annotations

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Connected, DnsAnswer, GrpcHealth, Response, Schedule
from deliverygate.testing import Asked, FakeClock, FakeHttp, FakeNetwork

URL = "http://shop.example/health"
UP = Response(200, {}, b"up", 0.1, URL)
DOWN = Response(503, {}, b"down", 0.2, URL)
REFUSED = TransportError("connection refused", kind="connect_refused")


def test_sample_meets_the_answers_in_turn_and_time_passes_by_the_schedule() -> None:
    clock = FakeClock()
    http = FakeHttp({URL: [UP, DOWN, REFUSED, Response(200, {}, b"", 9.0, URL), UP]}, clock=clock)

    sample = http.sample("GET", URL, schedule=Schedule(6, 10), timeout_seconds=5, address="192.0.2.1")

    assert [(shot.intended, shot.seconds, shot.ok, shot.status, shot.fault) for shot in sample.shots] == [
        (0.0, 0.1, True, 200, None),
        (10.0, 0.2, False, 503, None),
        (20.0, 0.0, False, None, "connect_refused"),
        (30.0, 5.0, False, None, "read_timeout"),
        (40.0, 0.1, True, 200, None),
        (50.0, 0.1, True, 200, None),
    ]
    assert ({shot.address for shot in sample.shots}, sample.seconds) == ({"192.0.2.1"}, 50.1)
    assert clock.monotonic() == 50


def test_server_may_tell_addresses_apart() -> None:
    def answer(asked: Asked) -> Response | Exception:
        return UP if asked.address == "192.0.2.1" else REFUSED

    http = FakeHttp({URL: answer})
    got = http.request("GET", URL, address="192.0.2.1", headers={"a": "b"}, allow_private=True)

    with pytest.raises(TransportError):
        http.request("GET", URL, address="192.0.2.2")
    assert (got.body, got.address) == (b"up", "192.0.2.1")
    assert http.requests[0] == Asked("GET", URL, {"a": "b"}, None, "192.0.2.1", True)


def test_network_answers_from_its_tables() -> None:
    connected, answer, health = Connected("192.0.2.1", 0.1), DnsAnswer("NOERROR", ("192.0.2.1",)), GrpcHealth("SERVING")
    network = FakeNetwork(
        hosts={"shop.example": ("192.0.2.1",)},
        ports={"shop.example:80": [REFUSED, connected], "192.0.2.2:80": connected},
        records={"shop.example A": answer},
        services={"shop.example:443 basket": health},
    )

    with pytest.raises(TransportError):
        network.connect("shop.example", 80)
    found = (
        network.resolve("shop.example"),
        network.connect("shop.example", 80),
        network.connect("shop.example", 80, address="192.0.2.2"),
        network.query("shop.example", "A"),
        network.query("shop.example", "AAAA"),
        network.grpc_health("shop.example", 443, "basket"),
    )

    assert found == (("192.0.2.1",), connected, connected, answer, DnsAnswer("NXDOMAIN"), health)


def test_what_is_in_no_table_is_not_there() -> None:
    network, kinds = FakeNetwork(), []

    for ask in (lambda: network.resolve("a"), lambda: network.connect("a", 1), lambda: network.certificate("a", 1)):
        with pytest.raises(TransportError) as caught:
            ask()
        kinds.append(caught.value.kind)

    assert kinds == ["dns_nxdomain", "connect_refused", "connect_refused"]
