"""JSON bodies, read strictly, and the paths into them: ``checks[0].status``, or a JSON Pointer (RFC 6901)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

DOTTED = re.compile(r"(?:[^.\[\]]+|\[\d+\])(?:\.[^.\[\]]+|\[\d+\])*")
STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
LONGEST_VALUE = 120  #: characters of a value that are shown


class Missing:
    """What stands where there is nothing; not the same as ``null``."""


MISSING: Final = Missing()


def read_document(body: bytes) -> Any:
    """The value. Raises ValueError, in words, for what is no JSON or says two things at once."""
    try:
        # Given bytes, json.loads would guess UTF-16 too.
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, line {error.lineno}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8, byte {error.start}") from error
    except ValueError as error:
        if "int_max_str_digits" in str(error):
            raise ValueError("a number in it has too many digits") from error
        raise


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {show_value(name)} stands twice in one object")
        found[name] = value
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def read_path(path: str) -> tuple[str | int, ...]:
    """The steps of a path: names, and numbers for places in a list. Raises ValueError."""
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    if not DOTTED.fullmatch(path):
        raise ValueError(f"{path!r} is not a path; write e.g. checks[0].status, or a JSON Pointer: /checks/0/status")
    return tuple(int(place) if place else name for place, name in STEP.findall(path))


def look_up(document: Any, path: str) -> Any:
    """What stands at ``path``; MISSING when nothing does."""
    value = document
    for step in read_path(path):
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and str(step).isdecimal():
            value = value[int(step)] if int(step) < len(value) else MISSING
        else:
            return MISSING
    return value


def same(value: Any, wanted: Any) -> bool:
    """Equality as JSON has it: ``true`` is not ``1``, but ``1`` is ``1.0``."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)


def show_value(value: Any) -> str:
    """A value as JSON, cut when it is long."""
    try:
        return cut(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "nested too deep to be shown"


def cut(text: str) -> str:
    """What is shown of a text that a stranger wrote, however long it is."""
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
