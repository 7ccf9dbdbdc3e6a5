"""Which repository on which server, and with which token: from the environment, else from the checkout's remotes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deliverygate.conversions import url_parts
from deliverygate.errors import ReportError
from deliverygate.platforms.local_git import LocalGit

TOKENS = ("DELIVERYGATE_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
PUBLIC = "github.com"

_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^:]+)")
_ALIASES = {"ssh.github.com": PUBLIC, "www.github.com": PUBLIC}  # ssh over the port of https


def find_token(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The first variable of ``TOKENS`` that is set, and what it holds."""
    return next(((name, environ[name].strip()) for name in TOKENS if environ.get(name, "").strip()), None)


def api_of(environ: Mapping[str, str]) -> str:
    """The address of the API: of GitHub Enterprise Server where the environment names one."""
    if url := environ.get("GITHUB_API_URL"):
        return url
    host = server_of(environ)
    return f"https://api.{PUBLIC}" if host == PUBLIC else f"https://{host}/api/v3"


def server_of(environ: Mapping[str, str]) -> str:
    """The only host that the token is for."""
    server = url_parts(environ.get("GITHUB_SERVER_URL", ""))
    named = (server and server.hostname) or environ.get("GH_HOST")
    return (named or PUBLIC).lower()


def repository_of(git: LocalGit, environ: Mapping[str, str], remote: str = "origin") -> str | None:
    """``owner/name`` of a remote; None when there is no such remote. Raises ReportError for one on another server."""
    address = git.remote(remote)
    if address is None:
        return None
    host, name = split_address(address)
    if host != server_of(environ) or not name:
        raise ReportError(
            f"the remote {remote} is on {host or 'this machine'}, and not on {server_of(environ)}",
            where="git",
            mend="name your server in GH_HOST, or run with `--platform git`",
        )
    return name


def split_address(address: str) -> tuple[str, str | None]:
    """Host and ``owner/name`` of a remote's address: https, ssh, or as scp writes it; None for any other path."""
    if "://" in address:
        parts = url_parts(address)
        host, path = (parts.hostname or "", parts.path) if parts else ("", "")
    elif found := _SCP.fullmatch(address):
        host, path = found["host"], found["path"]
    else:
        host, path = "", address
    name = path.strip("/").removesuffix(".git")
    host = _ALIASES.get(host.lower(), host.lower())
    return host, name if re.fullmatch(r"[\w.-]+/[\w.-]+", name, re.ASCII) else None
