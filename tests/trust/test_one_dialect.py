"""A pattern of the policy means the same over the checkout and over the target branch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverygate.clock import SystemClock
from deliverygate.errors import ReportError
from deliverygate.judging import globs
from deliverygate.platforms.git_command import Git
from deliverygate.platforms.git_tree import GitTree
from deliverygate.platforms.tree_listing import TreeListing
from deliverygate.shell import SystemShell
from deliverygate.workspace import Workspace
from tests.trust.world import git

FILES = (
    "a.yml", "b.yaml", ".hidden.yml", "[x].yml", "x.yml", "slo/a.yml", "slo/b.txt", "slo/deep/c.yml", "slo/deep/er/d.yml",
    "slo/.dot/e.yml", "slo2/f.yml", "Slo/g.yml", "über/ü.yml", "with space/h.yml", "a-b/i.yml", "new\nline.yml",
)  # fmt: skip
LINKS = {
    "linked": "slo", "slo/up": "..", "slo/self": ".", "to-file.yml": "a.yml", "to-nothing.yml": "nowhere",
    "outside": "/etc", "above": "../..", "circle": "circle", "deep-link": "linked/deep",
}  # fmt: skip
PATTERNS = {
    "a.yml": ["a.yml"],
    "*.yml": [".hidden.yml", "[x].yml", "a.yml", "new\nline.yml", "to-file.yml", "to-nothing.yml", "x.yml"],
    "?.yml": ["a.yml", "x.yml"],
    "[ab].y*": ["a.yml", "b.yaml"],
    "[!ab].yml": ["x.yml"],
    "[^ab].yml": ["x.yml"],
    "[[]x].yml": ["[x].yml"],
    "[a-c].*": ["a.yml", "b.yaml"],
    "slo/*.yml": ["slo/a.yml"],
    "slo/**": ["slo/.dot/e.yml", "slo/a.yml", "slo/b.txt", "slo/deep/c.yml", "slo/deep/er/d.yml"],
    "slo/**/*.yml": ["slo/.dot/e.yml", "slo/a.yml", "slo/deep/c.yml", "slo/deep/er/d.yml"],
    "slo/**/**/d.yml": ["slo/deep/er/d.yml"],
    "**/c.yml": ["slo/deep/c.yml"],
    "**/deep/*.yml": ["slo/deep/c.yml"],
    "*/*.yml": [
        "Slo/g.yml", "a-b/i.yml", "deep-link/c.yml", "linked/a.yml", "slo/a.yml", "slo2/f.yml", "with space/h.yml", "über/ü.yml",
    ],
    "slo*/f.yml": ["slo2/f.yml"],
    "s**o/a.yml": ["slo/a.yml"],
    "linked/*.yml": ["linked/a.yml"],
    "linked/**/c.yml": ["linked/deep/c.yml"],
    "deep-link/*.yml": ["deep-link/c.yml"],
    "slo/up/a.yml": ["slo/up/a.yml"],
    "slo/self/self/a.yml": ["slo/self/self/a.yml"],
    "to-*.yml": ["to-file.yml", "to-nothing.yml"],
    "outside": ["outside"],
    "outside/*": [],
    "above/*": [],
    "circle/*": [],
    "slo": [],
    "SLO/*.yml": [],
    "nowhere/*.yml": [],
    "a.yml/*": [],
    "{a,b}.yml": [],
    "~/*": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dialect") / "shop"
    git(root.parent, "init", "--quiet", "--initial-branch", "main", str(root))
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    for name, target in LINKS.items():
        (root / name).symlink_to(target)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Begin")
    return root


@pytest.fixture(scope="module")
def tree(repository: Path) -> GitTree:
    shell = SystemShell(SystemClock(timeout_seconds=600), root=repository, environ={"PATH": "/usr/bin:/bin"})
    return GitTree(Git(shell), "HEAD", name="main")


def in_checkout(root: Path, pattern: str) -> list[str]:
    try:
        return list(Workspace(root).glob(pattern))
    except ReportError:  # that is how it says that there is none
        return []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_names_the_same_files_in_the_checkout_and_in_a_commit(
    repository: Path, tree: GitTree, pattern: str
) -> None:
    expected = sorted(PATTERNS[pattern])

    assert (in_checkout(repository, pattern), list(globs.expand(pattern, TreeListing(tree)))) == (expected, expected)


def test_what_a_pattern_names_can_be_read_in_both(repository: Path, tree: GitTree) -> None:
    names = {name for pattern in PATTERNS for name in in_checkout(repository, pattern)}
    readable = sorted(names - {"outside", "to-nothing.yml"})

    assert [tree.read(name) for name in readable] == [Workspace(repository).read(name) for name in readable]
    for name in ("outside", "to-nothing.yml"):
        with pytest.raises(OSError, match=r"outside|No such file"):
            tree.read(name)
        with pytest.raises(ReportError):
            Workspace(repository).read(name)


@pytest.mark.parametrize("pattern", ["", " ", "/etc/*", "../*", "a/../b", "./a.yml", "slo/", "a\\b", "[z-a].yml"])
def test_what_is_no_pattern_is_refused_in_both(repository: Path, pattern: str) -> None:
    assert globs.fault(pattern)
    with pytest.raises(ReportError):
        Workspace(repository).glob(pattern)


NAMES = st.text("ab.[*?!-]", min_size=1, max_size=3).filter(lambda name: name not in {".", ".."})
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8)
GLOBS = st.lists(st.one_of(st.just("**"), st.text("ab.[*?!-]", min_size=1, max_size=3)), min_size=1, max_size=3)


def listing(paths: list[str]) -> globs.Listing:
    """The folders that a list of files makes; a file wins over a folder of its name."""

    def entries(folder: str) -> list[tuple[str, globs.Kind]]:
        below = [path.removeprefix(folder) for path in paths if path.startswith(folder)]
        kinds: dict[str, globs.Kind] = {}
        for path in below:
            name, slash, _ = path.partition("/")
            kinds[name] = "folder" if slash else "file"
        return list(kinds.items())

    return entries


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(PATHS, GLOBS.map("/".join))
def test_a_pattern_over_folders_is_the_pattern_over_paths(paths: list[str], pattern: str) -> None:
    files = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]

    if globs.fault(pattern) is None:
        expected = sorted({path for path in files if globs.matches(pattern, path)})
        assert list(globs.expand(pattern, listing(files))) == expected
