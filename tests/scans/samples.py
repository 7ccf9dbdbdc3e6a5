"""The real reports, and short ways to read a document in a test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from deliverygate.model import Scan
from deliverygate.scans import read

SAMPLES = Path(__file__).parents[1] / "samples"


def read_sample(name: str, **more: Any) -> Scan:
    return read((SAMPLES / name).read_bytes(), path=name, **more)


def read_json(document: object, *, format: str | None = None, root: str = "/") -> Scan:  # noqa: A002
    return read(msgspec.json.encode(document), path="report.json", format=format, root=root)


def by_severity(scan: Scan) -> dict[str, int]:
    return dict(Counter(finding.severity.name for finding in scan.findings))


def sarif_log(*results: object, rules: tuple[object, ...] = (), **run: Any) -> dict[str, Any]:
    tool = run.pop("tool", {"driver": {"name": "demo", "rules": list(rules)}})
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}


def read_sarif(*results: object, root: str = "/", rules: tuple[object, ...] = (), **run: Any) -> Scan:
    return read_json(sarif_log(*results, rules=rules, **run), root=root)
