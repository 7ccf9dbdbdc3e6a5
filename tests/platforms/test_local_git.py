"""What git alone tells of a change, on real repositories."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.cli.places import find_top, folder_of
from deliverygate.clock import SystemClock
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Completed
from deliverygate.platforms.local_git import LocalGit, without_trailers
from deliverygate.shell import SystemShell
from deliverygate.testing import FakeClock, FakeShell

ENVIRON = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@shop.test",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@shop.test",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}


class Repository:
    """A folder, and git in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)

    @property
    def shell(self) -> SystemShell:
        clock = SystemClock(timeout_seconds=60, stop=Event())
        return SystemShell(clock, root=self.root, environ=ENVIRON)

    def git(self, *arguments: str) -> str:
        done = self.shell.run(["git", *arguments])
        assert done.status == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def commit(self, message: str, **files: str) -> str:
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def open_git(folder: Repository, **options: Any) -> LocalGit:
    """Git as a run opens it for a folder of a checkout: at its top."""
    return LocalGit(Repository(find_top(folder.root)).shell, prefix=folder_of(folder.root), **options)


@pytest.fixture
def repository(tmp_path) -> Repository:
    made = Repository(tmp_path / "shop")
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write(".github/template.md", "## Summary\n")
    made.write("old name.txt", "one\ntwo\nthree\nfour\n")
    made.write("gone.txt", "gone\n")
    made.commit("Begin", app="1")
    made.git("checkout", "--quiet", "-b", "feature")
    return made


def test_a_branch_is_told_by_its_commits(repository):
    base = repository.git("rev-parse", "main")
    repository.commit("Add a basket\n\n- [x] tests\n\nFixes: #12\nSigned-off-by: Ada <ada@shop.test>", basket="1")
    head = repository.commit("Polish it\n\nIt shone too little.", app="2")

    change = LocalGit(repository.shell).change()

    assert change == ChangeRequest(
        title="Add a basket",
        description="- [x] tests\n\nFixes: #12\n\nIt shone too little.",
        source="commits",
        base=base,
        head=head,
        author="Ada <ada@shop.test>",
        files=(
            ChangedFile(path="app", lines=((1, 1),)),
            ChangedFile(path="basket", status="added", lines=((1, 1),)),
        ),
    )


def test_files_are_told_with_what_became_of_them(repository):
    repository.git("mv", "old name.txt", "nëw\tname.txt")
    repository.git("rm", "--quiet", "gone.txt")
    repository.commit("Move", **{'-"x"': "1", "app": "2"})

    assert LocalGit(repository.shell).change().files == (
        ChangedFile(path='-"x"', status="added", lines=((1, 1),)),
        ChangedFile(path="app", lines=((1, 1),)),
        ChangedFile(path="gone.txt", status="deleted", lines=()),
        ChangedFile(path="nëw\tname.txt", status="renamed", previous_path="old name.txt", lines=()),
    )


def test_what_the_users_git_is_set_to_changes_nothing(repository):
    repository.git("mv", "old name.txt", "nëw name.txt")
    repository.write("nëw name.txt", "ONE\ntwo\nthree\nFOUR\n")
    repository.commit("Move\n\nWhy not?", app="2")
    expected = LocalGit(repository.shell).change()

    for setting, value in {
        "core.quotePath": "true", "color.ui": "always", "diff.renames": "false", "diff.noprefix": "true",
        "log.showSignature": "true", "format.pretty": "oneline", "diff.external": "false", "log.date": "raw",
        "diff.interHunkContext": "9", "diff.context": "7", "diff.mnemonicPrefix": "true", "color.diff": "always",
        "diff.suppressBlankEmpty": "true", "diff.wsErrorHighlight": "all", "diff.submodule": "log",
        "i18n.logOutputEncoding": "UTF-16", "diff.relative": "false", "core.pager": "false", "log.decorate": "full",
    }.items():  # fmt: skip
        repository.git("config", setting, value)

    assert LocalGit(repository.shell).change() == expected


