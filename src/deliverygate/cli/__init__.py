"""The command ``deliverygate``."""

from __future__ import annotations


def main() -> None:
    """Placeholder until the commands stand."""
    raise SystemExit(2)
