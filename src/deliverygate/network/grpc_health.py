"""The health of a gRPC service by grpc.health.v1, whose two messages are small enough to be written by hand.

https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from deliverygate.errors import TransportError
from deliverygate.gate import GrpcHealth
from deliverygate.network.line import Line
from deliverygate.network.opening import Route, open_stream
from deliverygate.network.trust import bundle, trust

CHECK = "/grpc.health.v1.Health/Check"
STATUSES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
#: gRPC's own status codes in words of ours; any other is "grpc_<code>"
KINDS = {"deadline_exceeded": "read_timeout"}
MEANINGS = {
    "not_found": "the server does not know the service",
    "unimplemented": "the server tells nobody's health: it does not offer grpc.health.v1",
    "deadline_exceeded": "no answer in time",
}
# Its C core writes to stderr and meddles with every fork, unless it is told not to before it is imported.
QUIET = {"GRPC_VERBOSITY": "NONE", "GRPC_ENABLE_FORK_SUPPORT": "0"}


class Security(msgspec.Struct, frozen=True):
    """How a connection is secured."""

    server_name: str = ""
    authorities: str = ""
    client_certificate: tuple[str, str] | None = None


def ask(
    host: str,
    port: int,
    service: str,
    line: Line,
    route: Route,
    *,
    security: Security | None,
    metadata: Mapping[str, str],
) -> GrpcHealth:
    """What the server says of the service. Raises TransportError."""
    grpc = _library()
    _try_the_way(host, port, line, route, security)
    channel = _open(grpc, host, port, line.address, security)
    line.enter("answer")
    try:
        check = channel.unary_unary(CHECK, request_serializer=encode, response_deserializer=decode)
        sent = tuple((name.lower(), value) for name, value in metadata.items())
        call = check.future(service, timeout=line.left(), metadata=sent, wait_for_ready=False)
        return GrpcHealth(_await(grpc, call, line), line.address, line.seconds)
    except (ValueError, TypeError) as error:  # a name that no metadata may have
        raise TransportError(f"cannot be asked ({error})", kind="config") from error
    finally:
        channel.close()


def _library() -> Any:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import grpc
    except ImportError as error:
        what, mend = "gRPC cannot be spoken without the library `grpcio`", "pip install 'deliverygate[grpc]'"
        raise TransportError(what, kind="config", mend=mend) from error
    return grpc


def _try_the_way(host: str, port: int, line: Line, route: Route, security: Security | None) -> None:
    """Connect once ourselves: gRPC says UNAVAILABLE to a refused connection and to a wrong certificate alike."""
    context = None
    if security:
        context = trust(security.authorities or True, client_certificate=security.client_certificate)
    name = security.server_name if security else ""
    open_stream(host, port, line, route, context=context, server_name=name).end()


def _open(grpc: Any, host: str, port: int, address: str, security: Security | None) -> Any:
    """A channel to the very address that was vetted."""
    target = f"ipv6:[{address}]:{port}" if ":" in address else f"ipv4:{address}:{port}"
    name = (security.server_name if security else "") or host
    authority = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    options = [("grpc.enable_http_proxy", 0), ("grpc.enable_retries", 0), ("grpc.default_authority", authority)]
    if security is None:
        return grpc.insecure_channel(target, options=options)
    options.append(("grpc.ssl_target_name_override", name))
    certificate, key = map(_read, security.client_certificate or ("", ""))
    credentials = grpc.ssl_channel_credentials(_read(bundle(security.authorities or True)), key, certificate)
    return grpc.secure_channel(target, credentials, options=options)


def _read(path: str) -> bytes | None:
    if not path:
        return None
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


def _await(grpc: Any, call: Any, line: Line) -> str:
    while True:
        try:
            return str(call.result(timeout=line.tick()))
        except grpc.FutureTimeoutError:
            continue
        except grpc.RpcError as error:
            raise _fault(error) from error
        except BaseException:
            call.cancel()
            raise


def _fault(error: Any) -> TransportError:
    code = error.code().name.lower()
    said = " ".join(str(error.details() or "").split())[:200]
    meaning = MEANINGS.get(code, f"the server answers {code.upper()}")
    what = f"{meaning} ({said})" if said else meaning
    return TransportError(what, kind=KINDS.get(code, f"grpc_{code}"))


def encode(service: str) -> bytes:
    """HealthCheckRequest: field 1 is a string."""
    name = service.encode()
    return b"\x0a" + _varint(len(name)) + name if name else b""


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth bit says that more follow."""
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def decode(message: bytes) -> str:
    """HealthCheckResponse: field 1 is the status, a number; one that is not sent is 0."""
    if not message:
        return STATUSES[0]
    if len(message) != 2 or message[0] != 0x08:
        raise ValueError("the answer is no HealthCheckResponse")
    return STATUSES.get(message[1], STATUSES[0])
