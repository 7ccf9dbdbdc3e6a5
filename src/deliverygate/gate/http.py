"""The door to HTTP servers, as it is promised to gate authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Response:
    """A whole HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float  #: from the call to the last byte of the body
    url: str  #: the one that answered, after redirects
    truncated: bool = False  #: the body was longer than ``max_bytes`` and was cut


class Http(Protocol):
    """HTTP(S) requests with one total deadline."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        max_bytes: int = 1_048_576,
        follow_redirects: int = 0,
        verify: bool | str = True,
    ) -> Response:
        """Ask once. ``timeout_seconds`` bounds the whole of it, from name look-up to the last byte.

        Raises TransportError when no whole answer came.
        """
