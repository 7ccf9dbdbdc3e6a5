"""URLs, as they are shown and as others are made of them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from deliverygate.conversions import url_parts

USERINFO = re.compile(r"^([^/?#]*//)[^/?#]*@")
SECRET_NAMES = re.compile(r"auth|code|cred|jwt|key|pass|pin|pwd|secret|session|sig|token", re.IGNORECASE)


def bare(url: str) -> str:
    """Without user, password, fragment and the values of the query: which of them let somebody in is not ours to guess.

    A stranger may have written it, so it need not be a URL at all.
    """
    address, _, query = url.partition("#")[0].partition("?")
    names = "&".join(f"{name}=..." for name, _ in parse_qsl(query, keep_blank_values=True))
    return USERINFO.sub(r"\1", address) + (f"?{names}" if names else "")


def at_path(url: str, path: str) -> str:
    """The address of another path, and query, of the same origin."""
    where, _, query = path.partition("?")
    return urlunsplit(urlsplit(url)._replace(path=where, query=query, fragment=""))


def at_origin(url: str, origin: str) -> str:
    """The same path at another scheme, host and port; user and password stay."""
    parts, other = urlsplit(url), urlsplit(origin)
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(scheme=other.scheme, netloc=f"{user}{at}{other.netloc}"))


def has_secret(url: str) -> bool:
    """Whether it holds a password, or a parameter that is called like a secret."""
    parts = url_parts(url)
    if parts is None:
        return True  # nobody can say
    return "@" in parts.netloc or any(SECRET_NAMES.search(name) for name, _ in parse_qsl(parts.query))
