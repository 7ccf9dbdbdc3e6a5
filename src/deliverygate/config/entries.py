"""The entries of a stage to gate specs: settings settled, ids unique, the order without a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from deliverygate.config.document import Document, Path
from deliverygate.config.faults import did_you_mean
from deliverygate.config.layers import Layer, Layers, UnsetError, origin_of
from deliverygate.config.overrides import Override, Source
from deliverygate.config.shape import COMMON_KEYS, Common, GateKind, GateSpec, PolicyFile, Value
from deliverygate.errors import ConfigError
from deliverygate.model import Enforcement


class Entries:
    """Reads gate entries; faults are collected so that one run shows them all."""

    def __init__(
        self,
        document: Document,
        file: PolicyFile,
        *,
        lookup: Callable[[str], GateKind],
        overrides: Sequence[Override],
    ) -> None:
        self.document = document
        self.file = file
        self.lookup = lookup
        self.overrides = overrides
        self.values: list[Value] = []
        self.faults: list[ConfigError] = []

    def read_stage(self, name: str) -> tuple[GateSpec, ...]:
        """The gates of a stage, those with a fault left out."""
        path: Path = ("stages", name)
        entries = self.file.stages[name]
        if not entries:
            self._fault(path, "has no gates, so it can prove nothing", "add a gate, or remove the stage")
        specs = tuple(filter(None, (self._attempt(name, index, entry) for index, entry in enumerate(entries))))
        if len(specs) == len(entries):
            self._check_ids(path, specs)
            self._check_order(path, specs)
        return specs

    def check_variables(self, stages: Iterable[str], *, with_stores: bool) -> None:
        """A variable that is not set is a fault where it is used: in these stages, or outside of all.

        What a store of metrics needs is left to whoever asks the store, unless ``with_stores``.
        """
        used = {("stages", name) for name in stages}
        left_out = {"stages"} if with_stores else {"stages", "metrics"}
        self.faults += [
            error
            for path, error in self.document.unset.items()
            if (path[0] not in left_out or path[:2] in used) and error not in self.faults
        ]

    def check_defaults(self) -> None:
        """``defaults.gates`` may only name gates that are installed."""
        for name in self.file.defaults.gates:
            try:
                self.lookup(name)
            except ConfigError as error:
                self._fault(("defaults", "gates", name), error.what, error.mend)

    def _attempt(self, stage: str, index: int, entry: Mapping[str, Any]) -> GateSpec | None:
        try:
            return self._spec(stage, index, entry)
        except UnsetError as error:
            self.faults += [each for each in error.unset if each not in self.faults]
            return None
        except ConfigError as error:
            self.faults.append(error)
            return None

    def _spec(self, stage: str, index: int, entry: Mapping[str, Any]) -> GateSpec:
        path: Path = ("stages", stage, index)
        layers = Layers(self.document, tuple(self._layers(path, stage, entry)))
        shared = layers.only(COMMON_KEYS.__contains__)
        common = shared.settle(Common)
        gate_id = common.id or common.gate
        kind = self._kind(path, common.gate)
        own = layers.only(lambda key: key not in COMMON_KEYS)
        settings = own.settle(kind.settings)
        enforcement = self._enforcement(shared, common)
        timeout = self.file.defaults.timeout if common.timeout is None else common.timeout
        if not timeout:
            self._fault((*path, "timeout"), "0s leaves a gate no time", "write a span such as 90s")
        prefix = f"{stage}.{gate_id}"
        names = zip(settings.__struct_encode_fields__, settings.__struct_fields__, strict=True)
        self._note(prefix, {written: getattr(settings, name) for written, name in names}, own)
        self._note_common(prefix, shared, timeout=timeout, needs=common.needs, enforcement=enforcement)
        return GateSpec(
            name=common.gate,
            id=gate_id,
            gate=kind.gate,
            settings=settings,
            needs=common.needs,
            looks_at=tuple(kind.looks_at(settings)),
            enforcement=enforcement,
            timeout_seconds=float(timeout),
            where=self.document.where(path).partition(": ")[0],
            unfilled=self._unfilled(path, common.gate),
        )

    def _unfilled(self, path: Path, name: str) -> tuple[str, ...]:
        """The variables that an entry, or the defaults of its gate, would need and were not given."""
        places = (path, ("defaults", "gates", name))
        found = {where for place in places for where in self.document.unset if where[: len(place)] == place}
        return tuple(sorted({name for where in found for name in self.document.variables[where]}))

    def _layers(self, path: Path, stage: str, entry: Mapping[str, Any]) -> Iterator[Layer]:
        name = str(entry.get("gate"))
        yield Layer(self.file.defaults.gates.get(name, {}), Source.FILE, ("defaults", "gates", name))
        yield Layer(entry, Source.FILE, path)
        pair = (stage, str(entry.get("id") or name))
        yield from (Layer.of_override(given) for given in self.overrides if (given.stage, given.gate) == pair)

    def _kind(self, path: Path, name: str) -> GateKind:
        try:
            return self.lookup(name)
        except ConfigError as error:
            where = self.document.where((*path, "gate"))
            what = f"{error.where}: {error.what}" if error.where else error.what  # a file of the repository's own
            raise ConfigError(what, where=where, mend=error.mend) from error

    def _enforcement(self, shared: Layers, common: Common) -> Enforcement:
        """The strongest place that says ``enforce`` or ``block_from`` decides both."""
        layer = shared.strongest("enforce", "block_from")
        if layer is None:
            defaults = self.file.defaults
            return Enforcement("warn" if defaults.block_from else defaults.enforce, defaults.block_from)
        if {"enforce", "block_from"} <= layer.data.keys():
            where = self.document.where((*layer.path, "block_from"))
            raise ConfigError("stands beside `enforce`", where=where, mend="keep one of the two")
        if "block_from" in layer.data:
            return Enforcement("warn", common.block_from)
        return Enforcement(common.enforce or "block")

    def _note(self, prefix: str, values: Mapping[str, Any], layers: Layers) -> None:
        for key, value in values.items():
            self.values.append(Value(f"{prefix}.{key}", value, *layers.origin(key)))

    def _note_common(self, prefix: str, shared: Layers, *, enforcement: Enforcement, **values: Any) -> None:
        values |= {"enforce": enforcement.mode, "block_from": enforcement.block_from}
        defaults = Layers(self.document, (Layer(self.document.data.get("defaults") or {}, Source.FILE, ("defaults",)),))
        pair = ("enforce", "block_from")  # one place decides both
        for key, value in values.items():
            asked = pair if key in pair else (key,)
            layer = shared.strongest(*asked) or defaults.strongest(*asked)
            written = next((each for each in (key, *asked) if layer and each in layer.data), key)
            origin = origin_of(self.document, layer, written) if layer else (Source.DEFAULT, "default")
            self.values.append(Value(f"{prefix}.{key}", value, *origin))

    def _check_ids(self, path: Path, specs: Sequence[GateSpec]) -> None:
        seen: set[str] = set()
        for index, spec in enumerate(specs):
            if spec.id in seen:
                key = "id" if "id" in self.file.stages[str(path[1])][index] else "gate"
                what = f"{spec.id!r} stands twice in this stage"
                self._fault((*path, index, key), what, "give each an `id:` of its own")
            seen.add(spec.id)

    def _check_order(self, path: Path, specs: Sequence[GateSpec]) -> None:
        ids = {spec.id for spec in specs}
        for index, spec in enumerate(specs):
            for other in (*spec.needs, *spec.looks_at):
                if other not in ids:
                    key = "needs" if other in spec.needs else "gate"
                    self._fault((*path, index, key), f"no gate {other!r} in this stage", did_you_mean(other, ids))
        if circle := find_circle({spec.id: {*spec.needs, *spec.looks_at} & ids for spec in specs}):
            self._fault(path, f"these gates wait for each other: {' -> '.join(circle)}", "remove one of the `needs`")

    def _fault(self, path: Path, what: str, mend: str) -> None:
        self.faults.append(ConfigError(what, where=self.document.where(path), mend=mend))


def find_circle(edges: Mapping[str, set[str]]) -> list[str] | None:
    """A path that comes back to its start, or None."""
    done: set[str] = set()

    def visit(node: str, trail: list[str]) -> list[str] | None:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in done:
            return None
        for following in sorted(edges[node]):
            if found := visit(following, [*trail, node]):
                return found
        done.add(node)
        return None

    return next((found for node in edges if (found := visit(node, []))), None)
