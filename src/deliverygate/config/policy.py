"""``.deliverygate.yml`` as a type: stages, their gates with checked settings, and where each value came from.

Values are laid over each other, the later winning: the gate's own defaults, ``defaults:`` and the entry in the file,
``DELIVERYGATE_STAGE__GATE__SETTING`` of the environment, ``--set STAGE.GATE.SETTING=VALUE`` of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec

from deliverygate.config.document import Document, Path, dotted, load, scalar
from deliverygate.config.faults import Fault, did_you_mean, find_fault
from deliverygate.config.overrides import Override, Source, from_environment, from_option
from deliverygate.config.values import convert
from deliverygate.errors import ConfigError
from deliverygate.model import Duration, Enforcement, PolicySource

DEFAULT_TIMEOUT = Duration(600)

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]


class Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every gate entry may say, beside its gate's own settings."""

    gate: str
    id: Name | None = None  #: default: the gate's name; unique in the stage
    needs: tuple[str, ...] = ()  #: ids of gates that must have passed before this one starts
    enforce: Literal["block", "warn"] | None = None
    block_from: date | None = None  #: warns before this day, blocks from it on
    timeout: Duration | None = None  #: for the whole gate


COMMON_KEYS = tuple(field.name for field in msgspec.structs.fields(Common))


class Defaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds where a gate entry says nothing."""

    enforce: Literal["block", "warn"] = "block"
    block_from: date | None = None
    timeout: Duration = DEFAULT_TIMEOUT
    gates: dict[str, dict[str, Any]] = {}  #: settings by the name of the gate


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outer shape of the file; gate entries are checked one by one."""

    version: Literal[1]
    stages: dict[Name, list[dict[str, Any]]]
    defaults: Defaults = Defaults()
    waivers: str | None = None  #: path of the waivers file; .deliverygate/waivers.yml is read when it is there
    baseline: str | None = None  #: path of the baseline file


class Value(msgspec.Struct, frozen=True):
    """One effective value, for ``config show``."""

    path: str  #: e.g. "pre-merge.trivy.fail_on"
    value: Any
    source: Source
    origin: str  #: e.g. ".deliverygate.yml:12", "DELIVERYGATE_PRE_MERGE__TRIVY__FAIL_ON", "--set", "default"


class GateKind(msgspec.Struct, frozen=True):
    """What the policy must know of a gate; the registry gives it."""

    settings: type[msgspec.Struct]
    looks_at: Callable[[Any], Iterable[str]]
    gate: Any


@dataclass(frozen=True)
class GateSpec:
    """One gate of a stage, ready to run."""

    name: str
    id: str
    gate: Any  #: the ``Gate`` itself
    settings: msgspec.Struct
    needs: tuple[str, ...]
    looks_at: tuple[str, ...]  #: ids of gates that run first because this one reads their results
    enforcement: Enforcement
    timeout_seconds: float
    where: str  #: e.g. ".deliverygate.yml:12"


@dataclass(frozen=True)
class Policy:
    """A policy without a fault."""

    source: PolicySource
    stages: Mapping[str, tuple[GateSpec, ...]]
    waivers: str | None
    baseline: str | None
    values: tuple[Value, ...]


def read_policy(
    data: bytes,
    *,
    path: str,
    lookup: Callable[[str], GateKind],
    environ: Mapping[str, str],
    overrides: Iterable[str] = (),
    stage: str | None = None,
) -> Policy:
    """Read and check a policy. Raises ConfigError; its ``others`` hold the further faults.

    ``lookup`` finds a gate by name and raises ConfigError for one that is not installed. With ``stage``, the gates
    of the other stages are left unread, so that a run pays only for its own.
    """
    document = load(data, path, environ=environ)
    if document.data is None:
        raise ConfigError("is empty", where=path, mend="write a policy, or let `deliverygate init` write one")
    file = _outer(document)
    pairs = tuple(
        (name, str(entry.get("id") or entry.get("gate"))) for name, entries in file.stages.items() for entry in entries
    )
    given = (*from_environment(environ, pairs), *(from_option(text, pairs) for text in overrides))
    build = _Build(document, file, lookup, given)
    chosen = {name: entries for name, entries in file.stages.items() if stage in (None, name)}
    build.check_defaults()
    build.check_variables(chosen)
    stages = {name: build.stage(name, entries) for name, entries in chosen.items()}
    if build.faults:
        first, *rest = build.faults
        raise ConfigError(first.what, where=first.where, mend=first.mend, others=(*first.others, *rest))
    return Policy(
        source=PolicySource(path=path, sha256=sha256(data).hexdigest()),
        stages=stages,
        waivers=file.waivers,
        baseline=file.baseline,
        values=tuple(build.values),
    )


def _outer(document: Document) -> PolicyFile:
    data = document.data
    if not isinstance(data, dict):
        raise ConfigError("is not a mapping", where=document.where(()), mend="start with `version: 1` and `stages:`")
    data, outer = _settle(data, PolicyFile, document.variables)
    if fault := find_fault(data, PolicyFile):
        raise _error(document, fault)
    return outer or convert(data, PolicyFile)


