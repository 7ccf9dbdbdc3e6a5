"""How tools say that they did not check something: the rules they invent for it, and the words they use.

A file that a tool ignored, could not parse or gave up on is not clean. docs/formats.md has the table of all formats.
"""

from __future__ import annotations

import re

# Rules that no rule set has: the tool itself says that it could not read, parse or check. The same tool uses the same
# one in each of its formats, and another tool's rule of that name means the same.
RULES = frozenset({
    "fatal",  # ESLint
    "E902", "E999", "invalid-syntax", "io-error", "panic",  # Ruff, flake8
    "syntax-error", "parse-error", "astroid-error", "bad-plugin-value", "method-check-failed",  # pylint
    "E0001", "E0013", "F0001", "F0002", "F0010", "F0011", "F0202",  # pylint, by number
    "DL1000",  # hadolint
    "SC1070", "SC1071", "SC1072", "SC1073", "SC1088", "SC1089", "ShellCheck",
    "CssSyntaxError",  # Stylelint
    "typecheck",  # golangci-lint
    "syntax",  # mypy
    "parse",  # Biome
    "Lint/Syntax",  # RuboCop
    "PRS", "LXR", "TMP",  # sqlfluff
    "syntax-check", "internal-error", "load-failure", "parser-error",  # ansible-lint
    "com.puppycrawl.tools.checkstyle.Checker", "com.puppycrawl.tools.checkstyle.TreeWalker",
    "Internal.Exception", "Internal.LocalFile", "Internal.Tokenizer.Exception",  # PHP_CodeSniffer
})  # fmt: skip

# The same for files in which the tool saw nothing for it to do, or was told to look at nothing.
IGNORED_RULES = frozenset({
    "Internal.NoCodeFound",  # PHP_CodeSniffer
    "file-ignored", "I0013",  # pylint
})  # fmt: skip
IGNORED = "File ignored"  #: how ESLint begins what it says of a file that it did not lint, whatever the reason
PARSING = "Parsing error"  #: how ESLint begins what it says of a file that it could not parse

_WORDS = re.compile(
    r"\b(?:syntax|lexical|pars(?:e|ing)|extraction|internal)[ -]?errors?\b"
    r"|\bpartial(?:ly)? ?pars|\bextraction[ -](?:warnings?|failed)|\bfailed[ -]extract"
    r"|\b(?:can(?:no|')t|can not|could not|couldn't|did not|didn't|unable to|fail(?:ed|ure|s)? to|not) (?:be )?"
    r"(?:pars|read|analy[sz]|scan|check|lint|load|open|run|execut|process|compil|extract|find|support)"
    r"|\btime(?:d)?[ -]?outs?\b|\bout ?of ?memory\b|\bstack ?overflow\b|\btoo (?:large|big|complex|many)\b"
    r"|\b(?:skipp|ignor)(?:ed|ing)\b|\bunsupported\b|\bunreadable\b|\bincomplete\b|\bcrash(?:ed)?\b",
    re.IGNORECASE,
)
SEARCHED = 2000  #: characters of a message; what it is about stands at its beginning


def says_so(text: str) -> bool:
    """Whether what a tool says of itself is about something that it did not check."""
    return bool(_WORDS.search(text[:SEARCHED]))
