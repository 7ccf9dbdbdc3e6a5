"""``block_if``: an expression in CEL over one finding, checked when the policy is read. https://cel.dev"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeAlias

from deliverygate.model import Severity

Value: TypeAlias = bool | int | float | str

# What an expression may speak of, and its type in CEL.
VARIABLES = {
    "kev": "BOOL",
    "ransomware": "BOOL",
    "epss": "DOUBLE",
    "severity": "INT",
    "fixable": "BOOL",
    "rule": "STRING",
    "pkg": "STRING",  # `package` is a word that CEL keeps for itself
    "category": "STRING",
    "tool": "STRING",
}
SEVERITIES: Mapping[str, int] = {severity.value: severity.rank for severity in Severity}

# Part of what CEL says to what helps; the first that fits is shown.
CURES = {
    "'and'": "CEL writes `&&` for and",
    "'or'": "CEL writes `||` for or",
    "'not'": "CEL writes `!` for not",
    "'='": "CEL writes `==` for equal",
    "(double, int)": "write 1.0 for 1: epss is a number with a point",
    "(int, double)": "write 1.0 for 1: epss is a number with a point",
    "(int, string)": "write a severity without quotes, as in `severity >= high`",
    "(string, int)": "write a severity without quotes, as in `severity >= high`",
}
_FAULT = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_STRING = re.compile(r"""(['"])(?:\\.|(?!\1).)*\1""", re.DOTALL)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Expression:
    """A condition that holds for a finding, or does not, or cannot be told."""

    text: str
    uses: frozenset[str]  #: the variables that it speaks of
    _words: Mapping[str, int] = field(repr=False)  #: the severities that it names
    _program: Any = field(repr=False)

    def holds(self, known: Mapping[str, Value]) -> bool | None:
        """Whether it holds for what is known of a finding.

        None when that hangs on a value which is not there: CEL's ``&&`` and ``||`` pass over what does not matter, so
        `severity >= high && epss >= 0.1` is false for a low finding without a score.
        """
        # 300,000 findings may be asked about, and each value that is handed over costs.
        told = {name: known[name] for name in self.uses if name in known}
        found = self._program.eval(data={**self._words, **told}).value()
        return found if isinstance(found, bool) else None


def compile_expression(text: str) -> Expression:
    """Raises ValueError, with line, column and cure, for what is no condition over these variables."""
    environment = _environment()
    try:
        program = environment.compile(text)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"`block_if`{_explain(str(error))}") from error
    if (kind := program.return_type().name()) != "BOOL":
        raise ValueError(f"`block_if` gives a value of type {kind.lower()}; write a condition, as in `kev`")
    names = frozenset(_NAME.findall(_STRING.sub("''", text)))
    words = {name: rank for name, rank in SEVERITIES.items() if name in names}
    return Expression(text, names & VARIABLES.keys(), words, program)


@cache
def _environment() -> Any:
    try:
        from cel_expr_python import cel
    except ImportError as error:
        raise ValueError(
            "`block_if` needs the extra `cel`, which is not installed; pip install 'deliverygate[cel]'"
        ) from error
    types = VARIABLES | dict.fromkeys(SEVERITIES, "INT")
    return cel.NewEnv(variables={name: getattr(cel.Type, kind) for name, kind in types.items()})


def _explain(said: str) -> str:
    """The first fault, where it is and how to mend it."""
    fault = _FAULT.search(said)
    if fault is None:
        return f" cannot be read: {said.partition(' [')[0][:200]}; see docs/gates/vulnerabilities.md#block_if"
    line, column, what = fault.groups()
    return f", line {line}, column {column}: {_plainly(what)}; {_cure(what)}"


def _plainly(what: str) -> str:
    if unknown := _UNDECLARED.match(what):
        return f"{unknown[1]!r} is not known here"
    return what.removeprefix("Syntax error: ").partition(" expecting ")[0][:200]


def _cure(what: str) -> str:
    if unknown := _UNDECLARED.match(what):
        known = (*VARIABLES, *SEVERITIES)
        near = get_close_matches(unknown[1].lower(), known, n=1)
        return f"did you mean {near[0]!r}?" if near else f"use {', '.join(known)}"
    return next((cure for part, cure in CURES.items() if part in what), "see docs/gates/vulnerabilities.md#block_if")
