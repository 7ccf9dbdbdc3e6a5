"""grpc.health.v1 against a real gRPC server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.errors import TransportError
from deliverygate.gate import GrpcHealth
from deliverygate.network import SystemNetwork
from deliverygate.network.grpc_health import decode, encode
from tests import servers
from tests.servers import Authority, serve

SERVING = {"": "SERVING", "shop.Basket": "NOT_SERVING", "shop.Search": "UNKNOWN", "x" * 300: "SERVING"}


class Servicer(HealthServicer):  # type: ignore[misc]
    """Knows ``SERVING``; "slow" takes a second, "guarded" wants a token."""

    def __init__(self) -> None:
        super().__init__()
        for name, status in SERVING.items():
            self.set(name, getattr(health_pb2.HealthCheckResponse, status))

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        if request.service == "slow":
            time.sleep(1)
        if request.service == "guarded" and ("authorization", "Bearer t") not in context.invocation_metadata():
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")
        if request.service in ("slow", "guarded"):
            return health_pb2.HealthCheckResponse(status=1)
        return super().Check(request, context)


def start(*, credentials: Any = None, with_health: bool = True) -> tuple[Any, int]:
    server = grpc.server(ThreadPoolExecutor(4, thread_name_prefix="grpc"))
    if with_health:
        health_pb2_grpc.add_HealthServicer_to_server(Servicer(), server)
    place = "127.0.0.1:0"
    port = server.add_secure_port(place, credentials) if credentials else server.add_insecure_port(place)
    server.start()
    return server, port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server, port = start()
    yield port
    server.stop(None).wait()


@pytest.fixture(scope="module")
def secured_port(authority: Authority) -> Iterator[int]:
    authority.server("DNS:shop.example,IP:127.0.0.1")
    certificate, key = ((authority.folder / name).read_bytes() for name in ("server.pem", "server.key"))
    server, port = start(credentials=grpc.ssl_server_credentials([(key, certificate)]))
    yield port
    server.stop(None).wait()


def fault(network: SystemNetwork, port: int, service: str = "", **options: Any) -> TransportError:
    with pytest.raises(TransportError) as caught:
        network.grpc_health("127.0.0.1", port, service, **{"tls": False, "timeout_seconds": 2, **options})
    return caught.value


@pytest.mark.parametrize("service", SERVING, ids=lambda name: name[:12] or "the server itself")
def test_status_of_a_service_is_told(network: SystemNetwork, port: int, service: str) -> None:
    found = network.grpc_health("127.0.0.1", port, service, tls=False)

    assert found == GrpcHealth(SERVING[service], "127.0.0.1", found.seconds)
    assert 0 < found.seconds < 5


def test_service_that_the_server_does_not_know_is_not_ill_but_unknown(network: SystemNetwork, port: int) -> None:
    caught = fault(network, port, "shop.None")

    assert (caught.kind, caught.what) == ("grpc_not_found", "the server does not know the service")


def test_server_without_a_health_service_is_not_checkable(network: SystemNetwork) -> None:
    server, port = start(with_health=False)

    caught = fault(network, port)

    server.stop(None).wait()
    assert caught.kind == "grpc_unimplemented"
    assert caught.what.startswith("the server tells nobody's health: it does not offer grpc.health.v1")


def test_metadata_is_sent(network: SystemNetwork, port: int) -> None:
    found = network.grpc_health("127.0.0.1", port, "guarded", tls=False, metadata={"Authorization": "Bearer t"})

    assert (found.status, fault(network, port, "guarded").kind) == ("SERVING", "grpc_unauthenticated")


def test_slow_answer_is_none(network: SystemNetwork, port: int) -> None:
    started = time.monotonic()

    assert fault(network, port, "slow", timeout_seconds=0.3).kind == "read_timeout"
    assert time.monotonic() - started < 0.9


def test_secured_server_is_asked_by_its_name_at_the_address(
    network: SystemNetwork, authority: Authority, secured_port: int
) -> None:
    found = network.grpc_health("shop.example", secured_port, address="127.0.0.1", authorities=authority.bundle)

    assert (found.status, found.address) == ("SERVING", "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "trusted", "kind"),
    [("other.example", True, "tls_hostname"), ("shop.example", False, "tls_untrusted")],
    ids=["other name", "unknown authority"],
)
def test_wrong_certificate_has_its_kind(
    network: SystemNetwork, authority: Authority, secured_port: int, name: str, trusted: bool, kind: str
) -> None:
    authorities = authority.bundle if trusted else ""

    assert fault(network, secured_port, tls=True, server_name=name, authorities=authorities).kind == kind


def test_refused_connection(network: SystemNetwork) -> None:
    assert fault(network, servers.free_port()).kind == "connect_refused"


def test_server_that_speaks_something_else_is_unavailable(network: SystemNetwork) -> None:
    with serve(servers.answers(servers.answer())) as server:
        assert fault(network, server.port).kind == "grpc_unavailable"


def test_metadata_address_is_never_asked(network: SystemNetwork, port: int) -> None:
    assert fault(network, port, address="169.254.169.254").kind == "config"


@pytest.mark.parametrize("service", ["", "a", "shop.Basket", "x" * 127, "x" * 128, "x" * 20_000, "größe"])
def test_request_is_encoded_as_protobuf_does(service: str) -> None:
    assert encode(service) == health_pb2.HealthCheckRequest(service=service).SerializeToString()


@pytest.mark.parametrize("status", range(4))
def test_response_is_decoded_as_protobuf_does(status: int) -> None:
    message = health_pb2.HealthCheckResponse(status=status)

    assert decode(message.SerializeToString()) == health_pb2.HealthCheckResponse.ServingStatus.Name(status)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"\x08\x01\x12\x05ready", "SERVING"),
        (b"\x12\x05ready", "UNKNOWN"),
        (b"\x08\x01\x08\x02", "NOT_SERVING"),
        (b"\x08\x63", "UNKNOWN"),
        (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "UNKNOWN"),
        (b"\x0a\x01x", "UNKNOWN"),
        (b"\x08\x81\x00", "SERVING"),
    ],
    ids=[
        *("field of its own", "no status", "of two the last", "status of a later version", "below zero"),
        *("status that is text", "long form"),
    ],
)
def test_message_is_read_as_protocol_buffers_grow(message: bytes, status: str) -> None:
    assert decode(message) == status


@pytest.mark.parametrize("message", [b"\x08", b"\xff\xff", b"\x12\x05rea"], ids=["half", "no field", "cut off"])
def test_what_is_no_response_is_refused(message: bytes) -> None:
    with pytest.raises(TransportError) as caught:
        decode(message)

    assert (caught.value.what, caught.value.kind) == ("the answer is no HealthCheckResponse", "grpc_internal")


@given(st.binary(max_size=64))
def test_any_message_is_one_of_the_statuses_or_refused(message: bytes) -> None:
    try:
        found = decode(message)
    except TransportError:
        return

    assert found in ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
