"""``.deliverygate.yml`` as a type: stages, their gates with checked settings, and where each value came from.

Values are laid over each other, the later winning: the gate's own defaults, ``defaults:`` and the entry in the file,
``DELIVERYGATE_STAGE__GATE__SETTING`` of the environment, ``--set STAGE.GATE.SETTING=VALUE`` of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from math import inf

from msgspec.structs import replace

from deliverygate.config.document import Document, load
from deliverygate.config.entries import Entries
from deliverygate.config.layers import settle
from deliverygate.config.overrides import from_environment, from_option
from deliverygate.config.secret_variables import secret_variables, values_mentioned, values_met
from deliverygate.config.shape import GateKind, Policy, PolicyFile, WaiverSettings
from deliverygate.conversions import whole
from deliverygate.errors import ConfigError
from deliverygate.model import PolicySource
from deliverygate.redaction import outlet


def read_policy(
    data: bytes,
    *,
    path: str,
    lookup: Callable[[str], GateKind],
    environ: Mapping[str, str],
    overrides: Iterable[str] = (),
    stage: str | None = None,
    untrusted: bool = False,
) -> Policy:
    """Read and check a policy. Raises ConfigError; its ``others`` hold the further faults.

    ``lookup`` finds a gate by name and raises ConfigError for one that is not installed. With ``stage``, the gates
    of the other stages are left unread, so that a run pays only for its own. ``untrusted``: a change may have written
    the file, so that no variable of the environment is filled in; those without a default stay as they are written.
    """
    environ = {} if untrusted else environ
    overrides = tuple(overrides)
    document = _loaded(data, path, environ, overrides)
    if untrusted:
        document = replace(document, unset={where: _withheld(error) for where, error in document.unset.items()})
    if document.data is None:
        raise ConfigError("is empty", where=path, mend="write a policy, or let `deliverygate init` write one")
    file = _outer(document)
    pairs = tuple(
        (name, str(entry.get("id") or entry.get("gate"))) for name, listed in file.stages.items() for entry in listed
    )
    given = (*from_environment(environ, pairs), *(from_option(text, pairs) for text in overrides))
    entries = Entries(document, file, lookup=lookup, overrides=given)
    chosen = [name for name in file.stages if stage in (None, name)]
    entries.check_defaults()
    if not untrusted:
        entries.check_variables(chosen, with_stores=stage is None)
    stages = {name: entries.read_stage(name) for name in chosen}
    if entries.faults:
        first, *rest = sorted(entries.faults, key=lambda fault: line_of(fault, path))
        raise ConfigError(first.what, where=first.where, mend=first.mend, others=(*first.others, *rest))
    return Policy(
        source=PolicySource(path=path, sha256=sha256(data).hexdigest()),
        stages=stages,
        stage_names=tuple(file.stages),
        waivers=_waivers(file.waivers),
        strict_waivers=file.strict_waivers,
        baseline=file.baseline,
        values=tuple(entries.values),
        variables=frozenset(name for names in document.variables.values() for name in names),
        policy_changes=file.policy_changes,
        forks=file.forks,
        cluster=file.cluster,
        metrics=file.metrics,
        unset={str(path[1]): error for path, error in document.unset.items() if path[0] == "metrics"},
        secret_variables=secret_variables(document, file),
    )


def _withheld(error: ConfigError) -> ConfigError:
    """What is said of a variable that is kept from the policy."""
    name = error.what.partition(" ")[0]
    what = f"{name} is not filled in, since a change may have written this policy"
    return ConfigError(
        what, where=error.where, mend=f"write {name[:-1]}:-default}}, or judge by a policy that is merged"
    )


def _loaded(data: bytes, path: str, environ: Mapping[str, str], overrides: Iterable[str]) -> Document:
    """The file's data. Whatever is wrong with it is told without what it takes for secret."""
    try:
        document = load(data, path, environ=environ)
    except ConfigError:
        outlet.learn(values_mentioned(data, environ))
        raise
    outlet.learn(values_met(document, environ, overrides))
    return document


def line_of(fault: ConfigError, path: str) -> float:
    """The line that a fault stands in, so that all can be told from top to bottom; those outside the file come last."""
    line = fault.where.removeprefix(f"{path}:").partition(":")[0]
    number = whole(line)
    return inf if number is None else number


def _waivers(written: str | WaiverSettings | None) -> WaiverSettings:
    return written if isinstance(written, WaiverSettings) else WaiverSettings(path=written)


def _outer(document: Document) -> PolicyFile:
    data = document.data
    if not isinstance(data, dict):
        raise ConfigError("is not a mapping", where=document.where(()), mend="start with `version: 1` and `stages:`")
    file, fault = settle(data, PolicyFile, frozenset(document.variables))
    if fault is not None:
        raise ConfigError(fault.what, where=document.where(fault.path), mend=fault.mend)
    return file
