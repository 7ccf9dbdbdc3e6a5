"""What is secret by what the policy uses it for: variables whose names need not tell, and values that it spells out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from deliverygate.config.document import Document, Path, flatten
from deliverygate.config.shape import PolicyFile

#: keys below which stands what lets somebody in, as `headers: {Cookie: "sid=${SID}"}` has it
CREDENTIALS = frozenset({"headers", "metadata"})
#: of those, what lets nobody in
HARMLESS = frozenset({"accept", "accept-language", "cache-control", "content-type", "host", "pragma", "user-agent"})

_SECRET_KEY = re.compile(r"token|secret|passw|passphrase|credential|api_?key|private_?key", re.IGNORECASE)
#: further keys below those, whose values let somebody in
_CREDENTIAL_HEADER = re.compile(r"authorization|cookie|(?:^|-)auth(?:-|$)|(?:^|-)key$", re.IGNORECASE)
_VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_SHORTEST_WRITTEN = 8  # of a value in the file itself: shorter ones are words
_HARMLESS_NAMES = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"})
_NAME = r"\$\{([A-Za-z_][A-Za-z0-9_]*)[^}]*\}"
_USERINFO = re.compile(r"://([^/?#\s]*)@")
_PARAMETER = re.compile(
    r"[?&][^=&#\s]*(?:auth|cred|jwt|key|pass|pwd|secret|session|sig|token)[^=&#\s]*=([^&#\s]*)", re.IGNORECASE
)


def secret_variables(document: Document, file: PolicyFile) -> frozenset[str]:
    """The names of those that the policy lists, and of those that it sends as credentials."""
    of_stores = {name for store in file.metrics.values() for name in (store.token_env, store.password_env) if name}
    return frozenset({*file.secrets, *of_stores, *_sent(document)})


def values_met(document: Document, environ: Mapping[str, str], overrides: Iterable[str] = ()) -> Iterator[str]:
    """What must not be shown of a policy, before it is known whether that is right: a fault quotes what is wrong."""
    listed = document.data.get("secrets") if isinstance(document.data, dict) else None
    words = [str(word) for word in listed] if isinstance(listed, list) else []
    names = {*words, *_sent(document)}
    for path, value in flatten(document.data):
        if not isinstance(value, str):
            continue
        if path and str(path[-1]).endswith("_env"):
            names.add(value)
        elif len(value) >= _SHORTEST_WRITTEN and _lets_in(path) and not _VARIABLE_NAME.fullmatch(value):
            yield value
    yield from (word for word in words if not _VARIABLE_NAME.fullmatch(word))
    yield from (environ[name] for name in names if name in environ)
    for key, _, value in (text.partition("=") for text in overrides):
        if len(value) >= _SHORTEST_WRITTEN and _lets_in(tuple(key.split("."))) and not key.endswith("_env"):
            yield value


def values_mentioned(text: bytes, environ: Mapping[str, str]) -> Iterator[str]:
    """Of a file that is no YAML nobody knows what it declares: any variable that it speaks of may be secret."""
    spoken = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text.decode(errors="replace")))
    yield from (environ[name] for name in sorted(spoken & environ.keys() - _HARMLESS_NAMES))


def _lets_in(path: Path) -> bool:
    if not path:
        return False
    if _SECRET_KEY.search(str(path[-1])):
        return True
    return any(outer in CREDENTIALS and _CREDENTIAL_HEADER.search(str(inner)) for outer, inner in pairwise(path))


def _sent(document: Document) -> Iterator[str]:
    for path, text in document.unfilled.items():
        if _is_credential(path):
            yield from document.variables[path]
        for part in (*_USERINFO.findall(text), *_PARAMETER.findall(text)):
            yield from re.findall(_NAME, part)


def _is_credential(path: Path) -> bool:
    """Whether a value is sent to let somebody in, or is called like what does."""
    if _SECRET_KEY.search(str(path[-1])):
        return True
    return any(outer in CREDENTIALS and str(inner).lower() not in HARMLESS for outer, inner in pairwise(path))
