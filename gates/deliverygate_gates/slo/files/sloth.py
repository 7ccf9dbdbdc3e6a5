"""Sloth's files, both the plain ones and the Kubernetes resource. https://sloth.dev/specs/default/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.judging.documents import Document, typed
from deliverygate_gates.slo.files.reading import at, fault, place
from deliverygate_gates.slo.objective import Sli, Slo, read_percent
from deliverygate_gates.slo.settings import Settings, make_sli, read_ratio

Path = tuple[str | int, ...]


class Promise(msgspec.Struct):
    """One objective of a service."""

    name: str
    objective: float  #: per cent
    sli: dict[str, Any]


class Service(msgspec.Struct):
    """A plain file, or the ``spec`` of a resource."""

    service: str
    slos: tuple[Promise, ...]


class Resource(msgspec.Struct):
    """A PrometheusServiceLevel of Kubernetes."""

    kind: str
    spec: Service


def read(document: Document, _: tuple[Document, ...], settings: Settings) -> Iterator[Slo]:
    """The objectives of a plain file."""
    service = typed(document, Service, path=document.path, null_is_absent=True)
    yield from _read(document, service, (), settings)


def read_resource(document: Document, _: tuple[Document, ...], settings: Settings) -> Iterator[Slo]:
    """The objectives of a resource; AlertWindows and other kinds hold none."""
    if document.data.get("kind") != "PrometheusServiceLevel":
        return
    yield from _read(
        document, typed(document, Resource, path=document.path, null_is_absent=True).spec, ("spec",), settings
    )


def _read(document: Document, service: Service, base: Path, settings: Settings) -> Iterator[Slo]:
    for index, promise in enumerate(service.slos):
        path: Path = (*base, "slos", index)
        with at(document, *path, "objective"):
            target = read_percent(promise.objective)
        yield Slo(
            name=f"{service.service}/{promise.name}",
            target=target,
            period=float(settings.sloth_period),
            sli=_sli(document, (*path, "sli"), promise.sli),
            source=place(document, *path),
        )


def _sli(document: Document, path: Path, sli: dict[str, Any]) -> Sli:
    """The keys are in snake case in a plain file, in camel case in a resource."""
    events, raw = sli.get("events"), sli.get("raw")
    with at(document, *path):
        if isinstance(events, dict):
            return make_sli(
                total=_text(events, "total_query", "totalQuery"), bad=_text(events, "error_query", "errorQuery")
            )
        if isinstance(raw, dict):
            return Sli(error_ratio=read_ratio(_text(raw, "error_ratio_query", "errorRatioQuery")))
    raise fault(
        document,
        path,
        f"an SLI of {', '.join(sli) or 'nothing'} is not read",
        "write `events` or `raw`; plugins are programs of Sloth",
    )


def _text(data: dict[str, Any], *keys: str) -> str:
    found = next((data[key] for key in keys if key in data), None)
    if not isinstance(found, str) or "window" not in found:
        raise ValueError(f"`{keys[0]}` is no expression with {{{{.window}}}}; write one, as Sloth demands it")
    return found
