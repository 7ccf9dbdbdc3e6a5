"""Comments by which tools are told to look away: whether a line may hold one, and whether it is about a rule."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

# By the tool's word in the source of a suppression.
_OF_TOOL: Mapping[str, str] = {
    "eslint": r"eslint-disable(?:-next-line|-line)?",
    "pylint": r"pylint:\s*(?:disable(?:-next)?|skip-file)\s*=?",
    "semgrep": r"nosem(?:grep)?:?",
    "checkov": r"(?:checkov|bridgecrew)(?:\.io/|:)?\s*(?:skip\d*)?\s*[=:]?",
    "gosec": r"#?nosec|gosec:disable",
}
_OTHERS = (
    r"noqa:?|nolint:?|nosonar|type:\s*ignore|tslint:disable(?:-next-line|-line)?|stylelint-disable(?:-next-line|-line)?"
    r"|rubocop:\s*disable|shellcheck\s+disable=|hadolint\s+ignore=|kics-scan\s+ignore-\w+|(?:tfsec|trivy):ignore:?"
    r"|@?suppresswarnings|#pragma\s+warning\s+disable|suppressmessage|lgtm|codeql|noinspection|nopmd|detekt|ktlint-disable"
)
_KNOWN = "|".join((*_OF_TOOL.values(), _OTHERS))

# What a comment of a tool that nobody has listed here is likely to say.
_LIKELY = (
    r"disabl|ignor|suppress|skip|exclu|allow|except|no-?(?:lint|qa|sem|sec|sonar|warn|check)|pragma|false.?positive"
)
_ENDS = re.compile(
    r"(?:eslint|tslint|stylelint|ktlint)-enable|(?:pylint|rubocop|tslint)\s*:\s*enable|checkstyle\s*:\s*on"
    r"|#pragma\s+warning\s+restore",
    re.IGNORECASE,
)


def may_suppress(line: str, tool: str) -> bool:
    """Whether a line that was added may be what made ``tool`` look away, there or further down."""
    pattern = _OF_TOOL.get(tool, f"{_KNOWN}|{_LIKELY}")
    return re.search(pattern, line, re.IGNORECASE) is not None


def suppresses(line: str, tool: str, ids: Collection[str]) -> bool:
    """Whether a line surely holds a comment that silences one of the rules ``ids``: it names it, or names none."""
    found = re.search(_OF_TOOL.get(tool, _KNOWN), line, re.IGNORECASE)
    if found is None:
        return False
    about = re.split(r"--|\*/|-->", line[found.end() :], maxsplit=1)[0]
    words = re.findall(r"[\w@./:-]*\w", about)
    return not words or any(name.casefold() in about.casefold() for name in ids if name)


def count_ends(text: str) -> int:
    """How many comments switch rules on again. One that is gone lets the suppression above it reach further."""
    return len(_ENDS.findall(text))
