"""Files are read inside the workspace, never outside, and each is written down."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from threading import Thread

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Input
from deliverygate.workspace import BIG_FILE, LARGEST_FILE, Workspace, read_bounded


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "repository"
    (root / "reports").mkdir(parents=True)
    (root / "reports/b.json").write_text("b")
    (root / "reports/a.json").write_text("a")
    (tmp_path / "secret").write_text("outside")
    (root / "link").symlink_to(tmp_path / "secret")
    return Workspace(root)


def test_what_was_read_is_an_input_with_its_digest(workspace: Workspace) -> None:
    workspace.read("reports/b.json")
    workspace.read("reports/../reports/a.json")

    assert workspace.inputs == (
        Input("reports/a.json", hashlib.sha256(b"a").hexdigest()),
        Input("reports/b.json", hashlib.sha256(b"b").hexdigest()),
    )


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "link"])
def test_a_path_that_leaves_the_workspace_is_not_opened(workspace: Workspace, path: str) -> None:
    with pytest.raises(ReportError, match="lies outside the workspace and was not opened"):
        workspace.read(path)

    assert workspace.inputs == ()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none.json", "none.json: no such file; check the path, and that the job that writes it ran before this one"),
        ("reports", "reports: cannot be read (Is a directory); name a readable file"),
        ("a\0b", "a\0b: cannot be looked up (embedded null byte); check the path"),
        ("x" * 300, f"{'x' * 300}: cannot be read (File name too long); name a readable file"),
    ],
    ids=["missing", "folder", "NUL", "too long"],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_how_to_mend_it(
    workspace: Workspace, path: str, said: str
) -> None:
    with pytest.raises(ReportError) as raised:
        workspace.read(path)

    assert str(raised.value) == said


def test_a_pipe_is_refused_at_once_and_not_waited_for(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "reports/pipe")

    with pytest.raises(ReportError) as raised:
        workspace.read("reports/pipe")

    assert str(raised.value) == "reports/pipe: cannot be read (it is no ordinary file); name a readable file"


def test_a_file_that_would_fill_the_memory_is_not_read(workspace: Workspace) -> None:
    with (workspace.root / "reports/big").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    with pytest.raises(ReportError) as raised:
        workspace.read("reports/big")

    assert str(raised.value) == "reports/big: cannot be read (it is bigger than 1 GiB); name a readable file"


def test_the_digest_of_a_big_file_is_made_beside_and_waited_for(workspace: Workspace) -> None:
    data = b"x" * (2 * BIG_FILE)
    (workspace.root / "reports/big").write_bytes(data)

    workspace.read("reports/big")

    assert workspace.inputs == (Input("reports/big", hashlib.sha256(data).hexdigest()),)


def test_a_pattern_names_files_in_order(workspace: Workspace) -> None:
    assert workspace.glob("**/*.json") == ("reports/a.json", "reports/b.json")


def test_a_pattern_that_means_nothing_is_an_error_that_says_why(workspace: Workspace) -> None:
    with pytest.raises(ReportError, match=r"^'\[z-a\]' is not a pattern \(.*\); write sets as \[abc\] or \[a-z\]"):
        workspace.glob("[z-a]")


@pytest.mark.parametrize("pattern", ["reports/*.sarif", "", "../*", "/etc/*"])
def test_a_pattern_without_files_is_an_error(workspace: Workspace, pattern: str) -> None:
    with pytest.raises(ReportError):
        workspace.glob(pattern)


@pytest.mark.parametrize("size", [0, 1, 5, 1_048_576, 1_048_577, 3_000_000])
def test_a_pipe_and_a_file_are_read_to_their_end(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "file").write_bytes(data[:size])
    receiver, sender = os.pipe()

    def write() -> None:
        with os.fdopen(sender, "wb") as pipe:
            pipe.write(data[:size])

    writing = Thread(target=write)
    writing.start()

    with os.fdopen(receiver, "rb") as pipe, (tmp_path / "file").open("rb") as file:
        found = read_bounded(pipe), read_bounded(file)

    writing.join()
    assert found == (data[:size], data[:size])
