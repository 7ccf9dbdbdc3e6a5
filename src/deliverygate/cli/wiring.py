"""The real doors of a run, put together once: files, processes, network, git, secrets, waivers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from deliverygate.cli.asking import Asking, ChangeOptions
from deliverygate.cli.law import Law, waiver_terms
from deliverygate.cli.places import find_top, folder_of, without_checkout
from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec, Policy
from deliverygate.errors import ReportError
from deliverygate.gate import FreshnessDoor, GateContext, ScanReader
from deliverygate.model import GateResult, Scan, Verdict
from deliverygate.redaction import outlet
from deliverygate.redaction.environment import find_secrets, secret_values
from deliverygate.workspace import Workspace

if TYPE_CHECKING:
    from deliverygate.cli.freshness import Freshness
    from deliverygate.cli.law_files import TargetFiles
    from deliverygate.judging.freshness import Fresh
    from deliverygate.judging.placing import Sight
    from deliverygate.judging.surroundings import Surroundings
    from deliverygate.judging.waivers import Seen

SAFE = {"PYTHONSAFEPATH": "1"}  # a Python program that looks for modules in the folder it runs in finds the fork's


def _as_it_is(scan: Scan) -> Scan:
    return scan


class Wiring:
    """Opens the context of each gate of one run."""

    def __init__(
        self,
        root: Path,
        law: Law,
        *,
        policy: Policy,
        change: ChangeOptions,
        stop: Event,
        today: date,
        stage: str = "",
        foreign: bool = False,
        base_text: Callable[[str], str | None] | None = None,
        law_files: TargetFiles | None = None,
        target: str | None = None,
        partial: bool = False,
        untrusted: bool = False,
    ) -> None:
        """``foreign``: nothing in this checkout may be executed. ``base_text`` reads files of the target branch.

        ``untrusted``: the change may have written the policy, so that its gates are given the files alone.
        ``target`` is the commit of the target branch that paths of reports are compared with; None: where the branch
        started, as git alone knows it.
        ``partial``: only some gates of the stage run, so that nobody can say which waivers fit nothing.
        """
        self.workspace = Workspace(root)
        self.law = law
        self.policy = policy
        self.stage = stage
        self.today = today
        self.environ = without_checkout(os.environ, root) | SAFE if foreign else dict(os.environ)
        self._foreign = find_top(root) if foreign else None
        named = secret_values(self.environ, policy.secret_variables)
        outlet.learn(find_secrets(self.environ) | named)
        self.redactor = outlet.everything()
        self.asking = Asking(root, change, environ=self.environ, stop=stop, redact=self.redactor)
        self.stop = stop
        self._base_text = base_text
        self._law_files = law_files
        self._target = target
        self._lock = Lock()
        self._matched: set[str] = set()  # ids of the waivers that fitted something
        self._tools: set[str] = set()  # whose reports were read
        self._unread = False  # whether a report could not be read to its end
        self._partial = partial
        self._untrusted = untrusted

    @property
    def law_used(self) -> frozenset[str]:
        """What gates read of the target branch beside the policy, as paths of the repository."""
        return frozenset(self._law_files.used) if self._law_files else frozenset()

    def close(self) -> None:
        """Remove what was put on the disk for programs to read."""
        if self._law_files:
            self._law_files.close()

    def open_context(
        self, spec: GateSpec, clock: SystemClock, results: Mapping[str, GateResult], say: Callable[[str], None]
    ) -> GateContext:
        """The doors of one gate."""
        from deliverygate.cluster import Clusters
        from deliverygate.http import RequestsHttp
        from deliverygate.metrics import Stores
        from deliverygate.network import SystemNetwork
        from deliverygate.shell import SystemShell

        http, network = RequestsHttp(clock), SystemNetwork(clock)
        shell = SystemShell(clock, root=self.workspace.root, environ=self.environ, foreign=self._foreign)
        stores = Stores(
            self.policy.metrics,
            http=http,
            clock=clock,
            environ=self.environ,
            resolve=lambda path: context.trusted_path(path),  # noqa: PLW0108  it is made below
            unset=self.policy.unset,
        )
        clusters = Clusters(
            self.policy.cluster,
            http=http,
            network=network,
            shell=shell,
            clock=clock,
            environ=self.environ,
            checkout=find_top(self.workspace.root),
            foreign=self._foreign is not None,
        )
        context = GateContext(
            workspace=self.workspace,
            clock=clock,
            http=http,
            metrics=stores,
            cluster=clusters,
            network=network,
            shell=shell,
            environ=self.environ,
            change=self.asking.change,
            base_text=self._base_text or self.asking.base_text,
            law_files=self._law_files,
            tracked_files=self.asking.tracked_files,
            read_scan=self._reader_for(spec),
            require_fresh=self._freshness_for(spec),
            tracked=lambda: self.sight.now,
            team=self.asking.team,
            results=results,
            progress=lambda text: say(self.redactor(text)),
            redact=self.redactor,
        )
        if not self._untrusted:
            return context
        from deliverygate.cli.forks import powerless

        return powerless(context, self.environ)

    def _freshness_for(self, spec: GateSpec) -> FreshnessDoor:
        """What the policy of one gate wants of the age of its evidence; the default holds for gates of others too."""
        wanted: Fresh | None = getattr(spec.settings, "fresh", None)

        def require_fresh(path: str, scan: Scan | None = None) -> None:
            self.freshness.require(path, scan, fresh=wanted)

        return require_fresh

    @cached_property
    def freshness(self) -> Freshness:
        """Which files are evidence of this run."""
        from deliverygate.cli.freshness import Freshness

        return Freshness(self.workspace, self.asking, self.environ)

    def _reader_for(self, spec: GateSpec) -> ScanReader:
        """How the reports of one gate are read: what it knew before is its own, and is used up by all of them."""
        mark = self._marker_for(spec)

        def read_scan(
            load: Callable[[], bytes],
            *,
            path: str,
            format: str | None,  # noqa: A002
            root: str | None = None,
            source_roots: tuple[str, ...] = (),
        ) -> Scan:
            def place(scan: Scan) -> Scan:
                from deliverygate.judging.placing import place_scan

                return place_scan(scan, self.sight, report=path, root=root, source_roots=source_roots)

            return self.read_scan(load, path=path, format=format, mark=mark, place=place)

        return read_scan

    def _marker_for(self, spec: GateSpec) -> Callable[[Scan], Scan]:
        """What tells the known findings of a gate's reports apart from the new ones."""
        if self.law.baseline is None:
            return _as_it_is
        from deliverygate.judging.baseline.ledger import Ledger, unheard_of

        name = f"{self.stage}/{spec.id}"
        known = self.law.baseline.gates.get(name)
        if known is None:
            return unheard_of(name) if getattr(spec.settings, "only_new", False) else _as_it_is
        return Ledger(known, around=self.surroundings.around, is_there=self.workspace.has).mark

    @cached_property
    def sight(self) -> Sight:
        """The files that paths of reports are looked for in: those of git, else all that are there."""
        from deliverygate.judging.placing import Sight, Tree

        root = self.workspace.root
        now = self.asking.tracked()
        return Sight(
            now=Tree(*self.workspace.walk()) if now is None else now,
            real=self.workspace.real,
            look_back=lambda: None if now is None else self.asking.tracked_before(self._target),
            name=root.resolve().name,
            folder=folder_of(root),
        )

    @cached_property
    def surroundings(self) -> Surroundings:
        """The text around the places of findings."""
        from deliverygate.judging.surroundings import Surroundings

        return Surroundings(self.workspace.peek)

    def read_scan(
        self,
        load: Callable[[], bytes],
        *,
        path: str,
        format: str | None,  # noqa: A002
        mark: Callable[[Scan], Scan],
        place: Callable[[Scan], Scan],
    ) -> Scan:
        """bytes -> Scan -> tracked files -> what the baseline knows -> our fingerprints, where asked for -> waivers."""
        scan = mark(self._read_report(load, path=path, format=format, place=place))
        if self.law.asks_for_fingerprints:
            from deliverygate.judging.fingerprint import identify

            scan = identify(scan)
        if self.law.waivers:
            from deliverygate.judging.waivers import matching, waive

            scan = waive(scan, self.law.waivers, waiver_terms(self.law.settings, self.today))
            fitting = matching(scan, self.law.waivers)
            with self._lock:
                self._matched |= fitting
        return scan

    def _read_report(
        self,
        load: Callable[[], bytes],
        *,
        path: str,
        format: str | None,  # noqa: A002
        place: Callable[[Scan], Scan],
    ) -> Scan:
        """Read, and remember what was: a waiver can only be missed in what was read whole."""
        from deliverygate.scans import read

        try:
            scan = place(read(load(), path=path, format=format, root=self.workspace.root.as_posix()))
        except ReportError:
            self._unread = True
            raise
        with self._lock:
            self._unread = self._unread or not scan.complete
            self._tools |= {each.tool.casefold() for each in (scan, *scan.runs)}
        return scan

    def notes(self, stage: str, gates: Sequence[GateResult]) -> tuple[str, ...]:
        """What the run found out beside its gates: of the change, and of waivers that end or fit nothing."""
        change = self.asking.known
        found = change.notes if change else ()
        if not self._tools:
            return found
        from deliverygate.judging.waivers import unmatched
        from deliverygate.judging.waivers.idle import unmatched_foreign

        seen = self._seen(stage, gates)
        terms = waiver_terms(self.law.settings, self.today)
        ends = terms.notes(waiver for waiver in self.law.waivers if waiver.id in seen.matched)
        paths = [each.path for each in self.law.settings.also]
        idle = () if self.law.strict else unmatched(self.law.own, seen)
        return found + self.law.notes + ends + idle + unmatched_foreign(self.law.foreign, seen.matched, paths)

    def judge_waivers(self, stage: str, gates: Sequence[GateResult]) -> tuple[GateResult, ...]:
        """A result of the run's own, beside those of its gates, where the policy is strict about waivers."""
        if not self.law.strict or not self._tools:
            return ()
        from deliverygate.judging.fingerprint import identify_results
        from deliverygate.judging.waivers import judge

        check = self.redactor.redact_record(judge(self.law.own, self._seen(stage, gates)))
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
            whole=not (self._unread or self._partial)
            and not any(gate.error or gate.verdict in broken for gate in gates),
        )
