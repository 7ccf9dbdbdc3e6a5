"""Settings given outside the policy file: the environment and the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from deliverygate.config.faults import did_you_mean
from deliverygate.errors import ConfigError

VARIABLE_PREFIX = "DELIVERYGATE_"
Pairs = tuple[tuple[str, str], ...]  # (stage, id) of every gate in the policy


class Source(IntEnum):
    """Where a value came from; the higher one wins."""

    DEFAULT = 0
    FILE = 1
    ENVIRONMENT = 2
    COMMAND_LINE = 3


@dataclass(frozen=True)
class Override:
    """A setting given outside the file."""

    stage: str
    gate: str
    setting: str
    text: str
    source: Source
    origin: str


def _variable(*parts: str) -> str:
    return VARIABLE_PREFIX + "__".join(re.sub(r"[^A-Za-z0-9]", "_", part).upper() for part in parts)


def from_environment(environ: Mapping[str, str], pairs: Pairs) -> Iterator[Override]:
    known = {_variable(stage, gate): (stage, gate) for stage, gate in pairs}
    for name in sorted(environ):
        head, separator, setting = name.rpartition("__")
        if not (name.startswith(VARIABLE_PREFIX) and separator):
            continue
        if head not in known:
            wanted = "DELIVERYGATE_STAGE__GATE__SETTING"
            raise ConfigError(
                "names no gate of the policy", where=name, mend=did_you_mean(head, known, otherwise=f"write {wanted}")
            )
        yield Override(*known[head], setting.lower(), environ[name], Source.ENVIRONMENT, name)


def from_option(text: str, pairs: Pairs) -> Override:
    """``STAGE.GATE.SETTING=VALUE``; names may hold dots themselves, so the known pairs decide."""
    target, equals, value = text.partition("=")
    for stage, gate in pairs:
        prefix = f"{stage}.{gate}."
        if equals and target.startswith(prefix) and len(target) > len(prefix):
            return Override(stage, gate, target[len(prefix) :], value, Source.COMMAND_LINE, f"--set {target}")
    known = sorted(f"{stage}.{gate}" for stage, gate in pairs)
    raise ConfigError(
        f"{text!r} names no gate of the policy",
        where="--set",
        mend=f"write STAGE.GATE.SETTING=VALUE with one of {', '.join(known)}",
    )
