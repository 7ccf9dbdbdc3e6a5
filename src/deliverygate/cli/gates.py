"""``deliverygate gates``: which gates are there, and what may each be told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from deliverygate.cli.saying import say

if TYPE_CHECKING:
    from deliverygate.registry.local import LocalGates


@click.group(invoke_without_command=True)
@click.pass_context
def gates(context: click.Context) -> None:
    """List and explain the installed gates."""
    if context.invoked_subcommand is None:
        context.invoke(list_gates)


@gates.command("list")
def list_gates() -> None:
    """List the gates, installed or of this repository, and where each comes from."""
    from deliverygate.registry import installed

    found = {name: entry.module for name, entry in installed().items()} | local_gates().paths
    width = max(map(len, found), default=0)
    for name, origin in found.items():
        say(f"{name:{width}}  {origin}")


@gates.command()
@click.argument("name")
def explain(name: str) -> None:
    """Say what a gate does and what its settings are."""
    from deliverygate.config.schema import policy_schema
    from deliverygate.registry import installed

    gate = local_gates().load(name)
    say(f"{gate.name}: {gate.summary}\n\nSettings beside those of every gate (id, needs, enforce, ...):")
    schema = policy_schema({name: gate})
    for line in _settings(gate, schema):
        say(line)
    for rule in gate.rules:
        say(f"\n{rule.id}: {rule.summary}")
        for text in (rule.why, rule.remedy):
            if text:
                say(f"  {text}")
    entry = installed().get(name)
    if entry and entry.value.startswith("deliverygate_gates."):
        say(f"\nSee docs/gates/{name}.md")


def local_gates() -> LocalGates:
    """Those beside the policy of the checkout; none where there is no policy."""
    from pathlib import Path

    from deliverygate.cli.law_files import FolderFiles, gate_files
    from deliverygate.cli.policy import NO_GATES, find_policy, is_of_change
    from deliverygate.errors import ConfigError
    from deliverygate.registry.local import LocalGates

    try:
        root = find_policy(None).parent
    except ConfigError:
        root = Path.cwd()
    files = FolderFiles(root)
    refused = NO_GATES if is_of_change(os.environ) else ""
    return LocalGates(gate_files(files), read=files.read, label=files.label, refused=refused)


def _settings(gate: Any, schema: dict[str, Any]) -> Iterator[str]:
    """A line for each setting, under the name that a policy writes."""
    import msgspec

    shapes = schema["$defs"][f"gate.{gate.name}"]["properties"]
    fields = {field.encode_name: field for field in msgspec.structs.fields(gate.settings)}
    width = max(map(len, fields), default=0)
    for name, field in fields.items():
        need = "required" if field.required else f"default {_default(field)}"
        yield f"  {name:{width}}  {_shape(shapes[name], schema['$defs'])}, {need}"


def _default(field: Any) -> str:
    import msgspec

    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.json.encode(msgspec.to_builtins(value, enc_hook=str, str_keys=True)).decode()


def _shape(schema: dict[str, Any], parts: dict[str, Any]) -> str:
    """A JSON Schema in a few words."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        shapes = (_shape(each, parts) for each in schema["anyOf"] if each.get("type") != "null")
        return " or ".join(dict.fromkeys(shapes))
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        inner = parts.get(name, {})
        return _shape(inner, parts) if "enum" in inner else name.rpartition(".")[2].lower()
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {}), parts)}"
    return str(schema.get("type", "anything"))
