"""YAML bytes to plain data, with the line of every value: safe, without surprises, and limited in size.

Scalars follow YAML 1.2's core schema as far as people mean it: only ``true`` and ``false`` are booleans, so that
``no`` stays a country and ``on`` a word; dates stay text until a setting asks for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
import yaml

from deliverygate.conversions import NotTextError, exact, exact_of, number, utf8, whole
from deliverygate.errors import ConfigError

Path = tuple[str | int, ...]
T = TypeVar("T")

NODE_LIMIT = 100_000  # aliases of aliases grow without end: a policy of this size was not written by a person
DEPTH_LIMIT = 100
_TAG = "tag:yaml.org,2002:"
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<fallback>:-[^}]*)?\})")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # an untyped class, and absent where libyaml is


class Document(msgspec.Struct, frozen=True):
    """A file's data. ``variables`` tells which values hold text from the environment, and of which variables."""

    path: str
    data: Any
    lines: Mapping[Path, int]
    variables: Mapping[Path, tuple[str, ...]] = msgspec.field(default_factory=dict)
    unfilled: Mapping[Path, str] = msgspec.field(default_factory=dict)  #: those values as they are written
    unset: Mapping[Path, ConfigError] = msgspec.field(default_factory=dict)  #: what to raise when one is used

    def where(self, path: Path) -> str:
        """``file:line: dotted.path`` of a value, or of the nearest thing around it that stands in the file."""
        known = path
        while known not in self.lines and known:
            known = known[:-1]
        return f"{self.path}:{self.lines.get(known, 1)}" + (f": {dotted(path)}" if path else "")


def dotted(path: Path) -> str:
    """A path as people write it, e.g. ``stages.build[0].fail_on``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def dump(value: Any) -> bytes:
    """YAML for people and for other programs: keys in their order, a line for each, long texts not broken."""

    class Plain(yaml.SafeDumper):
        """Writes what stands twice in a value twice: an anchor is hard to read, and some programs know none."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(value, Dumper=Plain, sort_keys=False, allow_unicode=True, width=1_000_000, encoding="utf-8")


def load(data: bytes, path: str, *, environ: Mapping[str, str] | None = None) -> Document:
    """Read one YAML document, with ``${VAR}`` and ``${VAR:-default}`` filled in from ``environ`` when it is given.

    Raises ConfigError for what is no YAML, repeats a key or uses a foreign tag. A variable that is not set is only
    noted in ``unset``: what one stage needs after the deployment must not break the stage before the merge.
    """
    node = _compose(_decode(data, path), path, lambda text: yaml.compose(text, Loader=_Loader))
    return _Walk(path, environ).document(node)


def load_all(data: bytes, path: str) -> tuple[Document, ...]:
    """Every document of a YAML stream that is not empty. Raises ConfigError as ``load`` does."""
    nodes = _compose(_decode(data, path), path, lambda text: tuple(yaml.compose_all(text, Loader=_Loader)))
    documents = (_Walk(path, None).document(node) for node in nodes)
    return tuple(document for document in documents if document.data is not None)


def _decode(data: bytes, path: str) -> str:
    try:
        return utf8(data)
    except NotTextError as error:
        raise ConfigError(f"is {error}", where=path, mend="save the file as UTF-8") from error


