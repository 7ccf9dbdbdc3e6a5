"""TCP against real servers: what they say, and how they fail to."""

from __future__ import annotations

import time
from threading import Event, Timer

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import Interrupted, TransportError
from deliverygate.gate import Connected
from deliverygate.network import SystemNetwork
from tests import servers
from tests.servers import Client, Script, answers, serve

PING = b"PING\r\n\r\n"


def fault(network: SystemNetwork, port: int, **options: object) -> TransportError:
    with pytest.raises(TransportError) as caught:
        network.connect("127.0.0.1", port, **{"timeout_seconds": 0.3, **options})  # type: ignore[arg-type]
    return caught.value


def greets_then_waits(client: Client) -> None:
    client.send(b"+PO")
    client.wait(0.02)
    client.send(b"NG\r\n")
    client.wait()


def test_connection_alone_is_enough(network: SystemNetwork) -> None:
    with serve(servers.closes) as server:
        connected = network.connect("127.0.0.1", server.port)

    assert connected == Connected("127.0.0.1", connected.seconds)
    assert 0 < connected.seconds < 1


def test_answer_is_read_until_it_is_enough(network: SystemNetwork) -> None:
    def ask(**options: object) -> bytes:
        with serve(greets_then_waits) as server:
            return network.connect("127.0.0.1", server.port, send=PING, timeout_seconds=0.5, **options).answer  # type: ignore[arg-type]

    answers = [
        ask(max_bytes=100, enough=lambda said: said.endswith(b"\n")),
        ask(max_bytes=2),
        ask(max_bytes=100, enough=lambda said: len(said) > 50),
    ]

    assert answers == [b"+PONG\r\n", b"+P", b"+PONG\r\n"]  # the last one waited for more until its time was over


@pytest.mark.parametrize(
    ("script", "kind", "what"),
    [
        (servers.hangs, "read_timeout", "no answer in 0.3 s"),
        (servers.resets, "connect_reset", "the connection was closed before an answer came"),
    ],
    ids=["hangs", "reset"],
)
def test_server_that_says_nothing_has_no_answer(network: SystemNetwork, script: Script, kind: str, what: str) -> None:
    with serve(script) as server:
        caught = fault(network, server.port, send=PING, max_bytes=10)

    assert (caught.kind, caught.what, caught.where) == (kind, what, f"127.0.0.1:{server.port}")


def test_server_that_ends_without_a_word_has_said_nothing(network: SystemNetwork) -> None:
    with serve(servers.closes) as server:
        assert network.connect("127.0.0.1", server.port, send=PING, max_bytes=10).answer == b""


def test_refused_connection(network: SystemNetwork) -> None:
    caught = fault(network, port := servers.free_port())

    assert (caught.kind, str(caught)) == ("connect_refused", f"127.0.0.1:{port}: connection refused")


def test_address_is_asked_in_the_place_of_a_look_up(network: SystemNetwork) -> None:
    with serve(answers(b"hello")) as server:
        connected = network.connect("shop.invalid", server.port, address="127.0.0.1", send=PING, max_bytes=5)

    assert (connected.address, connected.answer) == ("127.0.0.1", b"hello")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        (
            "169.254.169.254",
            "shop.invalid leads to 169.254.169.254, a link-local or metadata address, which is never asked",
        ),
        ("shop.example", "'shop.example' is not an IP address"),
    ],
    ids=["metadata", "name"],
)
def test_address_that_is_given_is_vetted_too(network: SystemNetwork, address: str, what: str) -> None:
    with pytest.raises(TransportError) as caught:
        network.connect("shop.invalid", 80, address=address, allow_private=True)

    assert (caught.value.kind, caught.value.what) == ("config", what)


def test_private_address_needs_leave(network: SystemNetwork) -> None:
    caught = fault(network, 80, allow_private=False)

    assert (caught.kind, caught.what) == ("config", "127.0.0.1 is a private address")


def test_stop_of_the_run_is_noticed_while_waiting() -> None:
    stop = Event()
    network = SystemNetwork(SystemClock(timeout_seconds=20, stop=stop), allow_private=True)
    timer = Timer(0.1, stop.set)
    timer.start()
    started = time.monotonic()

    with serve(servers.hangs) as server, pytest.raises(Interrupted):
        network.connect("127.0.0.1", server.port, send=PING, max_bytes=10)

    assert time.monotonic() - started < 0.6


@pytest.mark.parametrize(
    ("host", "port", "what"),
    [
        ("127.0.0.1", 0, "0 is not a port"),
        ("127.0.0.1", 65_536, "65536 is not a port"),
    ],
    ids=["no port", "port too high"],
)
def test_place_that_is_none_is_a_fault_of_the_configuration(
    network: SystemNetwork, host: str, port: int, what: str
) -> None:
    with pytest.raises(TransportError) as caught:
        network.connect(host, port)

    assert (caught.value.kind, caught.value.what) == ("config", what)
