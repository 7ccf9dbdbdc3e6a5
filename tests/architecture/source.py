"""The code as text: which module imports what, read with ``ast`` so that nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src" / "deliverygate"
GATES = ROOT / "gates" / "deliverygate_gates"


class Import(NamedTuple):
    """One import statement's arrow, wherever it stands in the module."""

    place: str  #: e.g. "src/deliverygate/runner.py:12"
    module: str  #: the one that imports, e.g. "deliverygate.runner"
    target: str  #: e.g. "deliverygate.clock"


def modules(package: Path) -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module of a package."""
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def imports(package: Path) -> tuple[Import, ...]:
    """Every import of a package, those inside functions and under TYPE_CHECKING too."""
    return tuple(
        Import(f"{path.relative_to(ROOT)}:{node.lineno}", module, target)
        for module, path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        for target in _targets(node)
    )


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports are not used here"
        # `from deliverygate import testing` imports a module, `from deliverygate import __version__` a name of one
        return [
            f"{node.module}.{alias.name}" if node.module == "deliverygate" else str(node.module) for alias in node.names
        ]
    return []


def unit(module: str) -> str:
    """The part of the house that a module belongs to: ``deliverygate.cli.run`` is ``cli``'s."""
    return module.split(".")[1]
