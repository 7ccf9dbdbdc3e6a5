"""Where a list goes on, by the ``Link`` header of RFC 8288: GitHub and GitLab give long lists page by page."""

from __future__ import annotations

import re

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;,\"']+))", re.IGNORECASE)


def next_page(link: str) -> str | None:
    """The address of the next page in a ``Link`` header; None where it names none."""
    for address, parameters in _LINK.findall(link):
        for relations in _RELATION.findall(parameters):
            if "next" in "".join(relations).lower().split():
                return str(address)
    return None