def scalar(text: str) -> str | int | float | bool | None:
    """An unquoted word as YAML 1.2 understands it; a number that would lose digits is left as it is written."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text in ("", "~") or text.lower() == "null":
        return None
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if (integer := whole(text)) is not None:
        return integer
    found = number(text) if _FLOAT.fullmatch(text) else None
    return text if found is None or exact(text) != exact_of(found) else found


def _compose(text: str, path: str, read: Callable[[str], T]) -> T:
    depth = _depth(text)
    if depth > DEPTH_LIMIT:  # before the parser, which is C and would overflow its stack
        raise ConfigError(f"is nested {depth} levels deep", where=path, mend=f"stay below {DEPTH_LIMIT}")
    try:
        return read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(f"is not YAML: {what}", where=where, mend="check the indentation and the quotes") from error
    except yaml.reader.ReaderError as error:
        raise ConfigError(
            f"holds a character that YAML forbids (U+{int(error.character):04X})", where=path, mend="remove it"
        ) from error
    except RecursionError as error:
        raise ConfigError("is nested too deep", where=path, mend="write it flatter") from error


def _depth(text: str) -> int:
    """An upper bound of the nesting: open brackets, or steps of the indentation, or dashes in a row."""
    opened = deepest = 0
    for mark in re.finditer(r"[\[{]|[\]}]", text):
        opened = max(0, opened + (1 if mark[0] in "[{" else -1))
        deepest = max(deepest, opened)
    lines = [line for line in text.splitlines() if line.strip()]
    dashes = max((line.count("- ") for line in lines if line.lstrip().startswith("- -")), default=0)
    return max(deepest, _indentations(lines), dashes)


def _indentations(lines: Iterable[str]) -> int:
    """The most steps of indentation that are open at once."""
    steps: list[int] = []
    most = 0
    for line in lines:
        indentation = len(line) - len(line.lstrip(" "))
        while steps and steps[-1] >= indentation:
            steps.pop()
        steps.append(indentation)
        most = max(most, len(steps))
    return most


class _Walk:
    """One pass over the nodes of a document."""

    def __init__(self, path: str, environ: Mapping[str, str] | None) -> None:
        self.path = path
        self.environ = environ
        self.lines: dict[Path, int] = {}
        self.variables: dict[Path, tuple[str, ...]] = {}
        self.unfilled: dict[Path, str] = {}
        self.unset: dict[Path, ConfigError] = {}
        self.open: set[int] = set()
        self.seen = 0

    def document(self, node: yaml.Node | None) -> Document:
        data = self.value(node, ()) if node is not None else None
        return Document(self.path, data, self.lines, self.variables, self.unfilled, self.unset)

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self.seen += 1
        if self.seen > NODE_LIMIT:
            raise self.error(node, path, f"holds more than {NODE_LIMIT} values", "do not nest aliases in aliases")
        if len(path) > DEPTH_LIMIT:
            raise self.error(node, path[:3], f"is nested more than {DEPTH_LIMIT} levels deep", "write it flatter")
        if id(node) in self.open:
            raise self.error(node, path, "an alias that holds itself", "write the value out")
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        self.open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            value: Any = self.mapping(node, path)
        else:
            self.check_tag(node, path, "seq")
            value = [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        self.open.discard(id(node))
        return value

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self.check_tag(node, path, "map")
        written: dict[str, yaml.Node] = {}
        inherited: dict[str, Any] = {}
        for key_node, child in node.value:
            key = self.key(key_node, path)
            if key == "<<" and not key_node.style:
                inherited |= self.merged(child, path)
                continue
            if key in written:
                first = self.lines[(*path, key)]
                raise self.error(key_node, (*path, key), f"stands twice (first in line {first})", "keep one of the two")
            written[key] = child
            self.lines[(*path, key)] = key_node.start_mark.line + 1
        return inherited | {key: self.value(child, (*path, key)) for key, child in written.items()}

    def merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        sources = reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, Any] = {}
        for source in sources:  # YAML's merge key: of several, the first one wins
            value = self.value(source, path)
            if not isinstance(value, dict):
                raise self.error(source, path, "`<<` merges mappings only", "name an anchor of a mapping")
            result |= value
        return result

    def key(self, node: yaml.Node, path: Path) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, path, "a key must be a word", "write `key: value`")
        return str(node.value)

    def scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        self.check_tag(node, path, "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
        text = str(node.value)
        plain = not node.style  # None, or "" from libyaml
        if self.environ is not None and "$" in text:
            return self.fill(node, path, text)
        value = scalar(text) if plain and node.tag != f"{_TAG}str" else text
        if plain and isinstance(value, str) and _FLOAT.fullmatch(value):
            what = f"the number {value[:40]} is too large, or has more digits than are kept"
            raise self.error(node, path, what, "write at most 17 digits, or quotes where a text is meant")
        return value

    def fill(self, node: yaml.ScalarNode, path: Path, text: str) -> str:
        names = []

        def replace(found: re.Match[str]) -> str:
            name, fallback = found["name"], found["fallback"]
            if name is None:
                return "$"  # $$ is a dollar sign
            names.append(name)
            value = (self.environ or {}).get(name)
            if fallback is not None:
                return value or fallback[2:]  # as in a POSIX shell: `:-` also replaces an empty value
            if value is None:
                mend = f"set {name}, or write ${{{name}:-default}}"
                self.unset[path] = self.error(node, path, f"${{{name}}} is not set", mend)
                return found[0]
            return value

        filled = _VARIABLE.sub(replace, text)
        if names:
            self.variables[path] = tuple(names)
            self.unfilled[path] = text
        return filled

    def check_tag(self, node: yaml.Node, path: Path, *allowed: str) -> None:
        if node.tag not in {_TAG + name for name in allowed}:
            raise self.error(node, path, f"the tag {node.tag} is not allowed", "write plain YAML without tags")

    def error(self, node: yaml.Node, path: Path, what: str, mend: str) -> ConfigError:
        place = f"{self.path}:{node.start_mark.line + 1}"
        return ConfigError(what, where=f"{place}: {dotted(path)}" if path else place, mend=mend)


def flatten(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf of plain data with its path; an empty list or mapping is a leaf."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from flatten(child, (*path, key))
    elif isinstance(value, list) and value:
        for index, child in enumerate(value):
            yield from flatten(child, (*path, index))
    else:
        yield path, value
