"""Keys that stand twice in a log too big for looking at each: found wherever they could take evidence away."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans import read

FILLING = b'{"ruleId": "R0", "level": "note", "message": {"text": "' + b"x" * 9_000_000 + b'"}}'
BARE = b'{"message": {"text": "' + b"x" * 9_000_000 + b'"}}'
TOOL = b'"tool": {"driver": {"name": "demo"}}'


def log(*runs):
    return b'{"version": "2.1.0", "runs": [' + b", ".join(runs) + b"]}"


def run(*results, before=b"", after=b""):
    return b"{" + before + TOOL + b', "results": [' + b", ".join(results) + b"]" + after + b"}"


@pytest.mark.parametrize(
    "document",
    [
        log(run(FILLING, before=b'"results": [{"level": "error"}], ')),
        log(run(FILLING, before=b'"results": [' + FILLING + b', {"level": "error"}], ')),
        log(run(FILLING, before=b'"results": [' + FILLING + b"], ")),
        log(run(FILLING, before=b'"result\\u0073": [{"level": "error"}], ')),
        log(run(FILLING), run(b"{}", before=b'"results": [{"level": "error"}], ')),
        log(run(FILLING, after=b', "invocations": [{"executionSuccessful": false}], "invocations": []')),
        log(run(FILLING, after=b', "invocations": [{"executionSuccessful": false, "executionSuccessful": null}]')),
        log(run(BARE, b'{"level": "error", "level": null}')),
        log(run(BARE, b'{"ruleId": "R1", "ruleId": null}')),
        log(run(BARE, b'{"properties": {"security-severity": "9"}, "properties": {}}')),
        log(run(FILLING, b'{"level": "error", "leve\\u006c": "note"}')),
    ],
    ids=[
        "results before",
        "results that begin alike",
        "the same results",
        "results with an escape",
        "in the second run",
        "invocations",
        "failed and null",
        "level and null",
        "rule and null",
        "properties",
        "level with an escape",
    ],
)
def test_a_big_log_with_two_meanings_is_refused(document):
    with pytest.raises(ReportError, match="twice in one object"):
        read(document, path="x", format="sarif")


@pytest.mark.parametrize(
    "document",
    [
        log(run(FILLING), run(b"{}")),
        log(run(FILLING, before=b'"properties": {"results": [1], "level": 1}, ')),
        log(run(FILLING, b'{"properties": {"results": [' + FILLING + b"]}}")),
        log(run(FILLING, b'{"message": {"text": "\\"results\\": [], \\"level\\": 1, \\u0041"}}')),
        log(b"{" + TOOL + b', "result\\u0073": [' + FILLING + b"]}", run(b"{}")),
        log(run(FILLING), b"{" + TOOL + b', "results": null}'),
    ],
    ids=["two runs", "other results", "results in a result", "in a text", "escaped key", "null"],
)
def test_a_big_log_with_one_meaning_is_read(document):
    scan = read(document, path="x", format="sarif")

    assert scan.findings[0].rule == "R0"
