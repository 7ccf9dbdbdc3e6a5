"""A big Grype report, the same bytes every time: matches of 5,000 packages, about 3 kB each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

PACKAGES = 5_000
SEVERITIES = ("Medium", "High", "Low", "Critical", "Negligible", "Medium", "Unknown")
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"
TEXT = (
    "It was found that this package, in the versions named below, does not check what it is given before it copies it "
    "into a buffer of a fixed size, so that a remote attacker can read what lies behind it or stop the whole program."
)


def write(path: Path, matches: int) -> None:
    """Write the report, piece by piece."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_pieces(matches))


def _pieces(matches: int) -> Iterator[str]:
    yield '{"matches": [\n'
    for number in range(matches):
        yield json.dumps(_match(number)) + (",\n" if number < matches - 1 else "\n")
    rest = {
        "source": {"type": "image", "target": {"userInput": "registry.example/shop:1.0", "tags": [], "layers": []}},
        "distro": {"name": "debian", "version": "12", "idLike": []},
        "descriptor": {"name": "grype", "version": "0.94.0", "timestamp": "2026-01-02T03:04:05Z"},
    }
    yield "], " + json.dumps(rest)[1:] + "\n"


def _match(number: int) -> dict[str, object]:
    package, cve = number * 7 % PACKAGES, f"CVE-{2010 + number % 16}-{10_000 + number}"
    name, version = f"package{package:04}", f"{package % 9}.{number % 13}.1"
    address = f"https://nvd.nist.gov/vuln/detail/{cve}"
    cpe = f"cpe:2.3:a:{name}:{name}:{version}:*:*:*:*:*:*:*"
    return {
        "vulnerability": {
            "id": cve,
            "dataSource": address,
            "namespace": "nvd:cpe",
            "severity": SEVERITIES[number % len(SEVERITIES)],
            "urls": [f"{address}/{at}" for at in range(5)],
            "description": f"{name}: {TEXT}",
            "cvss": [_score(version) for version in ("3.1", "2.0", "3.1")],
            "epss": [{"cve": cve, "epss": number % 1000 / 1000, "percentile": 0.9, "date": "2026-01-02"}],
            "fix": {"versions": [f"{version}.1"] if number % 3 else [], "state": "fixed" if number % 3 else "unknown"},
            "advisories": [],
            "risk": number % 100 / 10,
        },
        "relatedVulnerabilities": [],
        "matchDetails": [
            {
                "type": "cpe-match",
                "matcher": "stock-matcher",
                "searchedBy": {"namespace": "nvd:cpe", "cpes": [cpe], "package": {"name": name, "version": version}},
                "found": {"vulnerabilityID": cve, "versionConstraint": f"<= {version} (unknown)", "cpes": [cpe]},
            }
        ],
        "artifact": {
            "id": f"{number * 2654435761 % 2**64:016x}",
            "name": name,
            "version": version,
            "type": "npm",
            "locations": [{"path": f"/app/node_modules/{name}/package.json", "layerID": f"sha256:{package:064x}"}],
            "language": "javascript",
            "licenses": ["MIT"],
            "cpes": [cpe],
            "purl": f"pkg:npm/{name}@{version}",
            "upstreams": [],
        },
    }


def _score(version: str) -> dict[str, object]:
    return {
        "source": "nvd@nist.gov",
        "type": "Primary",
        "version": version,
        "vector": VECTOR,
        "metrics": {"baseScore": 8.8, "exploitabilityScore": 2.9, "impactScore": 5.9},
        "vendorMetadata": {},
    }
