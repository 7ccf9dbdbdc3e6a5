"""Labels, draft and size of a change."""

from __future__ import annotations

from fnmatch import fnmatchcase

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.gate import GateContext
from deliverygate.judging.globs import matches
from deliverygate.model import CheckResult, Finding, Measurement, Severity, Verdict
from deliverygate_gates.pr_checklist.review.settings import Labels, Size
from deliverygate_gates.pr_checklist.review.unknown import unknown
from deliverygate_gates.pr_checklist.rules import result
from deliverygate_gates.pr_checklist.subject import TOOL


def judge_labels(wanted: Labels, change: ChangeRequest, context: GateContext) -> CheckResult:
    """Whether the change carries the labels that it must, and none that it must not."""
    if change.labels is None:
        return unknown("labels", "labels", change, context)
    faults = [f"the label {label!r} is missing" for label in wanted.required if not _carries(change.labels, label)]
    if wanted.any and not any(_carries(change.labels, label) for label in wanted.any):
        faults.append(f"none of the labels {', '.join(wanted.any)} is there")
    for label in wanted.forbidden:
        faults += [f"the label {each!r} keeps it from going on" for each in change.labels if _fits(each, label)]
    return result(
        "labels",
        [_finding("label", fault) for fault in faults],
        passed=", ".join(change.labels) or "none",
        failed="; ".join(faults),
    )


def _carries(labels: tuple[str, ...], wanted: str) -> bool:
    return any(_fits(label, wanted) for label in labels)


def _fits(label: str, wanted: str) -> bool:
    return fnmatchcase(label.casefold(), wanted.casefold().replace("[", "[[]"))


def judge_draft(change: ChangeRequest, context: GateContext) -> CheckResult:
    """Whether the author has declared the change to be ready."""
    if change.draft is None:
        return unknown("ready", "drafts", change, context)
    finding = _finding("draft", "the change is a draft")
    return result("ready", (finding,) if change.draft else (), passed="no draft", failed="it is a draft")


def judge_size(wanted: Size, change: ChangeRequest) -> CheckResult:
    """Whether the change is small enough to be reviewed. Git knows the files, on a laptop too."""
    if change.files is None:
        return CheckResult(
            name="size",
            verdict=Verdict.INCONCLUSIVE,
            summary="the changed files are not known",
            details="\n".join(change.notes),
            mend="fetch the target branch, so that git can compare",
        )
    changed = change.tracked_files
    counted = [file for file in changed if not any(matches(glob, file.path) for glob in wanted.exclude)]
    lines = sum(map(_lines, counted))
    limits = (("files", len(counted), wanted.max_files), ("added or changed lines", lines, wanted.max_lines))
    over = [f"{value:,} {what}, at most {limit:,} allowed" for what, value, limit in limits if limit and value > limit]
    opaque = [file.path for file in counted if file.lines is None and file.added is None]
    left_out = len(changed) - len(counted)
    details = (
        *((f"{left_out} files do not count",) if left_out else ()),
        *((f"how many lines of {len(opaque)} files are new is not known: {_some(opaque)}",) if opaque else ()),
    )
    if opaque and wanted.max_lines and not over:
        return CheckResult(
            name="size",
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{len(counted):,} files, and at least {lines:,} added or changed lines",
            details="\n".join((*details, *change.notes)),
            mend="check out with the whole history (GIT_DEPTH: 0, fetch-depth: 0) and with the files of Git LFS; "
            "name files that have no lines in `size.exclude`",
        )
    return result(
        "size",
        [_finding("too-large", text) for text in over],
        passed=f"{len(counted):,} files, {lines:,} added or changed lines",
        failed="; ".join(over),
        measurements=tuple(
            Measurement(name=what, value=value, wanted=f"at most {limit}") for what, value, limit in limits if limit
        ),
        details=details,
    )


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _lines(file: ChangedFile) -> int:
    if file.lines is None:
        return file.added or 0
    return sum(last - first + 1 for first, last in file.lines)


def _finding(rule: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, severity=Severity.HIGH, tool=TOOL)
