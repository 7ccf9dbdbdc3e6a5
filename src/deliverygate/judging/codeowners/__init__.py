"""Who answers for which path: the CODEOWNERS file, read as each platform itself reads it.

GitHub (docs.github.com, "About code owners"): patterns as in gitignore without ``!``, ``[...]`` and ``\\#``; the last
that fits decides, and one without owners frees its paths. GitLab (docs.gitlab.com, "Syntax of CODEOWNERS file" and
"Advanced CODEOWNERS configuration"): sections that are judged side by side, each with a number of approvals, perhaps
optional, perhaps with default owners; ``!`` frees paths of its section for good; patterns are those of Ruby's fnmatch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deliverygate.errors import ReportError
from deliverygate.judging.codeowners import github, gitlab
from deliverygate.judging.codeowners.file import CodeOwners, Dialect, Fault, Ownership

__all__ = ["LOCATIONS", "CodeOwners", "Dialect", "Fault", "Ownership", "locate", "parse"]

#: Where the file may stand; the first that is there counts.
LOCATIONS: Mapping[Dialect, tuple[str, ...]] = {"github": github.LOCATIONS, "gitlab": gitlab.LOCATIONS}


def parse(text: str, dialect: Dialect) -> CodeOwners:
    """Read the file. A line that the platform passes over is passed over here too, and told in ``faults``."""
    read = github.read if dialect == "github" else gitlab.read
    return read(text.removeprefix("\ufeff"))


def locate(read: Callable[[str], str | None], dialect: Dialect) -> tuple[str, str] | None:
    """Path and text of the file that counts; ``read`` gives a file of the target branch, or None.

    Raises ReportError for one that the platform does not load: it would then ask for nobody's approval.
    """
    for path in LOCATIONS[dialect]:
        text = read(path)
        if text is None:
            continue
        if dialect == "github" and len(text.encode(errors="replace")) >= github.LARGEST:
            raise ReportError("has 3 MB or more, and GitHub does not load it", where=path, mend="join its patterns")
        return path, text
    return None
