"""The pages say what the code has: every gate, setting, key, option, variable, format and exit code; every link leads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import click
import msgspec
import pytest

from deliverygate import __version__
from deliverygate.cli import COMMANDS, EPILOG, cli
from deliverygate.config.shape import Common, Defaults, PolicyFile
from deliverygate.model import EXIT_CODES
from deliverygate.registry import load
from deliverygate.renderers import RENDERERS
from deliverygate.scans import READERS
from tests.architecture.markdown import Page, page, pages
from tests.architecture.source import CORE, GATES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BUILT_IN = sorted(PROJECT["entry-points"]["deliverygate.gates"])
USAGE_CODE = 2  # wrong use or configuration: the command's own, no verdict has it


def settings(kind: Any) -> Iterator[str]:
    """The names of a settings struct's fields as the policy writes them, those of structs inside it too."""
    seen: set[Any] = set()
    waiting = [kind]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        for field in msgspec.structs.fields(each):
            yield field.encode_name
            waiting.extend(structs(msgspec.inspect.type_info(field.type)))


def structs(info: Any) -> Iterator[Any]:
    """The structs that a type consists of."""
    if isinstance(info, msgspec.inspect.StructType):
        yield info.cls
        return
    for name in ("types", "item_types", "item_type", "key_type", "value_type", "type"):
        inner = getattr(info, name, None)
        for each in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(each, msgspec.inspect.Type):
                yield from structs(each)


def commands(group: click.Command = cli, name: str = "deliverygate") -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that call it."""
    yield name, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for word in group.list_commands(context):
            command = group.get_command(context, word)
            assert command is not None
            yield from commands(command, f"{name} {word}")


def options() -> Iterator[tuple[str, click.Option]]:
    for name, command in commands():
        yield from ((name, each) for each in command.params if isinstance(each, click.Option))


def leads(link: str, found: Page) -> bool:
    """Whether a relative link of a page ends at a file of the repository, and at a heading where it names one."""
    target, _, anchor = link.partition("#")
    file = (found.path.parent / target).resolve() if target else found.path
    if not file.is_relative_to(ROOT) or not file.exists():
        return False
    return not anchor or file.suffix != ".md" or anchor in page(file.relative_to(ROOT).as_posix()).anchors


@pytest.mark.parametrize("name", BUILT_IN)
def test_gate_has_a_page_that_names_every_setting(name: str) -> None:
    found = page(f"docs/gates/{name}.md")

    assert name in found.headings[0]
    assert sorted(set(settings(load(name).settings)) - found.code) == []


def test_configuration_names_every_key_of_the_policy() -> None:
    keys = {name for kind in (PolicyFile, Defaults, Common) for name in settings(kind)}

    assert sorted(keys - page("docs/configuration.md").code) == []


def test_configuration_names_every_command() -> None:
    text = page("docs/configuration.md").path.read_text()

    assert [name for name, _ in commands() if name not in text] == []


def test_configuration_names_every_option() -> None:
    written = page("docs/configuration.md").code

    assert [f"{name} {each.opts[0]}" for name, each in options() if not written & set(each.opts)] == []


def test_configuration_names_every_variable() -> None:
    of_options = {each.envvar for _, each in options() if each.envvar}
    in_code = {
        name
        for package in (CORE, GATES)
        for path in package.rglob("*.py")
        for name in re.findall(r"\bDELIVERYGATE_[A-Z]\w*", path.read_text())
        if "__" not in name or name == "DELIVERYGATE_STAGE__GATE__SETTING"
    }

    assert sorted((of_options | in_code) - page("docs/configuration.md").code) == []


def test_exit_codes_are_those_of_the_model() -> None:
    rows = {int(row[0]): " ".join(row[1:]) for row in page("docs/exit-codes.md").rows() if row[0].isdecimal()}

    assert sorted(rows) == sorted({*EXIT_CODES.values(), USAGE_CODE})
    assert [verdict.value for verdict, code in EXIT_CODES.items() if verdict.value not in rows[code].lower()] == []


def test_help_lists_the_same_exit_codes() -> None:
    assert [int(code) for code in re.findall(r"^  (\d)  ", EPILOG, re.MULTILINE)] == sorted(
        {*EXIT_CODES.values(), USAGE_CODE}
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("docs/formats.md", set(READERS), id="formats read"),
        pytest.param("docs/outputs.md", set(RENDERERS), id="formats written"),
        pytest.param("README.md", set(BUILT_IN), id="gates"),
    ],
)
def test_page_names_every_row_of_its_table(name: str, wanted: set[str]) -> None:
    assert sorted(wanted - page(name).code) == []


@pytest.mark.parametrize("found", pages(), ids=lambda found: found.name)
def test_every_link_leads_somewhere(found: Page) -> None:
    inside = [link for link in found.links if not re.match(r"[a-z]+:", link)]

    assert [link for link in inside if not leads(link, found)] == []


def test_every_page_that_a_message_names_is_there() -> None:
    named = {
        match
        for package in (CORE, GATES)
        for path in package.rglob("*.py")
        for match in re.findall(r"(?<![/\w])docs/[\w/.-]+\.md(?:#[\w-]+)?", path.read_text())  # no page of others
    }

    assert [name for name in sorted(named) if not leads(name.removeprefix("docs/"), page("docs/README.md"))] == []


def test_every_script_that_a_page_names_is_there() -> None:
    named = {
        (found.name, script)
        for found in pages()
        for script in re.findall(r"(?<![\w/.-])scripts/([a-z-]+)", found.path.read_text())
    }

    assert sorted((name, script) for name, script in named if not (ROOT / "scripts" / script).is_file()) == []


def test_every_page_of_the_docs_is_in_their_index() -> None:
    index = page("docs/README.md")
    listed = {(index.path.parent / link.partition("#")[0]).resolve() for link in index.links}

    missing = {found.path for found in pages() if found.name.startswith("docs/")} - listed - {index.path}

    assert sorted(path.relative_to(ROOT).as_posix() for path in missing) == []


def test_changelog_tells_of_this_version() -> None:
    assert any(heading.startswith(f"[{__version__}]") for heading in page("CHANGELOG.md").headings)


def test_table_of_commands_names_each_with_the_words_of_its_help() -> None:
    context = click.Context(cli)

    told = {name: f"{summary}." for name, (_, summary) in COMMANDS.items()}
    found = {name: cli.get_command(context, name) for name in COMMANDS}

    assert told == {name: command.get_short_help_str(100) for name, command in found.items() if command}
