"""Reports of tools: bytes in, ``Scan`` out. ``READERS`` is the one table of the formats."""

from __future__ import annotations

READERS = {
    "sarif": "deliverygate.scans.sarif:reader",
    "trivy": "deliverygate.scans.trivy:reader",
    "eslint": "deliverygate.scans.eslint:reader",
}
