"""Where a redirect leads, and what may be taken along: RFC 9110 section 15.4, and nothing secret to another origin."""

from __future__ import annotations

import re
import ssl
from typing import Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec
from msgspec.structs import replace

from deliverygate.errors import TransportError

STATUSES = frozenset({301, 302, 303, 307, 308})
#: the only headers of the caller that reach another origin; any other may hold a secret
HARMLESS = frozenset({"accept", "accept-language", "cache-control", "content-type", "pragma", "user-agent"})
HTTP1, HTTP2 = ("http/1.1",), ("h2",)  #: as ALPN calls them (RFC 7301)
DEFAULT_PORTS = {"http": 80, "https": 443}


class Trust(Protocol):
    """Whom to trust and who asks; ``is_elsewhere``: where a redirect led to another origin, which learns nobody.

    ``protocols`` are offered by ALPN.
    """

    def __call__(self, *, is_elsewhere: bool, protocols: tuple[str, ...] = HTTP1) -> ssl.SSLContext: ...


class Ask(msgspec.Struct, frozen=True):
    """A request, with the names of its headers in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None
    is_elsewhere: bool = False  #: a redirect led to another origin


def redirect(ask: Ask, status: int, location: str) -> Ask:
    """The request that follows the answer ``status`` with ``location``. Raises TransportError when it must not."""
    try:
        target, _ = urldefrag(urljoin(ask.url, location))
        written = urlsplit(location)
    except ValueError as error:
        raise _no_address() from error
    if written.scheme in DEFAULT_PORTS and not written.netloc:  # urljoin would take it for a path
        raise _no_address()
    _refuse_downgrade(ask.url, target)
    becomes_get = ask.method == "POST" if status in (301, 302) else status == 303 and ask.method != "HEAD"
    moved = replace(ask, method="GET", url=target, body=None) if becomes_get else replace(ask, url=target)
    if origin(target) == origin(ask.url):
        return replace(moved, url=_with_password(target, ask.url))
    if moved.body is not None:
        raise TransportError("is redirected to another origin, which must not get the body", kind="redirect_blocked")
    kept = {name: value for name, value in ask.headers.items() if name.lower() in HARMLESS}
    return replace(moved, headers=kept, is_elsewhere=True)


def _refuse_downgrade(old: str, new: str) -> None:
    schemes = urlsplit(old).scheme.lower(), urlsplit(new).scheme.lower()
    if schemes[1] not in DEFAULT_PORTS:
        raise TransportError(f"is redirected to {schemes[1]}:, which is not http(s)", kind="redirect_blocked")
    if schemes == ("https", "http"):
        raise TransportError("is redirected from https to http", kind="redirect_blocked")


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL that a redirect leads to. Raises TransportError."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise _no_address() from error
    return parts.scheme.lower(), parts.hostname, port or DEFAULT_PORTS.get(parts.scheme.lower())


def _no_address() -> TransportError:
    return TransportError("is redirected to an address that is none", kind="redirect_blocked")


def _with_password(url: str, old: str) -> str:
    """``url`` with the user and password of ``old``, which has the same origin, unless it names its own."""
    parts, before = urlsplit(url), urlsplit(old).netloc.rpartition("@")[0]
    if not before or "@" in parts.netloc:
        return url
    return parts._replace(netloc=f"{before}@{parts.netloc}").geturl()


def shown(url: str) -> str:
    """``url`` without user and password."""
    return re.sub(r"^([^/?#]*//)[^/?#]*@", r"\1", url) if "@" in url else url
