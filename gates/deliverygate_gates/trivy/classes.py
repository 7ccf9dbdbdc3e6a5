"""Trivy's classes of results: which scanner writes them, and what they prove."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from deliverygate.errors import ReportError
from deliverygate.model import CheckResult, Scan, Verdict
from deliverygate_gates.security.judging import class_of
from deliverygate_gates.trivy.run import Scanner

Class = Literal["os-pkgs", "lang-pkgs", "config", "secret", "license"]

# What each scanner writes where it has looked at something.
WRITTEN_BY: dict[Scanner, tuple[Class, ...]] = {
    "vuln": ("os-pkgs", "lang-pkgs"),
    "misconfig": ("config",),
    "secret": ("secret",),
    "license": ("license",),
}
# Of these Trivy writes nothing when it finds nothing: that it looked can only be known from the scanners that ran.
SILENT: dict[str, Scanner] = {"secret": "secret", "license": "license"}


def require_evidence(scan: Scan, ran: Collection[Scanner]) -> None:
    """Raise ReportError when none of the scanners that ran could have written any of the results.

    Trivy lists the packages of every lock file and system that it sees, whatever it looks for. Such a result is the
    same as that of a search for vulnerabilities that found none.
    """
    found = tuple(dict.fromkeys(map(class_of, scan.categories))) or WRITTEN_BY["vuln"]  # before 0.20 nothing else was
    if ran and _possible(ran).isdisjoint(found):
        raise ReportError(
            f"holds results of {', '.join(found)} only, which say nothing of {', '.join(ran)}: nothing was looked at",
            mend="check what Trivy was pointed at; its log says what it skipped",
        )


def judge_classes(scans: Sequence[Scan], demanded: Sequence[str], ran: Collection[Scanner]) -> CheckResult:
    """Each class that is demanded must have been looked at, or its absence proves nothing."""
    named = {class_of(name) for scan in scans for name in scan.categories}
    seen = named & _possible(ran) if ran else named
    missing = [name for name in demanded if name not in seen and SILENT.get(name, "") not in ran]
    silent = [SILENT[name] for name in missing if name in SILENT]
    cure = (
        f"let Trivy look for it; if it did, name {', '.join(silent)} in `scanners:`, beside what else it looked for"
        if silent
        else "let Trivy look for it"
    )
    return CheckResult(
        name="classes looked at",
        verdict=Verdict.INCONCLUSIVE if missing else Verdict.PASSED,
        summary=f"nothing shows that {', '.join(missing)} was looked at" if missing else f"{', '.join(demanded)}",
        mend=cure if missing else "",
    )


def _possible(ran: Collection[Scanner]) -> set[str]:
    return {name for scanner in ran for name in WRITTEN_BY[scanner]}
