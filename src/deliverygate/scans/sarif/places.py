"""Artifact locations of a SARIF run to paths: base ids, indexes, percent signs, file addresses (§3.4, §3.14.14)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from posixpath import normpath
from typing import NamedTuple

from deliverygate.model import Location
from deliverygate.scans.paths import below
from deliverygate.scans.sarif import log

# What producers call the folder that was checked out; "%SRCROOT%" is the standard's own example, ROOTPATH Trivy's.
ROOTS = frozenset(
    (
        "SRCROOT",
        "SOURCEROOT",
        "REPOROOT",
        "REPOSITORYROOT",
        "PROJECTROOT",
        "ROOTPATH",
        "ROOT",
        "CHECKOUTROOT",
        "WORKSPACE",
    )
)
LONGEST_CHAIN = 16
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# The address of almost every result: nothing in it to decode, to tidy or to resolve, nor to go back for.
_PLAIN = re.compile(r"[A-Za-z0-9_+@~-][A-Za-z0-9_.+@~-]*+(?:/[A-Za-z0-9_+@~-][A-Za-z0-9_.+@~-]*+)*+")
_HOST = re.compile(r"file:(?://[^/]*)?", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:/")


class Base(NamedTuple):
    """What a base id stands for."""

    path: str  #: the folder, as far as the log tells: absolute, or relative to a folder that it does not tell
    inside: str  #: the part of ``path`` below the outermost folder that is named as the checkout
    is_rooted: bool  #: whether there is such a folder


class Places:
    """The paths of one run."""

    def __init__(self, run: log.Run, *, root: str) -> None:
        self.root = root
        self.artifacts = run.artifacts or []
        self.steps = run.thread_flow_locations or []
        self.base_ids = run.original_uri_base_ids or {}
        self.prefixes: dict[str | None, str] = {}  #: what a base id puts before a plain relative address
        self.last_uri: str | None = None  #: the plain address looked up last, and its path
        self.last_base_id: str | None = None
        self.last_path = ""
        bases = [self._base(name) for name in self.base_ids]
        self.checkouts = [base.path for base in bases if base.is_rooted and not base.inside and base.path]

    def locate(self, location: log.Location) -> Location | None:
        """None for a place that is in no file, or in a file without a name."""
        physical = location.physical_location
        if physical is None or physical.artifact_location is None:
            return None
        path = self.path_of(physical.artifact_location)
        if path is None:
            return None
        region = physical.region
        if region is None:
            return Location(path)
        line, column, end_line = region.start_line, region.start_column, region.end_line
        if end_line == line:
            end_line = line  # one number in memory instead of two, hundreds of thousands of times
        return Location(
            path,
            line if line and line > 0 else None,
            column if column and column > 0 else None,
            end_line if end_line and end_line > 0 else None,
        )

    def others(self, locations: Sequence[log.Location]) -> tuple[Location, ...]:
        """All files behind the first one. §3.27.12: the fault can only be corrected by a change at each of them."""
        return tuple(dict.fromkeys(filter(None, map(self.locate, locations[1:]))))

    def related(self, result: log.Result) -> tuple[Location, ...]:
        """Where a result refers to, and the way that leads to it (§3.27.22, §3.27.18)."""
        flows = (flow for code in result.code_flows or () for flow in code.thread_flows or ())
        steps = (self._step(each) for flow in flows for each in flow.locations or ())
        return tuple(dict.fromkeys(filter(None, map(self.locate, chain(result.related_locations or (), steps)))))

    def _step(self, step: log.Step) -> log.Location:
        if step.location is None and 0 <= step.index < len(self.steps):
            step = self.steps[step.index]
        return step.location or log.Location()

    def path_of(self, artifact: log.ArtifactLocation) -> str | None:
        """The path that an address means; None when it names nothing."""
        uri, base_id = artifact.uri, artifact.uri_base_id
        # Most tools report file by file: one look-up, and one text in memory, does for all results of a file.
        if uri is not None and uri == self.last_uri and base_id == self.last_base_id:
            return self.last_path
        if uri is None or not _PLAIN.fullmatch(uri):
            return self._resolve(artifact)
        prefix = self.prefixes.get(base_id)
        if prefix is None:
            prefix = self.prefixes[base_id] = (self._join("x", base_id))[:-1]
        self.last_uri, self.last_base_id = uri, base_id
        path = self.last_path = prefix + uri
        return path

    def _resolve(self, artifact: log.ArtifactLocation) -> str | None:
        if artifact.uri is None:
            if not 0 <= artifact.index < len(self.artifacts):
                return None
            listed = self.artifacts[artifact.index].location
            if listed is None or listed.uri is None:
                return None
            artifact = listed
        written = _decode(artifact.uri or "")
        if not written:
            return None
        if _SCHEME.match(written) and not _HOST.match(written) and not _is_drive(written):
            return written  # https:, git:, jar:: no path, but a name that people know
        if _is_absolute(written):
            return self._shorten(_strip_host(written))
        return self._join(written, artifact.uri_base_id)

    def _shorten(self, path: str) -> str:
        """Relative to our checkout, or to the folder that the producer calls the root of its own."""
        short = below(path, self.root)
        if short != normpath(path):
            return short
        inner = (below(path, checkout) for checkout in self.checkouts)
        return next((found for found in inner if found != short), short)

    def _join(self, relative: str, base_id: str | None) -> str:
        if base_id is None:
            return below(relative, self.root)
        base = self._base(base_id)
        whole = below(base.path + relative, self.root)
        if base.is_rooted and _is_absolute(whole):
            return normpath(base.inside + relative)
        return whole

    def _base(self, base_id: str) -> Base:
        """Follows the chain of base ids, as far as it goes; one that bites its own tail ends somewhere."""
        path, inside, rooted = "", "", False
        name: str | None = base_id
        for _ in range(LONGEST_CHAIN):
            if name is None or _is_absolute(path):
                break
            if _is_root(name):
                rooted, inside = True, path
            entry = self.base_ids.get(name) or log.ArtifactLocation()
            path, name = _folder(entry.uri or "") + path, entry.uri_base_id
        return Base(_strip_host(path) if _is_absolute(path) else path, inside, rooted)


def _is_root(base_id: str) -> bool:
    return re.sub(r"[^A-Z]", "", base_id.upper()) in ROOTS


def _folder(uri: str) -> str:
    path = _decode(uri)
    return path if path.endswith("/") or not path else f"{path}/"


def _decode(uri: str) -> str:
    """Spaces around it and backslashes in it are faults of producers; neither can stand in an address."""
    text = uri.strip().replace("\\", "/")
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _is_drive(text: str) -> bool:
    return bool(_DRIVE.match(f"/{text}"))


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(_HOST.match(path)) or _is_drive(path)


def _strip_host(path: str) -> str:
    """``file:///C:/x`` is ``C:/x``, ``file://host/x`` is ``/x``."""
    bare = _HOST.sub("", path, count=1)
    return bare[1:] if _DRIVE.match(bare) else bare
