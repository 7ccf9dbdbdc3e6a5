"""Files of objectives, as OpenSLO, Sloth and Pyrra have them, to what the gate judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from deliverygate.errors import ConfigError
from deliverygate.gate import Files
from deliverygate.judging.documents import Document, read_documents
from deliverygate_gates.slo.files import openslo, pyrra, sloth
from deliverygate_gates.slo.objective import Slo
from deliverygate_gates.slo.settings import Settings

Read = Callable[[Document, tuple[Document, ...], Settings], Iterator[Slo]]

#: By what a document says of itself in ``apiVersion``, or in ``version``.
FORMATS: dict[str, Read] = {
    "openslo/v1": openslo.read,
    "prometheus/v1": sloth.read,
    "sloth.slok.dev/v1": sloth.read_resource,
    "pyrra.dev/v1alpha1": pyrra.read,
}
KNOWN = "write OpenSLO (openslo/v1), Sloth (prometheus/v1, sloth.slok.dev/v1) or Pyrra (pyrra.dev/v1alpha1)"


def read_files(settings: Settings, files: Files) -> tuple[Slo, ...]:
    """The objectives of all files that the settings name, each name once.

    Raises ReportError for a pattern without a file, ConfigError for a file that is none or holds what is not supported.
    """
    paths = dict.fromkeys(path for pattern in settings.files for path in files.glob(pattern))
    documents = tuple(document for path in paths for document in read_documents(files.read(path), path))
    found = tuple(slo for document in documents for slo in _read(document, documents, settings))
    if documents and not found:
        raise ConfigError("holds no objective", where=documents[0].path, mend=KNOWN)
    _demand_names(found, settings)
    for slo in found:
        _demand_windows(slo, settings)
    return found


def _read(document: Document, documents: tuple[Document, ...], settings: Settings) -> Iterator[Slo]:
    kind = str(document.data.get("apiVersion") or document.data.get("version"))
    read = FORMATS.get(kind)
    if read is None:
        key = "apiVersion" if "apiVersion" in document.data else "version"
        raise ConfigError(f"{kind[:60]!r} is not read", where=document.where((key,)), mend=KNOWN)
    yield from read(document, documents, settings)


def _demand_names(found: tuple[Slo, ...], settings: Settings) -> None:
    names = Counter([*(slo.name for slo in found), *(slo.name.strip() for slo in settings.slos)])
    for slo in found:
        if names[slo.name] > 1:
            mend = "give each objective a name of its own, since reports are compared by it"
            raise ConfigError(f"the name {slo.name!r} stands twice", where=slo.source, mend=mend)


def _demand_windows(slo: Slo, settings: Settings) -> None:
    try:
        settings.pairs_for(slo.period)
    except ValueError as error:
        what, _, mend = str(error).partition("; ")
        raise ConfigError(what, where=slo.source, mend=mend) from error
