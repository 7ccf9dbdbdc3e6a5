"""Every format of the sample report, compared as a whole. ``python -m tests.renderers.test_golden`` writes them anew."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from deliverygate.model import Report
from deliverygate.renderers import RENDERERS, render
from deliverygate.renderers.terminal import render as show
from tests.renderers.sample_report import ALLOWED, REPORT

GOLDEN = Path(__file__).parent / "golden"
REPORTS = {"blocked": REPORT, "allowed": ALLOWED}
CASES = [(name, format_) for name in REPORTS for format_ in RENDERERS]


def readable(report: Report, format_: str) -> bytes:
    """The output; JSON is written over several lines, so that a difference can be read."""
    data = render(report, format_)
    is_json = RENDERERS[format_].file_name.endswith(".json")
    return msgspec.json.format(data, indent=2) + b"\n" if is_json else data


def stored(name: str, format_: str) -> Path:
    return GOLDEN / name / RENDERERS[format_].file_name


@pytest.mark.parametrize(("name", "format_"), CASES, ids=[f"{name} {format_}" for name, format_ in CASES])
def test_the_output_is_the_stored_one(name: str, format_: str) -> None:
    wanted = stored(name, format_).read_bytes()

    output = readable(REPORTS[name], format_)

    assert output.decode() == wanted.decode()


def test_the_coloured_text_on_a_narrow_terminal_is_the_stored_one() -> None:
    wanted = (GOLDEN / "blocked" / "terminal-80.txt").read_text(encoding="utf-8")

    text = show(REPORT, colour=True, width=80)

    assert text.replace("\x1b", "ESC") == wanted


if __name__ == "__main__":
    for name, format_ in CASES:
        stored(name, format_).parent.mkdir(parents=True, exist_ok=True)
        stored(name, format_).write_bytes(readable(REPORTS[name], format_))
    coloured = show(REPORT, colour=True, width=80).replace("\x1b", "ESC")
    (GOLDEN / "blocked" / "terminal-80.txt").write_text(coloured, encoding="utf-8")
