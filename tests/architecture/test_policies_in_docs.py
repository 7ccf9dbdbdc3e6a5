"""Every piece of a policy that a page of a gate shows is one that the gate takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

import msgspec
import pytest
import yaml

from deliverygate.config.policy import read_policy
from deliverygate.registry import load, lookup
from tests.architecture.markdown import page
from tests.architecture.source import ROOT

PAGES = sorted(path.stem for path in (ROOT / "docs" / "gates").glob("*.md"))
#: what a block without a name of a setting goes into: fields of the first objective, entries of a list
INSIDE: Mapping[str, str] = {"slo": "slos", "health": "endpoints"}
#: for variables, by the last word of their names
VALUES = {"DIGEST": f"sha256:{'0' * 64}", "SHA": "1a2b3c4d" * 5, "URL": "https://shop.example"}


def names_of_stages(text: str, name: str) -> tuple[str, ...]:
    """Of a policy, with a value for each variable that it refers to. Raises ConfigError."""
    variables = re.findall(r"\$\{(\w+)", text)
    environ = {variable: VALUES.get(variable.rpartition("_")[2], "1a2b3c4d") for variable in variables}
    return read_policy(text.encode(), path=name, lookup=lookup, environ=environ).stage_names


def policies(name: str) -> Iterator[str]:
    """Each block of a page as a whole policy: what is a part of one is laid over that of the first block."""
    whole, *parts = map(dedent, page(f"docs/gates/{name}.md").blocks("yaml"))
    yield whole if whole.startswith("version:") else f"version: 1\n{whole}"
    for part in parts:
        for text in _alternatives(part):
            yield yaml.safe_dump(_laid_over(yaml.safe_load(whole), yaml.safe_load(text), name))


def _alternatives(part: str) -> list[str]:
    """Lines that give one setting several values are one or the other."""
    lines = part.splitlines()
    keys = [line.partition(":")[0] for line in lines]
    return lines if len(lines) > 1 and len(set(keys)) == 1 else [part]


def _laid_over(policy: dict[str, Any], part: Any, name: str) -> dict[str, Any]:
    entry = [each for listed in policy["stages"].values() for each in listed if each["gate"] == name][-1]
    known = {field.encode_name for field in msgspec.structs.fields(load(name).settings)}
    if isinstance(part, list):
        entry[INSIDE[name]] = part
    elif part.keys() <= known:
        entry.update(part)
    else:
        first = entry[INSIDE[name]][0]
        entry[INSIDE[name]] = [{key: first[key] for key in ("name", "objective")} | part]
    return {"version": 1, **policy}


@pytest.mark.parametrize("name", PAGES)
def test_policy_on_the_page_of_a_gate_is_without_a_fault(name: str) -> None:
    stages = [names_of_stages(text, name) for text in policies(name)]

    assert stages
    assert all(stages)
