"""Repositories that use the templates, with a policy that has a stage for each way in which a run can end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plumbum import local

from tests.architecture.source import ROOT

POLICY = """\
version: 1
stages:
  pre-merge:
    - {gate: command, run: [git, --version]}
  build:
    - {gate: command, run: ["false"]}
  deploy:
    - {gate: static-analysis, scans: [reports/none.json], min_score: 90}
  post-deploy:
    - {gate: trivy, report: reports/packages.json, fail_on: high, classes: [os-pkgs], fresh: any}
"""
# A scan of packages, where one of an operating system is asked for: that is evidence for nothing.
PACKAGES = (ROOT / "examples/shop/reports/mended/trivy-packages.json").read_text()
CODES = {"pre-merge": 0, "build": 1, "deploy": 3, "post-deploy": 4, "unknown": 2}
VERDICTS = {"pre-merge": "passed", "build": "failed", "deploy": "error", "post-deploy": "inconclusive"}
WRITTEN = ["codequality.json", "junit.xml", "report.json", "report.md", "sarif.json"]


def make_repository(folder: Path, files: Mapping[str, str], *, origin: str) -> Path:
    """A repository with one commit on main, as it is cloned from ``origin``."""
    for name, text in {".deliverygate.yml": POLICY, "reports/packages.json": PACKAGES, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git = local["git"].with_cwd(folder)
    git("init", "--quiet", "--initial-branch=main")
    git("remote", "add", "origin", origin)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Sell products")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return folder


def open_change(folder: Path) -> tuple[str, str]:
    """A commit on the branch ``search``: it and the one of main that it is to be merged into."""
    git = local["git"].with_cwd(folder)
    git("switch", "--quiet", "--create", "search")
    git("commit", "--quiet", "--allow-empty", "--message", "Search products")
    return git("rev-parse", "search").strip(), git("rev-parse", "main").strip()


def read_report(folder: Path) -> tuple[str, str]:
    """Stage and verdict of the report in a folder of artifacts."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report["stage"], report["verdict"]
