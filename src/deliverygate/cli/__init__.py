"""The command ``deliverygate``: names its parts and imports only the one that is called."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, cast

import click

from deliverygate import __version__
from deliverygate.errors import ConfigError, DeliveryGateError, UsageError
from deliverygate.redaction import outlet

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from click.shell_completion import CompletionItem

COMMANDS = {
    "run": ("deliverygate.cli.run:run", "Run the gates of a stage"),
    "scan": ("deliverygate.cli.scan:scan", "Show what is read in a tool's report"),
    "report": ("deliverygate.cli.report:report", "Render the report of an earlier run again"),
    "plan": ("deliverygate.cli.plan:plan", "Split a stage over several machines"),
    "shard": ("deliverygate.cli.shard:shard", "Run the gates of one shard of a plan"),
    "merge": ("deliverygate.cli.merge:merge", "Join the reports of a plan's shards into one verdict"),
    "baseline": ("deliverygate.cli.baseline:baseline", "Write, show and compare the findings that are known"),
    "config": ("deliverygate.cli.config:config", "Show, check or describe the policy"),
    "waivers": ("deliverygate.cli.waivers:waivers", "List, check and add waivers"),
    "gates": ("deliverygate.cli.gates:gates", "List and explain the installed gates"),
    "init": ("deliverygate.cli.init:init", "Write a policy for this repository"),
    "completion": ("deliverygate.cli.completion:completion", "Print the script that completes commands in a shell"),
}
PLUGINS = "deliverygate.commands"

EPILOG = """\b
Exit codes:
  0  allowed
  1  blocked by a failed gate
  2  wrong use or configuration
  3  blocked because a gate could not run
  4  blocked because a gate was inconclusive, or nothing was judged
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, those of other packages included."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(self._plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name][0].partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        plugin = self._plugins().get(cmd_name)
        return cast(click.Command, plugin.load()) if plugin else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self._summaries())

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What may stand in the place of ``incomplete``; click would import every command to ask for its help."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=summary) for name, summary in self._summaries() if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def _summaries(self) -> list[tuple[str, str]]:
        """Each command with a line about it, none of them imported."""
        rows = [(name, summary) for name, (_, summary) in COMMANDS.items()]
        return rows + [(name, f"From {plugin.value.split(':')[0]}") for name, plugin in sorted(self._plugins().items())]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        asked = not ctx.resilient_parsing  # a shell that completes a word is told nothing
        if asked and args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from deliverygate.config.faults import did_you_mean

            raise UsageError(f"no command {args[0]!r}", mend=did_you_mean(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)

    @staticmethod
    def _plugins() -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points

        return {entry.name: entry for entry in entry_points(group=PLUGINS) if entry.name not in COMMANDS}


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deliverygate", message="%(prog)s %(version)s")
def cli() -> None:
    """Decide whether a change may go on."""


CRASHED = 3


def main() -> NoReturn:
    """Run the command and end the process with the exit code of the table, whatever happens on the way."""
    code = CRASHED
    try:
        _open_closed_streams()
        outlet.guard_streams()
        code = _run()
        _forget_unwritten()
    finally:
        _leave(code)


def _run() -> int:
    """The exit code of the command that is called; every fault is told in a line or two."""
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        _complain_of_use(error)
        code = 2
    except (ConfigError, UsageError) as error:
        _complain(error)
        code = 2
    except DeliveryGateError as error:
        _complain(error)
        code = 3
    except BrokenPipeError:  # whoever read our output went away; not a fault of the change
        code = 3
    except (click.Abort, KeyboardInterrupt):
        _say("stopped")
        code = 3
    except Exception as error:  # noqa: BLE001  the command's own crash; a gate's is contained in runner.py
        code = _lose_output(error) if _is_of_output(error) else _crash(error)
    return code if isinstance(code, int) else 0


def _leave(code: int) -> NoReturn:
    """End without taking the process apart object by object.

    A gate that was left behind still runs in its thread, and may hold a lock that an orderly end would wait for.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
    finally:
        os._exit(code)


def _complain(error: DeliveryGateError) -> None:
    from deliverygate.renderers.text import clean, neutral

    for fault in (error, *getattr(error, "others", ())):
        _say(neutral(clean(outlet.redact(str(fault)))))


def _complain_of_use(error: click.ClickException) -> None:
    """In click's own words; what was written on the command line may hold a name of the change."""
    from io import StringIO

    from deliverygate.renderers.text import clean, neutral

    told = StringIO()
    error.show(told)
    _say(neutral(clean(outlet.redact(told.getvalue().rstrip()))))


def _say(text: str) -> None:
    """On stderr; where that is full or gone, or no memory is left, the exit code has to say it alone."""
    with suppress(OSError, MemoryError):
        click.echo(text, err=True)


def _open_closed_streams() -> None:
    """Give a standard stream that came closed an empty one, before a file of ours takes its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _is_of_output(error: Exception) -> bool:
    return isinstance(error, OSError) and error.filename is None and error.errno in (errno.ENOSPC, errno.EIO)


def _lose_output(error: Exception) -> int:
    _say(f"the output cannot be written ({getattr(error, 'strerror', error)}); free some space, and run it again")
    return 3


def _forget_unwritten() -> None:
    """What a full or broken stream did not take would be tried once more at the end, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _crash(error: Exception) -> int:
    """Say that it is our fault, and leave the traceback in a file: it may hold what nobody should see in a log."""
    place = "its traceback, which could not be written to a file"
    with suppress(Exception):  # what broke the command may break the redactor too, or have left no memory
        import tempfile
        import traceback

        told = f"deliverygate {__version__}, Python {sys.version}\n{''.join(traceback.format_exception(error))}"
        with tempfile.NamedTemporaryFile(
            "w", prefix="deliverygate-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as log:
            log.write(outlet.redact(told))
        place = log.name
    what = f"this is a fault of deliverygate ({type(error).__name__}); nothing was decided"
    _say(f"{what}. Please report it with {place}")
    return 3
