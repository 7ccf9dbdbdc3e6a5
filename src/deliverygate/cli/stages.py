"""The names of stages for a shell that completes a word."""

from __future__ import annotations

import re

import click

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)  # whatever else a file says goes to no shell


def offer_stages(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The stages of the policy that is found from here; none where there is no policy, or it cannot be read."""
    from deliverygate.cli.policy import find_policy
    from deliverygate.config.document import load
    from deliverygate.errors import ConfigError
    from deliverygate.workspace import read_file

    try:
        data = load(read_file(find_policy(context.params.get("path"))), "").data
    except (ConfigError, OSError):
        return []
    stages = data.get("stages") if isinstance(data, dict) else None
    names = stages if isinstance(stages, dict) else ()
    return [name for name in names if name.startswith(incomplete) and _NAME.fullmatch(name)]