def test_lines_are_told_that_are_new_or_changed_in_each_file(repository):
    repository.git("mv", "old name.txt", 'sp ace\tand"quote.txt')
    repository.write('sp ace\tand"quote.txt', "one\ntwo\nTHREE\nfour\nfive")
    (repository.root / "picture").write_bytes(b"\0\1")
    (repository.root / "app").chmod(0o755)
    repository.commit("Change", code="x = 1\n++ b/app\n-- a/app\n@@ -1 +1 @@\n", empty="")

    assert {file.path: file.lines for file in LocalGit(repository.shell).change().files or ()} == {
        "app": (),
        "code": ((1, 4),),
        "empty": None,
        "picture": None,
        'sp ace\tand"quote.txt': ((3, 3), (5, 5)),
    }


@pytest.mark.parametrize(
    "attribute", ["-diff", "binary", "diff=python", "diff=hidden", "-text", "eol=crlf", "text", "linguist-generated"]
)
def test_no_attribute_of_the_change_hides_its_lines(repository, attribute):
    repository.git("config", "diff.hidden.binary", "true")
    repository.git("config", "diff.hidden.textconv", "true")
    repository.commit("Hide it", **{".gitattributes": f"*.py {attribute}\n", "a.py": "1\n2\n"})

    found = {file.path: (file.lines, file.added) for file in LocalGit(repository.shell).change().files or ()}

    assert found == {".gitattributes": (((1, 1),), None), "a.py": (((1, 2),), None)}


def test_merging_the_target_branch_brings_nothing_in(repository):
    repository.commit("Add a basket\n\nBody.", basket="1")
    repository.git("checkout", "--quiet", "main")
    repository.commit("Elsewhere\n\n- [ ] not ours", other="1")
    repository.git("checkout", "--quiet", "feature")
    repository.git("merge", "--quiet", "--no-edit", "main")

    change = LocalGit(repository.shell).change()

    assert (change.title, change.description) == ("Add a basket", "Body.")
    assert change.files == (ChangedFile(path="basket", status="added", lines=((1, 1),)),)


def test_a_detached_head_is_a_branch_as_well(repository):
    repository.commit("Add a basket", basket="1")
    repository.git("checkout", "--quiet", "--detach")

    assert LocalGit(repository.shell).change().title == "Add a basket"


def test_the_remote_branch_counts_before_the_local_one(repository, tmp_path):
    repository.commit("Add a basket", basket="1")
    clone = Repository(tmp_path / "clone")
    clone.git("clone", "--quiet", "--branch", "main", str(repository.root), ".")
    clone.commit("Not pushed yet", app="2")

    assert LocalGit(clone.shell).change().title == "Not pushed yet"


def test_a_tag_does_not_pass_for_the_target_branch(repository):
    repository.commit("Add a basket", basket="1")
    repository.git("tag", "main")
    repository.git("tag", "origin/main")

    assert LocalGit(repository.shell).change().title == "Add a basket"


def test_a_given_base_counts(repository):
    first = repository.commit("Add a basket", basket="1")
    repository.commit("Polish it", basket="2")

    assert LocalGit(repository.shell, base=first).change().title == "Polish it"


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "-", "", "0" * 40, "main..feature", "a\nb"])
def test_a_base_that_is_no_commit_is_refused(repository, base):
    with pytest.raises(ReportError) as caught:
        LocalGit(repository.shell, base=base).change()

    assert str(caught.value) == (
        f"--base: {base!r} is no commit of this repository; "
        "name a branch, a tag or a commit, and fetch it first (`git fetch origin`)"
    )
    assert sorted(path.name for path in repository.root.iterdir()) == [
        ".git",
        ".github",
        "app",
        "gone.txt",
        "old name.txt",
    ]


def test_a_branch_equal_to_its_base_has_nothing_to_show(repository):
    base = repository.git("rev-parse", "main")

    assert LocalGit(repository.shell).change() == ChangeRequest(
        title="",
        description="",
        source="commits",
        base=base,
        head=base,
        files=(),
        notes=(f"There is no commit between {base[:10]}, where the branch started, and HEAD.",),
    )


