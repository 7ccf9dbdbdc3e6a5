"""Package URLs, compared as people mean them. https://github.com/package-url/purl-spec"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote


def versionless(package: str) -> str:
    """``pkg:npm/%40scope/name@1.2?arch=x`` or ``name@1.2`` without version, qualifiers and subpath."""
    bare = package.split("#", 1)[0].split("?", 1)[0]
    head, slash, name = bare.rpartition("/")
    return f"{head}{slash}{name[:1]}{name[1:].split('@', 1)[0]}"  # a leading @ is an npm scope, not a version


# Of these, tools write the bare name where they write no package URL; the namespace is only the distribution.
SYSTEM_TYPES = frozenset(("apk", "deb", "rpm", "alpm", "qpkg"))


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
    version = _version(package)
    return path.replace(version, "") if len(version) > 2 and version in path else path


@lru_cache(maxsize=4096)
def _has_digits(path: str) -> bool:
    """Remembered: a report names the same lock file many times."""
    return any(map(str.isdigit, path))


def is_package(wanted: str, package: str) -> bool:
    """Whether ``package`` is what the package URL ``wanted`` names: version and qualifiers count where it has them."""
    if not package.startswith("pkg:") or bare(wanted) != bare(package):
        return False
    version = _version(wanted)
    if version and version != _version(package):
        return False
    return _qualifiers(wanted).items() <= _qualifiers(package).items()


def names(package: str) -> tuple[str, ...]:
    """What ``package``, a package URL or ``name@version``, is called without its version, e.g. ``openssl``."""
    if not package.startswith("pkg:"):
        return (versionless(package),)
    kind, _, full = bare(package).partition("/")
    group, _, name = full.rpartition("/")
    if kind == "maven":
        return full, f"{group}:{name}", name  # Grype calls a jar by its artifact alone
    return (full, name) if group and kind in SYSTEM_TYPES else (full,)


def is_named(wanted: str, package: str) -> bool:
    """Whether ``package`` is called ``wanted``, a name or ``name@version``."""
    name = versionless(wanted)
    return name in names(package) and wanted[len(name) + 1 :] in ("", _version(package))


def bare(purl: str) -> str:
    """Type, namespace and name. The type knows no case; ``%40scope`` and ``@scope`` are the same."""
    kind, _, rest = versionless(purl).removeprefix("pkg:").strip("/").partition("/")
    return f"{kind.lower()}/{unquote(rest)}"


def _version(purl: str) -> str:
    bare = purl.split("#", 1)[0].split("?", 1)[0]
    return unquote(bare[len(versionless(purl)) + 1 :])


def _qualifiers(purl: str) -> Mapping[str, str]:
    written = purl.split("#", 1)[0].partition("?")[2]
    return {
        key.lower(): unquote(value) for key, _, value in (part.partition("=") for part in written.split("&")) if key
    }
