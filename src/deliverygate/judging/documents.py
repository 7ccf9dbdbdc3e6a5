"""Files of other tools as types: YAML or JSON, each value with its line, faults told with their place."""

from __future__ import annotations

from typing import Any, TypeVar

from deliverygate.config.document import Document, dotted, load_all
from deliverygate.config.faults import find_fault
from deliverygate.config.values import convert
from deliverygate.conversions import without_nulls
from deliverygate.errors import ConfigError

__all__ = ["Document", "read_documents", "typed"]

T = TypeVar("T")


def read_documents(data: bytes, path: str) -> tuple[Document, ...]:
    """The documents of a YAML file, each a mapping. Raises ConfigError for what is none, and where there is none."""
    documents = load_all(data, path)
    if not documents:
        raise ConfigError("is empty", where=path, mend="write it, or take it out of the policy")
    for document in documents:
        if not isinstance(document.data, dict):
            raise ConfigError("is not a mapping", where=document.where(()), mend="write it as its tool reads it")
    return documents


def typed(document: Document | dict[str, Any], kind: type[T], *, path: str, null_is_absent: bool = False) -> T:
    """The data of a file as a type. Raises ConfigError with the place of the value that does not fit.

    With ``null_is_absent`` a key that holds ``null`` is one that is not there, as Kubernetes has it.
    """
    data = document.data if isinstance(document, Document) else document
    if null_is_absent:
        data = without_nulls(data)
    if fault := find_fault(data, kind):
        where = document.where(fault.path) if isinstance(document, Document) else f"{path}: {dotted(fault.path)}"
        mend = fault.mend if "gates explain" not in fault.mend else "write it as its tool reads it"
        raise ConfigError(fault.what, where=where, mend=mend)
    return convert(data, kind)
