"""What is known of the checkout when paths are placed: its files now, and those of the target branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from deliverygate.judging.placing.tree import Tree


def _nothing() -> Tree | None:
    return None


@dataclass(frozen=True)
class Sight:
    """The checkout, as the paths of reports are looked for in it."""

    now: Tree  #: what git tracks
    real: Callable[[str], str | None]  #: the real path of a file that is there, links followed; None: there is none
    look_back: Callable[[], Tree | None] = _nothing  #: the target branch; None: there is none to compare with
    name: str = ""  #: of the workspace's own folder, e.g. "shop"
    folder: str = ""  #: of the workspace in its repository, e.g. "services/shop/"

    @cached_property
    def before(self) -> Tree | None:
        """The files of the target branch, looked up when a path first may mean several files."""
        return self.look_back()
