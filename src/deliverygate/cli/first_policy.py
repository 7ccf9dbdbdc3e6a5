"""The first policy of a repository, brought by a fork: it is shown and not run, whatever it says."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from deliverygate.cli.law_files import FolderFiles
from deliverygate.cli.policy import NO_GATES, Opened, find_policy, read_checkout
from deliverygate.config.document import load
from deliverygate.config.shape import GateSpec, Policy, WaiverSettings
from deliverygate.errors import ConfigError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Enforcement, PolicySource, Verdict
from deliverygate.registry.local import LocalGates

ID = "first-policy"
TIMEOUT_SECONDS = 60.0
MERGE_FIRST = (
    "a maintainer reads it and brings it into the target branch, or judges by it with --config-ref COMMIT; "
    "see docs/security.md#the-first-policy"
)
SHOWN = CheckResult(
    name="first policy",
    verdict=Verdict.INCONCLUSIVE,
    summary="not run: the target branch has no policy, and the one here comes from a fork",
    mend=MERGE_FIRST,
)


class Nothing(msgspec.Struct, frozen=True):
    """Settings of a gate that has none."""


def open_first(given: Path | None, stage: str | None) -> Opened:
    """A policy whose one gate says that nothing is run. Of the file only its bytes and the names of stages are read."""
    path = find_policy(given)
    data = read_checkout(path)
    names = _stages(data, path.name)
    wanted = [name for name in names or [stage or ""] if stage in (None, name)]
    files = FolderFiles(path.parent)
    policy = Policy(
        source=PolicySource(path=path.name, sha256=sha256(data).hexdigest()),
        stages={name: (_gate(path.name),) for name in wanted},
        stage_names=tuple(names or wanted),
        waivers=WaiverSettings(),
        strict_waivers=False,
        baseline=None,
        values=(),
    )
    gates = LocalGates((), read=files.read, label=files.label, refused=NO_GATES)
    return Opened(policy, path.parent, files, gates, untrusted=True)


def _stages(data: bytes, path: str) -> list[str] | None:
    """The names of its stages; None where they cannot be read, which leaves the question open."""
    try:
        document = load(data, path).data
    except ConfigError:
        return None
    stages = document.get("stages") if isinstance(document, dict) else None
    return list(map(str, stages)) if isinstance(stages, dict) and stages else None


def _gate(where: str) -> GateSpec:
    return GateSpec(
        name="policy",
        id=ID,
        gate=Gate(name="policy", summary="Show the first policy of a fork", settings=Nothing, check=_show),
        settings=Nothing(),
        needs=(),
        looks_at=(),
        enforcement=Enforcement("block", None),
        timeout_seconds=TIMEOUT_SECONDS,
        where=where,
    )


def _show(_settings: Any, _context: GateContext) -> Iterator[CheckResult]:
    yield SHOWN
