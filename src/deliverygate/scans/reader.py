"""What a reader of reports is: how it knows its format, and bytes to Scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from deliverygate.model import Scan


@dataclass(frozen=True)
class Outline:
    """What a document looks like from outside: enough to tell formats apart, cheap for the biggest file."""

    kind: Literal["object", "list", "lines", "scalar", "xml", "text"]
    keys: frozenset[str] = frozenset()  #: of the object, of the first one in a list or in JSON lines; {root tag} of XML
    size: int = 0  #: how many members the list has
    text: str = ""  #: the first 4 KiB of the document


class Read(Protocol):
    """Bytes (UTF-8, without byte order mark) to Scan.

    ``root`` is the absolute path of the checkout: absolute paths below it become relative to it. Raises ReportError
    when the document is no evidence.
    """

    def __call__(self, data: bytes, /, *, root: str) -> Scan: ...


@dataclass(frozen=True)
class Reader:
    """One format, as an entry point of the group ``deliverygate.scans`` offers it."""

    name: str  #: as the policy writes it, e.g. "sarif"
    summary: str  #: one phrase, e.g. "SARIF 2.1.0 log"
    recognises: Callable[[Outline], bool]
    read: Read
