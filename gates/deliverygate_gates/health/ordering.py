"""Which check must come before which."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter


def check_order(needs: Mapping[str, Collection[str]], *, last: Collection[str]) -> None:
    """Raises ValueError for a need that is not there, that comes last, or that needs in the end itself."""
    for name, wanted in needs.items():
        for each in wanted:
            if each not in needs:
                near = get_close_matches(each, needs, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"{name!r} needs {each!r}, and no check has that name{hint}")
            if each in last and name not in last:
                raise ValueError(f"{name!r} needs {each!r}, which is a `finally` check and comes after it")
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = " needs ".join(repr(name) for name in reversed(error.args[1]))
        raise ValueError(f"the checks wait for each other: {circle}") from error
