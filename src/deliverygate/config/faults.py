"""A msgspec complaint in the words of a policy: which value, what it should be, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any

import msgspec

from deliverygate.config.document import Path
from deliverygate.config.values import convert

_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`(?P<path>[^`]*)`)?", re.DOTALL)
_LIMIT = re.compile(r"Expected `(?P<kind>\w+)` (?P<length>of length )?(?P<sign>>=|<=|>|<) (?P<number>[\d.]+)")
_NO_NAME = "Expected `str` matching regex"
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[\.\.\.\]")
_KINDS = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false",
    "array": "a list", "object": "a mapping", "null": "nothing", "date": "a date (YYYY-MM-DD)",
}  # fmt: skip


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one value."""

    path: Path
    what: str
    mend: str


def did_you_mean(word: str, known: Any, *, otherwise: str = "") -> str:
    """``did you mean 'high'?`` when a known word is near; else ``otherwise``, or the list of what is known."""
    words = sorted(str(name) for name in known)
    near = nearest(word, words)
    return f"did you mean {near!r}?" if near else otherwise or f"use one of {', '.join(words)}"


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that is written most like ``word``, whatever the case of both; None when none is near."""
    by_folded = {name.casefold(): name for name in known}
    from difflib import get_close_matches

    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[near[0]] if near else None


def find_fault(data: Any, kind: Any) -> Fault | None:
    """What keeps ``data`` from being a ``kind``; None when nothing does."""
    try:
        convert(data, kind)
    except msgspec.ValidationError as error:
        return _explain(str(error), data, kind)
    return None


def _explain(complaint: str, data: Any, kind: Any) -> Fault:
    found = _COMPLAINT.fullmatch(complaint)
    what, steps, in_key = (found["what"], found["path"] or "$", found["key"]) if found else (complaint, "$", None)
    path = _locate(data, kind, complaint, steps)
    if in_key:
        return _wrong_key(path, data, kind, complaint)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        return Fault((*path, unknown[1]), "unknown setting", did_you_mean(unknown[1], _fields(_type_at(kind, path))))
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return Fault(path, f"`{missing[1]}` is missing", f"add `{missing[1]}:`")
    if what.startswith("Invalid enum value"):
        return _not_a_member(path, _value_at(data, path), _type_at(kind, path))
    if expected := re.fullmatch(r"Expected `(.*)`, got `(\w+)`", what):
        wanted = " or ".join(
            _KINDS.get(name.strip(), name.strip()) for name in expected[1].removesuffix(" | null").split("|")
        )
        return Fault(path, f"{_shown(_value_at(data, path))} is not {wanted}", f"write {wanted}")
    if limit := _LIMIT.fullmatch(what):
        return _beyond(path, _value_at(data, path), limit)
    if what.startswith(_NO_NAME):
        return _no_name(path, _value_at(data, path))
    if what == "Invalid RFC3339 encoded date":
        return Fault(path, f"{_shown(_value_at(data, path))} is not a date", "write YYYY-MM-DD")
    said, _, mend = what.partition("; ")
    # A capital is msgspec's own sentence; the words of a gate's own check stay as they are.
    said = said[:1].lower() + said[1:] if said.startswith(("Expected", "Invalid", "Object")) else said
    return Fault(path, said, mend or "see `deliverygate gates explain NAME`")


def _beyond(path: Path, value: Any, limit: re.Match[str]) -> Fault:
    wanted = f"{_BOUNDS[limit['sign']]} {limit['number']}"
    if limit["length"]:
        entries = "entries" if isinstance(value, list | dict) else "characters"
        return Fault(path, f"{_shown(value)} has {len(value)} {entries}", f"write {wanted}")
    return Fault(path, f"{_shown(value)} is out of range", f"write {_KINDS[limit['kind']]} of {wanted}")


def _no_name(path: Path, value: Any) -> Fault:
    cure = "write letters, digits, dots, dashes and underscores, a letter or digit first"
    return Fault(path, f"{_shown(value)} is not a name", cure)


def _wrong_key(path: Path, data: Any, kind: Any, complaint: str) -> Fault:
    keys = tuple(_value_at(data, path))
    key = next((key for key in keys if _complains(data, kind, complaint, (*path, key))), keys[0])
    if complaint.startswith(_NO_NAME):
        return _no_name((*path, key), key)
    mapping = _pick(_type_at(kind, path), msgspec.inspect.DictType)
    return _not_a_member((*path, key), key, mapping.key_type if mapping else None)


def _not_a_member(path: Path, value: Any, kind: Any) -> Fault:
    members = _members(kind)
    if isinstance(kind, msgspec.inspect.EnumType):
        wanted = f"a {kind.cls.__name__.lower()}"
    else:
        wanted = f"one of {', '.join(members)}" if len(members) > 1 else "".join(members)
    return Fault(path, f"{_shown(value)} is not {wanted}", did_you_mean(str(value), members))


def _locate(data: Any, kind: Any, complaint: str, steps: str) -> Path:
    """The path with real keys: msgspec says ``[...]`` for one in a mapping, so each is tried alone."""
    path: Path = ()
    for name, index in _STEP.findall(steps):
        if name or index:
            path = (*path, name or int(index))
            continue
        keys = tuple(_value_at(data, path))
        path = (*path, next((key for key in keys if _complains(data, kind, complaint, (*path, key))), keys[0]))
    return path


def _complains(data: Any, kind: Any, complaint: str, path: Path) -> bool:
    try:
        convert(_only(data, path), kind)
    except msgspec.ValidationError as error:
        return str(error) == complaint
    return False


def _only(data: Any, path: Path) -> Any:
    """``data`` with the mapping at the end of ``path`` reduced to the one key that the path names."""
    first, rest = path[0], path[1:]
    if not rest:
        return {first: data[first]}
    inner = _only(data[first], rest)
    if isinstance(data, dict):
        return {**data, first: inner}
    return [inner if index == first else member for index, member in enumerate(data)]


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)
    kind = "the list " if isinstance(value, list) else "the mapping " if isinstance(value, dict) else ""
    return kind + (text if len(text) <= 60 else text[:57] + "...")


def _type_at(kind: Any, path: Path) -> Any:
    """The msgspec type that a path leads to; of a union, the first that fits the step."""
    node: Any = msgspec.inspect.type_info(kind)
    for step in path:
        node = _inner(node, step)
    return _pick(node, msgspec.inspect.StructType, msgspec.inspect.EnumType, msgspec.inspect.LiteralType) or node


def _inner(node: Any, step: str | int) -> Any:
    info = msgspec.inspect
    struct = _pick(node, info.StructType)
    if struct and isinstance(step, str):
        return next((field.type for field in struct.fields if field.encode_name == step), info.AnyType())
    mapping = _pick(node, info.DictType)
    if mapping and isinstance(step, str):
        return mapping.value_type
    several = _pick(node, info.ListType, info.VarTupleType, info.SetType, info.FrozenSetType)
    return several.item_type if several else info.AnyType()


def _pick(node: Any, *kinds: Any) -> Any:
    """The node itself, or the member of a union, that is one of ``kinds``."""
    members = node.types if isinstance(node, msgspec.inspect.UnionType) else (node,)
    members = tuple(member.type if isinstance(member, msgspec.inspect.Metadata) else member for member in members)
    return next((member for member in members if isinstance(member, kinds)), None)


def _fields(node: Any) -> tuple[str, ...]:
    return tuple(field.encode_name for field in node.fields) if hasattr(node, "fields") else ()


def _members(node: Any) -> tuple[str, ...]:
    if isinstance(node, msgspec.inspect.EnumType):
        return tuple(str(member.value) for member in node.cls if isinstance(member, Enum))
    return tuple(str(value) for value in getattr(node, "values", ()))
