"""The findings that were there before: known ones do not count where only new ones do.

The file is ``{"version": 1, "findings": [{"fingerprint": ..., "tool": ..., "rule": ..., "path": ...}, ...]}``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import msgspec

from deliverygate.errors import ConfigError
from deliverygate.judging.fingerprint import spread
from deliverygate.model import Finding, Scan

MEND = "restore the file from the repository, or write it anew"


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A finding that was there before. Only the fingerprint decides; the rest is for people who read the file."""

    fingerprint: str
    tool: str = ""
    rule: str = ""
    path: str | None = None


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was known when the baseline was written."""

    version: Literal[1]
    findings: tuple[Known, ...]

    def counts(self) -> Mapping[str, int]:
        """How many findings each fingerprint stands for."""
        return Counter(known.fingerprint for known in self.findings)


def load(data: bytes, path: str) -> Baseline:
    """Read the file. Raises ConfigError: a baseline that cannot be read knows nothing, and may not pass for empty."""
    try:
        baseline = msgspec.json.decode(data, type=Baseline)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"is no baseline: {error}", where=path, mend=MEND) from error
    if any(not known.fingerprint.strip() for known in baseline.findings):
        raise ConfigError("is no baseline: a finding has no fingerprint", where=path, mend=MEND)
    return baseline


def mark(scan: Scan, baseline: Baseline) -> Scan:
    """The scan with ``is_new`` False in each finding that the baseline knows; an entry covers one finding."""
    left = dict(baseline.counts())
    return spread(scan, tuple(_mark(finding, left) for finding in scan.findings))


def _mark(finding: Finding, left: dict[str, int]) -> Finding:
    if not left.get(finding.fingerprint) or not finding.fingerprint:
        return finding
    left[finding.fingerprint] -= 1
    return msgspec.structs.replace(finding, is_new=False)
