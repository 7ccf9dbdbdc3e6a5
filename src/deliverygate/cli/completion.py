"""``deliverygate completion SHELL``: the script that makes a shell complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from deliverygate.errors import UsageError

VARIABLE = "_DELIVERYGATE_COMPLETE"  # the name by which click knows that a shell asks


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands in a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"this version of click completes nothing in {shell}", mend="update click")
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "deliverygate", VARIABLE).source())
