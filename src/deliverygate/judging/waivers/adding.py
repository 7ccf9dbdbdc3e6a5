"""A new waiver into the text of the waivers file, which keeps its order, its comments and its indentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from deliverygate.config.document import Document, load, scalar
from deliverygate.conversions import whole
from deliverygate.errors import ConfigError
from deliverygate.judging.waivers.file import Written, parse

NEW_FILE = """\
# Findings that are let through for a while: who answers for it, why, and until when.
version: 1
waivers: []
"""
_EMPTY = re.compile(r"^(waivers:)\s*\[\s*\][ \t]*", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z0-9][\w./-]*(?: [\w./-]+)*")
_NUMBERED = re.compile(r"W-(\d+)")


def next_id(ids: Iterator[str]) -> str:
    """The number after the highest one, e.g. ``W-13``."""
    numbers = (whole(found[1]) or 0 for name in ids if (found := _NUMBERED.fullmatch(name)))
    return f"W-{max(numbers, default=0) + 1}"


def add(text: str, waiver: Written, *, path: str) -> str:
    """The text with the waiver at the end of its list.

    Raises ConfigError when the file as it stands, or the waiver, has a fault, or when it cannot be put in safely.
    """
    before = parse(load(text.encode(), path))
    document = load(text.encode(), path)
    new = _inserted(text, document, _entry(waiver, indent=_indent(text, document)))
    ids = [each.id for each in parse(_reread(new, path))]
    if ids != [*(each.id for each in before), waiver.id]:
        raise _no_room(path)
    return new


def _reread(text: str, path: str) -> Document:
    try:
        return load(text.encode(), path)
    except ConfigError as error:
        raise _no_room(path) from error


def _no_room(path: str) -> ConfigError:
    return ConfigError("has a form that nothing can be added to", where=path, mend="write one waiver below the other")


def _inserted(text: str, document: Document, entry: str) -> str:
    if not document.data["waivers"]:
        return _EMPTY.sub(lambda found: f"{found[1]}\n{entry}", text, count=1)
    lines = text.splitlines(keepends=True)
    start = document.lines[("waivers",)]
    later = [number for (*_, key), number in _top_level(document) if key != "waivers" and number > start]
    end = min(later, default=len(lines) + 1) - 1
    head = "".join(lines[:end]).rstrip("\n")
    return f"{head}\n{entry}{''.join(lines[end:])}"


def _top_level(document: Document) -> Iterator[tuple[tuple[str | int, ...], int]]:
    return ((path, line) for path, line in document.lines.items() if len(path) == 1)


def _indent(text: str, document: Document) -> str:
    """What stands before the dash of the last waiver."""
    count = len(document.data["waivers"])
    if not count:
        return "  "
    line = text.splitlines()[document.lines[("waivers", count - 1)] - 1]
    return line[: len(line) - len(line.lstrip())]


def _entry(waiver: Written, *, indent: str) -> str:
    written = msgspec.to_builtins(waiver)
    fields = {name: value for name, value in written.items() if value not in (None, (), [])}
    lines = list(_lines(fields))
    return "".join(f"{indent}{'- ' if index == 0 else '  '}{line}\n" for index, line in enumerate(lines))


def _lines(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield f"{name}:" if value else f"{name}: {{}}"
            yield from (f"  {line}" for line in _lines(value))
        elif isinstance(value, list | tuple):
            yield f"{name}: [{', '.join(map(_quoted, value))}]"
        else:
            yield f"{name}: {_quoted(str(value))}"


def _quoted(value: str) -> str:
    """Plain where YAML reads the same text, else in quotes as JSON writes them."""
    return value if _PLAIN.fullmatch(value) and scalar(value) == value else json.dumps(value, ensure_ascii=False)
