"""What requirements/ locks fits pyproject.toml, names no host, and can be checked by its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
OURS = PROJECT["project"]["dependencies"]
TESTED = [each for name in ("dns", "grpc", "tls", "schema") for each in EXTRAS[name]]
NEEDED = {
    "project": [*OURS, *GROUPS["build"]],
    "dev": [*OURS, *GROUPS["build"], *GROUPS["test"], *GROUPS["lint"]],
    "bench": [*OURS, *GROUPS["build"], *GROUPS["bench"]],
    "lowest": [*OURS, *TESTED, *GROUPS["build"], *GROUPS["test"]],
}


def lines(name: str) -> list[str]:
    """The requirements of a file, each in one line with its hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def locked(name: str) -> dict[str, list[Version]]:
    """The versions of each package; several where they differ by Python or system."""
    found: dict[str, list[Version]] = {}
    for line in lines(name):
        package, version = re.match(r"([\w.-]+)==([^\s;]+)", line).groups()  # type: ignore[union-attr]
        found.setdefault(canonicalize_name(package), []).append(Version(version))
    return found


@pytest.mark.parametrize("name", NEEDED)
def test_every_dependency_is_locked_to_a_version_that_the_project_allows(name: str) -> None:
    versions = locked(name)
    needed = list(map(Requirement, NEEDED[name]))

    assert [
        str(each)
        for each in needed
        if not all(version in each.specifier for version in versions.get(canonicalize_name(each.name), [Version("0")]))
    ] == []


def test_the_lowest_versions_are_those_that_the_project_allows() -> None:
    versions = locked("lowest")
    bounds = {each.name: Version(str(each.specifier).removeprefix(">=")) for each in map(Requirement, [*OURS, *TESTED])}

    assert {name: str(version) for name, version in bounds.items() if not starts(versions[name.lower()], version)} == {}


def starts(versions: list[Version], bound: Version) -> bool:
    """Whether the only version is the bound, or one that the bound leaves open, such as 1.9.2 for 1.9."""
    return [version.release[: len(bound.release)] for version in versions] == [bound.release]


@pytest.mark.parametrize("name", NEEDED)
def test_every_locked_package_has_its_hashes_and_no_address(name: str) -> None:
    assert [line for line in lines(name) if "--hash=sha256:" not in line or "://" in line or " @ " in line] == []
