"""What a policy is made of: the shape of the file, of a gate entry, and of what comes out when both are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from deliverygate.config.cluster import ClusterSettings
from deliverygate.config.overrides import Source
from deliverygate.config.stores import MetricsStore
from deliverygate.errors import ConfigError
from deliverygate.model import Duration, Enforcement, PolicySource, Severity

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PolicyChanges = Literal["block", "warn", "approve"]
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


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
    timeout: Duration = Duration.default(600)
    gates: dict[str, dict[str, Any]] = {}  #: settings by the name of the gate


class ForeignFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another tool's file of exceptions, read as waivers. It names no owner and often no end: both stand here."""

    path: str  #: e.g. ".trivyignore.yaml" or "openvex.json"
    owner: str  #: who answers for its entries
    expires: date  #: the last day on which they hold; an entry's own end counts where it is earlier
    product: str | None = None  #: package URL of what is judged, for VEX statements about a part of a product

    def __post_init__(self) -> None:
        if not self.owner.strip():
            raise ValueError("`owner` is empty; write who answers for its entries")
        if self.product is not None and not self.product.startswith("pkg:"):
            raise ValueError(f"the product {self.product!r} is no package URL; write e.g. pkg:oci/shop")


class WaiverSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where waivers come from, and what they are held to."""

    path: str | None = None  #: of our own file; .deliverygate/waivers.yml is read when it is there
    max_days: dict[Severity, Days] = {}  #: the most days from `created` to `expires`; see docs/waivers.md for the rest
    warn_days: Days | None = None  #: how long before its end a waiver is named
    also: tuple[ForeignFile, ...] = ()


class Forks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with a change that comes from somebody else's copy of the repository."""

    run_programs: bool = False  #: whether gates may start programs on it, such as its tests


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outer shape of the file; gate entries are checked one by one."""

    version: Literal[1]
    stages: dict[Name, list[dict[str, Any]]]
    defaults: Defaults = msgspec.field(default_factory=Defaults)
    waivers: str | WaiverSettings | None = None  #: the path of the waivers file, or all that is said of waivers
    strict_waivers: bool = False  #: whether a waiver that fits nothing any more blocks
    baseline: str | None = None  #: path of the baseline file
    policy_changes: PolicyChanges = "warn"  #: what becomes of a change that edits the policy, or what it rests on
    forks: Forks = msgspec.field(default_factory=Forks)
    cluster: ClusterSettings = msgspec.field(default_factory=ClusterSettings)  #: that gates may ask
    metrics: dict[Name, MetricsStore] = {}  #: stores that gates may ask, by the name that they are asked for
    secrets: tuple[str, ...] = ()  #: variables whose values are secret although their names do not tell

    def __post_init__(self) -> None:
        if not all(_VARIABLE.fullmatch(name) for name in self.secrets):
            raise ValueError("`secrets` names variables, and never holds a secret itself; write e.g. SHOP_PATH")


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


class GateSpec(msgspec.Struct, frozen=True):
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
    unfilled: tuple[str, ...] = ()  #: variables that stand in its settings and were not filled in


class Policy(msgspec.Struct, frozen=True):
    """A policy without a fault."""

    source: PolicySource
    stages: Mapping[str, tuple[GateSpec, ...]]  #: only the one that was asked for, when one was
    stage_names: tuple[str, ...]  #: of all stages
    waivers: WaiverSettings
    strict_waivers: bool
    baseline: str | None
    values: tuple[Value, ...]
    variables: frozenset[str] = frozenset()  #: of the environment, that the file refers to
    policy_changes: PolicyChanges = "warn"
    forks: Forks = msgspec.field(default_factory=Forks)
    cluster: ClusterSettings = msgspec.field(default_factory=ClusterSettings)
    metrics: Mapping[str, MetricsStore] = msgspec.field(default_factory=dict)
    unset: Mapping[str, ConfigError] = msgspec.field(default_factory=dict)  #: by store: the variable that it lacks
    secret_variables: frozenset[str] = frozenset()  #: whose values are secret whatever their names are
