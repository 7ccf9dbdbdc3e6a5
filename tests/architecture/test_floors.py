"""Imports only go down: the table of floors in docs/architecture.md, held against every import statement."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest

from tests.architecture.source import CORE, GATES, ROOT, Import, imports, modules, unit

ROW = re.compile(r"^\| (\d) \| `(\w+)` \|", re.MULTILINE)
FLOORS = {name: int(floor) for floor, name in ROW.findall((ROOT / "docs" / "architecture.md").read_text())}

ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]

# Arrows between two modules of one floor, each for the reason that docs/architecture.md gives.
NEIGHBOURS = {
    ("model", "evidence"),
    ("syntax", "conversions"),
    ("redaction", "model"),
    ("judging", "config"),
    ("renderers", "judging"),
    ("workspace", "judging"),
    ("testing", "gate"),
    ("runner", "clock"),
    ("http", "network"),
    ("platforms", "http"),
    ("__main__", "cli"),
}

TOP_FLOOR_OF_GATES = 2

# A library that costs time or touches the world, and the only part that may import it.
OWNERS = {
    "cel_expr_python": "security",
    "certifi": "network",
    "click": "cli",
    "cryptography": "network",
    "defusedxml": "scans",
    "dns": "network",
    "gitlab": "platforms",
    "google": "network",
    "grpc": "network",
    "h11": "http",
    "idna": "conversions",
    "jsonschema_rs": "health",
    "junit_xml": "renderers",
    "kubernetes": "cluster",
    "markdown_it": "judging",
    "plumbum": "shell",
    "regex": "judging",
    "requests": "http",
    "rich": "renderers",
    "yaml": "config",
}

# The modules that bring commands by the entry points of ``deliverygate.commands``.
COMMANDS_OF_GATES = {("click", value.partition(":")[0]) for value in ENTRY_POINTS["deliverygate.commands"].values()}

PROCESSES = {"subprocess", "pty", "multiprocessing", "asyncio.subprocess"}
SPAWNERS = re.compile(r"os\.(system|popen|fork\w*|spawn\w+|exec\w+|posix_spawn\w*)")

CORE_IMPORTS = imports(CORE)
GATE_IMPORTS = imports(GATES)


def arrows(found: tuple[Import, ...]) -> list[Import]:
    """Those that lead from one part of ``deliverygate`` to another."""
    inner = [each for each in found if each.target.startswith("deliverygate.") and unit(each.target) in FLOORS]
    return [each for each in inner if each.module != "deliverygate"]


def test_the_package_itself_imports_the_look_at_the_interpreter_and_nothing_else() -> None:
    assert [each.target for each in CORE_IMPORTS if each.module == "deliverygate"] == ["deliverygate.isolation"]


def test_table_of_floors_names_every_part_of_the_house() -> None:
    parts = {unit(name) for name, _ in modules(CORE) if name != "deliverygate"}

    assert set(FLOORS) == parts


def test_imports_only_go_down() -> None:
    upward = [
        f"{each.place}: {unit(each.module)} imports {each.target}"
        for each in arrows(CORE_IMPORTS)
        if unit(each.module) != unit(each.target)
        and FLOORS[unit(each.target)] >= FLOORS[unit(each.module)]
        and (unit(each.module), unit(each.target)) not in NEIGHBOURS
    ]

    assert upward == []


def test_every_neighbour_that_is_allowed_is_needed() -> None:
    used = {(unit(each.module), unit(each.target)) for each in arrows(CORE_IMPORTS)}

    assert NEIGHBOURS - used == set()


def test_gates_stand_on_the_floor_that_is_promised_to_everybody() -> None:
    too_high = [
        f"{each.place}: {each.target}"
        for each in arrows(GATE_IMPORTS)
        if FLOORS[unit(each.target)] > TOP_FLOOR_OF_GATES
    ]

    assert too_high == []


def test_core_never_imports_the_built_in_gates() -> None:
    assert [each.place for each in CORE_IMPORTS if each.target.startswith("deliverygate_gates")] == []


@pytest.mark.parametrize("library", OWNERS)
def test_library_is_imported_by_its_owner_only(library: str) -> None:
    strangers = [
        each.place
        for each in CORE_IMPORTS + GATE_IMPORTS
        if each.target.split(".")[0] == library
        and (each.module.split(".")[1:2] or [""])[0] != OWNERS[library]
        and (library, each.module) not in COMMANDS_OF_GATES
    ]

    assert strangers == []


def test_every_library_that_is_imported_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for names in project.get("optional-dependencies", {}).values() for name in names]
    declared = {re.split(r"[<>=!~\[; ]", name)[0].lower() for name in (*project["dependencies"], *extras)}
    called = {
        "cel_expr_python": "cel-expr-python",
        "yaml": "pyyaml",
        "markdown_it": "markdown-it-py",
        "junit_xml": "junit-xml",
        "gitlab": "python-gitlab",
        "dns": "dnspython",
        "google": "protobuf",
        "grpc": "grpcio",
        "jsonschema_rs": "jsonschema-rs",
    }

    imported = {each.target.split(".")[0] for each in CORE_IMPORTS + GATE_IMPORTS}
    third_party = imported - set(sys.stdlib_module_names) - {"deliverygate", "deliverygate_gates"}

    assert {called.get(name, name) for name in third_party} - declared == set()


def test_only_the_shell_starts_processes() -> None:
    imported = [each.place for each in CORE_IMPORTS + GATE_IMPORTS if each.target in PROCESSES]
    called = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in (CORE, GATES)
        for _, path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and SPAWNERS.fullmatch(ast.unparse(node))
    ]

    assert imported + called == []


def test_gates_reach_the_world_through_their_context_only() -> None:
    world = {"os", "socket", "ssl", "http", "http.client", "urllib.request", "time", "shutil", "tempfile", "signal"}

    assert [f"{each.place}: {each.target}" for each in GATE_IMPORTS if each.target in world] == []
