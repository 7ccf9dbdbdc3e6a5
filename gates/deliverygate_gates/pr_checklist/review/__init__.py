"""What a platform knows of a change beside its description: approvals, code owners, labels, draft, size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deliverygate.change import ChangeRequest
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult
from deliverygate_gates.pr_checklist.review.approving import judge_approvals
from deliverygate_gates.pr_checklist.review.owning import judge_owners
from deliverygate_gates.pr_checklist.review.state import judge_draft, judge_labels, judge_size

if TYPE_CHECKING:
    from deliverygate_gates.pr_checklist.settings import Settings

__all__ = ["judge_review"]


def judge_review(settings: Settings, change: ChangeRequest, context: GateContext) -> Iterator[CheckResult]:
    """One check for each matter that the policy demands."""
    approvals = settings.approvals
    if approvals and approvals.count:
        yield judge_approvals(approvals, change, context)
    if approvals and approvals.code_owners:
        yield judge_owners(approvals, change, context)
    if settings.labels:
        yield judge_labels(settings.labels, change, context)
    if settings.draft == "forbid":
        yield judge_draft(change, context)
    if settings.size:
        yield judge_size(settings.size, change)
