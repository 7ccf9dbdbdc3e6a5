"""Package URLs, compared as their types say and as people mean them. https://github.com/package-url/purl-spec"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

# Of these, tools write the bare name where they write no package URL; the namespace is only the distribution.
SYSTEM_TYPES = frozenset(("apk", "deb", "rpm", "alpm", "qpkg"))

# Whose names have no case, by purl-spec's definitions of types. Two are taken further, since nothing else could be
# meant: nuget.org knows no case, and Trivy writes the modules of Go in small letters.
_FOLDED_NAMES = frozenset(
    (
        "alpm", "apk", "bitbucket", "bitnami", "brew", "chrome-extension", "composer", "deb", "github", "gitlab",
        "golang", "hex", "luarocks", "nuget", "oci", "otp", "pub", "pypi", "vscode-extension",
    )
)  # fmt: skip
_FOLDED_NAMESPACES = _FOLDED_NAMES | {"cpan", "qpkg", "rpm", "yocto"}
_FOLDED_VERSIONS = frozenset(("huggingface", "oci", "pypi", "vscode-extension"))

_NAME_RULES: Mapping[str, Callable[[str], str]] = {
    "pypi": lambda name: re.sub(r"[-_.]+", "-", name),  # PEP 503, by which the index itself compares
    "hackage": lambda name: name.replace("_", "-"),
    "pub": lambda name: re.sub(r"[^a-z0-9]", "_", name),
}


@dataclass(frozen=True, slots=True)
class PackageUrl:
    """The parts of a package URL, decoded, and in the one spelling that its type has for them."""

    type: str
    namespace: str
    name: str
    version: str  #: "" for every version
    qualifiers: frozenset[tuple[str, str]]
    subpath: str

    @property
    def bare(self) -> str:
        """Without version, qualifiers and subpath, e.g. ``npm/@scope/name``."""
        return "/".join(filter(None, (self.type, self.namespace, self.name)))


@lru_cache(maxsize=16_384)
def read(text: str) -> PackageUrl | None:
    """The parts of a package URL; None for anything else. Remembered: a report names the same package many times."""
    scheme, _, rest = text.strip().partition(":")
    if scheme.lower() != "pkg":
        return None
    rest, qualifiers, subpath = _tail(rest)
    rest, version = _split_version(rest.strip("/"))
    kind, _, path = rest.partition("/")
    kind, names = kind.lower(), [part for part in path.split("/") if part]
    if not names or not re.fullmatch(r"[a-z][a-z0-9.+-]*", kind):
        return None
    *namespace, name = map(unquote, names)
    return PackageUrl(
        type=kind,
        namespace=_folded("/".join(namespace), kind in _FOLDED_NAMESPACES),
        name=_name(name, kind, qualifiers),
        version=_read_version(unquote(version), kind),
        qualifiers=frozenset(qualifiers.items()),
        subpath="/".join(part for part in map(unquote, subpath.split("/")) if part not in ("", ".", "..")),
    )


def _tail(text: str) -> tuple[str, dict[str, str], str]:
    """What stands before the qualifiers, the qualifiers, the subpath. A qualifier without a value is none."""
    rest, _, subpath = text.partition("#")
    rest, _, written = rest.partition("?")
    pairs = (part.partition("=") for part in written.split("&"))
    return rest, {key.strip().lower(): unquote(value) for key, _, value in pairs if key.strip() and value}, subpath


def _split_version(text: str) -> tuple[str, str]:
    """At the last ``@``, unless that one begins a part of the name, as the scope of ``npm/@scope/name``."""
    head, at, version = text.rpartition("@")
    return (head, version) if at and head and not head.endswith("/") else (text, "")


def _name(name: str, kind: str, qualifiers: Mapping[str, str]) -> str:
    if kind == "mlflow":  # Databricks' names have no case, those of Azure ML have
        return _folded(name, "databricks" in qualifiers.get("repository_url", "").lower())
    folded = _folded(name, kind in _FOLDED_NAMES)
    return _NAME_RULES[kind](folded) if kind in _NAME_RULES else folded


def _read_version(version: str, kind: str) -> str:
    """The version of a Go module begins with a v, which some tools leave out."""
    if kind == "golang":
        return re.sub(r"^v(?=\d)", "", version)
    return _folded(version, kind in _FOLDED_VERSIONS)


def _folded(text: str, without_case: bool) -> str:
    return text.lower() if without_case else text


def covers(statement: str, package: str) -> bool:
    """Whether what is said of ``statement`` holds for ``package``: it names that, or something more general.

    A statement without a version is about every version; one with a version is about no other, and not about a package
    whose version nobody told. All of its qualifiers, and its subpath, have to be those of the package.
    """
    said, found = read(statement), read(package)
    if said is None or found is None or said.bare != found.bare:
        return False
    if said.version not in ("", found.version):
        return False
    return said.qualifiers <= found.qualifiers and said.subpath in ("", found.subpath)


def overlap(one: str, other: str) -> bool:
    """Whether any package can be meant by both: nothing that both of them tell differs."""
    first, second = read(one), read(other)
    if first is None or second is None or first.bare != second.bare:
        return False
    if first.version and second.version and first.version != second.version:
        return False
    known, told = dict(first.qualifiers), dict(second.qualifiers)
    return all(known[key] == told[key] for key in known.keys() & told.keys())


def bare(purl: str) -> str:
    """Type, namespace and name in one spelling; "" for what is no package URL."""
    found = read(purl)
    return found.bare if found else ""


def with_version(purl: str, version: str) -> str:
    """The package URL with a version, where it names none itself."""
    found = read(purl)
    if found is None or found.version or not version:
        return purl
    head = re.split(r"[?#]", purl, maxsplit=1)[0]
    return f"{head}@{quote(version, safe=':+~')}{purl[len(head) :]}"


def versionless(package: str) -> str:
    """``pkg:npm/%40scope/name@1.2?arch=x`` or ``name@1.2`` without version, qualifiers and subpath."""
    bare = package.split("#", 1)[0].split("?", 1)[0]
    head, slash, name = bare.rpartition("/")
    return f"{head}{slash}{name[:1]}{name[1:].split('@', 1)[0]}"  # a leading @ is an npm scope, not a version


def common_name(package: str) -> str:
    """What all forms of a report call the package, whether they write a package URL or a name: for comparing only.

    ``pkg:apk/alpine/libssl1.1@1.1.1c-r0?arch=x86_64`` is ``libssl1.1``, ``pkg:maven/org.acme/a@1`` is ``org.acme:a``.
    Names are compared as PyPI does, without regard to case and to ``_`` against ``-``.
    """
    return _common_name(versionless(package))


@lru_cache(maxsize=16_384)
def _common_name(package: str) -> str:
    """Remembered: a report names the same package many times."""
    if package.startswith("pkg:"):
        kind, _, package = package[4:].strip("/").partition("/")
        if kind.lower() in SYSTEM_TYPES:
            package = package.rpartition("/")[2]
        elif kind.lower() == "maven":
            package = package.replace("/", ":")
        package = unquote(package)
    return package.lower().replace("_", "-")


def without_version(path: str, package: str) -> str:
    """The path of a package without the package's version in it; too short a version says nothing."""
    if not _has_digits(path):
        return path
    version = _written_version(package)
    return path.replace(version, "") if len(version) > 2 and version in path else path


