"""Commands to GitHub's runner: lines of the log, and files that it reads when the step has ended.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from deliverygate.renderers.annotations import Annotation
from deliverygate.renderers.text import one_line

#: Of each level and step the runner keeps no more (actions/runner, ExecutionContext.cs), and does not say so.
PER_STEP = 10


def annotate(annotation: Annotation, *, prefix: str) -> str:
    """The line that makes the runner show it. ``prefix`` is the folder of the paths, as the repository names it."""
    place = annotation.place
    fields: dict[str, object] = {"title": annotation.title}
    if place:
        fields |= {"file": prefix + place.path, "line": place.line, "endLine": place.end_line, "col": place.column}
    return command("error" if annotation.blocks else "warning", annotation.message, fields)


def command(name: str, text: str, fields: dict[str, object] | None = None) -> str:
    """``::name key=value,...::text``; what ``text`` and values hold ends neither the line nor the value."""
    listed = ",".join(f"{key}={_value(str(value))}" for key, value in (fields or {}).items() if value is not None)
    return f"::{name}{' ' if listed else ''}{listed}::{_data(text)}\n"


def group(title: str) -> tuple[str, str]:
    """The lines that fold what stands between them."""
    return command("group", one_line(title)).rstrip("\n"), "::endgroup::"


def outputs(values: Iterable[tuple[str, str]]) -> str:
    """Outputs of a step, for the file ``GITHUB_OUTPUT``. No value can know the delimiter and end itself with it."""
    parts = []
    for name, value in values:
        end = f"end_{token_hex(16)}"
        parts.append(f"{name}<<{end}\n{value}\n{end}\n")
    return "".join(parts)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