def test_a_given_description_and_title_stand_in_for_the_commits(repository):
    repository.commit("Add a basket\n\nBody.", basket="1")

    change = LocalGit(repository.shell, description=("- [x] a", "--description d.md"), title="Basket").change()

    assert (change.title, change.description, change.source) == ("Basket", "- [x] a", "--description d.md")
    assert change.files == (ChangedFile(path="basket", status="added", lines=((1, 1),)),)


def test_a_given_description_needs_no_repository(tmp_path):
    git = LocalGit(Repository(tmp_path / "plain").shell, description=("- [x] a", "--description -"))

    assert git.change() == ChangeRequest(
        title="",
        description="- [x] a",
        source="--description -",
        notes=("The changed files and the commits are not known: git: this is no git repository; run in a checkout.",),
    )


def test_a_given_description_needs_no_git():
    git = LocalGit(FakeShell({}, clock=FakeClock()), description=("- [x] a", "--description -"))

    assert git.change().files is None
    with pytest.raises(ToolError):
        git.base_text("a.md")


def test_no_repository_is_told_with_its_cure(tmp_path):
    with pytest.raises(ReportError, match="no git repository; run in a checkout, or give --description"):
        LocalGit(Repository(tmp_path / "plain").shell).change()


def test_a_repository_without_commits_is_told(tmp_path):
    empty = Repository(tmp_path / "empty")
    empty.git("init", "--quiet")

    with pytest.raises(ReportError, match="no commit yet; commit the change first"):
        LocalGit(empty.shell).change()


def test_no_branch_to_compare_with_is_told(repository):
    repository.git("branch", "--quiet", "--move", "main", "trunk")

    with pytest.raises(ReportError, match=r"no target branch for .*; name the target branch with --base"):
        LocalGit(repository.shell).change()
    assert LocalGit(repository.shell, base="trunk").change().files == ()


def test_a_clone_that_is_too_shallow_is_told_how_to_grow(repository, tmp_path):
    repository.git("checkout", "--quiet", "main")
    repository.commit("Elsewhere", other="1")
    repository.git("checkout", "--quiet", "feature")
    repository.commit("Add a basket", basket="1")
    clone = Repository(tmp_path / "clone")
    where = f"file://{repository.root}"
    clone.git("clone", "--quiet", "--depth", "1", "--no-single-branch", "--branch", "feature", where, ".")
    clone.git("remote", "set-head", "origin", "main")
    clone.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")

    with pytest.raises(ReportError, match=r"too shallow to show where the branch left .*; run `git fetch --unshallow`"):
        LocalGit(clone.shell).change()


def test_a_shallow_clone_grows_until_it_shows_where_the_branch_started(repository, tmp_path):
    start = repository.git("rev-parse", "main")
    for number in range(60):
        repository.commit(f"Step {number}")
    clone = Repository(tmp_path / "clone")
    where = f"file://{repository.root}"
    clone.git("clone", "--quiet", "--depth", "1", "--no-single-branch", "--branch", "feature", where, ".")
    clone.git("remote", "set-head", "origin", "main")

    assert LocalGit(clone.shell).base == start


def test_branches_without_a_common_commit_are_told(repository):
    repository.git("checkout", "--quiet", "--orphan", "island")
    repository.commit("Begin anew")

    with pytest.raises(ReportError, match="no commit in common; name the target branch with --base"):
        LocalGit(repository.shell).change()


def test_a_repository_of_another_user_is_told_with_its_cure():
    said = b"fatal: detected dubious ownership in repository at '/builds/shop'\n"
    shell = FakeShell({"git": lambda _: Completed(128, b"", said, 0.0)}, clock=FakeClock())

    with pytest.raises(ReportError, match=r"belongs to another user; run `git config --global --add safe.directory"):
        LocalGit(shell).change()


def test_base_text_is_that_of_the_target_branch(repository):
    repository.write(".github/template.md", "")
    repository.commit("Empty the template", **{"new.md": "new"})
    git = LocalGit(repository.shell)

    assert git.base_text(".github/template.md") == "## Summary\n"
    assert git.base_text("new.md") is None
    assert git.base_text("-x") is None


