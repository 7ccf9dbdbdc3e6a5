"""The names that gate authors may use. A name less breaks other people's gates; one more is a promise to keep."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

from deliverygate import change, errors, gate, model, testing
from deliverygate.judging import globs
from deliverygate.renderers import RENDERERS
from deliverygate.scans import documents, reader

PROMISED = {
    gate: {
        "Certificate", "ChainLink", "Clock", "Cluster", "Completed", "Files", "FreshnessDoor", "Connected", "Container", "DnsAnswer", "Gate", "GateContext", "GrpcHealth",
        "Hop", "Http", "Metrics", "MetricsAnswer", "Network", "Phases", "Pod", "Point", "Replica", "Response", "Sample", "ScanReader",
        "Schedule", "Series", "Shell", "Shot", "Shots", "Workload",
    },
    change: {"Approval", "ChangeRequest", "ChangedFile"},
    errors: {
        "ConfigError", "DeadlineExceeded", "DeliveryGateError", "Interrupted", "NotAllowed", "OutputError", "ReportError", "ToolError",
        "TransportError", "UsageError",
    },
    model: {
        "ChangeSummary", "CheckResult", "Duration", "Enforcement", "Finding", "GateResult", "Input", "Location",
        "Measurement", "PolicySource", "Ranked", "Report", "Rule", "Scan", "Severity", "Shard", "Verdict", "Waiver",
        "WaiverMatch",
    },
    testing: {
        "Asked", "FakeClock", "FakeCluster", "FakeHttp", "FakeMetrics", "FakeNetwork", "FakeShell", "finding", "make_context", "run_gate",
    },
    reader: {"Outline", "Read", "Reader"},
    globs: {"expand", "fault", "matches"},
}  # fmt: skip

CONTEXT = [
    "base_text", "change", "clock", "cluster", "environ", "http", "law", "law_files", "log", "metrics", "network", "progress", "read_scan", "read_text",
    "read_trusted", "redact", "require_fresh", "results", "scan", "shell", "team", "tracked", "tracked_files", "trusted_path", "workspace",
]  # fmt: skip


def public(module: ModuleType) -> set[str]:
    """The classes and functions that a module offers: what its ``__all__`` says, else what it defines itself."""
    if hasattr(module, "__all__"):
        return set(module.__all__)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    }


@pytest.mark.parametrize("module", PROMISED, ids=lambda module: module.__name__)
def test_module_offers_exactly_what_is_promised(module: ModuleType) -> None:
    assert public(module) == PROMISED[module]


def test_context_has_exactly_the_promised_doors() -> None:
    context = gate.GateContext

    offered = {name for name in (*dir(context), *context.__dataclass_fields__) if not name.startswith("_")}

    assert sorted(offered) == CONTEXT


def test_readers_may_decode_as_ours_do() -> None:
    assert {"decode", "as_utf8"} <= public(documents)


def test_gate_is_made_of_the_promised_parts() -> None:
    assert list(gate.Gate.__dataclass_fields__) == ["name", "summary", "settings", "check", "rules", "looks_at", "runs"]


def test_formats_of_a_report_keep_their_names() -> None:
    assert sorted(RENDERERS) == ["codequality", "json", "junit", "markdown", "sarif", "text"]
