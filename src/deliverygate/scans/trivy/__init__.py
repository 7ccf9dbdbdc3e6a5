"""Trivy's JSON reports to Scan. https://trivy.dev/latest/docs/configuration/reporting/

Schema 2, the bare list that came before it, and the reports of ``trivy k8s``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from deliverygate.errors import ReportError
from deliverygate.model import Scan
from deliverygate.scans.documents import decode, make_outline, require_unique_keys
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import read_time
from deliverygate.scans.trivy import wire
from deliverygate.scans.trivy.findings import Collection
from deliverygate.scans.trivy.systems import is_supported

SCHEMAS = frozenset((1, 2))
WITHOUT_PACKAGES = frozenset(("config", "license", "license-file"))  #: classes of scans that need no advisories
IMAGES = frozenset(("container_image", "vm"))  #: what is scanned then has files of its own


def recognise(outline: Outline) -> bool:
    if outline.kind == "list":
        return outline.keys > {"Target"} and bool(outline.keys & {"Type", "Class", "Vulnerabilities"})
    if outline.kind == "object":
        return "ClusterName" in outline.keys or (
            "SchemaVersion" in outline.keys and bool(outline.keys & {"ArtifactName", "ArtifactType", "Results"})
        )
    return outline.kind == "scalar" and outline.text.strip() == "null"


def read(document: bytes, *, root: str) -> Scan:
    """Trivy writes no list of the files that it looked at, so ``analysed`` stays unknown.

    A result without findings says that its target was looked at and is clean. No result at all is what Trivy writes
    when it found nothing to look at, and exits with 0: that is no evidence.
    """
    require_unique_keys(document)
    first = document.lstrip()[:1]
    if first == b"[":
        return _scan_of(wire.Report(SchemaVersion=1, Results=decode(document, list[wire.Result])), root)
    if first != b"{":
        raise _nothing_scanned("is no Trivy report but a single value")
    if "ClusterName" in make_outline(document).keys:
        return _scan_of_cluster(decode(document, wire.Cluster), root)
    return _scan_of(decode(document, wire.Report), root)


def _scan_of(report: wire.Report, root: str) -> Scan:
    if report.SchemaVersion not in SCHEMAS:
        raise ReportError(
            f"has SchemaVersion {report.SchemaVersion}, known are 1 and 2",
            mend="use a release of deliverygate that knows it",
        )
    if not report.Results:
        raise _nothing_scanned("holds no Results")
    collection = Collection(root)
    for result in report.Results:
        collection.add_result(result)
    version = report.Trivy.Version if report.Trivy else None
    created_at = read_time(report.CreatedAt)
    in_image = report.ArtifactType in IMAGES
    return _finish(collection, version=version, created_at=created_at, metadata=[report.Metadata], in_image=in_image)


def _scan_of_cluster(cluster: wire.Cluster, root: str) -> Scan:
    old = (cluster.Vulnerabilities, cluster.Misconfigurations)
    lists = (cluster.Resources, cluster.Findings, *old)
    resources = [resource for listed in lists for resource in listed or ()]
    if not any(resource.Results for resource in resources):
        raise _nothing_scanned("holds no Results of any resource")
    collection = Collection(root, counts_first=any(listed is not None for listed in old))
    metadata: list[wire.Metadata | None] = []
    for resource in resources:
        name = "/".join(filter(None, (resource.Namespace, resource.Kind, resource.Name)))
        for result in resource.Results or ():
            collection.add_result(result, resource=name)
        metadata += resource.Metadata if isinstance(resource.Metadata, list) else [resource.Metadata]
    errors = [
        f"{resource.Kind}/{resource.Name} was not scanned: {resource.Error}" for resource in resources if resource.Error
    ]
    return _finish(collection, errors=errors, metadata=metadata, in_image=True)


def _finish(
    collection: Collection,
    *,
    metadata: Iterable[wire.Metadata | None],
    version: str | None = None,
    created_at: datetime | None = None,
    errors: Sequence[str] = (),
    in_image: bool = False,
) -> Scan:
    systems = [entry.OS for entry in metadata if entry and entry.OS]
    faults = (*errors, *_lost(collection), *_unsupported(systems, collection))
    ended = dict.fromkeys(f"{system.Family} {system.Name}" for system in systems if system.EOSL or system.Eosl)
    return Scan(
        tool="Trivy",
        version=version,
        format="trivy",
        findings=tuple(finding for finding in collection.found.values() if not finding.waiver),
        suppressed=tuple(finding for finding in collection.found.values() if finding.waiver),
        complete=not faults,
        notes=(*faults, *_notes(collection)),
        rules=tuple(collection.rules.values()),
        created_at=created_at,
        categories=tuple(name for name in collection.categories if name),
        end_of_life=tuple(ended),
        in_image=in_image,
    )


def _lost(collection: Collection) -> Iterator[str]:
    if collection.lost:
        yield f"{collection.lost} failed check(s) were counted by Trivy and not listed."


def _unsupported(systems: Iterable[wire.System], collection: Collection) -> Iterator[str]:
    """Of a system that Trivy has no advisories for it only warns on its log: its packages show no vulnerability."""
    if collection.categories and collection.categories.keys() <= WITHOUT_PACKAGES:
        return
    for system in dict.fromkeys((system.Family, system.Name) for system in systems):
        if not is_supported(system[0]):
            yield (
                f"Trivy has no advisories for {' '.join(system).strip()[:80]}: the packages of this operating system "
                "were not looked at. Scan it with a scanner that knows it, or build on a system that Trivy knows."
            )


def _notes(collection: Collection) -> list[str]:
    counts = {
        "{} check(s) of the configuration passed.": collection.passed,
        "{} check(s) of the configuration were excepted.": collection.excepted,
        "{} failed check(s) were counted before some were filtered out.": collection.filtered,
        "{} entries that only repeat another one were dropped.": collection.repeated,
        "{} custom resource(s) were not looked at.": collection.custom,
    }
    return [sentence.format(count) for sentence, count in counts.items() if count]


def _nothing_scanned(what: str) -> ReportError:
    return ReportError(
        f"{what}: nothing was scanned",
        mend="check what Trivy was pointed at and which --scanners ran; its log says what it skipped",
    )


reader = Reader(name="trivy", summary="Trivy JSON, of schema 1 and 2 and of clusters", recognises=recognise, read=read)
