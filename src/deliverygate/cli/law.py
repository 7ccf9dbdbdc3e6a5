"""What the policy rests on beside itself: the waivers, the baseline, and what both are held to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from deliverygate.config.shape import Policy, WaiverSettings
from deliverygate.errors import ConfigError

if TYPE_CHECKING:
    from deliverygate.cli.law_files import LawFiles
    from deliverygate.judging.baseline.file import Baseline
    from deliverygate.judging.waivers import Terms, Waivers

WAIVERS = ".deliverygate/waivers.yml"
BASELINE = ".deliverygate/baseline.json"


class Law(msgspec.Struct, frozen=True):
    """What the policy rests on beside itself."""

    waivers: Waivers
    baseline: Baseline | None
    settings: WaiverSettings = msgspec.field(default_factory=WaiverSettings)
    strict: bool = False  #: whether a waiver that fits nothing blocks
    stage_names: tuple[str, ...] = ()
    foreign: Waivers = ()  #: those of ``waivers`` that stand in other tools' files
    notes: tuple[str, ...] = ()  #: entries of other tools' files that let nothing through

    @property
    def own(self) -> Waivers:
        """Those of our own file."""
        return self.waivers[: len(self.waivers) - len(self.foreign)]

    @property
    def asks_for_fingerprints(self) -> bool:
        """Whether findings must be known again before they are judged; the runner names those of the report anyway."""
        return any(waiver.match.fingerprint for waiver in self.waivers)


def waiver_terms(settings: WaiverSettings, today: date) -> Terms:
    """What waivers are held to on a day: what the policy says, and our own limits for the rest."""
    from deliverygate.judging.waivers import MAX_DAYS, WARN_DAYS, Terms

    warn_days = WARN_DAYS if settings.warn_days is None else settings.warn_days
    return Terms(today, {**MAX_DAYS, **settings.max_days}, warn_days)


def read_law(policy: Policy, files: LawFiles, *, with_baseline: bool = True) -> Law:
    """The waivers and the baseline of the policy. Raises ConfigError, also for a file that it names and is missing."""
    path = waivers_path(policy, files)
    own: Waivers = ()
    foreign: Waivers = ()
    notes: tuple[str, ...] = ()
    if path:
        from deliverygate.config.document import load
        from deliverygate.judging.waivers import parse

        own = parse(load(_read(files, path, key="waivers"), files.label(path)))
    if policy.waivers.also:
        from deliverygate.judging.foreign import read_all

        foreign, notes = read_all(policy.waivers.also, lambda each: _read(files, each, key="waivers"))
    return Law(
        own + foreign,
        _read_baseline(policy, files) if with_baseline else None,
        policy.waivers,
        policy.strict_waivers,
        policy.stage_names,
        foreign=foreign,
        notes=notes,
    )


def _read_baseline(policy: Policy, files: LawFiles) -> Baseline | None:
    path = policy.baseline or (BASELINE if files.has(BASELINE) else None)
    if path is None:
        return None
    from deliverygate.judging.baseline.file import load

    return load(_read(files, path, key="baseline"), files.label(path))


def waivers_path(policy: Policy, files: LawFiles) -> str | None:
    """Our own waivers file: the one that is named, else the usual one when it is there."""
    return policy.waivers.path or (WAIVERS if files.has(WAIVERS) else None)


def _read(files: LawFiles, path: str, *, key: str) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})",
            where=files.label(path),
            mend=f"write it, or correct `{key}:` in the policy",
        ) from error
