"""The controls of a compliance report, in summary (``reportType: summary``) or with their checks (``all``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deliverygate.scans.trivy_operator import wire

FAILED = "fail"  #: what somebody said by hand of a control that no check can judge


class Breach(NamedTuple):
    """A control that failed, or one of its checks."""

    rule: str
    message: str
    severity: str
    title: str
    why: str = ""
    remedy: str = ""


def holds_controls(status: wire.Status | None) -> bool:
    """Whether there is a list of controls, even an empty one."""
    if status is None:
        return False
    summary, detail = status.summary_report, status.detail_report
    return bool((summary and summary.control_check is not None) or (detail and detail.results is not None))


def breaches(status: wire.Status | None) -> Iterator[Breach]:
    """What failed: by the checks where they are listed, else by their number."""
    details = {control.id for control in _details(status)}
    for result in _details(status):
        for check in result.failed:
            yield _breach(check, result)
        if not result.failed and result.status.lower() == FAILED:
            yield Breach(result.id, f"{result.name or result.id}: failed", result.severity, result.name)
    for control in _summaries(status):
        if control.total_fail and control.id not in details:
            message = f"{control.name or control.id}: {control.total_fail} failed"
            yield Breach(control.id, message, control.severity, control.name)


def _breach(check: wire.ControlCheck, control: wire.ControlResult) -> Breach:
    said = "; ".join(check.messages or ()) or check.title or control.name or control.id
    return Breach(
        rule=check.check_id or control.id,
        message=f"{check.target}: {said}" if check.target else said,
        severity=check.severity or control.severity,
        title=check.title or control.name,
        why=check.description,
        remedy=check.remediation,
    )


def listed(status: wire.Status | None) -> int:
    """How many failures are listed. The operator counts controls, and some releases checks."""
    failed = [len(control.failed) or (1 if control.status.lower() == FAILED else 0) for control in _details(status)]
    return max(sum(failed), sum(map(bool, failed)), sum(bool(control.total_fail) for control in _summaries(status)))


def unchecked(status: wire.Status | None) -> int:
    """Controls that no check looks at."""
    return sum(not control.checks and not control.status for control in _details(status)) + sum(
        control.total_fail is None for control in _summaries(status)
    )


def is_unchecked(status: wire.Status | None) -> bool:
    """Whether there are controls, and no check looked at any of them."""
    count = len(_details(status)) + len(_summaries(status))
    return holds_controls(status) and unchecked(status) == count


def _details(status: wire.Status | None) -> list[wire.ControlResult]:
    return (status.detail_report.results if status and status.detail_report else None) or []


def _summaries(status: wire.Status | None) -> list[wire.Control]:
    return (status.summary_report.control_check if status and status.summary_report else None) or []
