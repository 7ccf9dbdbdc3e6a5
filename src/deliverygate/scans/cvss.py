"""The base score of a CVSS vector, versions 2 and 3. https://www.first.org/cvss/v3.1/specification-document

Version 4 has no formula but a table of 270 rows; the formats that carry its vectors give a score or a word beside it.
"""

from __future__ import annotations

from math import ceil

V2 = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": {"N": 0.0, "P": 0.275, "C": 0.660},
    "I": {"N": 0.0, "P": 0.275, "C": 0.660},
    "A": {"N": 0.0, "P": 0.275, "C": 0.660},
}
V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
PRIVILEGES_ACROSS_SCOPES = {0.62: 0.68, 0.27: 0.5}


def base_score(vector: str) -> float | None:
    """None for a vector that is not of version 2 or 3, or that lacks a metric."""
    metrics = dict(part.split(":", 1) for part in vector.strip("() ").split("/") if ":" in part)
    version = metrics.get("CVSS", "2.0" if "Au" in metrics else "3.1")
    if not version.startswith(("2.", "3.")):
        return None
    table = V2 if version.startswith("2.") else V3
    try:
        weights = {name: values[metrics[name]] for name, values in table.items()}
    except KeyError:
        return None
    return _version_2(weights) if table is V2 else _version_3(weights, is_3_1=version != "3.0")


def _version_2(weights: dict[str, float]) -> float:
    impact = 10.41 * (1 - (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"]))
    exploitability = 20 * weights["AV"] * weights["AC"] * weights["Au"]
    score = (0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0)
    return round(score, 1)


def _version_3(weights: dict[str, float], *, is_3_1: bool) -> float:
    base = 1 - (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"])
    crosses = weights["S"] == 1.0
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if crosses else 6.42 * base
    if impact <= 0:
        return 0.0
    privileges = PRIVILEGES_ACROSS_SCOPES.get(weights["PR"], weights["PR"]) if crosses else weights["PR"]
    exploitability = 8.22 * weights["AV"] * weights["AC"] * privileges * weights["UI"]
    score = min((1.08 if crosses else 1.0) * (impact + exploitability), 10)
    return _round_up(score) if is_3_1 else ceil(score * 10 - 1e-9) / 10


def _round_up(score: float) -> float:
    """Appendix A of 3.1: without the noise of binary fractions."""
    hundred_thousandths = round(score * 100_000)
    if hundred_thousandths % 10_000 == 0:
        return hundred_thousandths / 100_000
    return (hundred_thousandths // 10_000 + 1) / 10
