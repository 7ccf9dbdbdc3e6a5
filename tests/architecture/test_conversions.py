"""Text of strangers is converted in one guarded place, and patterns of a policy are compiled in one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import CORE, GATES, modules

#: what raises on odd text, or takes what no format means
RAW_NAMES = frozenset({"float", "int", "Decimal", "ip_address", "ip_network", "urlsplit", "urlparse"})
RAW_METHODS = frozenset({"astimezone", "decode", "fromisoformat", "fromtimestamp", "parsedate_to_datetime", "strptime"})
RAW_CALLS = frozenset({"json.load", "json.loads", "msgspec.convert", "msgspec.json.decode", "msgspec.yaml.decode"})

GUARD = "deliverygate.conversions"
READERS = "deliverygate.scans"  # the readers of reports have guards of their own

OWN = "a number of our own, not a text"
CHECKED = "an address that `is_http_url` or `url_parts` took before"
#: module and call, each with the reason why nothing foreign can break it
EXCEPTIONS = {
    ("deliverygate.cli.places", "int"): "fewer than five decimal digits",
    ("deliverygate.cli.run", "float"): OWN,
    ("deliverygate.cli.saying", "decode"): "with `surrogateescape`, which takes any bytes",
    ("deliverygate.cli.waivers", "fromisoformat"): "an option of the command line, whose fault is told there",
    ("deliverygate.cluster.translating", "fromtimestamp"): OWN,
    ("deliverygate.config.document", "int"): "at most sixteen hexadecimal digits",
    ("deliverygate.config.entries", "float"): OWN,
    ("deliverygate.config.faults", "int"): "an index in a message of msgspec",
    ("deliverygate.config.secret_variables", "decode"): "with `replace`, which takes any bytes",
    ("deliverygate.config.values", "msgspec.convert"): "settings, whose faults `config.faults` tells",
    (
        "deliverygate.http.connection",
        "decode",
    ): "with an answer for what is no UTF-8; names and versions are ASCII to h11",
    ("deliverygate.http.direct", "urlsplit"): "answered with a TransportError there",
    ("deliverygate.http.proxied", "urlsplit"): "answered with a TransportError there",
    ("deliverygate.http.redirects", "urlsplit"): "answered with a TransportError there",
    ("deliverygate.judging.coverage", "float"): OWN,
    ("deliverygate.judging.figures", "float"): OWN,
    ("deliverygate.judging.freshness", "astimezone"): "a moment that a conversion gave",
    ("deliverygate.judging.foreign.entry", "json.loads"): "answered with a ConfigError there: it hears doubled keys",
    ("deliverygate.judging.markdown", "int"): "the digit of a heading's tag",
    ("deliverygate.judging.score", "float"): OWN,
    ("deliverygate.judging.score", "int"): OWN,
    ("deliverygate.judging.well_formed", "msgspec.convert"): "of a check; a fault is that of its gate, told there",
    ("deliverygate.judging.well_formed", "msgspec.json.decode"): "the same",
    ("deliverygate.judging.waivers.file", "msgspec.convert"): "checked by `find_fault` before",
    ("deliverygate.model", "float"): "digits that the pattern of a duration took",
    ("deliverygate.network.addresses", "int"): OWN,
    ("deliverygate.network.addresses", "ip_address"): "an address that the look-up gave",
    ("deliverygate.network.addresses", "ip_network"): "a table of our own",
    ("deliverygate.network.inner_tls", "int"): OWN,
    ("deliverygate.network.name_servers", "float"): OWN,
    ("deliverygate.platforms.counting", "decode"): "of which a fault is the answer",
    ("deliverygate.platforms.git_files", "decode"): "with `surrogateescape`, which takes any bytes",
    ("deliverygate.platforms.git_tree", "decode"): "with `surrogateescape`, which takes any bytes",
    ("deliverygate.platforms.gitlab", "int"): OWN,
    ("deliverygate.platforms.patch", "int"): "three octal digits",
    ("deliverygate.redaction.decoding", "decode"): "of what a pattern took, or with an answer for what is no text",
    ("deliverygate.redaction.decoding", "int"): "of what a pattern took, or with an answer for what is no text",
    ("deliverygate.redaction.outlet", "decode"): "with `surrogateescape`, which takes any bytes",
    ("deliverygate.redaction.parts", "decode"): "of what a pattern took, or with an answer for what is no text",
    ("deliverygate.redaction.parts", "json.loads"): "of what a pattern took, or with an answer for what is no text",
    ("deliverygate.redaction.search", "decode"): "of what a pattern took, or with an answer for what is no text",
    ("deliverygate.renderers.junit", "int"): OWN,
    ("deliverygate.statistics.proportions", "float"): OWN,
    ("deliverygate.testing.metrics", "float"): OWN,
    ("deliverygate.testing.metrics", "int"): OWN,
    ("deliverygate_gates.health.control", "urlsplit"): CHECKED,
    ("deliverygate_gates.health.documents", "json.loads"): "answered with a ValueError in words there",
    ("deliverygate_gates.health.endpoint", "float"): OWN,
    ("deliverygate_gates.health.naming", "urlsplit"): CHECKED,
    ("deliverygate_gates.health.replicas", "urlsplit"): CHECKED,
    ("deliverygate_gates.health.reproducing", "urlsplit"): CHECKED,
    ("deliverygate_gates.health.urls", "urlsplit"): CHECKED,
    ("deliverygate_gates.health.version", "urlsplit"): CHECKED,
    ("deliverygate_gates.slo.files.sloth", "float"): OWN,
    ("deliverygate_gates.slo.measuring", "float"): OWN,
    ("deliverygate_gates.slo.measuring", "int"): OWN,
    ("deliverygate_gates.slo.settings", "float"): OWN,
}


def raw_calls(path: Path) -> Iterator[str]:
    """The conversions that a module makes itself; what was just encoded may be decoded."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        if called in RAW_CALLS or called in RAW_NAMES:
            yield called
        elif isinstance(node.func, ast.Attribute) and name in RAW_METHODS and not _was_encoded(node.func.value):
            yield name


