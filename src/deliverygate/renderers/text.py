"""Text of strangers made harmless: what a report, a branch name or a program's output may not do to a reader."""

from __future__ import annotations

import math
import re

from deliverygate.model import Measurement
from deliverygate.redaction.cleaning import clean

__all__ = ["beside", "clean", "count", "cut", "neutral", "one_line", "tail", "value"]

# GitHub's runner obeys a line that begins with :: after any space, and ##[ anywhere in a line; other servers
# obey ##vso[ and ##teamcity[ likewise. GitLab folds at section_start:TIME:NAME and section_end:TIME:NAME.
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|##(?=\w*\[)|(?<=section_)(?:start|end)(?=:\d)", re.MULTILINE)


def one_line(text: str, limit: int = 300) -> str:
    """``text``, cleaned, as one line of at most ``limit`` characters."""
    # Most texts are one line as they come: the only white space that counts as printable is the space itself.
    if len(text) <= limit and text.isprintable() and "  " not in text and not text.startswith(" "):
        return text.rstrip(" ")
    words = clean(text[: 4 * limit]).split()
    if len(text) > 4 * limit:  # a message of megabytes is not looked at to its end
        words.append("…")
    return cut(" ".join(words), limit)


def cut(text: str, limit: int) -> str:
    """The first ``limit`` characters; where some are missing, the last one is an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def tail(text: str, limit: int) -> str:
    """The end of a long text, which is where programs say what went wrong."""
    return text if len(text) <= limit else "…" + text[len(text) - limit + 1 :]


def neutral(text: str) -> str:
    """``text`` for a job's log: no line of it is a command to the CI server that reads the log."""
    return _COMMAND.sub(_broken, text)


def _broken(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f"{found[1]}: "
    return "# #" if found[0] == "##" else f"{found[0]} "


def beside(measurement: Measurement) -> str:
    """The measured value beside the wanted one, e.g. ``score 80 %, wanted at least 90 %``."""
    name, wanted, unit = (one_line(text) for text in (measurement.name, measurement.wanted, measurement.unit))
    wanted += f" {unit}" if unit and wanted[-1:].isdigit() else ""
    return f"{name} {value(measurement)}, wanted {wanted}" if wanted else f"{name} {value(measurement)}"


def value(measurement: Measurement) -> str:
    """The measured value with its unit; ``no data`` where there is none."""
    measured = measurement.value
    if measured is None or (isinstance(measured, float) and not math.isfinite(measured)):
        return "no data"
    shown = f"{measured:.10g}" if isinstance(measured, float) else one_line(str(measured))
    return f"{shown} {one_line(measurement.unit)}".rstrip()


def count(number: int, thing: str) -> str:
    """``1 check``, ``2 checks``, ``1,234 checks``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
