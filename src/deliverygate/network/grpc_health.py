"""The health of a gRPC service by grpc.health.v1, its messages read and written by Google's own library.

https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
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
        check = channel.unary_unary(CHECK)  # from bytes to bytes: gRPC would call a bad message a fault of the server
        sent = tuple((name.lower(), value) for name, value in metadata.items())
        call = check.future(encode(service), timeout=line.left(), metadata=sent, wait_for_ready=False)
        message = _await(grpc, call, line)
        return GrpcHealth(decode(message), line.address, line.seconds)
    except (ValueError, TypeError) as error:  # a name that no metadata may have
        raise TransportError(f"cannot be asked ({error})", kind="config") from error
    finally:
        channel.close()


def _library() -> Any:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import google.protobuf  # noqa: F401
        import grpc
    except ImportError as error:
        what, mend = (
            "gRPC cannot be spoken without the libraries `grpcio` and `protobuf`",
            "pip install 'deliverygate[grpc]'",
        )
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


def _await(grpc: Any, call: Any, line: Line) -> bytes:
    while True:
        try:
            return bytes(call.result(timeout=line.tick()))
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


@cache
def _messages() -> tuple[Any, Any]:
    """The classes of the request and of the response, as health.proto has them."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    written = descriptor_pb2.FileDescriptorProto(name="health.proto", package="grpc.health.v1", syntax="proto3")
    request = written.message_type.add(name="HealthCheckRequest")
    request.field.add(name="service", number=1, type=9, label=1)  # a string
    response = written.message_type.add(name="HealthCheckResponse")
    response.enum_type.add(name="ServingStatus").value.extend(
        descriptor_pb2.EnumValueDescriptorProto(name=name, number=number) for number, name in STATUSES.items()
    )
    kind = ".grpc.health.v1.HealthCheckResponse.ServingStatus"
    response.field.add(name="status", number=1, type=14, label=1, type_name=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(written)
    of = pool.FindMessageTypeByName
    return (
        message_factory.GetMessageClass(of("grpc.health.v1.HealthCheckRequest")),
        message_factory.GetMessageClass(of("grpc.health.v1.HealthCheckResponse")),
    )


def encode(service: str) -> bytes:
    """A HealthCheckRequest."""
    request, _ = _messages()
    return bytes(request(service=service).SerializeToString())


def decode(message: bytes) -> str:
    """The status in a HealthCheckResponse. Fields that are not known are passed over, as protocol buffers grow by them.

    A status that is not sent is UNKNOWN, and so is one that health.proto does not have. Raises TransportError.
    """
    from google.protobuf.message import DecodeError

    _, response = _messages()
    try:
        found = response.FromString(message).status
    except DecodeError as error:
        raise TransportError("the answer is no HealthCheckResponse", kind="grpc_internal") from error
    return STATUSES.get(found, STATUSES[0])
