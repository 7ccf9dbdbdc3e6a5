"""Variables that look like ours and are none: a misspelled setting must not be a silent one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from deliverygate.config.faults import nearest
from deliverygate.config.overrides import VARIABLE_PREFIX, variable_of
from deliverygate.config.shape import COMMON_KEYS

if TYPE_CHECKING:
    import click

    from deliverygate.config.shape import Policy


def of_options(command: click.Command) -> set[str]:
    """The variables that stand in for options of a command."""
    return {str(option.envvar) for option in command.params if option.envvar}


def misspelled(environ: Mapping[str, str], options: Iterable[str], policy: Policy) -> Iterator[str]:
    """A sentence for each variable that nobody reads and that is nearly one that somebody does.

    Those with a double underscore are not looked at: they name a gate, or are a fault of the policy.
    """
    known = {name.removeprefix(VARIABLE_PREFIX): name for name in (*options, *_of_settings(policy))}
    for name in sorted(environ):
        bare = name.removeprefix(VARIABLE_PREFIX)
        if bare == name or "__" in bare or bare in known or name in policy.variables:
            continue
        if near := nearest(bare, known, cutoff=0.8):
            yield f"The variable {name} was not read; did you mean {known[near]}?"


def _of_settings(policy: Policy) -> Iterator[str]:
    for stage, specs in policy.stages.items():
        for spec in specs:
            settable = (*spec.settings.__struct_encode_fields__, *COMMON_KEYS)
            yield from (variable_of(stage, spec.id, setting) for setting in settable)
