"""Which proxy the environment names for a URL, if any; most runs have none, and pay nothing to find that out."""

from __future__ import annotations

import os
from collections.abc import Mapping

NAMES = ("http_proxy", "https_proxy", "all_proxy")


def are_named() -> bool:
    """Whether the environment names a proxy at all."""
    return any(os.environ.get(name) or os.environ.get(name.upper()) for name in NAMES)


def proxies_for(url: str) -> Mapping[str, str]:
    """The proxies for ``url``, in the way of ``requests``; none when it is to be asked directly."""
    from requests.utils import get_environ_proxies, select_proxy

    found = get_environ_proxies(url)
    return found if select_proxy(url, found) else {}
