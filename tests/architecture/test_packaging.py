"""What users install: the sdist, the wheel and the image hold what they should, and find the built-in gates."""

from __future__ import annotations

import re
import shutil
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from plumbum import local

from deliverygate import __version__
from tests.architecture.source import CORE, ROOT
from tests.architecture.source import GATES as BUILT_IN

pytestmark = [pytest.mark.xdist_group("packaging"), pytest.mark.timeout(300)]

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GATES = PYPROJECT["project"]["entry-points"]["deliverygate.gates"]
LISTED = {name: target.partition(":")[0] for name, target in GATES.items()}

INSTRUCTION = re.compile(r"^(FROM|COPY|RUN) ((?:.*\\\n)*.*)$", re.MULTILINE)
MADE_BY_TOOLS = re.compile(
    r"(^|/)(\.git|\.venv[\w-]*|\.cache|\.\w+_cache|__pycache__|\.hypothesis|dist|build|out)(/|$)|\.pyc$"
)


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the Dockerfile that build something, stage by stage."""
    found: list[list[tuple[str, str]]] = []
    for word, rest in INSTRUCTION.findall((ROOT / "Dockerfile").read_text()):
        if word == "FROM":
            found.append([])
        else:
            found[-1].append((word, rest.replace("\\\n", " ")))
    return found


def copy(instruction: str, target: Path) -> None:
    """What ``COPY SOURCE... FOLDER`` does, with the caches left out as .dockerignore does."""
    *sources, folder = instruction.split()
    (target / folder).mkdir(parents=True, exist_ok=True)
    for source in sources:
        if (ROOT / source).is_dir():
            shutil.copytree(
                ROOT / source, target / folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(ROOT / source, target / folder)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, outer_environ: Mapping[str, str]) -> Path:
    """A folder in which the Dockerfile's own commands have run; its /wheels and /opt are below this folder."""
    root = tmp_path_factory.mktemp("machine")
    python = Path(sys.executable).parent
    environ = {**outer_environ, "PATH": f"{python}:{outer_environ['PATH']}"}
    for word, rest in [each for stage in stages() for each in stage]:
        if word == "COPY" and not rest.startswith("--from="):
            copy(rest, root / "build")
        elif word == "RUN" and "apt-get" not in rest:
            command = re.sub(r"(?<!\S)/(wheels|opt)\b", rf"{root}/\1", rest)
            local["sh"].with_cwd(root / "build").with_env(**environ)("-euc", command)
    return root


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory, outer_environ: Mapping[str, str]) -> Path:
    """The sdist, and the wheel that is made of it alone."""
    folder = tmp_path_factory.mktemp("dist")
    local[sys.executable].with_env(**outer_environ)("-m", "build", "--outdir", folder, ROOT)
    return folder


def in_wheel(folder: Path) -> list[str]:
    (wheel,) = folder.glob("*.whl")
    return sorted(zipfile.ZipFile(wheel).namelist())


def in_sdist(folder: Path) -> list[str]:
    """The names below the sdist's one folder."""
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        return sorted(name.partition("/")[2] for name in archive.getnames())


def top(name: str) -> str:
    return name.partition("/")[0]


def in_repository(*packages: Path) -> list[str]:
    """The files of the packages, as the wheel names them."""
    paths = [(package, path) for package in packages for path in package.rglob("*") if path.is_file()]
    return sorted(path.relative_to(package.parent).as_posix() for package, path in paths if path.suffix != ".pyc")


def test_builder_is_sent_what_the_image_copies() -> None:
    sent = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}

    copied = {source for word, rest in stages()[0] if word == "COPY" for source in rest.split()[:-1]}

    assert {source.removeprefix("./") for source in copied} == sent


def test_image_runs_as_a_user_with_a_number_and_without_rights() -> None:
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[0])  # Kubernetes' runAsNonRoot believes numbers only


def test_image_has_the_command(machine: Path) -> None:
    command = local[machine / "opt" / "deliverygate" / "bin" / "deliverygate"]

    assert command.with_cwd(machine)("--version") == f"deliverygate {__version__}\n"


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_installation_finds_the_built_in_gates(kind: str, machine: Path) -> None:
    folder = machine / "opt" / "deliverygate" / "bin" if kind == "wheel" else Path(sys.executable).parent

    listed = local[folder / "deliverygate"].with_cwd(machine)("gates", "list")

    assert dict(line.split() for line in listed.splitlines()) == LISTED


@pytest.mark.parametrize("gate", sorted(GATES))
def test_wheel_has_all_that_a_gate_needs(gate: str, machine: Path) -> None:
    command = local[machine / "opt" / "deliverygate" / "bin" / "deliverygate"]

    said = command.with_cwd(machine)("gates", "explain", gate)

    assert said.startswith(f"{gate}: ")


def test_wheel_is_the_two_packages_and_what_describes_them(machine: Path) -> None:
    info = f"deliverygate-{__version__}.dist-info"

    names = in_wheel(machine / "wheels")

    assert [name for name in names if not name.startswith(info)] == in_repository(CORE, BUILT_IN)
    assert {"deliverygate/py.typed", "deliverygate_gates/py.typed", f"{info}/licenses/LICENSE"} <= set(names)


def test_wheel_from_the_sdist_is_the_same(dist: Path, machine: Path) -> None:
    assert in_wheel(dist) == in_wheel(machine / "wheels")


def test_sdist_holds_the_whole_repository_and_nothing_that_tools_made(dist: Path) -> None:
    names = in_sdist(dist)

    tracked = local["git"].with_cwd(ROOT)("ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    assert {top(name) for name in names} - {"PKG-INFO", ""} == {top(name) for name in tracked}
    assert [name for name in names if MADE_BY_TOOLS.search(name)] == []
