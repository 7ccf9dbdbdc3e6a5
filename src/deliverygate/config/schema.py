"""The JSON Schema (2020-12) of a policy: one shape for the file, one for the entry of each installed gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from deliverygate.config.shape import Common, PolicyFile
from deliverygate.config.values import schema_hook
from deliverygate.errors import ConfigError

_REFERENCE = "#/$defs/{name}"


class Described(Protocol):
    """What the schema needs to know of a ``Gate``, which stands a floor above."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def settings(self) -> type[msgspec.Struct]: ...


def policy_schema(gates: Mapping[str, Described]) -> dict[str, Any]:
    """The schema of ``.deliverygate.yml``, for editors and for checks outside of deliverygate."""
    (_, common), defs = _components(Common)
    (_, file), more = _components(PolicyFile)
    defs |= more
    entries = []
    for name, gate in gates.items():
        (settings_name, settings), inner = _components(gate.settings)
        unique = {key: f"{name}.{key}" for key in (*inner, settings_name)}
        defs |= {unique[key]: _renamed(value, unique) for key, value in inner.items()}
        defs[f"gate.{name}"] = _entry(gate, common, _renamed(settings, unique))
        entries.append({"$ref": _REFERENCE.format(name=f"gate.{name}")})
    file = _renamed(file, {})
    file["properties"]["stages"] = {
        "description": "Gates by the name of the stage",
        "type": "object",
        "additionalProperties": {"type": "array", "minItems": 1, "items": {"anyOf": entries}},
    }
    file["properties"]["stages"]["propertyNames"] = {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deliverygate policy",
        **file,
        "$defs": {name: value for name, value in sorted(defs.items()) if name not in ("PolicyFile", "Common")},
    }


def _components(kind: Any) -> tuple[tuple[str, dict[str, Any]], dict[str, Any]]:
    """The schema of a struct by its name, and those of the structs inside it."""
    try:
        (schema,), parts = msgspec.json.schema_components([kind], schema_hook=schema_hook, ref_template=_REFERENCE)
    except TypeError as error:  # msgspec writes defaults of its own types only
        raise ConfigError(
            f"a default in {kind.__module__}.{kind.__qualname__} cannot be described ({error})",
            mend="give it with msgspec.field(default_factory=...), a span of time with Duration.default(...)",
        ) from error
    name = str(schema["$ref"]).rpartition("/")[2]
    main = parts.pop(name)
    return (name, main), dict(parts)


def _entry(gate: Described, common: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    shared = {key: value for key, value in common["properties"].items() if key != "gate"}
    own = settings.get("properties", {})
    return {
        "title": gate.name,
        "description": gate.summary,
        "type": "object",
        "properties": {"gate": {"const": gate.name}, **shared, **own},
        # defaults.gates may give what the entry leaves out, so only the name is required here
        "required": ["gate"],
        "additionalProperties": False,
    }


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """A copy in which references to ``names`` point to their new names."""
    if isinstance(schema, dict):
        return {
            key: _REFERENCE.format(name=names.get(str(value).rpartition("/")[2], str(value).rpartition("/")[2]))
            if key == "$ref"
            else _renamed(value, names)
            for key, value in schema.items()
        }
    return [_renamed(value, names) for value in schema] if isinstance(schema, list) else schema
