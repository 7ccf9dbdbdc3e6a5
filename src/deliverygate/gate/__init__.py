"""The whole promise to gate authors: a gate is a settings type and one function that yields checks.

    class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
        path: str

    def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
        ...

    gate = Gate(name="licence", summary="Demand a licence file", settings=Settings, check=check)

Everything outside the gate is reached through ``GateContext``, so that a test can stand in for it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from logging import Logger, getLogger
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ConfigError, ReportError
from deliverygate.gate.cluster import Cluster, Container, Pod, Replica, Workload
from deliverygate.gate.doors import Clock, Completed, Files, FreshnessDoor, ScanReader, Shell
from deliverygate.gate.http import Hop, Http, Response
from deliverygate.gate.metrics import Metrics, MetricsAnswer, Point, Series
from deliverygate.gate.network import Certificate, ChainLink, Connected, DnsAnswer, GrpcHealth, Network
from deliverygate.gate.sampling import Phases, Sample, Schedule, Shot, Shots
from deliverygate.judging.placing import Tree
from deliverygate.model import CheckResult, GateResult, Rule, Scan
from deliverygate.workspace import Workspace

__all__ = [
    "Certificate",
    "ChainLink",
    "Clock",
    "Cluster",
    "Completed",
    "Connected",
    "Container",
    "DnsAnswer",
    "Files",
    "FreshnessDoor",
    "Gate",
    "GateContext",
    "GrpcHealth",
    "Hop",
    "Http",
    "Metrics",
    "MetricsAnswer",
    "Network",
    "Phases",
    "Pod",
    "Point",
    "Replica",
    "Response",
    "Sample",
    "ScanReader",
    "Schedule",
    "Series",
    "Shell",
    "Shot",
    "Shots",
    "Workload",
]

SettingsType = TypeVar("SettingsType", bound=msgspec.Struct)


def _nothing(_: Any) -> Iterable[str]:
    return ()


def _accept(path: str, scan: Scan | None = None) -> None:
    """What a context without a run behind it says of every file."""


def _no_store(name: str) -> Metrics:
    raise ConfigError(f"no store of metrics {name!r} is known", mend="name it under `metrics:` in the policy")


def _no_repository() -> tuple[str, ...]:
    raise ReportError("this is no git repository", where="git", mend="run in a checkout")


def _no_cluster() -> Cluster:
    raise ConfigError(
        "no cluster is known", mend="set KUBECONFIG, or name a `kubeconfig` under `cluster:` in the policy"
    )


@dataclass(frozen=True)
class Gate(Generic[SettingsType]):
    """One kind of gate, as an entry point of the group ``deliverygate.gates`` offers it."""

    name: str  #: as the policy writes it, e.g. "static-analysis"
    summary: str  #: one phrase in the imperative, e.g. "Fail on vulnerabilities at or above a severity"
    settings: type[SettingsType]
    check: Callable[[SettingsType, GateContext], Iterator[CheckResult]]
    rules: tuple[Rule, ...] = ()
    looks_at: Callable[[SettingsType], Iterable[str]] = _nothing  #: ids of gates whose results it reads: they run first
    #: Whether it starts programs that act on the change's own files, by its settings where they decide; never done for
    #: a fork's change.
    runs: bool | Callable[[SettingsType], bool] = False


@dataclass(frozen=True)
class GateContext:
    """The doors of one running gate."""

    workspace: Workspace
    clock: Clock
    http: Http
    network: Network
    shell: Shell
    environ: Mapping[str, str]
    change: Callable[[], ChangeRequest]  #: looked up at the first call; raises when it cannot be known
    base_text: Callable[[str], str | None]  #: a file as the target branch has it, from the root behind a "/"; else None
    read_scan: ScanReader
    team: Callable[[str], frozenset[str] | None]  #: user names behind "group/team"; None: the platform does not say
    results: Mapping[str, GateResult]  #: of the gates named by ``Gate.looks_at`` and ``needs``, by id
    #: the paths of all files that git tracks below the policy's folder; raises ReportError or ToolError without git
    tracked_files: Callable[[], tuple[str, ...]] = _no_repository
    tracked: Callable[[], Tree] = Tree  #: the files that git tracks in the workspace; without git, all that are there
    metrics: Callable[[str], Metrics] = _no_store  #: the policy's store of a name, "" the only one; else ConfigError
    law_files: Files | None = None  #: see ``law``
    cluster: Callable[[], Cluster] = _no_cluster  #: the policy's; what is wrong with it is raised at the first question
    require_fresh: FreshnessDoor = _accept  #: raises ReportError for a file that is no evidence of this run
    progress: Callable[[str], None] = lambda _: None  #: tell whoever watches what is going on, one line
    redact: Callable[[str], str] = str  #: blots out every secret that the run knows
    log: Logger = field(default_factory=lambda: getLogger("deliverygate"))

    @property
    def law(self) -> Files:
        """The files that judge as the policy does, e.g. objectives and lists of endpoints: read where it was read.

        In a merge or pull request that is the target branch, so that a change cannot write them for itself.
        """
        return self.law_files or self.workspace

    def read_trusted(self, path: str) -> bytes:
        """A file that decides how something is judged and that a job may have made, e.g. a list that it fetched.

        As the target branch has it, else as an earlier job has written it. Raises ReportError when it is missing, and
        when the change brings it: git tracks it here, and the target branch has no such file.
        """
        return self._trusted(path).read(path)

    def trusted_path(self, path: str) -> str:
        """The same as a file on the disk, for a program or a library that opens it itself."""
        return self._trusted(path).path(path)

    def _trusted(self, path: str) -> Files:
        if self.law_files is None:
            return self.workspace
        if self.law_files.has(path):
            return self.law_files
        real = self.workspace.relative(self.workspace.resolve(path))
        if not {posixpath.normpath(path), real}.isdisjoint(self.tracked_files()):
            raise ReportError(
                "is brought by the change, and the target branch has no such file",
                where=path,
                mend="bring it into the target branch first, or let the pipeline make it",
            )
        return self.workspace

    def scan(
        self,
        path: str,
        *,
        format: str | None = None,  # noqa: A002
        root: str | None = None,
        source_roots: tuple[str, ...] = (),
    ) -> Scan:
        """Read a tool's report: recognised by content unless ``format`` names the reader; waivers are applied.

        Its paths become those of tracked files; ``root`` is the folder in which the tool ran, where the policy says so,
        and ``source_roots`` those that covered files lie below. Raises ReportError, with the path, when the report is
        missing, no evidence, or names what may be several files: also one that git tracks, and one from before the run
        (see docs/freshness.md).
        """
        self.require_fresh(path)
        written_at = self.workspace.written_at(path)
        found = self.read_scan(
            lambda: self.workspace.read(path), path=path, format=format, root=root, source_roots=source_roots
        )
        scan = replace(found, written_at=written_at)
        self.require_fresh(path, scan)
        return scan

    def read_text(self, path: str) -> str:
        """A text file of the workspace. Raises ReportError when it is missing or not UTF-8."""
        try:
            return utf8(self.workspace.read(path))
        except NotTextError as error:
            raise ReportError(f"is {error}", where=path, mend="save the file as UTF-8") from error
