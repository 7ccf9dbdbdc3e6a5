"""Text of strangers loses what could harm its reader, and nothing else."""

from __future__ import annotations

import time

import pytest

from deliverygate.model import Measurement
from deliverygate.renderers.text import beside, clean, neutral, one_line, tail

CLEANED = {
    "plain": ("plain text, ~!@#", "plain text, ~!@#"),
    "colours": ("\x1b[1;31mred\x1b[0m", "red"),
    "eight-bit control sequence": ("\x9b31mred", "red"),
    "a window title": ("\x1b]0;pwned\x07title", "title"),
    "a link": ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
    "a title without an end": ("\x1b]0;still here", "0;still here"),
    "a short escape": ("\x1bcreset", "reset"),
    "a device string": ("\x1bPq#0\x1b\\shown", "shown"),
    "controls": ("a\x00b\x08c\x7fd", "abcd"),
    "bidirectional": ("a\u202eb\u2066c\u200f", "abc"),
    "unseen": ("a\u200bb\ufeffc\xadd\U000e0041", "abcd"),
    "not for XML": ("a\ufffe\ud800\U0001ffffb", "ab"),
    "line ends": ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
    "letters of the world": ("żółć 漢字 👩\u200d💻 é\tx", "żółć 漢字 👩\u200d💻 é\tx"),
}


@pytest.mark.parametrize(("text", "wanted"), CLEANED.values(), ids=list(CLEANED))
def test_only_what_could_harm_is_taken_away(text: str, wanted: str) -> None:
    assert clean(text) == wanted


NEUTRAL = {
    "a workflow command": ("::error file=a::x", ": :error file=a::x"),
    "after space": (" \t\u3000::add-mask::x", " \t\u3000: :add-mask::x"),
    "on a later line": ("a\n::x::", "a\n: :x::"),
    "the older form, anywhere": ("a ##[error]x", "a # #[error]x"),
    "another server's": ("##vso[task.complete] ##teamcity[x]", "# #vso[task.complete] # #teamcity[x]"),
    "no command": ("a::b ## heading", "a::b ## heading"),
}


@pytest.mark.parametrize(("text", "wanted"), NEUTRAL.values(), ids=list(NEUTRAL))
def test_no_line_is_a_command_to_the_server_that_reads_the_log(text: str, wanted: str) -> None:
    assert neutral(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["\x1b]" * 50_000, "\x9d" * 100_000, "\n" * 100_000, " " * 100_000 + ":", "\x1b[" + "0" * 100_000, "#" * 100_000],
    ids=["open strings", "eight-bit ones", "empty lines", "spaces", "a long number", "hashes"],
)
def test_no_text_takes_long(text: str) -> None:
    start = time.perf_counter()

    neutral(clean(text))

    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a\n  b", "a b"), ("abcdefghijkl", "abcdefghi…"), (" " * 100 + "x", "…"), ("abc", "abc")],
    ids=["lines", "too long", "much too long", "short"],
)
def test_one_line_is_one_short_line(text: str, wanted: str) -> None:
    assert one_line(text, 10) == wanted


def test_the_end_of_a_long_text_is_kept() -> None:
    assert tail("0123456789", 4) == "…789"


@pytest.mark.parametrize(
    ("measurement", "wanted"),
    [
        (Measurement(name="score", value=87.5, wanted="at least 90", unit="%"), "score 87.5 %, wanted at least 90 %"),
        (Measurement(name="status", value=503, wanted="200"), "status 503, wanted 200"),
        (Measurement(name="p95", value=None, wanted="0.3", unit="s"), "p95 no data, wanted 0.3 s"),
        (Measurement(name="p95", value=float("nan"), wanted="0.3"), "p95 no data, wanted 0.3"),
        (Measurement(name="files", value=0, wanted=""), "files 0"),
    ],
    ids=["a share", "a count", "no data", "no number", "nothing wanted"],
)
def test_the_measured_value_stands_beside_the_wanted_one(measurement: Measurement, wanted: str) -> None:
    assert beside(measurement) == wanted


def test_no_printable_character_of_unicode_is_lost() -> None:
    printable = "".join(character for character in map(chr, range(0x110000)) if character.isprintable())

    assert clean(f"\x00{printable}") == printable
