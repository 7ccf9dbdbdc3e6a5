from __future__ import annotations

import pytest

from deliverygate.judging.surroundings import Surroundings, Text

SOURCE = """import os
a = 1
b = 2


def answer(x):
    if x:
        return 42
    return os.environ
end = 1
end = 2
"""


def around(text: str, flagged: str) -> str:
    """The key of the first line that holds ``flagged``."""
    lines = text.splitlines()
    return Text(text).around(next(number for number, line in enumerate(lines, start=1) if flagged in line))


@pytest.mark.parametrize(
    "other",
    [
        SOURCE.replace("    ", "\t"),
        SOURCE.replace("    ", "  "),
        SOURCE.replace("\n", "\r\n"),
        SOURCE.replace("\n", "\n\n"),
        SOURCE.replace("\n\n\n", "\n"),
        SOURCE.replace("if x:", "if x :"),
        "# a licence\n" * 50 + SOURCE,
        SOURCE + "\nmore = 1\n" * 50,
    ],
    ids=["tabs", "two spaces", "Windows", "more blank lines", "fewer", "spaced", "shifted", "more below"],
)
def test_key_of_a_line_stays_when_only_the_form_changes(other: str) -> None:
    assert around(other, "return 42") == around(SOURCE, "return 42")


@pytest.mark.parametrize(
    "other",
    [SOURCE.replace("42", "43"), SOURCE.replace("if x", "if y"), SOURCE.replace("os.environ", "None")],
    ids=["the line itself", "above", "below"],
)
def test_key_of_a_line_is_another_when_it_or_a_neighbour_is(other: str) -> None:
    assert around(other, "return 4") != around(SOURCE, "return 4")


def test_a_blank_line_has_a_key_of_its_own_neighbours() -> None:
    text = Text("a\n\nb\n")

    assert len({text.around(line) for line in (1, 2, 3)}) == 3


@pytest.mark.parametrize("line", [0, -1, 4, 10**9])
def test_a_line_that_is_not_there_has_no_key(line: int) -> None:
    assert Text("a\nb\n").around(line) == ""


def test_nothing_but_blanks_has_no_key() -> None:
    assert Text("\n  \n").around(2) == ""


def test_a_file_is_looked_at_once_and_one_that_cannot_be_has_no_key() -> None:
    asked: list[str] = []

    def peek(path: str) -> str | None:
        asked.append(path)
        return "x = 1" if path == "a.py" else None

    texts = Surroundings(peek)

    assert (texts.around("a.py", 1) != "", texts.around("b.py", 1)) == (True, "")
    assert (texts.around("a.py", 2), texts.around("b.py", 2)) == ("", "")
    assert asked == ["a.py", "b.py"]
