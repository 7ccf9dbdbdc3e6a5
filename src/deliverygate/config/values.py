"""Plain data to settings structs, with the types of ours that msgspec does not know."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from deliverygate.model import Duration

Target = TypeVar("Target")


def decode_hook(kind: type, value: object) -> object:
    """What msgspec asks for a type it does not know. Raises ValueError, which msgspec answers with the path."""
    if kind is Duration:
        return Duration.parse(value)
    raise NotImplementedError(f"no policy value becomes a {kind.__name__}")


def schema_hook(kind: type) -> dict[str, Any]:
    """The JSON Schema of a type that msgspec does not know."""
    if kind is Duration:
        return {
            "description": "A span of time: seconds, or e.g. 300ms, 90s, 5m, 1h30m, 7d",
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$"}],
        }
    raise NotImplementedError(f"no JSON Schema for {kind.__name__}")


def convert(data: Any, kind: type[Target]) -> Target:
    """``data`` as a ``kind``, strictly. Raises msgspec.ValidationError, whose text ends in the path of the fault."""
    return msgspec.convert(data, kind, dec_hook=decode_hook)
