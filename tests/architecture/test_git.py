"""One guarded way to git for everybody: no module but ``platforms.git_command`` names it as a program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import CORE, GATES, ROOT, imports, modules

GUARD = "deliverygate.platforms.git_command"

#: Who makes a ``Git`` or what holds one: with the environment that ``cli.places.for_git`` gives it.
MAKERS = {"deliverygate.cli.asking", "deliverygate.cli.checkout", "deliverygate.platforms.local_git"}

LIBRARIES = {"dulwich", "git", "pygit2", "sh"}

MODULES = {name: path for package in (CORE, GATES) for name, path in modules(package)}


def is_git(node: ast.AST) -> bool:
    """Whether a text is git's name, its path, or a command line that begins with one of them."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    first = node.value.split()[:1]
    return bool(first) and first[0].rpartition("/")[2] in {"git", "git.exe"}


def commands(tree: ast.AST) -> Iterator[ast.AST]:
    """Where git stands as the first word of a list, or as the first argument of whatever runs or finds programs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple) and node.elts and is_git(node.elts[0]):
            yield node
        if isinstance(node, ast.Call) and node.args and is_git(node.args[0]):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in {"run", "which", "popen", "Popen", "LocalCommand", "find_program", "split"}:
                yield node


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_but_the_guard_starts_git(name: str) -> None:
    found = [f"{node.lineno}: {ast.unparse(node)}" for node in commands(parsed(MODULES[name]))]

    assert (found == []) is (name != GUARD), found


def test_git_is_made_only_where_its_environment_is_guarded() -> None:
    made = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"Git", "LocalGit"}
    }

    assert made == MAKERS


def test_no_library_stands_in_for_git() -> None:
    assert [each.place for each in imports(CORE) + imports(GATES) if each.target.split(".")[0] in LIBRARIES] == []


def test_the_search_finds_what_it_is_for() -> None:
    text = 'shell.run(("git", "ls-files"))\nshutil.which("git")\nrun("git status")\nrun(["/usr/bin/git"])\nmatch("git")'

    assert [node.lineno for node in commands(ast.parse(text))] == [2, 3, 1, 4]


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(), filename=str(path.relative_to(ROOT)))
