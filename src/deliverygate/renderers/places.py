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
# Addresses, package URLs, and names of images with a tag or digest: they name something, and no file.
_NO_FILE = re.compile(
    r"[A-Za-z][A-Za-z0-9.+-]+:"
    r"|[^:@\s]+(?:@sha256:[0-9a-f]+|:(?:v?[0-9][A-Za-z0-9_.-]*|latest|edge|main|master|nightly|stable))\Z"
)


def home(report: Report) -> Location:
    """The report of the run: where a finding is shown that has no file of the repository.

    Readers want a file, "either in the repository or generated during a build" (GitHub); this one holds the finding.
    The policy would be blamed for what it has no part in.
    """
    return Location(f".deliverygate/out/{inside(one_line(report.stage)) or 'stage'}/report.json")


def inside(path: str) -> str | None:
    """The path relative to the repository, without ``./``; None when it lies elsewhere, or is no path at all."""
    if _PLAIN.fullmatch(path):
        return path
    if _NO_FILE.match(path) or path.startswith("/") or _DRIVE.match(path) or ".." in path.replace("\\", "/").split("/"):
        return None
    parts = [part for part in clean(path).replace("\n", " ").split("/") if part not in ("", ".")]
    return "/".join(parts) or None


def locate(finding: Finding, report_home: Location) -> tuple[Location, str]:
    """A place inside the repository, and what to add to the message when it is only the report of the run."""
    where = finding.location
    if where is None:
        return report_home, ""
    path = inside(where.path)
    if path is None:
        return report_home, f" [in {one_line(str(where))}]"
    return (where if path == where.path else Location(path, where.line, where.column, where.end_line)), ""


def name_of(finding: Finding) -> str | None:
    """What a finding is about that is in no file of the repository; None where it is in one, or nothing says it."""
    where = finding.location
    if where is None:
        return finding.package
    return None if inside(where.path) else str(where)


def is_about_security(finding: Finding) -> bool:
    """Whether a finding belongs among alerts of security. A package is looked at for nothing else but its licence."""
    return finding.is_security or (finding.package is not None and not finding.category.startswith("license"))


def uri(path: str) -> str:
    """A relative URI reference (RFC 3986): each character of a path that means something else is percent-encoded."""
    return path if _PLAIN.fullmatch(path) else quote(path, safe="/", errors="replace")
