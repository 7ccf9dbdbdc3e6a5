"""The plan that shards and their merge rest on: read, and held against what is checked out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from deliverygate.errors import UsageError

if TYPE_CHECKING:
    from deliverygate.cli.checkout import Checkout
    from deliverygate.sharding.planning import Plan

GIT_SECONDS = 120.0  # for all that is asked of git


def read_plan(file: str, checkout: Checkout | None) -> Plan:
    """The plan of this run and of the commit that is checked out.

    Raises ReportError for no plan, UsageError for that of another commit or run.

    No commit can hold a plan of itself, since the plan names it. So whatever a change brings along as plan and as
    reports of shards, it is not believed.
    """
    from deliverygate.cli.files import read_input
    from deliverygate.sharding.planning import decode

    plan = decode(read_input(file), where=file)
    head = checkout.git.look_up("HEAD^{commit}") if checkout else plan.head
    if head != plan.head:
        raise UsageError(
            f"is the plan of {_short(plan.head)}, and {_short(head)} is checked out",
            where=file,
            mend="take the plan from the job that planned this commit",
        )
    _refuse_other_run(plan, file)
    return plan


def _refuse_other_run(plan: Plan, file: str) -> None:
    """A plan that an earlier run has left is no plan of this one, though it is of the same commit."""
    from deliverygate.platforms.pipeline import read_pipeline

    here = read_pipeline(os.environ).run
    if here is not None and here != plan.run:
        raise UsageError(
            f"is the plan of {plan.run or 'a local run'}, and this is {here}",
            where=file,
            mend="take the plan from the job that planned in this run; a pipeline that another one starts"
            " is told of it by DELIVERYGATE_RUN",
        )


def checkout_here() -> Checkout | None:
    """The repository around the current folder; None where there is none."""
    from deliverygate.cli.checkout import open_checkout
    from deliverygate.cli.places import find_top
    from deliverygate.clock import SystemClock

    here = Path.cwd()
    if not (find_top(here) / ".git").exists():
        return None
    return open_checkout(here, environ=os.environ, clock=SystemClock(timeout_seconds=GIT_SECONDS))


def _short(commit: str | None) -> str:
    return commit[:10] if commit else "no commit"
