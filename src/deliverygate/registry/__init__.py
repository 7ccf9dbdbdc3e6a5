"""Which gates are installed, and the one that a policy names. Listing them imports none of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from deliverygate.config.faults import did_you_mean
from deliverygate.config.shape import COMMON_KEYS, GateKind
from deliverygate.errors import ConfigError
from deliverygate.gate import Gate

GROUP = "deliverygate.gates"


@cache
def installed() -> dict[str, EntryPoint]:
    """Every gate that an installed package offers, by name. Raises ConfigError when two packages claim one name."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise ConfigError(
                f"two packages offer a gate {entry.name!r}: {other.value} and {entry.value}",
                mend="uninstall one of them",
            )
    return dict(sorted(found.items()))


def load(name: str, *, others: Iterable[str] = ()) -> Gate[Any]:
    """Import the gate ``name``. Raises ConfigError when it is not installed, or is not what it claims to be.

    ``others`` are names that may have been meant as well.
    """
    entry = installed().get(name)
    if entry is None:
        raise ConfigError(f"no gate {name!r} is installed", mend=did_you_mean(name, (*installed(), *others)))
    try:
        gate = entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the gate {name!r} cannot be imported ({error})", mend="install it with its extras"
        ) from error
    return check_gate(gate, name, where=entry.value, mend="tell the author of that package")


def check_gate(gate: Any, name: str, *, where: str, mend: str) -> Gate[Any]:
    """What is to be the gate ``name``. Raises ConfigError when it is none, or cannot be one."""
    if not isinstance(gate, Gate) or gate.name != name:
        raise ConfigError(f"{where} is not a Gate called {name!r}", mend=mend)
    reserved = sorted(set(COMMON_KEYS) & set(gate.settings.__struct_encode_fields__))
    if reserved:
        raise ConfigError(
            f"the gate {name!r} has settings under names that belong to every gate: {', '.join(reserved)}", mend=mend
        )
    return gate


def kind_of(gate: Gate[Any]) -> GateKind:
    """What the policy reader needs to know of a gate."""
    return GateKind(settings=gate.settings, looks_at=gate.looks_at, gate=gate)


def lookup(name: str) -> GateKind:
    """What the policy reader needs to know of an installed gate."""
    return kind_of(load(name))
