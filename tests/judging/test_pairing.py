from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deliverygate.judging.baseline.file import Known
from deliverygate.judging.baseline.pairing import pair

A = Known(path="a.py", line=10, tool="demo", rule="r", message="m")


def known(*old: Known, new: tuple[Known, ...], gone: tuple[str, ...] = ()) -> dict[int, int]:
    return pair(old, new, lambda path: path not in gone)


def test_each_old_one_is_used_once() -> None:
    assert known(A, new=(A, A, A)) == {0: 0}


@pytest.mark.parametrize(
    "now",
    [
        replace(A, line=99),
        replace(A, message="other", text="t"),
        replace(A, message="other", native="n"),
        replace(A, text="other", native="other"),
        replace(A, line=None),
    ],
    ids=["line", "same text", "same native", "same words", "no line"],
)
def test_one_sign_is_enough_in_the_same_file(now: Known) -> None:
    assert known(replace(A, text="t", native="n"), new=(now,)) == {0: 0}


@pytest.mark.parametrize(
    "now",
    [
        replace(A, tool="other"),
        replace(A, rule="other"),
        replace(A, path="b.py"),
        replace(A, path=None),
        replace(A, message="other"),
        replace(A, message="", package="openssl"),
    ],
    ids=["tool", "rule", "path", "no path", "message", "package"],
)
def test_without_a_sign_it_is_new(now: Known) -> None:
    assert known(A, new=(now,)) == {}


def test_surer_sign_goes_first_so_that_the_right_one_is_new() -> None:
    near, true = replace(A, line=11, text="other"), replace(A, line=500, text="t")

    assert known(replace(A, text="t"), new=(near, true)) == {1: 0}


def test_fingerprint_that_several_share_proves_nothing() -> None:
    constant = [replace(A, message=word, native="constant") for word in ("one", "two", "three", "four")]

    assert known(*constant[:2], new=tuple(constant[2:])) == {}


def test_file_that_was_renamed_takes_its_findings_along() -> None:
    old = [replace(A, text=text, native=native) for text, native in (("t1", ""), ("", "n2"))]
    packages = replace(A, path="a.lock", message="", package="openssl", line=None)
    moved = [replace(each, path="b.py") for each in old] + [replace(packages, path="b.lock")]

    assert known(*old, packages, new=tuple(moved), gone=("a.py", "a.lock")) == {0: 0, 1: 1, 2: 2}


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ([replace(A, text="t")], [replace(A, text="t", path="b.py")], ()),
        ([replace(A, text="t")], [replace(A, text="t", path=path) for path in ("b.py", "c.py")], ("a.py",)),
        ([replace(A, text="t", path=path) for path in ("a.py", "c.py")], [replace(A, text="t", path="b.py")], ("a.py", "c.py")),
        ([A], [replace(A, path="b.py")], ("a.py",)),
        ([replace(A, text="t", path=None)], [replace(A, text="t", path="b.py")], ()),
    ],
    ids=["the old file is still there", "two could be it", "it could be of two", "only the words", "no file before"],
)  # fmt: skip
def test_rename_that_is_not_sure_makes_new_findings(old: list[Known], new: list[Known], gone: tuple[str, ...]) -> None:
    assert known(*old, new=tuple(new), gone=gone) == {}


def test_equal_ones_of_a_renamed_file_go_along_together() -> None:
    old = [replace(A, text="t", line=line) for line in (10, 20)]
    new = [replace(A, text="t", line=line, path="b.py") for line in (10, 20, 90)]

    assert known(*old, new=tuple(new), gone=("a.py",)) == {0: 0, 1: 1}


def test_of_equal_ones_the_nearest_are_paired() -> None:
    old = [replace(A, line=line) for line in (10, 100, 1000)]
    new = [replace(A, line=line) for line in (1, 98, 99, 1003)]

    assert known(*old, new=tuple(new)) == {0: 0, 2: 1, 3: 2}


def test_fewer_than_before_are_all_known() -> None:
    assert known(*(replace(A, line=line) for line in (10, 20, 30)), new=(replace(A, line=29), replace(A, line=11))) == {
        0: 2,
        1: 0,
    }


ENTRIES = st.lists(
    st.builds(
        Known,
        path=st.sampled_from(["a.py", "b.py", None]),
        line=st.one_of(st.none(), st.integers(1, 40)),
        tool=st.just("demo"),
        rule=st.sampled_from(["r", "s"]),
        message=st.sampled_from(["m", "n"]),
        text=st.sampled_from(["", "t", "u"]),
        native=st.sampled_from(["", "1", "2"]),
    ),
    max_size=12,
)


@settings(derandomize=True, max_examples=200)
@given(ENTRIES)
def test_what_is_there_unchanged_is_never_new(entries: list[Known]) -> None:
    assert len(known(*entries, new=tuple(entries))) == len(entries)


@settings(derandomize=True, max_examples=200)
@given(ENTRIES, st.integers(1, 500))
def test_shifting_every_line_makes_nothing_new(entries: list[Known], shift: int) -> None:
    shifted = [replace(each, line=each.line and each.line + shift) for each in entries]

    assert len(known(*entries, new=tuple(shifted))) == len(entries)


@settings(derandomize=True, max_examples=200)
@given(ENTRIES, st.integers())
def test_order_changes_nothing(entries: list[Known], seed: int) -> None:
    shuffled = Random(seed).sample(entries, len(entries))

    assert len(known(*entries, new=tuple(shuffled))) == len(entries)


@settings(derandomize=True, max_examples=200)
@given(ENTRIES, ENTRIES)
def test_nobody_is_used_twice_and_no_more_are_known_than_were_there(old: list[Known], new: list[Known]) -> None:
    found = known(*old, new=tuple(new), gone=("a.py",))

    assert len(set(found.values())) == len(found) <= len(old)


@settings(derandomize=True, max_examples=200)
@given(ENTRIES.filter(bool), st.data())
def test_one_more_of_the_same_is_exactly_one_new(entries: list[Known], data: st.DataObject) -> None:
    twin = replace(data.draw(st.sampled_from(entries)), line=77, text="elsewhere", native="")

    assert len([*entries, twin]) - len(known(*entries, new=(*entries, twin))) == 1