@lru_cache(maxsize=4096)
def _has_digits(path: str) -> bool:
    """Remembered: a report names the same lock file many times."""
    return any(map(str.isdigit, path))


def _written_version(purl: str) -> str:
    bare = purl.split("#", 1)[0].split("?", 1)[0]
    return unquote(bare[len(versionless(purl)) + 1 :])


def name_key(name: str) -> str:
    """What every spelling of a name has in common, e.g. of ``PyJWT@2`` and ``pyjwt``; different ones may share it."""
    return re.sub(r"[-_.]+", "-", versionless(name).lower())


def name_keys(package: str) -> tuple[str, ...]:
    """The keys of all names that a package goes by."""
    return tuple(dict.fromkeys(map(name_key, _names(package))))


def _names(package: str) -> tuple[str, ...]:
    """What ``package``, a package URL or ``name@version``, is called without its version, e.g. ``openssl``."""
    found = read(package)
    if found is None:
        return (versionless(package),)
    full = "/".join(filter(None, (found.namespace, found.name)))
    if found.type == "maven":
        return full, f"{found.namespace}:{found.name}", found.name  # Grype calls a jar by its artifact alone
    return (full, found.name) if found.namespace and found.type in SYSTEM_TYPES else (full,)


def is_named(wanted: str, package: str) -> bool:
    """Whether ``package`` is called ``wanted``, a name or ``name@version``, in any spelling that its type allows."""
    name = versionless(wanted)
    version = wanted[len(name) + 1 :]
    found = read(package)
    if found is None:
        return name == versionless(package) and version in ("", _written_version(package))
    return _spelled(name, found) in _names(package) and _read_version(version, found.type) in ("", found.version)


def _spelled(name: str, package: PackageUrl) -> str:
    """A name as the type of ``package`` spells it."""
    head, slash, last = name.rpartition("/")
    head = _folded(head, package.type in _FOLDED_NAMESPACES)
    return f"{head}{slash}{_name(last, package.type, dict(package.qualifiers))}"
