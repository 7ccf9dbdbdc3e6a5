"""JSON bodies, read strictly, and the paths into them: ``checks[0].status``, or a JSON Pointer (RFC 6901)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

from deliverygate.conversions import MOST_DIGITS, NotTextError, exact, exact_of, utf8, whole

DOTTED = re.compile(r"(?:[^.\[\]]+|\[[0-9]+\])(?:\.[^.\[\]]+|\[[0-9]+\])*")
STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")
LONGEST_VALUE = 120  #: characters of a value that are shown


class Missing:
    """What stands where there is nothing; not the same as ``null``."""


MISSING: Final = Missing()


def read_document(body: bytes) -> Any:
    """The value, with all digits of its numbers. Raises ValueError, in words, for what is no JSON or is ambiguous."""
    try:
        text = utf8(body)  # given bytes, json.loads would guess UTF-16 too
    except NotTextError as error:
        raise ValueError(f"it is not UTF-8, byte {error.byte}") from error
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_whole, parse_float=_fraction
        )
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, line {error.lineno}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {show_value(name)} stands twice in one object")
        found[name] = value
    return found


def _whole(written: str) -> int:
    if (found := whole(written)) is None:
        raise ValueError("a number in it has too many digits")
    return found


def _fraction(written: str) -> Decimal:
    found = exact(written)
    if found is None or abs(found.adjusted()) > MOST_DIGITS:
        raise ValueError("a number in it is too long or too large")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def read_path(path: str) -> tuple[str | int, ...]:
    """The steps of a path: names, and numbers for places in a list. Raises ValueError."""
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    if not DOTTED.fullmatch(path):
        raise ValueError(f"{path!r} is not a path; write e.g. checks[0].status, or a JSON Pointer: /checks/0/status")
    return tuple(_whole(place) if place else name for place, name in STEP.findall(path))


def look_up(document: Any, path: str) -> Any:
    """What stands at ``path``; MISSING when nothing does."""
    value = document
    for step in read_path(path):
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and (place := whole(str(step), most=len(value) - 1)) is not None and place >= 0:
            value = value[place]
        else:
            return MISSING
    return value


def same(value: Any, wanted: Any) -> bool:
    """Equality as JSON has it: ``true`` is not ``1``, but ``1`` is ``1.0``; of numbers every digit counts."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(_digits(value) == _digits(wanted))


def _digits(value: Any) -> Any:
    return exact_of(value) if isinstance(value, float) else value


def show_value(value: Any) -> str:
    """A value as JSON, cut when it is long."""
    if isinstance(value, Decimal):
        return cut(str(value))
    try:
        return cut(json.dumps(value, ensure_ascii=False, default=str))
    except (RecursionError, ValueError):
        return "nested too deep to be shown"


def cut(text: str) -> str:
    """What is shown of a text that a stranger wrote, however long it is."""
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
