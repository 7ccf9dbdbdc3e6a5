"""Nothing leaves the process but through the outlet: who writes to a stream or a file, and why that one may."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import CORE, GATES, ROOT, modules

WRITES = re.compile(r"write_text|write_bytes|NamedTemporaryFile|FileHandler|StreamHandler|mkstemp|fdopen|basicConfig")
STREAMS = re.compile(
    r"sys\.(__)?std(out|err)(__)?|os\.write|click\.(get_text_stream|get_binary_stream|open_file)|logging\.lastResort"
)
TO_WRITE = re.compile(r"[rwaxbt+]*[wax+][rwaxbt+]*")

# What writes a file, and what becomes of its text before.
FILES = {
    "cli/__init__.py: _crash": "the crash log: `outlet.redact`",
    "cli/__init__.py: _open_closed_streams": "opens /dev/null in the place of a stream that came closed",
    "cli/files.py: write_atomically": "reports made of a cleared report; all else through `outlet.redact_bytes`",
    "cli/init.py: _write": "the policy of `init`: `outlet.redact`",
    "cli/law_files.py: path": "a file of the target branch, for a program that opens it itself; removed after the run",
    "cli/run.py: _open_log": "deliverygate.log: its formatter calls `outlet.redact`",
    "platforms/github/publishing.py: _append": "summary and outputs of a step: `outlet.redact_bytes`",
}
# What names a standard stream. `main` has put the guarded ones in their place by then.
NAMED = {
    "cli/__init__.py: _run": "flushes it",
    "cli/__init__.py: _leave": "flushes it",
    "cli/__init__.py: _forget_unwritten": "flushes it, and puts /dev/null in its place",
    "cli/saying.py: write_out": "writes through the guarded stream's buffer",
    "isolation.py: demand_isolation": "names places of modules, before anything else is imported",
    "cli/run.py: _judge": "hands the guarded stream to the progress",
    "cli/showing.py: show": "asks whether it is a terminal",
    "cli/showing.py: _width": "asks whether it is a terminal",
    "platforms/github/__init__.py: publish": "hands the guarded stream to the annotations",
    "redaction/outlet.py: guard_streams": "puts the guard in its place",
    "redaction/outlet.py: write_document": "lets out a document that was made of a cleared report",
}


def _calls(wanted: str) -> Iterator[str]:
    for package in (CORE, GATES):
        for _, path in modules(package):
            place = path.relative_to(package).as_posix()
            yield from (f"{place}: {name}" for name in sorted(set(_found(ast.parse(path.read_text()), wanted))))


def _found(tree: ast.AST, wanted: str, function: str = "module") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef) else function
        if (wanted == "file" and _writes_file(node)) or (wanted == "stream" and _names_stream(node)):
            yield function
        yield from _found(node, wanted, inside)


def _writes_file(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    if WRITES.search(called):
        return True
    modes = [
        each.value for each in (*node.args, *(key.value for key in node.keywords)) if isinstance(each, ast.Constant)
    ]
    opens = called == "open" or called.endswith(".open")
    return opens and any(isinstance(mode, str) and TO_WRITE.fullmatch(mode) for mode in modes)


def _names_stream(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
        return True
    return isinstance(node, ast.Attribute) and STREAMS.fullmatch(ast.unparse(node)) is not None


def test_files_are_written_in_these_places_only() -> None:
    assert set(_calls("file")) == set(FILES)


def test_streams_are_named_in_these_places_only() -> None:
    assert set(_calls("stream")) == set(NAMED)


def test_main_guards_the_streams_before_a_command_is_called() -> None:
    body = (ROOT / "src/deliverygate/cli/__init__.py").read_text().partition("def main()")[2]

    assert 0 < body.index("outlet.guard_streams()") < body.index("cli.main(")