def _settle(data: Any, kind: Any, flexible: Mapping[Path, Any]) -> tuple[Any, Any]:
    """``data`` as a ``kind``, values at ``flexible`` paths being tried as text first and as YAML words second.

    A value from the environment is always text, yet ``timeout: ${WAIT:-30}`` means a number.
    """
    tried: set[Path] = set()
    while fault := find_fault(data, kind):
        path = fault.path
        if path not in flexible or path in tried:
            return data, None
        tried.add(path)
        data = _replaced(data, path, scalar)
    return data, convert(data, kind)


def _replaced(data: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(data)
    first, rest = path[0], path[1:]
    if isinstance(data, dict):
        return {key: _replaced(child, rest, change) if key == first else child for key, child in data.items()}
    return [_replaced(child, rest, change) if index == first else child for index, child in enumerate(data)]


def _error(document: Document, fault: Fault, prefix: Path = ()) -> ConfigError:
    return ConfigError(fault.what, where=document.where((*prefix, *fault.path)), mend=fault.mend)


class _Build:
    """Gate entries to gate specs; faults are collected so that one run shows them all."""

    def __init__(
        self,
        document: Document,
        file: PolicyFile,
        lookup: Callable[[str], GateKind],
        overrides: tuple[Override, ...],
    ) -> None:
        self.document = document
        self.file = file
        self.lookup = lookup
        self.overrides = overrides
        self.values: list[Value] = []
        self.faults: list[ConfigError] = []

    def stage(self, name: str, entries: list[dict[str, Any]]) -> tuple[GateSpec, ...]:
        path = ("stages", name)
        if not entries:
            self.fault(path, "has no gates, so it can prove nothing", "add a gate, or remove the stage")
        specs = [self.attempt(name, index, entry) for index, entry in enumerate(entries)]
        found = tuple(spec for spec in specs if spec)
        self.check_ids(path, entries, specs)
        if len(found) == len(specs):
            self.check_order(path, found)
        return found

    def check_variables(self, chosen: Iterable[str]) -> None:
        used = set(chosen)
        for path, error in self.document.unset.items():
            if path[0] != "stages" or path[1] in used:
                self.faults.append(error)

    def check_defaults(self) -> None:
        for name in self.file.defaults.gates:
            try:
                self.lookup(name)
            except ConfigError as error:
                self.fault(("defaults", "gates", name), error.what, error.mend)

    def attempt(self, stage: str, index: int, entry: dict[str, Any]) -> GateSpec | None:
        try:
            return self.spec(stage, index, entry)
        except ConfigError as error:
            self.faults.append(error)
            return None

    def spec(self, stage: str, index: int, entry: dict[str, Any]) -> GateSpec:
        path: Path = ("stages", stage, index)
        common = self.common(path, entry)
        kind = self.kind(path, common.gate)
        gate_id = common.id or common.gate
        settings = self.settings(path, stage, gate_id, common.gate, kind, entry)
        self.note_common(stage, gate_id, path, common)
        return GateSpec(
            name=common.gate,
            id=gate_id,
            gate=kind.gate,
            settings=settings,
            needs=common.needs,
            looks_at=tuple(kind.looks_at(settings)),
            enforcement=self.enforcement(path, common),
            timeout_seconds=float(common.timeout or self.file.defaults.timeout),
            where=self.document.where(path).split(": ")[0],
        )

    def common(self, path: Path, entry: dict[str, Any]) -> Common:
        shared = {key: value for key, value in entry.items() if key in COMMON_KEYS}
        data, common = _settle(shared, Common, _below(self.document.variables, path))
        if common is None:
            fault = find_fault(data, Common)
            raise _error(self.document, fault, path) if fault else AssertionError(path)
        return common  # type: ignore[no-any-return]

    def kind(self, path: Path, name: str) -> GateKind:
        try:
            return self.lookup(name)
        except ConfigError as error:
            where = self.document.where((*path, "gate"))
            raise ConfigError(error.what, where=where, mend=error.mend) from error

    def settings(
        self,
        path: Path,
        stage: str,
        gate_id: str,
        name: str,
        kind: GateKind,
        entry: dict[str, Any],
    ) -> msgspec.Struct:
        layers = list(self.layers(path, stage, gate_id, name, entry))
        merged = {key: value for layer in layers for key, value in layer.data.items()}
        flexible = {tail: True for layer in layers for tail in layer.flexible}
        data, settings = _settle(merged, kind.settings, flexible)
        if settings is None:
            fault = find_fault(data, kind.settings)
            layer = next(
                (each for each in reversed(layers) if fault and fault.path[:1] and fault.path[0] in each.data), None
            )
            raise self.settings_error(path, fault, layer)
        self.note_settings(stage, gate_id, settings, layers)
        return settings  # type: ignore[no-any-return]

    def settings_error(self, path: Path, fault: Fault | None, layer: _Layer | None) -> ConfigError:
        if fault is None:
            raise AssertionError(path)
        if layer and layer.source > Source.FILE:
            return ConfigError(
                fault.what, where=": ".join(filter(None, (layer.origin, dotted(fault.path[1:])))), mend=fault.mend
            )
        return _error(self.document, fault, layer.path if layer else path)

    def layers(self, path: Path, stage: str, gate_id: str, name: str, entry: dict[str, Any]) -> Iterator[_Layer]:
        shared = self.file.defaults.gates.get(name, {})
        variables = self.document.variables
        above: Path = ("defaults", "gates", name)
        yield _Layer(shared, Source.FILE, "", above, frozenset(_below(variables, above)))
        own = {key: value for key, value in entry.items() if key not in COMMON_KEYS}
        yield _Layer(own, Source.FILE, "", path, frozenset(_below(variables, path)))
        for given in self.overrides:
            if (given.stage, given.gate) == (stage, gate_id):
                value = self.written(given)
                flexible = frozenset([(given.setting,)]) if isinstance(value, str) else frozenset[Path]()
                yield _Layer({given.setting: value}, given.source, given.origin, (), flexible)

    def written(self, given: Override) -> Any:
        """The value of an override: a list or mapping in YAML's flow style, or text that `_settle` may re-read."""
        if not given.text.lstrip().startswith(("[", "{")):
            return given.text
        return load(given.text.encode(), given.origin).data

    def enforcement(self, path: Path, common: Common) -> Enforcement:
        defaults = self.file.defaults
        if common.enforce and common.block_from:
            where = self.document.where((*path, "block_from"))
            raise ConfigError("stands beside `enforce`", where=where, mend="keep one of the two")
        if common.block_from or (not common.enforce and defaults.block_from):
            return Enforcement("warn", common.block_from or defaults.block_from)
        return Enforcement(common.enforce or defaults.enforce)

    def note_settings(self, stage: str, gate_id: str, settings: msgspec.Struct, layers: list[_Layer]) -> None:
        for field in msgspec.structs.fields(settings):
            key = field.encode_name
            layer = next((each for each in reversed(layers) if key in each.data), None)
            self.note(f"{stage}.{gate_id}.{key}", getattr(settings, field.name), layer, key)

    def note_common(self, stage: str, gate_id: str, path: Path, common: Common) -> None:
        defaults = self.file.defaults
        effective = {
            "timeout": common.timeout or defaults.timeout,
            "needs": common.needs,
            "enforce": common.enforce or defaults.enforce,
            "block_from": common.block_from or (None if common.enforce else defaults.block_from),
        }
        for key, value in effective.items():
            places: tuple[Path, ...] = ((*path, key), ("defaults", key))
            at = next((place for place in places if place in self.document.lines), None)
            layer = _Layer({key: value}, Source.FILE, "", at[:-1], frozenset()) if at else None
            self.note(f"{stage}.{gate_id}.{key}", value, layer, key)

    def note(self, path: str, value: Any, layer: _Layer | None, key: str) -> None:
        if layer is None:
            self.values.append(Value(path, value, Source.DEFAULT, "default"))
            return
        origin = layer.origin or self.document.where((*layer.path, key)).split(": ")[0]
        names = sorted(
            {name for tail, found in _below(self.document.variables, (*layer.path, key)).items() for name in found}
        )
        via = f" from {', '.join(f'${name}' for name in names)}" if names and layer.source is Source.FILE else ""
        self.values.append(Value(path, value, layer.source, origin + via))

    def check_ids(self, path: Path, entries: list[dict[str, Any]], specs: list[GateSpec | None]) -> None:
        seen: dict[str, int] = {}
        for index, spec in enumerate(specs):
            if spec is None:
                continue
            if spec.id in seen:
                key = "id" if "id" in entries[index] else "gate"
                self.fault(
                    (*path, index, key), f"{spec.id!r} stands twice in this stage", "give each an `id:` of its own"
                )
            seen.setdefault(spec.id, index)

    def check_order(self, path: Path, specs: tuple[GateSpec, ...]) -> None:
        ids = {spec.id for spec in specs}
        for index, spec in enumerate(specs):
            for other in (*spec.needs, *spec.looks_at):
                if other not in ids:
                    key = "needs" if other in spec.needs else "gate"
                    self.fault((*path, index, key), f"no gate {other!r} in this stage", did_you_mean(other, ids))
        if circle := _circle({spec.id: {*spec.needs, *spec.looks_at} & ids for spec in specs}):
            self.fault((*path,), f"these gates wait for each other: {' -> '.join(circle)}", "remove one of the `needs`")

    def fault(self, path: Path, what: str, mend: str) -> None:
        self.faults.append(ConfigError(what, where=self.document.where(path), mend=mend))


@dataclass(frozen=True)
class _Layer:
    """Settings from one place."""

    data: dict[str, Any]
    source: Source
    origin: str  #: "" for the file: its lines say more
    path: Path
    flexible: frozenset[Path]


def _below(found: Mapping[Path, Any], path: Path) -> dict[Path, Any]:
    return {known[len(path) :]: value for known, value in found.items() if known[: len(path)] == path}


def _circle(edges: Mapping[str, set[str]]) -> list[str] | None:
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