@pytest.mark.parametrize("path", ["//etc/passwd", "/../x", "../shop/app", ".github/../../x", "a\0b"])
def test_base_text_stays_inside(repository, path):
    with pytest.raises(ReportError, match="lies outside the workspace"):
        LocalGit(repository.shell).base_text(path)


def test_base_text_of_a_folder_or_of_bytes_is_refused(repository):
    (repository.root / "bytes").write_bytes(b"\xff\xfe")
    base = repository.commit("Add bytes")
    git = LocalGit(repository.shell, base=base)

    with pytest.raises(ReportError, match="cannot be read in the target branch: it is no file"):
        git.base_text(".github")
    with pytest.raises(ReportError, match="is not UTF-8 in the target branch"):
        git.base_text("bytes")


def test_paths_are_those_of_the_folder_that_is_judged(repository):
    repository.commit("Add", **{"shop/tests/a.py": "1", "other/b.py": "1"})
    git = LocalGit(repository.shell, prefix="shop/")

    assert git.change().files == (ChangedFile(path="tests/a.py", status="added", lines=((1, 1),)),)
    assert git.tracked_files() == ("tests/a.py",)
    assert LocalGit(repository.shell, base="feature", prefix="shop/").base_text("tests/a.py") == "1"


def test_the_same_checkout_is_compared_with_another_base(repository):
    base = repository.git("rev-parse", "main")
    head = repository.commit("Add a basket", basket="1")
    git = LocalGit(repository.shell)

    assert git.against("main").files() == (ChangedFile(path="basket", status="added", lines=((1, 1),)),)
    assert (git.commit("HEAD^1"), git.commit("HEAD^2"), git.commit("--all")) == (base, None, None)
    assert LocalGit(repository.shell, base=head).against("main").files() == ()


def test_a_checkout_tells_its_folder_its_branch_and_its_remote(repository):
    repository.commit("Add a basket", **{"services/shop/basket": "1"})
    repository.git("remote", "add", "origin", "https://example.com/acme/shop.git")
    git = LocalGit(repository.shell, prefix="services/shop/")

    assert (git.prefix, git.branch, git.remote()) == (
        "services/shop/",
        "feature",
        "https://example.com/acme/shop.git",
    )
    repository.git("checkout", "--quiet", "--detach")
    assert (LocalGit(repository.shell).prefix, LocalGit(repository.shell).branch) == ("", None)
    assert LocalGit(repository.shell).remote("upstream") is None


def test_tracked_files_are_listed_whatever_their_names(repository):
    repository.commit("Add", **{"ünï\ncode": "1"})
    repository.write("untracked", "1")

    assert LocalGit(repository.shell).tracked_files() == (
        ".github/template.md",
        "app",
        "gone.txt",
        "old name.txt",
        "ünï\ncode",
    )


def test_a_description_cut_by_gitlab_is_refused(tmp_path):
    environ = {"CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "true", "CI_MERGE_REQUEST_DESCRIPTION": "- [x] a"}
    shell = Repository(tmp_path / "plain").shell

    with pytest.raises(ReportError, match=r"is cut: .* first 2,700 characters; fetch the whole description"):
        LocalGit(shell, description=("- [x] a\n", "--description d.md"), environ=environ).change()
    assert LocalGit(shell, description=("- [x] a\n- [x] b", "d.md"), environ=environ).change().description


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("Why.\n\nSigned-off-by: A <a@b>\nCo-authored-by: B <b@c>", "Why."),
        ("Why.\n\nFixes: #1\nSigned-off-by: A\n  <a@b>", "Why.\n\nFixes: #1"),
        ("Signed-off-by: A <a@b>", ""),
        ("cc: is no trailer here\n\nWhy.", "cc: is no trailer here\n\nWhy."),
        ("", ""),
    ],
)
def test_trailers_that_name_people_are_no_content(body, kept):
    assert without_trailers(body) == kept
