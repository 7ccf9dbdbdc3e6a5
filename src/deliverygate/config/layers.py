"""Values laid over each other, the later layer winning, until they are a struct; each remembers where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from deliverygate.config.document import Document, Path, dotted, load, scalar
from deliverygate.config.faults import Fault, find_fault
from deliverygate.config.overrides import Override, Source
from deliverygate.config.values import convert
from deliverygate.errors import ConfigError

Target = TypeVar("Target")


class UnsetError(ConfigError):
    """A value that does not fit because a variable in it is not set: that alone has to be mended."""

    def __init__(self, unset: tuple[ConfigError, ...]) -> None:
        super().__init__(unset[0].what, where=unset[0].where, mend=unset[0].mend)
        self.unset = unset


class Layer(msgspec.Struct, frozen=True):
    """Settings from one place."""

    data: Mapping[str, Any]
    source: Source
    path: Path = ()  #: of the mapping in the file that holds them
    origin: str = ""  #: outside the file: the variable or the option

    @classmethod
    def of_override(cls, given: Override) -> Layer:
        """An override is text; a list or a mapping is written in YAML's flow style."""
        flow = given.text.lstrip().startswith(("[", "{"))
        value = load(given.text.encode(), given.origin).data if flow else given.text
        return cls({given.setting: value}, given.source, origin=given.origin)


class Layers(msgspec.Struct, frozen=True, dict=True):
    """What one gate is told, from the weakest place to the strongest."""

    document: Document
    layers: tuple[Layer, ...]

    def only(self, wanted: Callable[[str], bool]) -> Layers:
        """The same layers with only the keys that are wanted."""
        kept = [
            Layer(
                {key: value for key, value in layer.data.items() if wanted(key)}, layer.source, layer.path, layer.origin
            )
            for layer in self.layers
        ]
        return Layers(self.document, tuple(kept))

    def settle(self, kind: type[Target]) -> Target:
        """All layers together as a ``kind``. Raises ConfigError with the place of the value that does not fit."""
        merged = {key: value for layer in self.layers for key, value in layer.data.items()}
        settled, fault = settle(merged, kind, self._flexible)
        if fault is not None:
            if unset := self._unset(fault.path):
                raise UnsetError(unset)
            raise self._error(fault)
        return settled

    def strongest(self, *keys: str) -> Layer | None:
        """The strongest layer that says anything of ``keys``."""
        return next((layer for layer in reversed(self.layers) if not layer.data.keys().isdisjoint(keys)), None)

    def origin(self, key: str) -> tuple[Source, str]:
        """Where the value of ``key`` came from, for people."""
        layer = self.strongest(key)
        return origin_of(self.document, layer, key) if layer else (Source.DEFAULT, "default")

    @cached_property
    def _flexible(self) -> frozenset[Path]:
        """Where text stands that may mean a number: it came from a variable or from outside the file."""
        found: set[Path] = set()
        for layer in self.layers:
            if layer.source is Source.FILE:
                found |= below(self.document.variables, layer.path).keys()
            else:
                found |= {(key,) for key, value in layer.data.items() if isinstance(value, str)}
        return frozenset(found)

    def _unset(self, path: Path) -> tuple[ConfigError, ...]:
        """What is said already of variables that are not set, at or below a value that does not fit."""
        layers = (layer for layer in self.layers if layer.source is Source.FILE)
        return tuple(error for each in layers for error in below(self.document.unset, (*each.path, *path)).values())

    def _error(self, fault: Fault) -> ConfigError:
        layer = self.strongest(str(fault.path[0])) if fault.path else None
        if layer and layer.source is not Source.FILE:
            return ConfigError(
                fault.what, where=": ".join(filter(None, (layer.origin, dotted(fault.path[1:])))), mend=fault.mend
            )
        written = layer or next(each for each in reversed(self.layers) if each.source is Source.FILE)
        return ConfigError(fault.what, where=self.document.where((*written.path, *fault.path)), mend=fault.mend)


def settle(data: Any, kind: type[Target], flexible: frozenset[Path]) -> tuple[Target, None] | tuple[Any, Fault]:
    """``data`` as a ``kind``, or what is wrong with it.

    A value from the environment is always text, yet ``timeout: ${WAIT:-30}`` means a number: values at ``flexible``
    paths are tried as text first, and as the word that YAML would read second.
    """
    tried: set[Path] = set()
    while fault := find_fault(data, kind):
        if fault.path not in flexible or fault.path in tried:
            return data, fault
        tried.add(fault.path)
        data = _replaced(data, fault.path, scalar)
    return convert(data, kind), None


def origin_of(document: Document, layer: Layer, key: str) -> tuple[Source, str]:
    """Where a layer has ``key`` from, with the variables that it was filled in with."""
    if layer.source is not Source.FILE:
        return layer.source, layer.origin
    path = (*layer.path, key)
    names = sorted({name for found in below(document.variables, path).values() for name in found})
    via = f" from {', '.join(f'${name}' for name in names)}" if names else ""
    return Source.FILE, document.where(path).partition(": ")[0] + via


def below(found: Mapping[Path, Any], path: Path) -> dict[Path, Any]:
    """The entries at and under ``path``, with their paths from there."""
    return {known[len(path) :]: value for known, value in found.items() if known[: len(path)] == path}


def _replaced(data: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(data)
    first, rest = path[0], path[1:]
    if isinstance(data, dict):
        return {key: _replaced(child, rest, change) if key == first else child for key, child in data.items()}
    return [_replaced(child, rest, change) if index == first else child for index, child in enumerate(data)]
