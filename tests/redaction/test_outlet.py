"""What is written to a guarded stream leaves it redacted, whatever the pieces are that it was written in."""

from __future__ import annotations

import io

import pytest

from deliverygate.redaction import outlet
from deliverygate.redaction.outlet import GuardedStream


@pytest.fixture
def inner() -> io.TextIOWrapper:
    outlet.learn(["hunter2hunter2"])
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")


def written(inner: io.TextIOWrapper) -> bytes:
    inner.flush()
    raw = inner.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue()


@pytest.mark.parametrize(
    "pieces",
    [["it is hunter2hunter2\n"], ["it is hunt", "er2hunter2\n"], [*"it is hunter2hunter2\n"]],
    ids=["whole", "in two", "letter by letter"],
)
def test_a_line_is_redacted_as_a_whole(inner: io.TextIOWrapper, pieces: list[str]) -> None:
    stream = GuardedStream(inner)

    stream.writelines(pieces)

    assert written(inner) == b"it is ***\n"


def test_a_question_is_let_out_when_the_stream_is_flushed(inner: io.TextIOWrapper) -> None:
    stream = GuardedStream(inner)

    stream.write("go on with hunter2hunter2? ")
    stream.flush()

    assert written(inner) == b"go on with ***? "


def test_bytes_are_redacted_after_the_text_before_them(inner: io.TextIOWrapper) -> None:
    stream = GuardedStream(inner)

    stream.write("first ")
    stream.buffer.write(b"hunter2hunter2 \xff\n")

    assert written(inner) == b"first *** \xff\n"


def test_what_is_learned_later_is_redacted_from_then_on(inner: io.TextIOWrapper) -> None:
    stream = GuardedStream(inner)

    stream.write("swordfish99\n")
    outlet.learn(["swordfish99"])
    stream.write("swordfish99\n")

    assert written(inner) == b"swordfish99\n***\n"
