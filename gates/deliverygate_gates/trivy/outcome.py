"""What a run of Trivy wrote, to a Scan with the paths of this repository."""

from __future__ import annotations

import msgspec

from deliverygate.conversions import read_json
from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate.model import Scan
from deliverygate_gates.trivy.classes import require_evidence
from deliverygate_gates.trivy.paths import rebase
from deliverygate_gates.trivy.run import SUBCOMMANDS, Order


class _Outline(msgspec.Struct):
    SchemaVersion: int
    Results: list[msgspec.Raw] | None = None


def read_outcome(report: bytes, order: Order, context: GateContext, *, silence_passes: bool) -> Scan:
    """The report of a run. Without results it proves nothing, unless the policy says what that means."""
    if silence_passes and is_without_results(report):
        require_files(order, context)
        return Scan(tool="Trivy", version=None, format="trivy", findings=(), notes=("Trivy wrote no result.",))
    scan = context.read_scan(lambda: in_workspace(report, order, context), path=order.name, format="trivy", root=".")
    if silence_passes:
        require_files(order, context)
    else:
        require_evidence(scan, order.scanners)
    return scan


def in_workspace(report: bytes, order: Order, context: GateContext) -> bytes:
    """The report with paths from the top of the repository, as waivers and other reports write them."""
    if SUBCOMMANDS[order.kind] != "fs":
        return report
    try:
        target = context.workspace.resolve(order.target)
    except ReportError:  # outside: Trivy may look there, and its paths lead nowhere here
        return report
    return rebase(report, folder=target.parent if target.is_file() else target, root=context.workspace.resolve("."))


def require_files(order: Order, context: GateContext) -> None:
    """Raises ReportError for a folder without any file: the target is mistyped, or nothing was checked out."""
    if order.kind != "fs":
        return
    target = context.workspace.resolve(order.target)
    if not (target.is_file() or any(path.is_file() for path in target.rglob("*"))):
        raise ReportError("the target holds no file", where=order.target, mend="name a folder with files in it")


def is_without_results(report: bytes) -> bool:
    """Whether this is a whole Trivy report that names nothing it looked at."""
    try:
        return not read_json(report, _Outline).Results
    except ValueError:
        return False
