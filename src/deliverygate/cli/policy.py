"""Finding and reading the policy that a command works with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from deliverygate.config.policy import read_policy
from deliverygate.config.shape import Policy
from deliverygate.errors import ConfigError
from deliverygate.workspace import read_file

if TYPE_CHECKING:
    from deliverygate.cli.law_files import LawFiles
    from deliverygate.cli.target_law import TargetLaw
    from deliverygate.registry.local import LocalGates

NAMES = (".deliverygate.yml", ".deliverygate.yaml")
NO_GATES = "a change may have written this gate, and nothing of a change is executed before it is merged"
Command = TypeVar("Command", bound=Callable[..., Any])


class Opened(msgspec.Struct, frozen=True):
    """A policy, and where all that it rests on is read."""

    policy: Policy
    root: Path  #: the workspace: the folder of the policy in the checkout
    files: LawFiles
    gates: LocalGates
    target: TargetLaw | None = None  #: None: the checkout itself holds the law
    trusted: bool = False  #: whether the change cannot have written it
    introduced: bool = False  #: the target branch has no policy yet, so that of the change judges it
    untrusted: bool = False  #: a change may have written it: its gates are given nothing but the files of the checkout
    notes: tuple[str, ...] = ()


def config_option(command: Command) -> Command:
    """``--config``, the same wherever a policy is read."""
    return click.option(
        "--config", "path", type=click.Path(path_type=Path), envvar="DELIVERYGATE_CONFIG", show_envvar=True,
        help="Policy file  [default: .deliverygate.yml here or in a folder above]",
    )(command)  # fmt: skip


def ref_option(command: Command) -> Command:
    """``--config-ref``, where somebody is judged."""
    return click.option(
        "--config-ref", "ref", metavar="REF", envvar="DELIVERYGATE_CONFIG_REF", show_envvar=True,
        help="Branch, tag or commit that holds the policy and what it rests on  [default: the target branch of a "
        "merge or pull request, else the checkout]",
    )(command)  # fmt: skip


def platform_option(command: Command) -> Command:
    """``--platform``, where it matters who tells of the change."""
    return click.option(
        "--platform", type=click.Choice(["gitlab", "github", "git"]), envvar="DELIVERYGATE_PLATFORM", show_envvar=True,
        help="Where the change is learned from  [default: what the environment speaks of]",
    )(command)  # fmt: skip


def policy_options(command: Command) -> Command:
    """``--config`` and ``--set``, where the settings of gates are read as well."""
    option = click.option(
        "--set", "overrides", multiple=True, metavar="STAGE.GATE.SETTING=VALUE", help="Override one setting of a gate"
    )
    return config_option(option(command))


def find_policy(given: Path | None) -> Path:
    """The policy file: the one given, or the first one upwards, up to the root of the repository."""
    if given is not None:
        if not _is_file(given):
            raise ConfigError("no such file", where=str(given), mend="correct --config or DELIVERYGATE_CONFIG")
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in NAMES:
            if _is_file(folder / name):
                return folder / name
        if (folder / ".git").exists():
            break
    raise ConfigError(f"no {NAMES[0]} in {here} or above it", mend="write one, or let `deliverygate init` write it")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be looked into
        return False


def open_policy(given: Path | None, overrides: Iterable[str], *, stage: str | None = None) -> Opened:
    """The policy of the checkout, asked about and not judging. In a change request it is the change's own word."""
    return open_checkout(given, overrides, stage=stage, untrusted=is_of_change(os.environ))


def is_of_change(environ: Mapping[str, str]) -> bool:
    """Whether what is checked out is somebody's change and not yet what the project has agreed on."""
    from deliverygate.platforms.forks import is_change_request, is_fork

    return is_change_request(environ) or is_fork(environ)


def open_checkout(
    given: Path | None, overrides: Iterable[str], *, stage: str | None = None, untrusted: bool = False
) -> Opened:
    """The policy as the checkout has it. ``untrusted``: no variable is filled in, and no gate beside it is compiled."""
    from deliverygate.cli.law_files import FolderFiles, gate_files
    from deliverygate.registry.local import LocalGates

    path = find_policy(given)
    data = read_checkout(path)
    files = FolderFiles(path.parent)
    refused = NO_GATES if untrusted else ""
    gates = LocalGates(gate_files(files), read=files.read, label=files.label, refused=refused)
    policy = read_policy(
        data,
        path=path.name,
        lookup=gates.lookup,
        environ=os.environ,
        overrides=overrides,
        stage=stage,
        untrusted=untrusted,
    )
    return Opened(policy, path.parent, files, gates, untrusted=untrusted)


def read_checkout(path: Path) -> bytes:
    """The bytes of a policy. Raises ConfigError."""
    try:
        return read_file(path)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path), mend="make it readable") from error
