"""Report to ``report.json`` (schema version 1, see docs/report.md) and back, with all that other formats need."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from deliverygate.conversions import read_json
from deliverygate.errors import ReportError
from deliverygate.model import (
    ChangeSummary,
    CheckResult,
    Enforcement,
    GateResult,
    Input,
    PolicySource,
    Report,
    Shard,
    Verdict,
)

SCHEMA_VERSION = 1

_BOM = b"\xef\xbb\xbf"


class WrittenGate(msgspec.Struct, frozen=True, kw_only=True):
    """A ``GateResult`` with what follows from it written out."""

    id: str
    gate: str
    verdict: Verdict
    allows: bool
    blocks: bool
    enforcement: Enforcement
    seconds: float
    error: str | None
    checks: tuple[CheckResult, ...]


class WrittenReport(msgspec.Struct, frozen=True, kw_only=True):
    """A ``Report`` with what follows from it written out: nobody has to know our rules to read the verdict."""

    schema_version: int
    stage: str
    verdict: Verdict
    allowed: bool
    exit_code: int
    started_at: Annotated[datetime, msgspec.Meta(tz=True)]
    seconds: float
    version: str
    policy: PolicySource
    change: ChangeSummary | None = None
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()
    shard: Shard | None = None
    policies: tuple[PolicySource, ...] = ()
    gates: tuple[WrittenGate, ...]


class _Version(msgspec.Struct):
    schema_version: int


def render(report: Report) -> bytes:
    """The whole report as one line of UTF-8 JSON."""
    written = _write(report)
    try:
        return msgspec.json.encode(written)
    except UnicodeEncodeError:  # half a surrogate pair, e.g. in the name of a file that is not UTF-8
        return msgspec.json.encode(_without_surrogates(msgspec.to_builtins(written)))


def load(data: bytes, *, where: str = "") -> Report:
    """The report that ``render`` wrote.

    Raises ReportError for what is no report, is cut off, has another schema version, or says another verdict than its
    own checks do. Fields that this version does not know are passed over.
    """
    try:
        written = read_json(data.removeprefix(_BOM), WrittenReport)
    except ValueError as error:
        _check_version(data, where)
        raise ReportError(
            f"is not a report of deliverygate ({error})", where=where, mend="run the stage again to write it anew"
        ) from error
    if written.schema_version != SCHEMA_VERSION:
        raise _other_version(written.schema_version, where)
    report = _read(written)
    _check_derived(written, report, where)
    return report


def schema() -> dict[str, Any]:
    """The JSON Schema of ``report.json``."""
    return msgspec.json.schema(WrittenReport)


def _write(report: Report) -> WrittenReport:
    return WrittenReport(
        schema_version=SCHEMA_VERSION,
        stage=report.stage,
        verdict=report.verdict,
        allowed=report.allowed,
        exit_code=report.exit_code,
        started_at=report.started_at,
        seconds=report.seconds,
        version=report.version,
        policy=report.policy,
        change=report.change,
        inputs=report.inputs,
        notes=report.notes,
        shard=report.shard,
        policies=report.policies,
        gates=tuple(_write_gate(gate) for gate in report.gates),
    )


def _write_gate(gate: GateResult) -> WrittenGate:
    return WrittenGate(
        id=gate.id,
        gate=gate.gate,
        verdict=gate.verdict,
        allows=gate.allows,
        blocks=gate.blocks,
        enforcement=gate.enforcement,
        seconds=gate.seconds,
        error=gate.error,
        checks=gate.checks,
    )


def _read(written: WrittenReport) -> Report:
    return Report(
        stage=written.stage,
        gates=tuple(_read_gate(gate) for gate in written.gates),
        policy=written.policy,
        started_at=written.started_at,
        seconds=written.seconds,
        version=written.version,
        change=written.change,
        inputs=written.inputs,
        notes=written.notes,
        shard=written.shard,
        policies=written.policies,
    )


def _read_gate(written: WrittenGate) -> GateResult:
    return GateResult(
        gate=written.gate,
        id=written.id,
        checks=written.checks,
        enforcement=written.enforcement,
        blocks=written.blocks,
        seconds=written.seconds,
        error=written.error,
    )


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _without_surrogates(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(member) for member in value]
    return value


def _check_version(data: bytes, where: str) -> None:
    """Say so when what cannot be read is of another schema version: that is then the reason."""
    try:
        version = read_json(data.removeprefix(_BOM), _Version).schema_version
    except ValueError:
        return
    if version != SCHEMA_VERSION:
        raise _other_version(version, where)


def _other_version(version: int, where: str) -> ReportError:
    return ReportError(
        f"has schema version {version}, and this deliverygate reads {SCHEMA_VERSION}",
        where=where,
        mend="read it with the version of deliverygate that wrote it",
    )


def _check_derived(written: WrittenReport, report: Report, where: str) -> None:
    """What is written out must follow from the checks; where it does not, somebody edited the file."""
    expected = _write(report)
    pairs = [(name, getattr(written, name), getattr(expected, name)) for name in ("verdict", "allowed", "exit_code")]
    for index, (said, gate) in enumerate(zip(written.gates, expected.gates, strict=True)):
        pairs += [
            (f"gates[{index}].{name}", getattr(said, name), getattr(gate, name)) for name in ("verdict", "allows")
        ]
    for name, said, follows in pairs:
        if said != follows:
            raise ReportError(
                f"says {_plain(said)}, and its checks make it {_plain(follows)}",
                where=f"{where}: {name}" if where else name,
                mend="the file was edited; run the stage again to write it anew",
            )


def _plain(value: object) -> object:
    return value.value if isinstance(value, Verdict) else value
