"""``deliverygate config``: what is the policy, is it right, and what may it say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from deliverygate.cli.policy import Opened, open_policy, policy_options, ref_option
from deliverygate.cli.saying import say
from deliverygate.config.shape import Value


@click.group()
def config() -> None:
    """Show, check or describe the policy."""


@config.command()
@policy_options
@ref_option
def show(path: Path | None, overrides: tuple[str, ...], ref: str | None) -> None:
    """Print each effective value with where it came from."""
    policy = _open(path, overrides, ref).policy
    say(f"policy = {policy.source.path}" + (f" at {ref}" if ref else ""))
    for value in policy.values:
        say(f"{value.path} = {written(value)}   ({value.origin})")


@config.command()
@policy_options
@ref_option
def check(path: Path | None, overrides: tuple[str, ...], ref: str | None) -> None:
    """Check the policy, its waivers and its baseline without running anything."""
    from deliverygate.cli.law import read_law
    from deliverygate.cli.run import run
    from deliverygate.cli.variables import misspelled, of_options

    opened = _open(path, overrides, ref)
    policy = opened.policy
    read_law(policy, opened.files)
    for name in () if opened.untrusted else opened.gates.paths:
        opened.gates.load(name)
    for note in misspelled(os.environ, of_options(run), policy):
        say(f"note: {note}", err=True)
    gates = sum(len(stage) for stage in policy.stages.values())
    say(f"{policy.source.path}: no fault in {_count(len(policy.stages), 'stage')}, {_count(gates, 'gate')}")


def _open(path: Path | None, overrides: tuple[str, ...], ref: str | None) -> Opened:
    """Of ``ref`` where one is named; else of the checkout, also in a merge request: that file is asked about."""
    if not ref:
        return open_policy(path, overrides)
    from deliverygate.cli.opening import open_law
    from deliverygate.platforms.forks import is_fork

    return open_law(path, overrides, stage=None, ref=ref, find_target=lambda: None, is_fork=is_fork(os.environ))


@config.command()
def schema() -> None:
    """Print the JSON Schema of the policy, every gate's settings included, installed or of this repository."""
    import json

    from deliverygate.cli.gates import local_gates
    from deliverygate.config.schema import policy_schema
    from deliverygate.registry import installed

    local = local_gates()
    gates = {name: local.load(name) for name in (*installed(), *local.paths)}
    say(json.dumps(policy_schema(gates), indent=2))


def written(value: Value) -> str:
    """A value as the policy would have it, on one line."""
    import msgspec

    def plain(other: Any) -> Any:
        return str(other)

    return msgspec.json.encode(msgspec.to_builtins(value.value, enc_hook=plain, str_keys=True)).decode()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
