"""Run one gate in a test: settings as the policy writes them, doors as the test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from deliverygate.change import ChangeRequest
from deliverygate.config.values import convert
from deliverygate.errors import ConfigError, ReportError
from deliverygate.gate import Clock, Cluster, Gate, GateContext, Http, Metrics, Network, Shell
from deliverygate.judging.fingerprint import identify
from deliverygate.judging.placing import Sight, Tree, place_scan
from deliverygate.model import CheckResult, Finding, GateResult, Scan, Severity
from deliverygate.scans import read
from deliverygate.testing.cluster import FakeCluster
from deliverygate.testing.doors import FakeClock, FakeShell
from deliverygate.testing.http import FakeHttp
from deliverygate.testing.network import FakeNetwork
from deliverygate.workspace import Workspace


def make_context(
    workspace: Path,
    *,
    clock: Clock | None = None,
    http: Http | None = None,
    network: Network | None = None,
    metrics: Mapping[str, Metrics] | None = None,
    cluster: Cluster | None = None,
    shell: Shell | None = None,
    environ: Mapping[str, str] | None = None,
    change: ChangeRequest | None = None,
    teams: Mapping[str, frozenset[str]] | None = None,
    base_files: Mapping[str, str] | None = None,
    results: Mapping[str, GateResult] | None = None,
    tracked: Iterable[str] | None = None,
    tracked_before: Iterable[str] | None = None,
) -> GateContext:
    """A context whose doors are fakes where the test gives none; files are the real ones below ``workspace``.

    ``tracked`` are the files that git is to know, those that are there unless the test says otherwise, and
    ``tracked_before`` those of the target branch.
    """
    fake_clock = FakeClock()
    files = Workspace(workspace)

    def tracked_files() -> tuple[str, ...]:
        if tracked is None:
            raise ReportError("this is no git repository", where="git", mend="run in a checkout")
        return tuple(sorted(tracked))

    def now() -> Tree:
        return Tree(*files.walk()) if tracked is None else Tree(frozenset(tracked))

    def before() -> Tree | None:
        return None if tracked_before is None else Tree(frozenset(tracked_before))

    def read_scan(
        load: Callable[[], bytes],
        *,
        path: str,
        format: str | None,  # noqa: A002
        root: str | None = None,
        source_roots: tuple[str, ...] = (),
    ) -> Scan:
        scan = read(load(), path=path, format=format, root=workspace.resolve().as_posix())
        sight = Sight(now=now(), real=files.real, look_back=before, name=workspace.name)
        return identify(place_scan(scan, sight, report=path, root=root, source_roots=source_roots))

    def open_store(name: str) -> Metrics:
        stores = metrics or {}
        if not name and len(stores) == 1:
            return next(iter(stores.values()))
        if name not in stores:
            raise ConfigError(f"no store of metrics {name!r} is known", mend="name it under `metrics:` in the policy")
        return stores[name]

    return GateContext(
        workspace=files,
        clock=clock or fake_clock,
        http=http or FakeHttp({}),
        network=network or FakeNetwork(),
        shell=shell or FakeShell({}, clock=fake_clock),
        environ=environ or {},
        change=lambda: change or ChangeRequest(title="", description="", source="test"),
        base_text=(base_files or {}).get,
        read_scan=read_scan,
        tracked=now,
        team=(teams or {}).get,
        results=results or {},
        tracked_files=tracked_files,
        metrics=open_store,
        cluster=lambda: cluster or FakeCluster(),
    )


def run_gate(gate: Gate[Any], settings: Mapping[str, Any], context: GateContext) -> tuple[CheckResult, ...]:
    """All checks of a gate. ``settings`` are converted as the policy's are; errors are not contained."""
    return tuple(gate.check(convert(dict(settings), gate.settings), context))


def finding(rule: str = "no-unused-vars", severity: Severity = Severity.HIGH, **more: Any) -> Finding:
    """A finding with the fields that a test does not care about filled in."""
    return msgspec.structs.replace(
        Finding(rule=rule, message=f"{rule} is broken", severity=severity, tool="demo"), **more
    )
