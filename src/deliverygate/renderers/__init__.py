"""Report to text. ``RENDERERS`` is the one table of the formats; a format is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from deliverygate.errors import UsageError
from deliverygate.model import Report

Render = Callable[[Report], bytes]

GROUP = "deliverygate.renderers"


class Format(NamedTuple):
    """One format that a report can be written in."""

    file_name: str  #: e.g. "junit.xml"
    target: str  #: "module:function", a function from Report to bytes


RENDERERS = {
    "junit": Format("junit.xml", "deliverygate.renderers.junit:render"),
    "json": Format("report.json", "deliverygate.renderers.json:render"),
    "markdown": Format("report.md", "deliverygate.renderers.markdown:render"),
    "sarif": Format("sarif.json", "deliverygate.renderers.sarif:render"),
    "codequality": Format("codequality.json", "deliverygate.renderers.codequality:render"),
    "text": Format("report.txt", "deliverygate.renderers.terminal:plain"),
}

WRITTEN = ("junit", "json", "markdown", "sarif", "codequality")


def output_files() -> dict[str, str]:
    """What every run writes: file name to format, e.g. ``{"junit.xml": "junit", ...}``."""
    return {RENDERERS[name].file_name: name for name in WRITTEN}


def formats() -> tuple[str, ...]:
    """The names of all formats, ours first, then those that other packages bring along."""
    from importlib.metadata import entry_points

    others = sorted({found.name for found in entry_points(group=GROUP)} - set(RENDERERS))
    return (*RENDERERS, *others)


def render(report: Report, format: str) -> bytes:  # noqa: A002
    """The report as the file of that format. Raises UsageError for a format that nobody offers."""
    return _find(format)(report)


def _find(name: str) -> Render:
    from importlib.metadata import EntryPoint, entry_points

    if name in RENDERERS:
        return cast(Render, EntryPoint(name, RENDERERS[name].target, GROUP).load())
    for found in entry_points(group=GROUP, name=name):
        return cast(Render, found.load())
    from difflib import get_close_matches

    known = formats()
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}"
    raise UsageError(f"{name!r} is not a format of a report", mend=hint)
