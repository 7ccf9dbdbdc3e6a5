"""What may be written as the address of a server (RFC 3986) and as a field of a request (RFC 9110)."""

from __future__ import annotations

import re

from deliverygate.conversions import url_parts

CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # one of these would begin a line, or a field, of the request
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


def is_http_url(text: str) -> bool:
    """Whether it is an absolute address of http or https, with a host and without blanks."""
    parts = url_parts(text)
    return bool(
        parts
        and parts.scheme in ("http", "https")
        and parts.hostname
        and parts.port != 0
        and " " not in text
        and not CONTROL.search(text)
    )


def check_fields(headers: dict[str, str]) -> None:
    """Raises ValueError for a header that cannot be sent as it is written."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if CONTROL.search(value) or not value.isascii():
            raise ValueError(
                f"the header {name!r} holds a control character or one beyond ASCII; write printable ASCII"
            )
