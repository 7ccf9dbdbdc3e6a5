"""GitLab's CODEOWNERS: sections side by side, owners found anywhere behind the pattern, patterns of Ruby's fnmatch.

docs.gitlab.com, "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration". Where those pages are silent, this
is how GitLab itself splits lines, reads headings and looks for names.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from deliverygate.conversions import whole
from deliverygate.judging.codeowners.file import CodeOwners, Entry, Fault, Section, lines
from deliverygate.judging.codeowners.fnmatch import translate

LOCATIONS = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")

UNNAMED = "codeowners"  #: what GitLab itself calls the section of what stands in none

# A heading needs no end: what stands behind it is not read. Default owners go as far as nothing but owners is written.
_HEADING = re.compile(r"(\^)?\[(.*?)\](?:\[(\d*)\])?(\s+[@\w.\-/\s+]*)?", re.ASCII)
_GAP = re.compile(r"(?<!\\)\s+", re.ASCII)

# Names are looked for in the whole text: signs around them, and remarks, do not matter.
_PART = r"[a-z0-9_.][a-z0-9_.-]{0,254}(?<![.])(?<!\.git)(?<!\.atom)"
_NAME = re.compile(rf"(?<![\w@])@((?:{_PART}/){{0,20}}{_PART})", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"(?=[^@\s]*\w)[^@\s]{1,100}@[^@\s]{1,255}(?<!\W)", re.ASCII)
_ROLE = re.compile(r"(?:^|(?<=\s))@@(developer|maintainer|owner)s?(?=\s|$)", re.ASCII | re.IGNORECASE)


class _Heading(NamedTuple):
    name: str
    approvals: int  #: 0: optional
    defaults: str  #: the text of its default owners


def read(text: str) -> CodeOwners:
    """Raises nothing: a line that cannot be followed is a fault."""
    sections = {UNNAMED: Section("")}
    faults: list[Fault] = []
    current, defaults = sections[UNNAMED], ""
    for number, line in lines(text):
        if heading := _heading(line):
            key = _known(heading.name, sections)
            current = sections.setdefault(key, Section(heading.name))
            current.approvals.append(heading.approvals)
            defaults = heading.defaults
            continue
        key, entry = _entry(line, number, defaults)
        current.add(key, entry)
        faults += _faults(entry, line)
    return CodeOwners(sections.values(), faults)


def _heading(line: str) -> _Heading | None:
    found = _HEADING.match(line)
    if found is None:
        return None
    optional, name, count, defaults = found.groups()
    return _Heading(name, 0 if optional else max(whole(count or "1") or 1, 1), defaults or "")


def _known(name: str, sections: dict[str, Section]) -> str:
    """Headings of one name share a section, whatever their case; the first of all is not compared."""
    if len(sections) == 1:
        return name
    return next((each for each in sections if each.casefold() == name.casefold()), name)


def _entry(line: str, number: int, defaults: str) -> tuple[str, Entry]:
    """An entry, and the pattern by which GitLab keeps it: a later one of the same pattern takes its place."""
    pattern, _, written = _partition(line)
    frees = pattern.startswith("!")
    whole = _whole(pattern.removeprefix("!"))
    owners = () if frees else owners_in(written or defaults)
    return whole, Entry(pattern, owners, number, (translate(whole.removeprefix("/")),), frees)


def _partition(line: str) -> tuple[str, str, str]:
    gap = _GAP.search(line)
    return (line[: gap.start()], gap[0], line[gap.end() :]) if gap else (line, "", "")


def _whole(pattern: str) -> str:
    """As it is prepared for fnmatch: a relative one fits at any depth, a folder ends in a slash."""
    if pattern == "*":
        return "/**/*"
    pattern = re.sub(r"\\\s+", " ", re.sub(r"\A\\#", "#", pattern), flags=re.ASCII)
    rooted = pattern if pattern.startswith("/") else f"/**/{pattern}"
    return f"{rooted}**/*" if rooted.endswith("/") else rooted


def owners_in(text: str) -> tuple[str, ...]:
    """Everybody whom a text names: users and groups, roles, addresses."""
    found = [(match.start(), f"@{match[1]}") for match in _NAME.finditer(text)]
    found += [(match.start(), f"@@{match[1].lower()}") for match in _ROLE.finditer(text)]
    found += [(match.start(), match[0]) for match in _EMAIL.finditer(text)]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _faults(entry: Entry, line: str) -> list[Fault]:
    if entry.frees or entry.owners:
        return []
    return [Fault(entry.line, f"{line[:80]!r} names no owner, so GitLab asks for nobody's approval")]
