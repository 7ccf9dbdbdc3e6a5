"""How bad a finding is of the linters that give all their findings one level: by the rule, as a table.

Ruff and golangci-lint call whatever they find an error, an unused import as well as a hole. docs/formats.md has the
same tables, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from deliverygate.model import Severity

HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
PREFIX = 8  #: letters of a prefix at most

# By the longest prefix that fits. High is what breaks at run time or is about security, low what is about style.
RUFF: Mapping[str, Severity] = {
    "invalid-syntax": HIGH, "E9": HIGH, "io-error": HIGH, "panic": HIGH,
    "S": HIGH, "S101": LOW, "S110": LOW, "S112": LOW,
    "F": MEDIUM, "F401": LOW, "F541": LOW, "F811": LOW, "F841": LOW, "F842": LOW,
    "F404": HIGH, "F502": HIGH, "F6": HIGH, "F7": HIGH, "F82": HIGH, "PLE": HIGH, "YTT": HIGH,
    "E": LOW, "W": LOW, "W605": MEDIUM,
    "A": LOW, "AIR": LOW, "ANN": LOW, "ARG": LOW, "B": MEDIUM, "BLE": MEDIUM, "C4": LOW, "C9": LOW, "COM": LOW,
    "CPY": LOW, "D": LOW, "DOC": LOW, "DTZ": MEDIUM, "EM": LOW, "ERA": LOW, "EXE": LOW, "FA": LOW, "FBT": LOW,
    "FIX": LOW, "FLY": LOW, "FURB": LOW, "G": LOW, "I": LOW, "ICN": LOW, "INP": LOW, "INT": MEDIUM, "ISC": LOW,
    "N": LOW, "NPY": MEDIUM, "PD": LOW, "PERF": LOW, "PIE": LOW, "PLC": LOW, "PLR": LOW, "PT": LOW, "PTH": LOW,
    "PYI": LOW, "Q": LOW, "RET": LOW, "RSE": LOW, "SIM": LOW, "SLF": LOW, "SLOT": LOW, "T10": MEDIUM, "T20": LOW,
    "TC": LOW, "TCH": LOW, "TD": LOW, "TID": LOW, "TRY": LOW, "UP": LOW,
}  # fmt: skip

GOLANGCI: Mapping[str, Severity] = {
    "typecheck": HIGH, "gosec": HIGH, "govet": HIGH, "errcheck": HIGH, "staticcheck": HIGH, "bodyclose": HIGH,
    "sqlclosecheck": HIGH, "rowserrcheck": HIGH, "nilerr": HIGH, "nilnil": MEDIUM, "durationcheck": HIGH,
    "makezero": HIGH, "copyloopvar": HIGH, "exportloopref": HIGH, "bidichk": HIGH, "asciicheck": HIGH,
    "gosimple": LOW, "stylecheck": LOW, "unused": LOW, "deadcode": LOW, "structcheck": LOW, "varcheck": LOW,
    "ineffassign": LOW, "unparam": LOW, "unconvert": LOW, "wastedassign": LOW, "revive": LOW, "golint": LOW,
    "misspell": LOW, "gofmt": LOW, "gofumpt": LOW, "goimports": LOW, "gci": LOW, "golines": LOW, "lll": LOW, "wsl": LOW,
    "whitespace": LOW, "nlreturn": LOW, "godot": LOW, "godox": LOW, "dupl": LOW, "dupword": LOW, "gocyclo": LOW,
    "cyclop": LOW, "gocognit": LOW, "funlen": LOW, "maintidx": LOW, "nestif": LOW, "goconst": LOW, "mnd": LOW,
    "gomnd": LOW, "nakedret": LOW, "varnamelen": LOW, "testpackage": LOW, "paralleltest": LOW, "tagalign": LOW,
    "usestdlibvars": LOW, "predeclared": LOW, "nolintlint": LOW, "gochecknoglobals": LOW, "gochecknoinits": LOW,
}  # fmt: skip

OTHERS = MEDIUM  #: rules and linters that are in no table
TABLES = {"ruff": RUFF, "golangci-lint": GOLANGCI}


def severity_by_rule(tool: str, rule: str) -> Severity | None:
    """None for a tool whose own levels tell its findings apart."""
    name = tool.lower()
    if name == "ruff":
        return _of_ruff(rule)
    return GOLANGCI.get(rule, OTHERS) if name == "golangci-lint" else None


@lru_cache(maxsize=2048)
def _of_ruff(rule: str) -> Severity:
    """``F401`` is looked up before ``F4``, and that before ``F``; a prefix is followed by digits."""
    if rule in RUFF:
        return RUFF[rule]
    letters = rule.rstrip("0123456789")
    prefixes = (rule[:length] for length in range(min(len(rule), PREFIX), len(letters) - 1, -1))
    return next((RUFF[prefix] for prefix in prefixes if prefix in RUFF), OTHERS)
