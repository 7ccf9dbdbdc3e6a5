"""The interpreter is ours: no module of the checkout is imported, whatever the job's variables say."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from plumbum import local

from deliverygate import isolation
from tests.command import PROGRAM, deliverygate

TRAP = "import os, sys\nopen({trace!r}, 'w').close()\nos._exit(0)\n"
MODULES = ("click.py", "msgspec.py", "yaml.py", "errno.py", "contextlib.py", "importlib.py")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A checkout that brings modules named like those that we import, and a folder with some of its own."""
    job = tmp_path / "job"
    for folder in (job, job / "src"):
        folder.mkdir()
        for name in MODULES:
            (folder / name).write_text(TRAP.format(trace=str(tmp_path / "SPRUNG")))
    (job / ".git").mkdir()
    (job / "service").mkdir()
    (tmp_path / "way-in").symlink_to(job / "src")
    return job


PATHS = {
    "current folder": ".",
    "folder of it": "src",
    "whole path": "{job}",
    "folder below": "{job}/src",
    "first entry is empty": ":/opt/lib",
    "last entry is empty": "/opt/lib:",
    "entry between": "/opt/lib::/usr/lib/x",
    "later entry": "/opt/lib:{job}/src",
    "with dots": "/opt/../{job}/./src",
    "not there yet": "{job}/build/lib",
    "link from outside": "{job}/../way-in",
}


@pytest.mark.parametrize("written", PATHS.values(), ids=PATHS)
def test_a_place_of_modules_in_the_checkout_is_refused(job: Path, tmp_path: Path, written: str) -> None:
    environ = {"PYTHONPATH": written.format(job=job)}

    ran = deliverygate("--version", folder=job, environ=environ)

    assert (ran.status, ran.stdout, (tmp_path / "SPRUNG").exists()) == (2, "", False)
    assert ran.stderr.startswith("PYTHONPATH names ")
    assert "start deliverygate without it (`env -u PYTHONPATH deliverygate ...`)" in ran.stderr


@pytest.mark.parametrize("command", [["--version"], ["run", "build"], ["scan", "x"], ["init"]])
def test_every_command_is_refused(job: Path, tmp_path: Path, command: list[str]) -> None:
    ran = deliverygate(*command, folder=job / "service", environ={"PYTHONPATH": str(job)})

    assert (ran.status, (tmp_path / "SPRUNG").exists()) == (2, False)


@pytest.mark.parametrize("name", ["sitecustomize.py", "usercustomize.py"])
def test_a_module_that_python_itself_imports_first_does_not_make_it_go_on(job: Path, name: str) -> None:
    (job / name).write_text("import sys\nsys.path.insert(0, '/nowhere')\n")

    assert deliverygate("--version", folder=job, environ={"PYTHONPATH": str(job)}).status == 2


@pytest.mark.parametrize("variable", ["CI_PROJECT_DIR", "GITHUB_WORKSPACE"])
def test_the_checkout_is_also_where_the_ci_system_says(job: Path, tmp_path: Path, variable: str) -> None:
    shutil.rmtree(job / ".git")
    environ = {"PYTHONPATH": str(job / "src"), variable: str(job)}

    assert deliverygate("--version", folder=tmp_path, environ=environ).status == 2


def test_a_place_of_modules_elsewhere_is_the_machines_own(job: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()

    ran = deliverygate("--version", folder=job, environ={"PYTHONPATH": str(tmp_path / "lib")})

    assert (ran.status, ran.stderr) == (0, "")


def test_compiled_code_is_not_taken_from_the_checkout(job: Path) -> None:
    ran = deliverygate("--version", folder=job, environ={"PYTHONPYCACHEPREFIX": str(job / "cache")})

    assert (ran.status, ran.stderr.partition(",")[0]) == (2, f"PYTHONPYCACHEPREFIX names {job}/cache")


@pytest.mark.parametrize("option", ["-I", "-P"])
def test_a_launcher_with_an_isolated_python_imports_nothing_of_the_checkout(
    job: Path, tmp_path: Path, option: str
) -> None:
    environ = {"PYTHONPATH": str(job) if option == "-I" else ""}

    with local.cwd(job):
        status, stdout, _ = local[sys.executable][option, "-m", "deliverygate", "--version"].run(
            retcode=None, env={"PATH": "/bin", **environ}
        )

    assert (status, stdout.split()[:1], (tmp_path / "SPRUNG").exists()) == (0, ["deliverygate"], False)


def test_the_name_of_a_folder_commands_no_server(tmp_path: Path) -> None:
    folder = tmp_path / "x\n::error::said by the change"
    folder.mkdir()
    (folder / ".git").mkdir()

    ran = deliverygate("--version", folder=folder, environ={"PYTHONPATH": str(folder)})

    assert (ran.status, [line for line in ran.errors if line.startswith("::")], "::error" in ran.stderr) == (
        2,
        [],
        False,
    )


def test_an_environment_in_the_checkout_is_where_many_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    library = str(Path(isolation.os.__file__).parent)

    found = [isolation.find_fault({}, [place, library]) for place in (f"{tmp_path}/.venv/bin", f"{tmp_path}/bin", "")]

    assert [bool(each) for each in found] == [False, True, True]


def test_a_folder_of_modules_of_the_user_in_the_checkout_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    place = str(tmp_path / ".local/lib/python3/site-packages")
    site = type(sys)("site")
    site.ENABLE_USER_SITE, site.USER_SITE = True, place  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "site", site)
    monkeypatch.setattr(sys, "path", [*sys.path, place])

    fault = isolation.find_fault({}, [str(Path(isolation.os.__file__).parent)])

    assert fault.startswith(f"Python looks for modules of this user in {place}")


def test_the_look_imports_nothing() -> None:
    text = Path(isolation.__file__).read_text()
    imported = [line for line in text.splitlines() if line.startswith(("import ", "from "))]

    assert imported == ["import os", "import sys"]
    assert PROGRAM.name in isolation.NAMES
