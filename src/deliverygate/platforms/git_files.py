"""The files that git knows below a folder, as a tree that paths of reports are looked for in."""

from __future__ import annotations

from collections.abc import Iterable

from deliverygate.judging.placing.tree import Tree
from deliverygate.platforms.git_command import Git

LINK, MODULE = "120000", "160000"  #: modes


def tracked(git: Git) -> Tree:
    """What the index has. Raises ReportError where git cannot answer, ToolError where there is none."""
    listed = _records(git.output("ls-files", "--stage", "-z", "--", *_below(git)))
    return _tree((record.split(" ", 2) for record in listed), git.prefix)


def committed(git: Git, commit: str) -> Tree:
    """What a commit has. Raises ReportError where git cannot answer, ToolError where there is none."""
    listed = _records(git.output("ls-tree", "-r", "-z", commit, "--", *_below(git)))
    records = (record.split(" ", 2) for record in listed)
    return _tree(((mode, *rest.split("\t", 1)) for mode, _, rest in records), git.prefix)


def _below(git: Git) -> tuple[str, ...]:
    return (git.prefix,) if git.prefix else ()


def _records(output: bytes) -> Iterable[str]:
    return filter(None, output.decode("utf-8", errors="surrogateescape").split("\0"))


def _tree(records: Iterable[Iterable[str]], prefix: str) -> Tree:
    """``records`` are mode, object, path; of a conflict the index has several records of one path."""
    files, links, modules = set(), {}, set()
    for mode, name, path in records:
        inside = (path.partition("\t")[2] or path).removeprefix(prefix)  # "STAGE\tpath" of the index
        if mode == LINK:
            links[inside] = name
        elif mode == MODULE:
            modules.add(inside)
        else:
            files.add(inside)
    return Tree(frozenset(files), links, frozenset(modules))
