"""Secrets: which variables of the environment hold them, or name the file that does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from deliverygate.redaction.parts import SHORTEST, URL_PASSWORD

LARGEST_FILE = 64 << 10  #: bytes of a file with a secret

_SECRET_WORDS = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY"
    r"|(?:PRIVATE|ACCESS|SIGNING|ENCRYPTION|DEPLOY|SSH|MASTER|LICENSE)_KEY"
    r"|(?:^|_)(?:AUTH|AUTHORIZATION|BEARER|COOKIE|DSN|JWT|PASS|PAT|PIN|PWD)(?:_|$)"
)
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
_PLAIN_WORDS = frozenset({"bearer", "disabled", "enabled", "optional", "required"})


def find_secrets(environ: Mapping[str, str]) -> frozenset[str]:
    """The values of variables whose names promise a secret, and the passwords in any URL.

    A value that names an existing file is no secret (GitLab's file variables, ``SSH_AUTH_SOCK``); what that file
    holds is one. Values below six characters are left alone.
    """
    told = [(name, value) for name, value in environ.items() if _is_telling(name)]
    found = {value for _, value in told if value.lower() not in _PLAIN_WORDS and not _is_file(value)}
    found.update(content for _, value in told if (content := _content(value)))
    for value in environ.values():
        found.update(URL_PASSWORD.findall(value))
    return _long_enough(found)


def secret_values(environ: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """The values of variables that are known to hold secrets, whatever their names are."""
    return _long_enough(environ[name] for name in names if name in environ)


def _long_enough(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if len(value.strip()) >= SHORTEST)


def _is_telling(name: str) -> bool:
    return name not in _NO_SECRETS and _SECRET_WORDS.search(re.sub(r"\W", "_", name.upper())) is not None


def _content(value: str) -> str:
    """What stands in the file that a variable names; "" where it names none, or one too big for a secret."""
    try:
        path = Path(value).expanduser()
        if not _is_file(value) or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return ""
        return path.read_text(errors="surrogateescape")
    except (OSError, RuntimeError, ValueError):
        return ""


def _is_file(value: str) -> bool:
    try:
        return value.startswith(("/", "./", "../", "~")) and Path(value).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # too long for a path, no home, a NUL
        return False
