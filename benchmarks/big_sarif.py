"""A big SARIF log, the same bytes every time: results of 200 rules, sixty a file, about 480 bytes each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

RULES = 200
EACH = 60  #: results in a file
LEVELS = ("error", "warning", "warning", "note")
WORDS = (
    "This expression reads a value that the caller controls",
    "The result of this call is never looked at, so a failure goes unnoticed",
    "This variable shadows one of an outer scope, and both are used below",
    "The resource that is opened here is not closed on every path",
)


def write(path: Path, results: int) -> None:
    """Write the log, piece by piece."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_pieces(results))


def _pieces(results: int) -> Iterator[str]:
    driver = {"name": "BenchLint", "version": "1.0.0", "rules": [_rule(number) for number in range(RULES)]}
    yield '{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",'
    yield ' "runs": [{"tool": {"driver": '
    yield json.dumps(driver)
    yield '}, "invocations": [{"executionSuccessful": true}], "columnKind": "utf16CodeUnits", "results": [\n'
    for number in range(results):
        yield json.dumps(_result(number)) + (",\n" if number < results - 1 else "\n")
    yield "]}]}\n"


def _rule(number: int) -> dict[str, object]:
    return {
        "id": f"bench/rule-{number:03}",
        "name": f"BenchRule{number:03}",
        "shortDescription": {"text": f"Rule {number} of the benchmark"},
        "fullDescription": {"text": WORDS[number % len(WORDS)]},
        "defaultConfiguration": {"level": LEVELS[number % len(LEVELS)]},
        "properties": {"tags": ["benchmark"], "precision": "high"},
    }


def _result(number: int) -> dict[str, object]:
    # File by file as tools write them, some rules broken several times in one file.
    file, rule = number // EACH, number * 7 // 3 % RULES
    line = 1 + number * 31 % 2_000
    return {
        "ruleId": f"bench/rule-{rule:03}",
        "ruleIndex": rule,
        "rule": {"id": f"bench/rule-{rule:03}"},
        "level": LEVELS[rule % len(LEVELS)],
        "message": {"text": f"{WORDS[rule % len(WORDS)]} (case {number % 97})."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": f"src/package{file % 50:02}/module{file:04}.py",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": line, "startColumn": 5, "endLine": line, "endColumn": 42},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{number * 2654435761 % 2**64:016x}:1"},
    }
