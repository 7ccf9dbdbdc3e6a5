"""What configures a scan of Trivy: files come from the policy's own branch, variables from nowhere.

https://trivy.dev/docs/latest/references/configuration/config-file/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import GateContext
from deliverygate.judging.documents import read_documents

#: Variables of Trivy that reach it: where its caches and databases are, and how it logs in to a registry or a server.
#: docs/gates/trivy.md lists them.
KEPT = frozenset(
    {
        "TRIVY_CACHE_DIR", "TRIVY_CACHE_BACKEND", "TRIVY_CACHE_TTL", "TRIVY_REDIS_TLS", "TRIVY_REDIS_CA",
        "TRIVY_REDIS_CERT", "TRIVY_REDIS_KEY", "TRIVY_DB_REPOSITORY", "TRIVY_JAVA_DB_REPOSITORY",
        "TRIVY_CHECKS_BUNDLE_REPOSITORY", "TRIVY_SKIP_DB_UPDATE", "TRIVY_SKIP_JAVA_DB_UPDATE",
        "TRIVY_SKIP_CHECK_UPDATE", "TRIVY_SKIP_VERSION_CHECK", "TRIVY_DISABLE_TELEMETRY",
        "TRIVY_USERNAME", "TRIVY_PASSWORD",
        "TRIVY_REGISTRY_TOKEN", "TRIVY_AUTH_URL", "TRIVY_INSECURE", "TRIVY_NON_SSL", "TRIVY_CACERT", "TRIVY_TOKEN",
        "TRIVY_TOKEN_HEADER", "TRIVY_CUSTOM_HEADERS", "TRIVY_GITHUB_TOKEN", "TRIVY_DOCKER_HOST", "TRIVY_PODMAN_HOST",
    }
)  # fmt: skip

#: Flags whose value is a file, or several with commas between, that says what counts.
FILE_FLAGS = frozenset(
    {"ignorefile", "ignore-policy", "vex", "config-check", "config-policy", "policy", "config-data", "data",
     "config-file-schemas"}
)  # fmt: skip

#: Keys of trivy.yaml that name such files, whatever they stand below.
FILE_KEYS = frozenset(
    {"ignorefile", "ignore-policy", "vex", "check", "check-paths", "policy", "policy-paths", "data", "data-paths",
     "config-file-schemas"}
)  # fmt: skip

#: Values of `vex` that are no files.
NO_FILES = ("repo", "oci")


def withheld(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that would decide what Trivy finds, whoever has set them."""
    return tuple(name for name in environ if name.startswith("TRIVY_") and name not in KEPT)


def on_disk(path: str, context: GateContext) -> str:
    """Where Trivy finds a file that the policy names. One outside of the checkout is no part of any change.

    Raises ReportError when the policy's branch has none, or it lies in the checkout under a whole path.
    """
    if path in NO_FILES or not path.strip():
        return path
    if not Path(path).is_absolute():
        return context.law.path(path)
    if context.workspace.is_of_checkout(path):
        raise ReportError(
            "lies in the checkout, where a change could edit it", where=path, mend="write it relative to the policy"
        )
    return path


def demand_harmless(file: str, name: str) -> None:
    """Raise ToolError for a trivy.yaml that names further files below the folder that Trivy runs in."""
    for document in read_documents(Path(file).read_bytes(), name):
        for key, value in _named(document.data):
            if not Path(value).is_absolute() and value not in NO_FILES:
                raise ToolError(
                    f"`{key}: {value}` would be read in the checkout, where a change could edit it",
                    where=name,
                    mend="name the file in `arguments:` or `secret_config:`, where it is read as the policy is",
                )


def _named(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Each text under one of the keys."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key in FILE_KEYS or (above, key) == ("secret", "config"):
                texts = child if isinstance(child, list) else [child]
                yield from ((str(key), each) for each in texts if isinstance(each, str) and each)
            yield from _named(child, str(key))
    elif isinstance(value, list):
        for child in value:
            yield from _named(child)
