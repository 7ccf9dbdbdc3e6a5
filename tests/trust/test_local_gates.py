"""A repository's own gates, one a file below `.deliverygate/gates/`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from plumbum import local

from deliverygate.errors import ConfigError
from deliverygate.registry.local import LocalGates
from tests.command import deliverygate
from tests.trust.test_attacks import GATE
from tests.trust.test_law import OWN_GATE

PASSES = GATE.format(verdict="PASSED")


def gates(**files: str) -> LocalGates:
    return LocalGates(
        [f".deliverygate/gates/{name}.py" for name in files],
        read=lambda path: files[path.split("/")[-1].removesuffix(".py")].encode(),
        label=lambda path: f"main:{path}",
    )


def test_a_gate_is_called_like_its_file() -> None:
    assert gates(own_rule=PASSES).load("own-rule").summary == "Demand what we demand"


def test_settings_with_written_types_are_understood() -> None:
    text = "from __future__ import annotations\n" + PASSES.replace("    pass\n", "    limit: int = 3\n")

    assert gates(own_rule=text).lookup("own-rule").settings().limit == 3


def test_an_installed_gate_is_found_beside_them() -> None:
    assert gates(own_rule=PASSES).load("command").name == "command"


def test_compiling_a_gate_leaves_the_ways_to_modules_alone() -> None:
    before = list(sys.path)

    gates(own_rule=PASSES).load("own-rule")

    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nif:\n", r"main:\.deliverygate/gates/own_rule\.py:2: is not Python \(invalid syntax\); correct it"),
        ("x = 1\n\n1 / 0\n", r"own_rule\.py:3: cannot be imported \(ZeroDivisionError: division by zero\)"),
        ("import sys\nsys.exit(0)\n", r"own_rule\.py:2: cannot be imported \(SystemExit: 0\)"),
        (
            "import no_such_module\n",
            r"own_rule\.py:1: cannot be imported \(ModuleNotFoundError: .*installed packages only",
        ),
        ("from .other import x\n", r"own_rule\.py:1: cannot be imported \(.*installed packages only"),
        ("", r"own_rule\.py is not a Gate called 'own-rule'; let it define `gate = Gate\(name='own-rule', \.\.\.\)`"),
        (PASSES.replace('"own-rule"', '"other"'), r"own_rule\.py is not a Gate called 'own-rule'"),
        (PASSES.replace("    pass\n", "    timeout: int = 1\n"), "names that belong to every gate: timeout"),
    ],
    ids=[
        "no Python",
        "raises",
        "exits",
        "imports what is not there",
        "imports another",
        "empty",
        "another name",
        "a setting of all",
    ],
)
def test_a_fault_is_told_with_file_and_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        gates(own_rule=text).load("own-rule")

    assert re.search(said, str(caught.value))


@pytest.mark.parametrize(
    ("files", "other"),
    [({"command": PASSES}, "the installed gate 'command'"), ({"a_b": "", "a-b": ""}, ".deliverygate/gates/a_b.py")],
    ids=["installed", "two files"],
)
def test_a_name_that_is_taken_is_refused(files: dict[str, str], other: str) -> None:
    with pytest.raises(ConfigError, match=f"has the name of {other}; give the file another name"):
        gates(**files)


def test_a_gate_that_is_nearly_named_is_proposed() -> None:
    with pytest.raises(ConfigError, match="no gate 'own-ruel' is installed; did you mean 'own-rule'"):
        gates(own_rule=PASSES).load("own-ruel")


def test_gates_of_the_checkout_run_are_listed_and_explained(tmp_path: Path) -> None:
    (tmp_path / ".deliverygate/gates").mkdir(parents=True)
    (tmp_path / ".deliverygate/gates/own-rule.py").write_text(PASSES)
    (tmp_path / ".deliverygate.yml").write_text(OWN_GATE)

    ran = deliverygate("run", "pre-merge", folder=tmp_path)
    listed = deliverygate("gates", "list", folder=tmp_path)
    explained = deliverygate("gates", "explain", "own-rule", folder=tmp_path)
    schema = json.loads(deliverygate("config", "schema", folder=tmp_path).stdout)

    assert (ran.status, ran.stderr.count("own-rule") > 0) == (0, True)
    assert "own-rule         .deliverygate/gates/own-rule.py\n" in listed.stdout
    assert explained.stdout.startswith("own-rule: Demand what we demand\n")
    assert schema["$defs"]["gate.own-rule"]["description"] == "Demand what we demand"


def test_a_module_of_the_checkout_is_not_imported(tmp_path: Path) -> None:
    for name in ("yaml", "msgspec", "click", "json"):
        (tmp_path / f"{name}.py").write_text("open('trap', 'w')\n")
    (tmp_path / ".deliverygate.yml").write_text("version: 1\nstages:\n  build:\n    - {gate: command, run: ['true']}\n")

    with local.cwd(tmp_path):
        status, _, errors = local[sys.executable]["-m", "deliverygate", "run", "build"].run(retcode=None)

    assert (status, (tmp_path / "trap").exists()) == (0, False), errors
