"""``honor_suppressions:`` of the findings gates: what the tools suppressed, held against the change."""

from __future__ import annotations

from functools import cache, partial

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import GateContext
from deliverygate.judging.suppression_origins import Origins
from deliverygate.judging.suppressions import Doubt, Honored, doubt_of
from deliverygate.model import Finding

HOW = "`honor_suppressions: all` believes it"


def open_suppressions(honored: Honored, context: GateContext) -> Doubt:
    """Why a suppressed finding counts. The change is looked up when the first one is asked about."""
    origins = cache(partial(_open, context))

    def of_change(finding: Finding) -> str | None:
        found = origins()
        if isinstance(found, Origins):
            return found.doubt(finding)
        source = finding.waiver.source if finding.waiver else "its tool"
        return f"suppressed by {source}: what the target branch suppresses is not known, {found}; {HOW}"

    return doubt_of(honored, of_change)


def _open(context: GateContext) -> Origins | str:
    """The change, or why it is not known."""
    context.progress("looks at the change")
    try:
        change = context.change()
    except (ReportError, ToolError) as error:
        return f"{error.where}: {error.what}" if error.where else error.what
    files = () if change.is_of_target else change.files
    if files is None:
        return " ".join(change.notes) or f"{change.source} does not tell its files"
    return Origins(
        files,
        now=cache(context.workspace.peek),
        before=cache(context.base_text),
        real=partial(_real, context),
        is_known=partial(_is_known, context),
    )


def _real(context: GateContext, path: str) -> str | None:
    try:
        whole = context.workspace.resolve(path)
        return whole.relative_to(context.workspace.resolve(".")).as_posix() if whole.is_file() else None
    except (ReportError, OSError, ValueError):
        return None


def _is_known(context: GateContext, path: str, before: str, now: str, finding: Finding) -> bool:
    from deliverygate.judging.foreign.history import let_through  # it brings the YAML library along

    return let_through(path, before, now, finding, context.clock.now().date())
