"""Patterns of Ruby's ``File.fnmatch`` with FNM_PATHNAME and FNM_DOTMATCH, as regular expressions.

``*`` and ``?`` stay inside a folder. ``**`` crosses folders only where it is a whole part in front of a slash:
``docs/**`` fits no deeper than ``docs/*``. A backslash takes the next sign as it is. A set fits one sign, but no slash.
"""

from __future__ import annotations

import re
from functools import lru_cache

ANY = "[^/]*"
_NEVER = re.compile(r"(?!)")


@lru_cache(maxsize=4096)
def translate(pattern: str) -> re.Pattern[str]:
    """What has to fit the whole path, without a slash in front. A set that is not closed fits nothing."""
    parts: list[str] = []
    at, begins = 0, True  # whether a part of the path begins here
    while at < len(pattern):
        if begins and pattern.startswith("**/", at):
            while pattern.startswith("**/", at):
                at += 3
            parts.append("(?:[^/]*/)*")
            continue
        sign = pattern[at]
        begins = sign == "/"
        if sign == "*":
            while pattern.startswith("*", at):
                at += 1
            parts = close(parts)
            parts.append(ANY)
        elif sign == "?":
            parts.append("[^/]")
            at += 1
        elif sign == "[":
            found = _set(pattern, at + 1)
            if found is None:
                return _NEVER
            part, at = found
            parts.append(part)
        else:
            at += sign == "\\" and at + 1 < len(pattern)
            begins = pattern[at] == "/"
            parts.append(re.escape(pattern[at]))
            at += 1
    return re.compile("".join(parts), re.DOTALL)


def close(parts: list[str]) -> list[str]:
    """The parts with the last ``*`` of the same folder settled: what follows it is searched once, and not again.

    That is enough where a further ``*`` comes behind it, and keeps the search linear.
    """
    for place in range(len(parts) - 1, -1, -1):
        if "/" in parts[place].replace(ANY, "").replace("[^/]", "").replace("(?!/)", ""):
            break
        if parts[place] == ANY:
            return [*parts[:place], f"(?>{ANY}?{''.join(parts[place + 1 :])})"]
    return parts


def _set(pattern: str, at: int) -> tuple[str, int] | None:
    """A set of signs from behind its bracket, and where the pattern goes on; None when it is not closed."""
    negated = pattern[at : at + 1] in ("!", "^") and at < len(pattern)
    at += negated
    members: list[str] = []
    while at < len(pattern):
        if pattern[at] == "]":
            return _expression(members, negated), at + 1
        first, at = _sign(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            last, at = _sign(pattern, at + 1)
            members += [re.escape(first), re.escape(last)]
            if first < last:
                members.append(f"{re.escape(first)}-{re.escape(last)}")
        else:
            members.append(re.escape(first))
    return None


def _sign(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\" and at + 1 < len(pattern)
    return pattern[at], at + 1


def _expression(members: list[str], negated: bool) -> str:
    """Without members it fits no sign, or, negated, each."""
    if not members:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{''.join(members)}]"
