"""Other tools' files of exceptions, read as waivers: Trivy's, Grype's, Snyk's, OpenVEX and CycloneDX VEX.

None is read unless the policy names it, with an owner and an end: those files have neither. They are recognised by name
and content, and never written to. What cannot be followed exactly lets nothing through, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from deliverygate.config.shape import ForeignFile
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ConfigError
from deliverygate.judging import purl
from deliverygate.judging.foreign import cyclonedx, grype, openvex, snyk, trivyignore
from deliverygate.judging.foreign.entry import Entry, read_json, read_yaml, to_waivers
from deliverygate.judging.waivers import Waivers

KNOWN = ".trivyignore, .trivyignore.yaml, .grype.yaml, .snyk, OpenVEX and CycloneDX"


def read_all(files: Iterable[ForeignFile], read: Callable[[str], bytes]) -> tuple[Waivers, tuple[str, ...]]:
    """The waivers of several files, and a sentence for each entry that lets nothing through. Raises ConfigError."""
    waivers: Waivers = ()
    notes: tuple[str, ...] = ()
    for file in files:
        found, said = to_waivers(read_entries(read(file.path), file), file)
        waivers, notes = waivers + found, notes + said
    return waivers, notes


def read_entries(data: bytes, file: ForeignFile) -> Iterator[Entry]:
    """The entries of one file."""
    if file.product is not None and purl.read(file.product) is None:
        what = f"`product: {file.product}` is no package URL"
        raise ConfigError(what, where=file.path, mend="write e.g. pkg:oci/shop@sha256:..., which is what is judged")
    name = file.path.rpartition("/")[2].lower()
    if name.endswith(".json"):
        yield from _of_json(data, file)
    elif name.endswith((".yaml", ".yml")) or name == ".snyk":
        yield from _of_yaml(data, file.path)
    elif name.startswith(".trivyignore"):
        yield from trivyignore.read_lines(_text(data, file.path))
    else:
        raise _unknown(file.path)


def _of_json(data: bytes, file: ForeignFile) -> Iterator[Entry]:
    found = read_json(data, file.path)
    if str(found.get("@context", "")).startswith(openvex.CONTEXT):
        return openvex.read(found, path=file.path, product=file.product)
    if found.get("bomFormat") == "CycloneDX":
        return cyclonedx.read(found, path=file.path)
    raise _unknown(file.path)


def _of_yaml(data: bytes, path: str) -> Iterator[Entry]:
    document = read_yaml(data, path)
    name, ignored = path.rpartition("/")[2].lower(), document.data.get("ignore")
    if name.startswith(".trivyignore") or document.data.keys() & trivyignore.CATEGORIES.keys():
        return trivyignore.read_yaml(document)
    if name.startswith(".grype") or isinstance(ignored, list):
        return grype.read_yaml(document)
    if name == ".snyk" or isinstance(ignored, dict):
        return snyk.read_yaml(document)
    raise _unknown(path)


def _text(data: bytes, path: str) -> str:
    try:
        return utf8(data)
    except NotTextError as error:
        raise ConfigError(f"is {error}", where=path, mend="save the file as UTF-8") from error


def _unknown(path: str) -> ConfigError:
    return ConfigError("holds no exceptions that can be read", where=path, mend=f"name one of {KNOWN}")
