"""The change and the reports describe one tree: what only the working tree has counts, and lines count as tools count."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.judging.placing import Tree
from deliverygate.judging.scope import Within
from deliverygate.model import Location
from deliverygate.platforms.local_git import LocalGit
from deliverygate.testing import finding
from tests.platforms.test_local_git import Repository

CI = {"CI": "true"}
BASE = "".join(f"old{number}()\n" for number in range(20))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "shop")
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write(".gitignore", "build/\n")
    made.commit("Begin", **{"a.py": BASE, "b.py": BASE})
    made.git("checkout", "--quiet", "-b", "feature")
    made.commit("Add a call", **{"a.py": BASE + "eval(input())\n"})
    return made


def changed(repository: Repository, environ: dict[str, str] | None = None) -> dict[str, ChangedFile]:
    files = LocalGit(repository.shell, environ=environ).files()
    return {file.path: replace(file, edited_at=None) for file in files}


def lines_of(repository: Repository, environ: dict[str, str] | None = None) -> dict[str, object]:
    return {path: (file.lines, file.added) for path, file in changed(repository, environ).items()}


def test_lines_that_nobody_has_committed_move_the_change_with_them(repository):
    repository.write("a.py", "# one\n" * 6 + BASE + "eval(input())\n")

    assert lines_of(repository) == {"a.py": (((1, 6), (27, 27)), None)}


def test_new_file_that_is_neither_tracked_nor_ignored_is_part_of_what_somebody_works_at(repository):
    repository.write("new.py", "eval(input())\n")
    repository.write("build/made.py", "eval(input())\n")
    repository.git("add", "--intent-to-add", "new.py")
    repository.write("newer.py", "eval(input())\n")

    assert changed(repository) == {
        "a.py": ChangedFile(path="a.py", lines=((21, 21),)),
        "new.py": ChangedFile(path="new.py", status="added", lines=((1, 1),)),
        "newer.py": ChangedFile(path="newer.py", status="added", added=0, is_tracked=False),
    }


def test_change_that_is_taken_back_in_the_working_tree_alone_counts_as_a_whole(repository):
    repository.write("a.py", BASE)

    assert changed(repository) == {"a.py": ChangedFile(path="a.py", added=0)}


def test_what_a_job_has_edited_or_made_counts_as_a_whole_and_is_no_part_of_the_change(repository):
    repository.write("a.py", "# one\n" * 6 + BASE + "eval(input())\n")
    repository.write("b.py", "# made\n")
    repository.write("made.py", "eval(input())\n")

    assert changed(repository, CI) == {
        "a.py": ChangedFile(path="a.py", lines=None, added=1),
        "b.py": ChangedFile(path="b.py", added=0, in_change=False),
        "made.py": ChangedFile(path="made.py", status="added", added=0, in_change=False, is_tracked=False),
    }


def test_untouched_checkout_of_a_job_is_the_commit(repository):
    assert changed(repository, CI) == {"a.py": ChangedFile(path="a.py", lines=((21, 21),))}


def test_edit_is_told_with_its_time(repository):
    repository.write("b.py", "# edited\n")
    os.utime(repository.root / "b.py", (1_700_000_000, 1_700_000_000))

    found = {file.path: file.edited_at for file in LocalGit(repository.shell).files()}

    assert found == {"a.py": None, "b.py": datetime.fromisoformat("2023-11-14T22:13:20+00:00")}


@pytest.mark.parametrize(
    ("name", "content", "added"),
    [
        ("a.py", b"1\r2\r3", 3),
        ("a.py", b"1\r\n2\r3\r\n", 3),
        ("a.js", b"1\xe2\x80\xa82\xe2\x80\xa93\n", 3),
        ("a.cs", b"1\xc2\x852\n", 2),
        ("a.py", b"1\x0c2\n\x0b3\x1c4\x1d5\x1e6\n", 7),
        ("a.py", b"caf\xe9\x852\n", 2),
        ("a.py", "1\n2\n3\n".encode("utf-16"), 3),
        ("a.sql", "1\r\n2".encode("utf-32"), 2),
        ("a.js", b"1\n2\n/* \0 */\n", None),
        ("a.png", b"1\n2\n/* \0 */\n", None),
        ("a.py", b"\x89PNG\r\n\x1a\n\0\n\n", None),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\n\n", 0),
        ("a.gif", b"GIF89a\0\n\n", 0),
        ("a.mp4", b"\0\0\0\x18ftypmp42\n", 0),
        ("a.py", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", None),
        ("a.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", 0),
    ],
    ids=["CR", "CR among CRLF", "U+2028 and U+2029", "NEL", "form feed and others", "NEL of Latin-1", "UTF-16", "UTF-32",
         "zero byte in a program", "zero byte and the name of a picture", "picture by its first bytes alone", "picture",
         "another picture", "film", "pointer of Git LFS", "pointer to a picture"],
)  # fmt: skip
def test_lines_that_tools_number_otherwise_than_git_are_not_git_s(repository, name, content, added):
    (repository.root / "new").mkdir()
    (repository.root / "new" / name).write_bytes(content)
    repository.commit("Add a file")

    for environ in ({}, CI):
        assert lines_of(repository, environ)[f"new/{name}"] == (None, added)


@pytest.mark.parametrize(
    "content", [b"1\n2\n3", b"1\r\n2\r\n", b"\xef\xbb\xbf1\n", b"caf\xc3\xa9 \xe2\x80\xa6\n", b"\xe9\n"]
)
def test_ordinary_text_is_counted_line_by_line(repository, content):
    (repository.root / "new.py").write_bytes(content)
    repository.commit("Add a file")

    assert lines_of(repository, CI)["new.py"] == (((1, len(content.splitlines())),), None)


def test_file_that_a_filter_has_put_in_the_place_of_the_committed_one_counts_as_it_is_there(repository):
    text = "1\n2\n3\n4\n"
    name = hashlib.sha256(text.encode()).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize {len(text)}\n"
    repository.commit("Add a file", **{".gitattributes": "*.py filter=lfs diff=lfs -text\n", "new.py": pointer})
    repository.write("new.py", text)

    for environ in ({}, CI):
        assert lines_of(repository, environ)["new.py"] == (None, 4)
    repository.write("new.py", "1\n2\n3\n4\n5\n")
    assert lines_of(repository)["new.py"] == (None, 5)


def test_file_in_another_encoding_than_git_stores_counts_as_it_is_there(repository):
    repository.write(".gitattributes", "*.sql working-tree-encoding=UTF-16\n")
    (repository.root / "new.sql").write_bytes("1\n2\n3\n".encode("utf-16"))
    repository.commit("Add a file")

    for environ in ({}, CI):
        assert lines_of(repository, environ)["new.sql"] == (None, 3)


def test_what_the_change_leads_to_by_a_link_or_a_submodule_counts_as_a_whole(repository, tmp_path):
    other = Repository(tmp_path / "other")
    other.git("init", "--quiet")
    other.commit("Begin", **{"c.py": "eval(input())\n"})
    (repository.root / "link").symlink_to("b.py")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "part")
    repository.commit("Lead elsewhere")

    found = changed(repository, CI)
    within = Within(found.values(), "changed-lines", Tree(frozenset({"b.py", "link"}), modules=frozenset({"part"})))

    assert {path: found[path].lines for path in ("link", "part")} == {"link": None, "part": None}
    assert [
        within(finding(location=Location(path, 1))) for path in ("link", "part/c.py", "b.py")
    ] == [True, True, False]  # fmt: skip


def test_submodule_with_build_results_in_it_is_not_edited(repository, tmp_path):
    other = Repository(tmp_path / "other")
    other.git("init", "--quiet")
    other.commit("Begin", **{"c.py": "1\n"})
    repository.git("checkout", "--quiet", "main")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "part")
    repository.commit("Add a part")
    repository.git("checkout", "--quiet", "-b", "later")
    (repository.root / "part" / "made.o").write_bytes(b"\0")

    assert changed(repository, CI) == {}


EDITS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(0, 3), st.lists(st.sampled_from(["x()", "eval(1)", ""]), max_size=4).map(tuple)
    ),
    max_size=4,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\f"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(edits=EDITS, end=ENDS, mixed=st.booleans(), committed=st.booleans(), ci=st.booleans())
def test_no_edit_of_the_working_tree_moves_a_finding_out_of_scope(repository, edits, end, mixed, committed, ci):
    """Every call of eval that the target branch does not have is in the change, wherever it has come to stand."""
    repository.git("checkout", "--quiet", "--force", "feature")
    repository.git("reset", "--quiet", "--hard", "HEAD")
    listed = (BASE + "eval(input())\n").splitlines()
    for place, removed, put in edits:
        listed[place : place + removed] = put
    ends = [end if not mixed or number % 2 else "\n" for number in range(len(listed))]
    text = "".join(map("".join, zip(listed, ends, strict=True)))
    (repository.root / "a.py").write_bytes(text.encode())
    if committed:
        repository.git("checkout", "--quiet", "--force", "-B", "trial")
        (repository.root / "a.py").write_bytes(text.encode())
        repository.git("commit", "--quiet", "--allow-empty", "--all", "--message", "Edit")

    within = Within(
        LocalGit(repository.shell, environ=CI if ci else {}).files(), "changed-lines", Tree(frozenset({"a.py"}))
    )
    found = [
        number
        for split in (text.splitlines(), re.split(r"\r\n|\r|\n", text), text.split("\n"))
        for number, line in enumerate(split, start=1)
        if "eval" in line
    ]

    assert [number for number in found if not within(finding(location=Location("a.py", number)))] == []
