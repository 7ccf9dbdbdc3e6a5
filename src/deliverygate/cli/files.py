"""Files named on the command line, read and written with faults in words."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from deliverygate.errors import ReportError, UsageError
from deliverygate.redaction import outlet
from deliverygate.workspace import read_bounded, read_file


def read_input(name: str) -> bytes:
    """A file's bytes, or standard input's for ``-``. Raises ReportError."""
    try:
        if name != "-":
            return read_file(Path(name), or_pipe=True)
        return read_bounded(sys.stdin.buffer)
    except FileNotFoundError as error:
        raise ReportError("no such file", where=name, mend="check the path") from error
    except OSError as error:
        raise ReportError(f"cannot be read ({error.strerror})", where=name, mend="name a readable file") from error


def write_atomically(path: Path, data: bytes, *, mend: str = "choose another --output", cleared: bool = False) -> None:
    """Write a whole file or none: into a neighbour first, which then takes the place. Raises UsageError.

    ``cleared``: the data was made of a cleared report; else it is redacted here, as text.
    """
    data = data if cleared else outlet.redact_bytes(data)
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        neighbour.unlink(missing_ok=True)
        with neighbour.open("xb") as file:  # new, and no link that a change has put there
            file.write(data)
        neighbour.replace(path)
    except OSError as error:
        with suppress(OSError):
            neighbour.unlink()
        raise UsageError(f"cannot be written ({error.strerror})", where=str(path), mend=mend) from error
