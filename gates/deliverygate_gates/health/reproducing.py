"""The command by which a person sees the same with a tool of their own, without a secret in it.

Values of headers that may be secret become variables of the shell, values of a query "...": which of them let somebody
in is not ours to guess.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from deliverygate_gates.health.endpoint import Endpoint, Protocol
from deliverygate_gates.health.probes.http import HARMLESS_HEADERS
from deliverygate_gates.health.targets import Dns, Grpc, Tcp, Tls, read_place
from deliverygate_gates.health.urls import bare


def reproduce(endpoint: Endpoint) -> str:
    """One line for a shell; "" for a script, which the policy spells out."""
    show = COMMANDS.get(endpoint.protocol)
    return show(endpoint) if show else ""


def curl(endpoint: Endpoint) -> str:
    """The request, once, and all that came back."""
    return " ".join(("curl --include", *_options(endpoint), shlex.quote(bare(endpoint.url))))


def _options(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.method == "HEAD":
        yield "--head"
    elif endpoint.method != "GET":
        yield f"--request {endpoint.method}"
    yield f"--max-time {endpoint.timeout:g}"
    if endpoint.connect is not None:
        yield f"--connect-timeout {endpoint.connect:g}"
    if endpoint.redirects:
        yield f"--location --max-redirs {endpoint.redirects}"
    if "@" in urlsplit(endpoint.url).netloc:
        yield '--user "$USER_AND_PASSWORD"'
    for name, value in endpoint.headers.items():
        if name.lower() in HARMLESS_HEADERS:
            yield f"--header {shlex.quote(f'{name}: {value}')}"
        else:
            yield f"--header {_variable_header(name)}"
    if endpoint.body is not None:
        yield "--data-binary @BODY"
    if endpoint.ca:
        yield f"--cacert {shlex.quote(endpoint.ca)}"
    if endpoint.client_certificate:
        yield f"--cert {shlex.quote(endpoint.client_certificate)} --key {shlex.quote(endpoint.client_key)}"
    if endpoint.minimum_tls:
        yield f"--tlsv{endpoint.minimum_tls}"


def _variable_header(name: str) -> str:
    """A header whose value is a variable of the shell; the name may hold what a shell would run, such as a backtick."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    variable = f"_{plain}" if plain[0].isdigit() else plain
    if re.fullmatch(r"[\w-]+", name, re.ASCII):
        return f'"{name}: ${variable}"'
    return f'{shlex.quote(f"{name}: ")}"${variable}"'


def _grpc(endpoint: Endpoint) -> str:
    target = endpoint.target
    assert isinstance(target, Grpc)  # noqa: S101  the table of protocols says so
    options = ["-tls"] if target.tls else []
    options += [f"-service {shlex.quote(target.service)}"] if target.service else []
    options += [f"-tls-server-name {shlex.quote(target.server_name)}"] if target.server_name else []
    return " ".join(("grpc_health_probe", f"-addr {shlex.quote(target.target)}", *options))


def _tcp(endpoint: Endpoint) -> str:
    target = endpoint.target
    assert isinstance(target, Tcp)  # noqa: S101
    host, port = read_place(target.target)
    return f"nc -v -w {max(1, round(endpoint.timeout))} {shlex.quote(host)} {port}"


def _dns(endpoint: Endpoint) -> str:
    target = endpoint.target
    assert isinstance(target, Dns)  # noqa: S101
    return " ".join(("dig", *_name_server(target.server), shlex.quote(target.target), target.kind))


def _name_server(server: str) -> Iterator[str]:
    if not server:
        return
    try:
        host, port = read_place(server)
    except ValueError:  # without a port
        yield f"@{shlex.quote(server)}"
        return
    yield f"@{shlex.quote(host)} -p {port}"


def _tls(endpoint: Endpoint) -> str:
    target = endpoint.target
    assert isinstance(target, Tls)  # noqa: S101
    name = target.server_name or read_place(target.target)[0]
    return f"openssl s_client -connect {shlex.quote(target.target)} -servername {shlex.quote(name)} </dev/null"


COMMANDS: Mapping[Protocol, Callable[[Endpoint], str]] = {
    "url": curl,
    "grpc": _grpc,
    "tcp": _tcp,
    "dns": _dns,
    "tls": _tls,
}