def _was_encoded(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "encode" in ast.unparse(value.func)


def found() -> set[tuple[str, str]]:
    return {
        (name, call)
        for package in (CORE, GATES)
        for name, path in modules(package)
        if name != GUARD and not f"{name}.".startswith(f"{READERS}.")
        for call in raw_calls(path)
    }


def test_foreign_text_is_converted_in_one_guarded_place() -> None:
    assert found() - EXCEPTIONS.keys() == set()


def test_every_exception_is_needed() -> None:
    assert EXCEPTIONS.keys() - found() == set()


#: how a module comes by a pattern that it compiles with `re`: its own, or made of escaped words
OWN_PATTERNS = {
    "deliverygate.judging.codeowners.fnmatch": "a pattern of CODEOWNERS, translated so that it hardly backtracks",
    "deliverygate.judging.codeowners.github": "the same",
    "deliverygate.judging.globs": "globs, translated so that they never backtrack",
    "deliverygate.judging.suppression_marks": "a table of our own",
    "deliverygate.judging.suppression_origins": "a table of our own",
    "deliverygate.redaction.patterns": "patterns of the redactor's own, compiled when they are first used",
    "deliverygate_gates.health.readings": "a name of a metric, escaped, in a pattern of our own; a table of our own",
    "deliverygate_gates.slo.exemption": "a word of letters, escaped",
}
REGEX_CALLS = frozenset({"compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"})


def patterns_from_elsewhere(path: Path) -> Iterator[str]:
    """The calls of `re` in a module whose pattern is not written in the module itself."""
    tree = ast.parse(path.read_text())
    constants = {  # besides those that other modules have
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if ast.unparse(node.func.value) in ("re", "regex") and node.func.attr in REGEX_CALLS:
            names = {each.id for each in ast.walk(node.args[0]) if isinstance(each, ast.Name)}
            if {name for name in names - constants if not name.strip("_").isupper()}:
                yield ast.unparse(node)


def test_patterns_of_the_policy_are_compiled_in_one_place() -> None:
    found = {
        name: calls
        for package in (CORE, GATES)
        for name, path in modules(package)
        if name != "deliverygate.judging.patterns" and (calls := tuple(patterns_from_elsewhere(path)))
    }

    assert found.keys() == OWN_PATTERNS.keys(), found
