"""Where a finding is, for readers that want a file of the repository for each.

GitHub rejects a whole upload for one result without a place; GitLab drops the entry.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from deliverygate.model import Finding, Location, Report
from deliverygate.renderers.text import clean, one_line

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# The path of almost every finding: nothing in it to tidy, to leave out or to encode.
_PLAIN = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*+(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*+)*+")
_FALLBACK = ".deliverygate.yml"


def home(report: Report) -> Location:
    """The policy: where a finding is shown that has no place in the repository."""
    path = inside(report.policy.path)
    return Location(path or _FALLBACK)


def inside(path: str) -> str | None:
    """The path relative to the repository, without ``./``; None when it lies elsewhere."""
    if _PLAIN.fullmatch(path):
        return path
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.replace("\\", "/").split("/"):
        return None
    parts = [part for part in clean(path).replace("\n", " ").split("/") if part not in ("", ".")]
    return "/".join(parts) or None


def locate(finding: Finding, report_home: Location) -> tuple[Location, str]:
    """A place inside the repository, and what to add to the message when it is only the policy."""
    where = finding.location
    if where is None:
        return report_home, ""
    path = inside(where.path)
    if path is None:
        return report_home, f" [in {one_line(str(where))}]"
    return (where if path == where.path else Location(path, where.line, where.column, where.end_line)), ""


def uri(path: str) -> str:
    """A relative URI reference (RFC 3986): each character of a path that means something else is percent-encoded."""
    return path if _PLAIN.fullmatch(path) else quote(path, safe="/", errors="replace")
