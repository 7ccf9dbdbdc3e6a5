"""``scope:`` of the findings gates: the change as a measure of what counts, and what there is when it is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import GateContext
from deliverygate.judging.scope import Scope, Within, narrow
from deliverygate.model import CheckResult, Finding, Measurement, Scan, Verdict

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
    if not change.files:
        return _unknown(scope, "the change touches no file", MEND_EMPTY)
    tree = context.tracked()
    within = Within(change.files, scope, tree)
    return Opened(
        narrow=lambda scan: scan if scan.in_image else narrow(scan, within),
        check=_known(scope, change.files),
        is_placed=lambda finding: finding.location is None or tree.has(finding.location.path),
    )


def _known(scope: Scope, files: tuple[ChangedFile, ...]) -> CheckResult:
    lines = sum(last - first + 1 for file in files for first, last in file.lines or ())
    what = {"changed-files": f"files: {len(files)}", "changed-lines": f"files: {len(files)}, new lines: {lines}"}
    return CheckResult(
        name="scope",
        verdict=Verdict.PASSED,
        summary=f"only the change counts ({what[scope]})",
        measurements=(Measurement(name="changed files", value=len(files), wanted="at least 1"),),
    )


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
