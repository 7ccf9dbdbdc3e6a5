"""Which proxy the environment names for a URL, if any; most runs have none, and pay nothing to find that out."""

from __future__ import annotations

import os

NAMES = ("http_proxy", "https_proxy", "all_proxy")


def are_named() -> bool:
    """Whether the environment names a proxy at all."""
    return any(os.environ.get(name) or os.environ.get(name.upper()) for name in NAMES)


def proxy_for(url: str) -> str:
    """The proxy for ``url``, in the way of ``requests``; "" when it is to be asked directly."""
    from requests.utils import get_environ_proxies, select_proxy

    return select_proxy(url, get_environ_proxies(url)) or ""
