"""``.deliverygate/baseline.json``: what each gate knew when it was written, one finding a line, sorted.

{"version": 1, "gates": {
"pre-merge/static-analysis": [
{"path":"src/app.py","line":12,"tool":"Ruff","rule":"F401","message":"0d6f0c3a8be6c1d2","text":"5d3c2a7f10b9e884"}
]
}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from deliverygate.conversions import read_json
from deliverygate.errors import ConfigError
from deliverygate.judging.fingerprint import wording
from deliverygate.judging.purl import common_name
from deliverygate.judging.rule_ids import meanings
from deliverygate.judging.surroundings import digest
from deliverygate.model import Finding

MEND = "restore the file from the repository, or write it anew with `deliverygate baseline write`"

Around = Callable[[str, int], str]


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """All by which a finding is known again. Texts are digests: neither code nor a secret gets into the file."""

    path: str | None = None  #: None for a finding about the whole image or change
    line: int | None = None  #: tells equal ones apart, and is never compared by itself
    tool: str
    rule: str
    package: str = ""  #: its name without type and version, e.g. "openssl"; it then takes the place of the message
    message: str = ""  #: without numbers and white space
    text: str = ""  #: of the flagged line and its neighbours; "" when the file could not be looked at
    native: str = ""  #: the tool's own fingerprint
    aliases: tuple[str, ...] = ()  #: other ids of the same vulnerability or check, for when it gets another name

    @property
    def ids(self) -> frozenset[str]:
        """Every id that it goes by, in one spelling."""
        return meanings(self.rule, self.aliases)


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was known when the baseline was written, by "STAGE/GATE"."""

    version: Literal[1] = 1
    gates: Mapping[str, tuple[Known, ...]]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1]
    gates: dict[str, tuple[Known, ...]]


def load(data: bytes, path: str) -> Baseline:
    """Read the file. Raises ConfigError: a baseline that cannot be read knows nothing, and may not pass for empty."""
    try:
        file = read_json(data, _File)
    except ValueError as error:
        raise ConfigError(f"is no baseline: {error}", where=path, mend=MEND) from error
    for gate, findings in file.gates.items():
        for number, known in enumerate(findings, start=1):
            if not (known.tool.strip() and known.rule.strip() and (known.package or known.message)):
                what = (
                    f"is no baseline: finding {number} of {gate} has no tool, no rule, or neither package nor message"
                )
                raise ConfigError(what, where=path, mend=MEND)
    return Baseline(gates=file.gates)


def dump(baseline: Baseline) -> bytes:
    """The file: every finding's line is the same wherever it stands, so that git can merge what two branches add."""
    sections = []
    for gate in sorted(baseline.gates):
        lines = ",\n".join(_line(known) for known in sorted(baseline.gates[gate], key=order))
        sections.append(f"{_json(gate)}: [\n{lines}\n]" if lines else f"{_json(gate)}: []")
    return ('{"version": 1, "gates": {\n' + ",\n".join(sections) + "\n}}\n").encode()


def order(known: Known) -> tuple[str | int, ...]:
    """By place, so that neighbours in the code are neighbours in the file."""
    return (known.path or "", known.line or 0, known.tool, known.rule, known.package, known.message, known.native)


def describe(finding: Finding, around: Around) -> Known:
    """What a finding is known by. ``around`` gives the key of the text around a line, "" when it is not known."""
    where = finding.location
    package = common_name(finding.package) if finding.package else ""
    return Known(
        path=where.path if where else None,
        line=where.line if where else None,
        tool=finding.tool,
        rule=finding.rule,
        package=package,
        message="" if package else digest(b"".join(wording(finding).split())),
        # A package stands among others that come and go; its name says all.
        text=around(where.path, where.line) if where and where.line and not package else "",
        native=digest(finding.native.encode(errors="replace")) if finding.native else "",
        aliases=tuple(sorted(set(finding.aliases))),
    )


def describe_each(findings: Iterable[Finding], around: Around) -> tuple[Known, ...]:
    """The same of many, in the order given. They are looked at file by file, so that each file is read once."""
    listed = tuple(findings)
    found = {at: describe(listed[at], around) for at in sorted(range(len(listed)), key=lambda at: _path(listed[at]))}
    return tuple(found[at] for at in range(len(listed)))


def describe_all(findings: Iterable[Finding], around: Around) -> tuple[Known, ...]:
    """A section of the file."""
    return tuple(sorted(describe_each(findings, around), key=order))


def _path(finding: Finding) -> str:
    return finding.location.path if finding.location else ""


def _line(known: Known) -> str:
    return msgspec.json.encode(known).decode()


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()
