"""Reports with a fault put in: each mutant says what was done to it and where, the same ones every time."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, fromstring, tostring

T = TypeVar("T")
Path = tuple[str | int, ...]

ODD = [None, True, 0, -1, 1e308, 10**30, "", "x", "\x00\x1b[0m", [], [None], [[]], {}, {"text": 1}, {"": {}}]

_NAME = re.compile(r"[/.]")  # in a key that is the name of a file, and no word of the format

SWAPPED: tuple[Any, ...] = ("7", 7, {}, [], None, True)  #: values that take the place of one of another type
WRITTEN = ("", "x", "-1", "1e999", "\u0663")  #: what takes the place of an attribute's value


@dataclass(frozen=True)
class Mutant:
    """A report that is no longer what its tool wrote."""

    how: str  #: e.g. "emptied" or "removed"
    place: str  #: the JSON path without its indexes, the element and its attribute, or what the cut leaves
    data: bytes

    def __str__(self) -> str:
        return f"{self.how} {self.place}"


def make_mutants(whole: bytes, *, seed: str, most: int = 60) -> Iterator[Mutant]:
    """All that is done to a report in UTF-8: cuts and flips, ``most`` of each, and every place of its structure."""
    yield from cut(whole, most=most)
    yield from flipped(whole, most=most, seed=seed)
    first = whole.lstrip()[:1]
    if first in (b"{", b"["):
        yield from json_mutants(whole)
    elif first == b"<":
        yield from xml_mutants(whole)
    else:
        yield from text_mutants(whole, most=most)


def sampled(items: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, evenly from the first to the last."""
    if len(items) <= most:
        return items
    return [items[index * (len(items) - 1) // (most - 1)] for index in range(most)]


def of_each(items: Iterable[T], name: Callable[[T], str]) -> Iterator[T]:
    """Of the items with one name the first and the last: every place of a structure, however often it is repeated."""
    named: dict[str, list[T]] = defaultdict(list)
    for item in items:
        named[name(item)].append(item)
    for several in named.values():
        yield from sampled(several, 2)


# Bytes


def cut(whole: bytes, *, most: int) -> Iterator[Mutant]:
    """Cut behind each bracket, comma, colon, tag and line, sampled evenly. What is left is never the whole."""
    whole = whole.rstrip()
    ends = line_ends(whole)
    for place in sampled([place + 1 for place, byte in enumerate(whole[:-1]) if byte in b"{}[],:<>\n"], most):
        yield Mutant("cut", "at the end of a line" if place in ends else "inside", whole[:place])


def flipped(whole: bytes, *, most: int, seed: str) -> Iterator[Mutant]:
    """One bit of one byte turned over, at random places."""
    random = Random(seed)
    for _ in range(most):
        data, place = bytearray(whole), random.randrange(len(whole))
        data[place] ^= 1 << random.randrange(8)
        yield Mutant("flipped", f"byte {place}", bytes(data))


def line_ends(whole: bytes) -> set[int]:
    """Where reports of lines can be cut without a trace: at the end of a line, before or behind its end mark."""
    return {place + past for place, byte in enumerate(whole) if byte == ord("\n") for past in (0, 1)}


# JSON, and JSON lines as the list of their documents


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place inside a document, as a path of keys and indexes."""
    yield path
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, part in inside:
        yield from places(part, (*path, key))


def look_up(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def put(document: Any, path: Path, value: Any) -> Any:
    """A document with another value at one place; the given one is left as it is. A place that is gone changes nothing."""
    if not path:
        return value
    try:
        inner = document[path[0]]
        copied = document.copy()
    except (LookupError, TypeError, AttributeError):
        return document
    copied[path[0]] = put(inner, path[1:], value)
    return copied


def drop(document: Any, path: Path) -> Any:
    """A document without the key or member at one place."""
    around = look_up(document, path[:-1]).copy()
    del around[path[-1]]
    return put(document, path[:-1], around)


def name_of(path: Path) -> str:
    """``$.runs[].results`` for every run, ``$.metrics.*`` for every file: what is true of one holds for the others."""
    return "$" + "".join("[]" if isinstance(step, int) else ".*" if _NAME.search(step) else f".{step}" for step in path)


def json_mutants(whole: bytes) -> Iterator[Mutant]:
    """Each list and object emptied, each key removed, each value swapped."""
    try:
        document, lines = json.loads(whole), False
    except ValueError:
        document, lines = [json.loads(line) for line in whole.splitlines()], True
    for how, path, changed in _changes(document):
        written = "\n".join(map(json.dumps, changed)) if lines and isinstance(changed, list) else json.dumps(changed)
        yield Mutant(how, name_of(path), written.encode())


def _changes(document: Any) -> Iterator[tuple[str, Path, Any]]:
    for turn, path in enumerate(of_each(places(document), name_of)):
        value = look_up(document, path)
        if value and isinstance(value, list | dict):
            yield "emptied", path, put(document, path, type(value)())
        if path and isinstance(path[-1], str):
            yield "removed", path, drop(document, path)
        others = [other for other in SWAPPED if type(other) is not type(value)]
        yield "swapped", path, put(document, path, others[turn % len(others)])


# XML


def xml_mutants(whole: bytes) -> Iterator[Mutant]:
    """Each element emptied, each attribute removed and swapped."""
    places = [(index, "") for index, _ in enumerate(fromstring(whole).iter())]
    places += [(index, name) for index, element in enumerate(fromstring(whole).iter()) for name in element.attrib]
    tags = [element.tag for element in fromstring(whole).iter()]
    for turn, (index, name) in enumerate(of_each(places, lambda place: f"{tags[place[0]]} {place[1]}")):
        for how, change in (ATTRIBUTE_CHANGES if name else ELEMENT_CHANGES).items():
            root = fromstring(whole)
            element = list(root.iter())[index]
            change(element, name, turn)
            yield Mutant(how, f"<{tags[index]} {name}>" if name else f"<{tags[index]}>", tostring(root))


def _empty(element: Element, _: str, __: int) -> None:
    element.text = None
    element[:] = []


def _remove(element: Element, name: str, _: int) -> None:
    del element.attrib[name]


def _swap(element: Element, name: str, turn: int) -> None:
    element.attrib[name] = WRITTEN[turn % len(WRITTEN)]


ELEMENT_CHANGES = {"emptied": _empty}
ATTRIBUTE_CHANGES = {"removed": _remove, "swapped": _swap}


# Text


def text_mutants(whole: bytes, *, most: int) -> Iterator[Mutant]:
    """Each line in turn taken out, and each with its numbers gone."""
    lines = whole.splitlines(keepends=True)
    for index in sampled(range(len(lines)), most):
        sign = lines[index].partition(b":")[0].decode(errors="replace")
        yield Mutant("removed", sign, b"".join(lines[:index] + lines[index + 1 :]))
        broken = bytes(byte for byte in lines[index] if byte not in b"0123456789")
        if broken != lines[index]:
            yield Mutant("swapped", sign, b"".join([*lines[:index], broken, *lines[index + 1 :]]))
