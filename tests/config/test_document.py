"""YAML to data: what people mean, with lines; everything else is an error in words."""

from __future__ import annotations

import re

import pytest

from deliverygate.config.document import dotted, flatten, load, load_all
from deliverygate.errors import ConfigError


def fault(text: str | bytes, **environ: str) -> str:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as raised:
        load(data, "p.yml", environ=environ)
    return str(raised.value)


def test_words_are_read_as_people_mean_them() -> None:
    text = b"a: 1\nb: no\nc: true\nd: 014\ne: 2026-01-02\nf: '1'\ng: ~\nh: 0x1f\ni: [1.5, .5]\nj: 1:30\nk: on\n"

    data = load(text, "p.yml").data

    assert data == {
        "a": 1, "b": "no", "c": True, "d": 14, "e": "2026-01-02", "f": "1", "g": None, "h": 31, "i": [1.5, 0.5],
        "j": "1:30", "k": "on",
    }  # fmt: skip


def test_every_value_knows_its_line() -> None:
    document = load(b"stages:\n  build:\n    - gate: trivy\n      fail_on: high\n", "p.yml")

    assert document.where(("stages", "build", 0, "fail_on")) == "p.yml:4: stages.build[0].fail_on"


def test_a_value_that_is_not_written_is_placed_at_what_holds_it() -> None:
    document = load(b"stages:\n  build:\n    - gate: trivy\n", "p.yml")

    assert document.where(("stages", "build", 0, "report")) == "p.yml:3: stages.build[0].report"


def test_merge_keys_give_what_the_mapping_does_not_say_itself() -> None:
    text = b"base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nuse:\n  <<: [*b, *m]\n  x: 9\n"

    assert load(text, "p.yml").data["use"] == {"x": 9, "y": 2, "z": 4}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "p.yml:3: a: stands twice (first in line 1); keep one of the two"),
        (
            "a: !!python/object/apply:os.system [x]",
            "p.yml:1: a: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed; "
            "write plain YAML without tags",
        ),
        ("&a [*a]", "p.yml:1: [0]: an alias that holds itself; write the value out"),
        ("? [a]\n: b", "p.yml:1: a key must be a word; write `key: value`"),
        (b"a: \xff", "p.yml: is not UTF-8 (byte 3); save the file as UTF-8"),
        ("a: \x07", "p.yml: holds a character that YAML forbids (U+0007); remove it"),
        ("a: {<<: 3}", "p.yml:1: a: `<<` merges mappings only; name an anchor of a mapping"),
        ("[" * 5000, "p.yml: is nested 5000 levels deep; stay below 100"),
        ("- " * 5000 + "x", "p.yml: is nested 5000 levels deep; stay below 100"),
        (
            "\n".join(" " * depth + "a:" for depth in range(3000)),
            "p.yml: is nested 3000 levels deep; stay below 100",
        ),
    ],
    ids=["twice", "python tag", "circle", "list as key", "not UTF-8", "control",
         "merge of a number", "brackets", "dashes", "deep mapping"],
)  # fmt: skip
def test_bad_yaml_is_answered_with_place_and_cure(text: str | bytes, said: str) -> None:
    assert fault(text) == said


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\n b: 2", "p.yml:2:3"),
        ("a: 1\n---\nb: 2", "p.yml:2:1"),
        ("a: 'x", "p.yml:1:6"),
    ],
    ids=["indentation", "two documents", "open quote"],
)
def test_what_is_no_yaml_is_answered_with_its_place_and_the_words_of_the_parser(text: str, place: str) -> None:
    assert re.fullmatch(rf"{place}: is not YAML: \w.{{10,}}\w; check the indentation and the quotes", fault(text))


def test_a_policy_may_be_nested_up_to_the_limit() -> None:
    text = "\n".join(" " * depth + "a:" for depth in range(100))

    assert load(text.encode(), "p.yml").where(("a",) * 100).startswith("p.yml:100: ")


def test_aliases_that_grow_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]

    assert "holds more than 100000 values; do not nest aliases in aliases" in fault("\n".join(lines))


def test_variables_are_filled_in_and_remembered() -> None:
    text = b"url: https://${HOST}:${PORT:-8080}/x\nprice: $$5\nplain: $HOME {x}\n"

    document = load(text, "p.yml", environ={"HOST": "shop.example", "HOME": "/root"})

    assert document.data == {"url": "https://shop.example:8080/x", "price": "$5", "plain": "$HOME {x}"}
    assert document.variables == {("url",): ("HOST", "PORT")}


def test_an_empty_variable_takes_the_default_as_in_a_shell() -> None:
    assert load(b"a: ${X:-y}", "p.yml", environ={"X": ""}).data == {"a": "y"}


def test_a_variable_that_is_not_set_is_noted_with_its_name() -> None:
    document = load(b"a: ${X}", "p.yml", environ={})

    assert [str(error) for error in document.unset.values()] == [
        "p.yml:1: a: ${X} is not set; set X, or write ${X:-default}"
    ]


def test_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert load(b"\xef\xbb\xbfversion: 1", "p.yml").data == {"version": 1}


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("stages", "build", 0, "max", "high")) == "stages.build[0].max.high"


def test_flatten_lists_every_leaf() -> None:
    assert list(flatten({"a": [1, {"b": 2}], "c": {}})) == [(("a", 0), 1), (("a", 1, "b"), 2), (("c",), {})]


def test_every_document_of_a_stream_is_read_with_the_lines_of_the_file() -> None:
    documents = load_all(b"# nothing yet\n---\na: 1\n---\n---\nb:\n  c: 2\n", "slo.yml")

    assert [document.data for document in documents] == [{"a": 1}, {"b": {"c": 2}}]
    assert [document.where(path) for document, path in zip(documents, [("a",), ("b", "c")], strict=True)] == [
        "slo.yml:3: a",
        "slo.yml:7: b.c",
    ]


def test_stream_that_breaks_off_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^slo\.yml:4:"):
        load_all(b"a: 1\n---\nb: [1,\n", "slo.yml")
