"""The real doors of a run, put together once: files, processes, network, git, secrets, waivers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from deliverygate.change import ChangeRequest
from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec, Policy, WaiverSettings
from deliverygate.errors import ConfigError, ReportError
from deliverygate.gate import GateContext
from deliverygate.model import GateResult, Scan, Verdict
from deliverygate.secrets import Redactor, find_secrets
from deliverygate.workspace import Workspace

if TYPE_CHECKING:
    from deliverygate.judging.baseline import Baseline
    from deliverygate.judging.waivers import Seen, Terms, Waivers
    from deliverygate.platforms.local_git import LocalGit

WAIVERS = ".deliverygate/waivers.yml"
GIT_SECONDS = 120.0  # for all that is asked of git about the change


@dataclass(frozen=True)
class Law:
    """What the policy rests on beside itself."""

    waivers: Waivers
    baseline: Baseline | None
    settings: WaiverSettings = field(default_factory=WaiverSettings)
    strict: bool = False  #: whether a waiver that fits nothing blocks
    stage_names: tuple[str, ...] = ()
    foreign: Waivers = ()  #: those of ``waivers`` that stand in other tools' files
    notes: tuple[str, ...] = ()  #: entries of other tools' files that let nothing through

    @property
    def own(self) -> Waivers:
        """Those of our own file."""
        return self.waivers[: len(self.waivers) - len(self.foreign)]

    def terms(self, today: date) -> Terms:
        """What waivers are held to."""
        from deliverygate.judging.waivers import MAX_DAYS, WARN_DAYS, Terms

        warn_days = self.settings.warn_days
        return Terms(today, {**MAX_DAYS, **self.settings.max_days}, WARN_DAYS if warn_days is None else warn_days)

    @property
    def asks_for_fingerprints(self) -> bool:
        """Whether findings must be known again before they are judged; the runner names those of the report anyway."""
        return self.baseline is not None or any(waiver.match.fingerprint for waiver in self.waivers)


@dataclass(frozen=True)
class ChangeOptions:
    """What the command line says of the change."""

    title: str | None = None
    description: tuple[str, str] | None = None  #: its text, and where that came from
    base: str | None = None


def read_law(policy: Policy, root: Path) -> Law:
    """The waivers and the baseline that the policy names. Raises ConfigError, also for a file that is missing."""
    path = waivers_path(policy, root)
    own: Waivers = ()
    foreign: Waivers = ()
    notes: tuple[str, ...] = ()
    baseline = None
    if path:
        from deliverygate.config.document import load
        from deliverygate.judging.waivers import parse

        own = parse(load(_read(root, path, key="waivers"), path))
    if policy.waivers.also:
        from deliverygate.judging.foreign import read_all

        foreign, notes = read_all(policy.waivers.also, lambda each: _read(root, each, key="waivers"))
    if policy.baseline:
        from deliverygate.judging.baseline import load as load_baseline

        baseline = load_baseline(_read(root, policy.baseline, key="baseline"), policy.baseline)
    return Law(
        own + foreign, baseline, policy.waivers, policy.strict_waivers, policy.stage_names, foreign=foreign, notes=notes
    )


def waivers_path(policy: Policy, root: Path) -> str | None:
    """Our own waivers file: the one that is named, else the usual one when it is there."""
    return policy.waivers.path or (WAIVERS if (root / WAIVERS).exists() else None)


def _read(root: Path, path: str, *, key: str) -> bytes:
    try:
        return (root / path).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", where=path, mend=f"write it, or correct `{key}:` in the policy"
        ) from error


class Wiring:
    """Opens the context of each gate of one run."""

    def __init__(self, root: Path, law: Law, *, change: ChangeOptions, stop: Event, today: date) -> None:
        self.workspace = Workspace(root)
        self.law = law
        self.today = today
        self.environ = dict(os.environ)
        self.redactor = Redactor(find_secrets(self.environ))
        self.change: ChangeRequest | None = None  #: once a gate has asked for it
        self._options = change
        self.stop = stop
        self._lock = Lock()
        self._git: LocalGit | None = None
        self._matched: set[str] = set()  # ids of the waivers that fitted something
        self._tools: set[str] = set()  # whose reports were read
        self._unread = False  # whether a report could not be read to its end

    def open_context(
        self, spec: GateSpec, clock: SystemClock, results: Mapping[str, GateResult], say: Callable[[str], None]
    ) -> GateContext:
        """The doors of one gate."""
        from deliverygate.http import RequestsHttp
        from deliverygate.shell import SystemShell

        return GateContext(
            workspace=self.workspace,
            clock=clock,
            http=RequestsHttp(clock),
            shell=SystemShell(clock, root=self.workspace.root, environ=self.environ),
            environ=self.environ,
            change=self.find_change,
            base_text=self.base_text,
            read_scan=self.read_scan,
            results=results,
            progress=lambda text: say(self.redactor(text)),
            redact=self.redactor,
        )

    def read_scan(self, load: Callable[[], bytes], *, path: str, format: str | None) -> Scan:  # noqa: A002
        """bytes -> Scan -> our fingerprints, where something asks for them -> waivers -> what the baseline knows."""
        scan = self._read_report(load, path=path, format=format)
        if self.law.asks_for_fingerprints:
            from deliverygate.judging.fingerprint import identify

            scan = identify(scan)
        if self.law.waivers:
            from deliverygate.judging.waivers import matching, waive

            scan = waive(scan, self.law.waivers, self.law.terms(self.today))
            fitting = matching(scan, self.law.waivers)
            with self._lock:
                self._matched |= fitting
        if self.law.baseline:
            from deliverygate.judging.baseline import mark

            scan = mark(scan, self.law.baseline)
        return scan

    def _read_report(self, load: Callable[[], bytes], *, path: str, format: str | None) -> Scan:  # noqa: A002
        """Read, and remember what was: a waiver can only be missed in what was read whole."""
        from deliverygate.scans import read

        try:
            scan = read(load(), path=path, format=format, root=self.workspace.root.as_posix())
        except ReportError:
            self._unread = True
            raise
        with self._lock:
            self._unread = self._unread or not scan.complete
            self._tools |= {each.tool.casefold() for each in (scan, *scan.runs)}
        return scan

    def notes(self, stage: str, gates: Sequence[GateResult]) -> tuple[str, ...]:
        """What the run found out beside its gates: of the change, and of waivers that nothing fits."""
        found = self.change.notes if self.change else ()
        if not self._tools:
            return found
        from deliverygate.judging.waivers import unmatched
        from deliverygate.judging.waivers.idle import unmatched_foreign

        seen = self._seen(stage, gates)
        paths = [each.path for each in self.law.settings.also]
        idle = () if self.law.strict else unmatched(self.law.own, seen)
        return found + self.law.notes + idle + unmatched_foreign(self.law.foreign, seen.matched, paths)

    def judge_waivers(self, stage: str, gates: Sequence[GateResult]) -> tuple[GateResult, ...]:
        """A result of the run's own, beside those of its gates, where the policy is strict about waivers."""
        if not self.law.strict or not self._tools:
            return ()
        from deliverygate.judging.fingerprint import identify_results
        from deliverygate.judging.waivers import judge

        check = self.redactor.redact_check(judge(self.law.own, self._seen(stage, gates)))
        taken = {gate.id for gate in gates}
        name = "waivers" if "waivers" not in taken else "deliverygate waivers"  # no policy can name a gate like that
        return identify_results([GateResult(gate="waivers", id=name, checks=(check,))])

    def _seen(self, stage: str, gates: Sequence[GateResult]) -> Seen:
        from deliverygate.judging.waivers import Seen

        broken = (Verdict.SKIPPED, Verdict.INCONCLUSIVE, Verdict.ERROR)
        return Seen(
            stage=stage,
            only_stage=len(self.law.stage_names) == 1,
            matched=frozenset(self._matched),
            tools=frozenset(self._tools),
            whole=not self._unread and not any(gate.error or gate.verdict in broken for gate in gates),
        )

    def find_change(self) -> ChangeRequest:
        with self._lock:
            if self.change is None:
                self.change = self._open_git().change()
            return self.change

    def base_text(self, path: str) -> str | None:
        with self._lock:
            return self._open_git().base_text(path)

    def _open_git(self) -> LocalGit:
        """One for all gates, with a clock of its own: what git says is the same for each of them."""
        if self._git is None:
            from deliverygate.platforms.local_git import LocalGit
            from deliverygate.shell import SystemShell

            clock = SystemClock(timeout_seconds=GIT_SECONDS, stop=self.stop)
            shell = SystemShell(clock, root=self.workspace.root, environ=self.environ)
            given = self._options
            self._git = LocalGit(
                shell, base=given.base, description=given.description, title=given.title, environ=self.environ
            )
        return self._git
