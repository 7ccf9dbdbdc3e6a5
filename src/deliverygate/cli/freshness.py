"""Which reports are evidence of this run: none that git tracks, and none from before what is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deliverygate.errors import ReportError, ToolError, TransportError
from deliverygate.judging.freshness import ALLOW, Bound, Fresh, refuse_tracked, require_later
from deliverygate.platforms.pipeline import in_ci, read_pipeline
from deliverygate.workspace import Workspace

if TYPE_CHECKING:
    from deliverygate.cli.asking import Asking
    from deliverygate.model import Scan


class Freshness:
    """The rule for the gates of one run. Git and the platform are asked once, and only where something rests on it."""

    def __init__(self, workspace: Workspace, asking: Asking, environ: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._asking = asking
        self._in_ci = in_ci(environ)
        self._pipeline = read_pipeline(environ)
        self._bounds: dict[Fresh | None, Bound | None] = {}

    def require(self, path: str, scan: Scan | None, *, fresh: Fresh | None) -> None:
        """Raise ReportError for a file that is no evidence of this run; ``fresh`` is what the policy says of it."""
        if fresh == "any":
            return
        try:
            if scan is None and (tracked := self._tracked_as(path)):
                raise refuse_tracked(tracked, where=path)
            if fresh not in self._bounds:
                self._bounds[fresh] = self._bound(fresh)
        except (ToolError, TransportError) as error:
            raise ReportError(
                f"cannot be shown to be of this run ({error.where}: {error.what})",
                where=path,
                mend=f"{error.mend}; {ALLOW}",
            ) from error
        if bound := self._bounds[fresh]:
            require_later(bound, where=path, written_at=self._workspace.written_at(path), scan=scan)

    def _tracked_as(self, path: str) -> str | None:
        return self._asking.tracked_as(path) if self._has_repository() else None

    def _bound(self, fresh: Fresh | None) -> Bound | None:
        """What nothing may be older than; None: a folder without a commit, or somebody who works at the change."""
        if fresh == "commit" or (fresh == "pipeline" and not self._in_ci):
            return self._commit()
        if fresh == "pipeline":
            return self._start()
        if not self._in_ci:
            return None
        if self._pipeline.started_at and not self._pipeline.is_child and (known := _time(self._pipeline.started_at)):
            return Bound("this pipeline was started", known)
        return self._commit() if self._has_repository() else None

    def _commit(self) -> Bound:
        commit, at = self._asking.committed_at()
        return Bound(f"the commit {commit[:10]} was made", at)

    def _start(self) -> Bound:
        known = _time(self._pipeline.started_at) if self._pipeline.started_at else self._asking.pipeline_started_at()
        if known is None:
            raise ReportError(
                "when this pipeline was started is not known, so no report can be shown to be of it",
                mend="allow `actions: read` on GitHub, or set `fresh: commit`",
            )
        return Bound("this pipeline was started", known)

    def _has_repository(self) -> bool:
        root: Path = self._workspace.root.resolve()
        return any((folder / ".git").exists() for folder in (root, *root.parents))


def _time(written: str) -> datetime | None:
    from deliverygate.scans.times import read_time

    return read_time(written)
