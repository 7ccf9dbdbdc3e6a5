"""Settings given outside the policy file: the environment and the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

import msgspec

from deliverygate.config.faults import nearest
from deliverygate.errors import ConfigError

VARIABLE_PREFIX = "DELIVERYGATE_"
Pairs = tuple[tuple[str, str], ...]  # (stage, id) of every gate in the policy


class Source(IntEnum):
    """Where a value came from; the higher one wins."""

    DEFAULT = 0
    FILE = 1
    ENVIRONMENT = 2
    COMMAND_LINE = 3


class Override(msgspec.Struct, frozen=True):
    """A setting given outside the file."""

    stage: str
    gate: str
    setting: str
    text: str
    source: Source
    origin: str


def variable_of(*parts: str) -> str:
    return VARIABLE_PREFIX + "__".join(re.sub(r"[^A-Za-z0-9]", "_", part).upper() for part in parts)


def from_environment(environ: Mapping[str, str], pairs: Pairs) -> Iterator[Override]:
    known: dict[str, list[tuple[str, str]]] = {}
    for pair in dict.fromkeys(pairs):
        known.setdefault(variable_of(*pair), []).append(pair)
    for name in sorted(environ):
        head, separator, setting = name.rpartition("__")
        if not (name.startswith(VARIABLE_PREFIX) and separator):
            continue
        if head not in known:
            raise ConfigError("names no gate of the policy", where=name, mend=_meant(head, setting, known))
        if len(known[head]) > 1:
            several = " and ".join(".".join(pair) for pair in known[head])
            raise ConfigError(f"names {several} alike", where=name, mend="use --set, or give one of them another id")
        yield Override(*known[head][0], setting.lower(), environ[name], Source.ENVIRONMENT, name)


def _meant(head: str, setting: str, known: Iterable[str]) -> str:
    # Without the beginning that all share, and that would make each look like any other.
    bare = {name.removeprefix(VARIABLE_PREFIX): name for name in known}
    near = nearest(head.removeprefix(VARIABLE_PREFIX), bare)
    return f"did you mean {bare[near]}__{setting}?" if near else f"write {VARIABLE_PREFIX}STAGE__GATE__SETTING"


def from_option(text: str, pairs: Pairs) -> Override:
    """``STAGE.GATE.SETTING=VALUE``; names may hold dots themselves, so the known pairs decide."""
    target, equals, value = text.partition("=")
    for stage, gate in sorted(pairs, key=lambda pair: -len(".".join(pair))):
        prefix = f"{stage}.{gate}."
        if equals and target.startswith(prefix) and len(target) > len(prefix):
            return Override(stage, gate, target[len(prefix) :], value, Source.COMMAND_LINE, f"--set {target}")
    known = sorted(f"{stage}.{gate}" for stage, gate in pairs)
    raise ConfigError(
        f"{text!r} names no gate of the policy",
        where="--set",
        mend=f"write STAGE.GATE.SETTING=VALUE with one of {', '.join(known)}",
    )
