"""``scope:`` of the findings gates: the change as a measure of what counts, and what there is when it is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import GateContext
from deliverygate.judging.scope import Scope, Within, narrow
from deliverygate.model import CheckResult, Finding, Measurement, Scan, Verdict

SHOWN = 5  # names of files in a remark
MEND_EMPTY = "name what to compare with by --base; a stage that runs on the target branch itself has no use for `scope`"


@dataclass(frozen=True)
class Opened:
    """What a gate does with the scope of its policy."""

    narrow: Callable[[Scan], Scan] = lambda scan: scan  #: marks what is outside
    check: CheckResult | None = None  #: what is looked at; None: the whole repository
    is_placed: Callable[[Finding], bool] = lambda _: True  #: whether it is known where the finding is
    doubt: str = ""  #: why it is not known what counts; nothing passes then

    def tell(self, scans: Sequence[Scan]) -> Iterator[CheckResult]:
        """The check of the scope, with what counts because nobody knows where in the repository it is."""
        if self.check is None:
            return
        lost = [each for scan in scans for each in scan.findings if not self.is_placed(each)]
        if not lost:
            yield self.check
            return
        places = dict.fromkeys(str(each.location) for each in lost)
        yield replace(
            self.check,
            summary=f"{self.check.summary}; in no tracked file, and counted as well: {len(lost)}",
            details="\n".join(places),
        )


def open_scope(scope: Scope, context: GateContext) -> Opened:
    """Look the change up, where the policy wants it. One that is not known or empty lets nothing pass."""
    if scope == "all":
        return Opened()
    context.progress("looks at the change")
    try:
        change = context.change()
    except (ReportError, ToolError) as error:
        return _unknown(scope, f"{error.where}: {error.what}" if error.where else error.what, error.mend)
    if change.files is None:
        return _unknown(
            scope, " ".join(change.notes) or f"{change.source} does not tell", "check out the whole history"
        )
    files = of_change(change.files, context, made_by_jobs=True)
    if not change.tracked_files:
        return _unknown(scope, "the change touches no file", MEND_EMPTY)
    tree = context.tracked()
    within = Within(files, scope, tree)
    return Opened(
        narrow=lambda scan: scan if scan.in_image else narrow(scan, within.as_of(scan.written_at)),
        check=_known(scope, files),
        is_placed=lambda finding: finding.location is None or tree.has(finding.location.path),
    )


def of_change(
    files: Iterable[ChangedFile], context: GateContext, *, made_by_jobs: bool = False
) -> tuple[ChangedFile, ...]:
    """The files of the change, without the reports that were read: a tool has just written them."""
    reports = {each.path for each in context.workspace.inputs}
    return tuple(
        file for file in files if (file.in_change or made_by_jobs) and (file.is_tracked or file.path not in reports)
    )


def _known(scope: Scope, files: tuple[ChangedFile, ...]) -> CheckResult:
    changed = [file for file in files if file.in_change]
    lines = sum(last - first + 1 for file in changed for first, last in file.lines or ())
    whole = sum(file.lines is None for file in changed)
    counted = f"new lines: {lines}" + (f", files in which every line counts: {whole}" if whole else "")
    what = {"changed-files": f"files: {len(changed)}", "changed-lines": f"files: {len(changed)}, {counted}"}
    return CheckResult(
        name="scope",
        verdict=Verdict.PASSED,
        summary=f"only the change counts ({what[scope]})",
        details="\n".join(_remarks(files)),
        measurements=(Measurement(name="changed files", value=len(changed), wanted="at least 1"),),
    )


def _remarks(files: tuple[ChangedFile, ...]) -> Iterator[str]:
    """Which files count beside those of the change."""
    groups = {
        "git does not track": [file.path for file in files if not file.is_tracked],
        "differ from the commit": [
            file.path for file in files if file.is_tracked and file.lines is None and file.edited_at is not None
        ],
    }
    for what, paths in groups.items():
        if paths:
            more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
            yield f"Findings count in files that {what}: {', '.join(paths[:SHOWN])}{more}."


def _unknown(scope: Scope, why: str, mend: str) -> Opened:
    what = scope.replace("-", " ")
    check = CheckResult(
        name="scope",
        verdict=Verdict.INCONCLUSIVE,
        summary=f"the {what} are not known: {why}",
        measurements=(Measurement(name="changed files", value=None, wanted="at least 1"),),
        mend=mend,
    )
    return Opened(narrow=lambda scan: narrow(scan, _outside), check=check, doubt=f"the {what} are not known")


def _outside(_: Finding) -> bool:
    return False
