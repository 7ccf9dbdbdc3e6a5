"""Which variables of the environment hold secrets by what the policy uses them for: their names need not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from deliverygate.config.document import Document, Path
from deliverygate.config.shape import PolicyFile

#: keys below which stands what lets somebody in, as `headers: {Cookie: "sid=${SID}"}` has it
CREDENTIALS = frozenset({"headers", "metadata"})
#: of those, what lets nobody in
HARMLESS = frozenset({"accept", "accept-language", "cache-control", "content-type", "host", "pragma", "user-agent"})

_SECRET_KEY = re.compile(r"token|secret|passw|passphrase|credential|api_?key|private_?key", re.IGNORECASE)
_NAME = r"\$\{([A-Za-z_][A-Za-z0-9_]*)[^}]*\}"
_USERINFO = re.compile(r"://([^/?#\s]*)@")
_PARAMETER = re.compile(
    r"[?&][^=&#\s]*(?:auth|cred|jwt|key|pass|pwd|secret|session|sig|token)[^=&#\s]*=([^&#\s]*)", re.IGNORECASE
)


def secret_variables(document: Document, file: PolicyFile) -> frozenset[str]:
    """The names of those that the policy lists, and of those that it sends as credentials."""
    of_stores = {name for store in file.metrics.values() for name in (store.token_env, store.password_env) if name}
    return frozenset({*file.secrets, *of_stores, *_sent(document)})


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
