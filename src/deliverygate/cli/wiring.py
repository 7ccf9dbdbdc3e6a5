"""The real doors of a run, put together once: files, processes, network, git, secrets, waivers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from deliverygate.change import ChangeRequest
from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec, Policy
from deliverygate.errors import ConfigError
from deliverygate.gate import GateContext
from deliverygate.model import GateResult, Scan
from deliverygate.secrets import Redactor, find_secrets
from deliverygate.workspace import Workspace

if TYPE_CHECKING:
    from deliverygate.judging.baseline import Baseline
    from deliverygate.judging.waivers import Waivers
    from deliverygate.platforms.local_git import LocalGit

WAIVERS = ".deliverygate/waivers.yml"
GIT_SECONDS = 120.0  # for all that is asked of git about the change


@dataclass(frozen=True)
class Law:
    """What the policy rests on beside itself."""

    waivers: Waivers
    baseline: Baseline | None

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
    waivers_path = policy.waivers or (WAIVERS if (root / WAIVERS).exists() else None)
    waivers: Waivers = ()
    baseline = None
    if waivers_path:
        from deliverygate.config.document import load
        from deliverygate.judging.waivers import parse

        waivers = parse(load(_read(root, waivers_path, key="waivers"), waivers_path))
    if policy.baseline:
        from deliverygate.judging.baseline import load as load_baseline

        baseline = load_baseline(_read(root, policy.baseline, key="baseline"), policy.baseline)
    return Law(waivers, baseline)


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
        self._matched: frozenset[str] | None = None  # ids of the waivers that fitted something; None: nothing was read

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
        from deliverygate.scans import read

        scan = read(load(), path=path, format=format, root=self.workspace.root.as_posix())
        if self.law.asks_for_fingerprints:
            from deliverygate.judging.fingerprint import identify

            scan = identify(scan)
        if self.law.waivers:
            from deliverygate.judging.waivers import matching, waive

            scan = waive(scan, self.law.waivers, self.today)
            fitting = matching(scan, self.law.waivers)
            with self._lock:
                self._matched = (self._matched or frozenset()) | fitting
        if self.law.baseline:
            from deliverygate.judging.baseline import mark

            scan = mark(scan, self.law.baseline)
        return scan

    def notes(self) -> tuple[str, ...]:
        """What the run found out beside its gates: of the change, and of waivers that nothing fits."""
        found = self.change.notes if self.change else ()
        if self._matched is None:
            return found
        from deliverygate.judging.waivers import unmatched

        return found + unmatched(self.law.waivers, self._matched)

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
