"""``deliverygate config``: what is the policy, is it right, and what may it say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from deliverygate.cli.policy import find_policy, open_policy, policy_options
from deliverygate.config.shape import Value


@click.group()
def config() -> None:
    """Show, check or describe the policy."""


@config.command()
@policy_options
def show(path: Path | None, overrides: tuple[str, ...]) -> None:
    """Print each effective value with where it came from."""
    policy, _ = open_policy(path, overrides)
    click.echo(f"policy = {policy.source.path}")
    redact = _redactor()
    for value in policy.values:
        click.echo(redact(f"{value.path} = {_written(value)}   ({value.origin})"))


@config.command()
@policy_options
def check(path: Path | None, overrides: tuple[str, ...]) -> None:
    """Check the policy, its waivers and its baseline without running anything."""
    from deliverygate.cli.law import read_law
    from deliverygate.cli.run import run
    from deliverygate.cli.variables import misspelled, of_options

    policy, root = open_policy(path, overrides)
    read_law(policy, root)
    for note in misspelled(os.environ, of_options(run), policy):
        click.echo(f"note: {note}", err=True)
    gates = sum(len(stage) for stage in policy.stages.values())
    click.echo(f"{find_policy(path).name}: no fault in {_count(len(policy.stages), 'stage')}, {_count(gates, 'gate')}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of the policy, every installed gate's settings included."""
    import json

    from deliverygate.config.schema import policy_schema
    from deliverygate.registry import installed, load

    click.echo(json.dumps(policy_schema({name: load(name) for name in installed()}), indent=2))


def _written(value: Value) -> str:
    import msgspec

    def plain(other: Any) -> Any:
        return str(other)

    return msgspec.json.encode(msgspec.to_builtins(value.value, enc_hook=plain, str_keys=True)).decode()


def _redactor() -> Any:
    from deliverygate.secrets import Redactor, find_secrets

    return Redactor(find_secrets(os.environ))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
