"""Which law judges: that of a reference, of the target branch, or of the checkout itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deliverygate.cli.asking import Asking, ChangeOptions
from deliverygate.cli.places import find_top
from deliverygate.cli.policy import Opened, open_checkout
from deliverygate.errors import ConfigError, ReportError, ToolError, TransportError
from deliverygate.platforms.forks import is_change_request, is_fork

if TYPE_CHECKING:
    from deliverygate.platforms import Target


def open_judging(
    given: Path | None, overrides: Iterable[str], *, ref: str | None, stage: str | None, change: ChangeOptions
) -> Opened:
    """The policy that judges, with the platform of this environment asked for the target branch. Raises ConfigError."""
    asking = Asking(Path.cwd(), change, environ=os.environ, stop=Event())
    return open_law(
        given, overrides, stage=stage, ref=ref or None, find_target=asking.target, is_fork=is_fork(os.environ)
    )


def open_law(
    given: Path | None,
    overrides: Iterable[str],
    *,
    stage: str | None,
    ref: str | None,
    find_target: Callable[[], Target | None],
    is_fork: bool,
) -> Opened:
    """The policy that judges: of ``ref``, else of the target branch, else of the checkout. Raises ConfigError."""
    target = _ask(find_target) if ref is None else None
    if ref is None and target is None:
        if is_fork or is_change_request(os.environ):
            raise ConfigError(
                "a change request is judged, and nobody says which branch it is to be merged into",
                where="the policy",
                mend="run it for a merge or pull request, or name the branch with --config-ref",
            )
        opened = open_checkout(given, overrides, stage=stage)
        return replace(opened, notes=_other_law(opened))
    from deliverygate.cli.target_law import open_target

    return open_target(given, overrides, stage=stage, ref=ref, target=target, is_fork=is_fork)


def _ask(find_target: Callable[[], Target | None]) -> Target | None:
    try:
        return find_target()
    except (ReportError, ToolError, TransportError) as error:
        what = f"the target branch, which holds the policy, is not known: {error.what}"
        raise ConfigError(what, where=error.where, mend=error.mend) from error


def _other_law(opened: Opened) -> tuple[str, ...]:
    if not (find_top(opened.root) / ".git").exists():
        return ()
    from deliverygate.cli.target_law import other_law

    return other_law(opened)
