"""Who answers for which path: the CODEOWNERS file in the dialects of GitHub and GitLab.

GitHub (docs.github.com, "About code owners"): patterns as in gitignore without ``!``, ``[...]`` and ``\\#``; the last
that fits decides, and one without owners frees its paths. GitLab (docs.gitlab.com, "Syntax of CODEOWNERS file" and
"Advanced CODEOWNERS configuration"): sections that are judged side by side, each with a number of approvals, perhaps
optional, perhaps with default owners; ``!`` frees paths of its section for good; patterns are as for ``fnmatch``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from deliverygate.conversions import whole
from deliverygate.judging.globs import fault, matches

Dialect = Literal["github", "gitlab"]

#: Where the file may stand; the first that is there counts.
LOCATIONS: dict[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}

_HEADING = re.compile(r"(\^)?\[([^\]]+)\](?:\[(\d+)\])?(?:\s+(.*))?$")
MOST_APPROVALS = 1_000_000
_WORD = re.compile(r"(?:\\.|\S)+")
_OWNER = re.compile(r"@@?[\w.-]+(?:/[\w.-]+)*|[^\s@]+@[^\s@]+\.[^\s@]+")


def _count(written: str | None) -> int:
    """How many must approve; one where nothing is said, and more than there are people for a number without end."""
    found = whole(written or "1", most=MOST_APPROVALS)
    return MOST_APPROVALS if found is None else found


class Ownership(NamedTuple):
    """Who of one section answers for a path."""

    owners: tuple[str, ...]  #: "@alice", "@group/team", "@@maintainer" (a role), "a@example.com"; none: nobody has to
    section: str = ""  #: as it is written; "" for what stands in none
    approvals: int = 1  #: how many owners must approve; 0: the section is optional
    pattern: str = ""
    line: int = 0


class Fault(NamedTuple):
    """A line that the platform passes over."""

    line: int
    what: str


class CodeOwners:
    """A whole file, ready to be asked."""

    def __init__(self, sections: tuple[_Section, ...], faults: tuple[Fault, ...]) -> None:
        self._sections = sections
        self.faults = faults

    def of(self, path: str) -> tuple[Ownership, ...]:
        """Who answers for a path, one entry a section; empty when no pattern fits. GitHub has one section."""
        return tuple(found for section in self._sections if (found := section.of(path)))


class _Entry(NamedTuple):
    pattern: str
    owners: tuple[str, ...]
    line: int
    globs: tuple[str, ...]
    frees: bool = False

    def fits(self, path: str) -> bool:
        return any(matches(glob, path) for glob in self.globs)


class _Section:
    """Entries that are judged together; headings of one name share one, whatever their case."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.approvals: list[int] = []  # one a heading: 0 where it is optional
        self.entries: list[_Entry] = []

    def of(self, path: str) -> Ownership | None:
        fitting = [entry for entry in self.entries if entry.fits(path)]
        if not fitting or any(entry.frees for entry in fitting):
            return None
        last = fitting[-1]
        return Ownership(last.owners, self.name, max(self.approvals, default=1), last.pattern, last.line)


def parse(text: str, dialect: Dialect) -> CodeOwners:
    """Read the file. A line that the platform would pass over is passed over here too, and told in ``faults``."""
    sections = {"": _Section("")}
    faults: list[Fault] = []
    current, defaults = sections[""], ()  # type: _Section, tuple[str, ...]
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if dialect == "gitlab" and (heading := _HEADING.match(stripped)):
            optional, name, count, rest = heading.groups()
            current = sections.setdefault(name.strip().casefold(), _Section(name.strip()))
            current.approvals.append(0 if optional else max(_count(count), 1))
            defaults = tuple(_OWNER.findall(rest or ""))
            continue
        entry = _read_entry(stripped, number, dialect)
        if isinstance(entry, Fault):
            faults.append(entry)
        else:
            current.entries.append(entry if entry.owners else entry._replace(owners=defaults))
    return CodeOwners(tuple(sections.values()), tuple(faults))


def locate(read: Callable[[str], str | None], dialect: Dialect) -> tuple[str, str] | None:
    """Path and text of the file that counts; ``read`` gives a file of the target branch, or None."""
    for path in LOCATIONS[dialect]:
        text = read(path)
        if text is not None:
            return path, text
    return None


def _read_entry(line: str, number: int, dialect: Dialect) -> _Entry | Fault:
    if dialect == "github":
        line = line.partition(" #")[0]
    pattern, *words = _WORD.findall(line)
    owners = tuple(word for word in words if _OWNER.fullmatch(word))
    if dialect == "github":
        if pattern.startswith(("!", "\\#")) or "[" in pattern:
            return Fault(number, f"{pattern!r} uses !, [...] or \\#, which GitHub does not read in this file")
        if len(owners) < len(words):
            wrong = next(word for word in words if word not in owners)
            return Fault(number, f"{wrong!r} is neither @user, @organisation/team nor an e-mail address")
        return _Entry(pattern, owners, number, tuple(_github_globs(_unescaped(pattern))))
    frees = pattern.startswith("!")
    if why := fault(_unescaped(pattern).strip("!/")):
        return Fault(number, why)
    return _Entry(pattern, owners, number, (_gitlab_glob(_unescaped(pattern.removeprefix("!"))),), frees)


def _unescaped(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern)


def _github_globs(pattern: str) -> Iterator[str]:
    """As gitignore: a bare name fits at any depth, and a folder's name everything in it; but ``docs/*`` no deeper."""
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    glob = body if anchored or body.startswith("**/") else f"**/{body}"
    if not pattern.endswith("/"):
        yield glob
    if not pattern.endswith("/*"):
        yield f"{glob}/**"


def _gitlab_glob(pattern: str) -> str:
    """As GitLab prepares it for fnmatch: a relative one fits at any depth; a folder ends in a slash."""
    rooted = pattern if pattern.startswith("/") else f"/**/{pattern}"
    whole = f"{rooted}**" if rooted.endswith("/") else rooted
    return whole.removeprefix("/")
