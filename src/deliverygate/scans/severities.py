"""Severities as the formats write them, in words or as scores of CVSS, to ours."""

from __future__ import annotations

from math import isfinite

from deliverygate.model import Severity

WORDS = {severity.value: severity for severity in Severity} | {
    "moderate": Severity.MEDIUM,
    "important": Severity.HIGH,
    "negligible": Severity.INFO,
    "informational": Severity.INFO,
    "none": Severity.INFO,
}

# https://www.first.org/cvss/v3.1/specification-document#Qualitative-Severity-Rating-Scale
BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))


def severity_of(word: str | None) -> Severity:
    """UNKNOWN for a word that nobody knows, and for none."""
    return WORDS.get((word or "").strip().lower(), Severity.UNKNOWN)


def severity_of_score(score: float | None) -> Severity:
    """UNKNOWN for no score, for 0 and for what lies outside of 0 to 10: none of these says how bad it is."""
    if score is None or not isfinite(score) or not 0 < score <= 10:
        return Severity.UNKNOWN
    return next(severity for least, severity in BANDS if score >= least)
