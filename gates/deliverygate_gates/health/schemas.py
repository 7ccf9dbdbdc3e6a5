"""A JSON Schema of the workspace, applied to bodies. Needs the extra ``schema``: jsonschema-rs.

Its patterns take time in proportion to the text, whatever a hostile body holds, so what only a backtracking engine can
do (look-around, back-references) is refused. Nothing is fetched: a reference to another address is a fault of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate_gates.health.documents import read_document

Breaches = Callable[[Any], tuple[str, ...]]  #: from a document to what is wrong with it, in words

SHOWN = 3  #: breaches that are told


def open_schema(path: str, context: GateContext) -> Breaches:
    """What tells the breaches of the schema in ``path``. Raises ReportError when there is none, or it is none."""
    data = context.law.read(path)
    try:
        import jsonschema_rs
    except ImportError as error:
        mend = "pip install 'deliverygate[schema]'"
        raise ReportError("`schema` needs the extra `schema`, which is not installed", mend=mend) from error
    try:
        schema = read_document(data)
        validator = jsonschema_rs.validator_for(
            schema, retriever=_retrieve, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=True
        )
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        why = str(error).partition("\n")[0]
        raise ReportError(f"is no JSON Schema that can be used ({why})", where=path, mend="correct it") from error

    def breaches(document: Any) -> tuple[str, ...]:
        try:
            found = tuple(islice(validator.iter_errors(document), SHOWN))
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            return (f"the body cannot be held against it ({type(error).__name__})",)
        return tuple(f"{_place(each.instance_path)}{_cut(each.message)}" for each in found)

    return breaches


def _retrieve(address: str) -> Any:
    raise ValueError(f"{address} is elsewhere, and nothing is fetched")


def _place(path: list[str | int]) -> str:
    return "/" + "/".join(map(str, path)) + ": " if path else ""


def _cut(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]}..."
