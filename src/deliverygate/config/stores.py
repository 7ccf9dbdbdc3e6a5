"""What the policy says of a store of metrics."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from deliverygate.conversions import url_parts
from deliverygate.model import Duration
from deliverygate.syntax import CONTROL, check_fields, is_http_url

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASKED_BY_US = frozenset({"query", "time", "timeout", "start", "end", "step"})


class MetricsStore(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where metrics are kept, and how they are asked for."""

    url: str  #: e.g. "https://prometheus.example", with its path prefix if it has one
    kind: Literal["prometheus"] = "prometheus"  #: or whatever has Prometheus's HTTP API: Thanos, Mimir, VictoriaMetrics
    token_env: str = ""  #: the variable that holds a bearer token
    user: str = ""
    password_env: str = ""  #: the variable that holds the password of ``user``
    tenant: str = ""  #: sent as X-Scope-OrgID
    headers: dict[str, str] = {}
    parameters: dict[str, str] = {}  #: sent with each question, e.g. {dedup: "true"} to Thanos
    ca: str = ""  #: a PEM file in the workspace: the only authorities that are trusted
    timeout: Duration = Duration.default(30)  #: for one question

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_credentials(self)
        check_fields(self.headers)
        if taken := sorted(self.parameters.keys() & _ASKED_BY_US):
            raise ValueError(f"`parameters` may not say {taken[0]!r}, which each question says itself; remove it")
        if not self.timeout:
            raise ValueError("`timeout` of 0s leaves no time; write a span such as 30s")


def _check_credentials(store: MetricsStore) -> None:
    for name in ("token_env", "password_env"):
        written = getattr(store, name)
        if written and not _VARIABLE.fullmatch(written):
            raise ValueError(
                f"`{name}` is the name of a variable, and never the secret itself; write e.g. METRICS_TOKEN"
            )
    if bool(store.user) != bool(store.password_env):
        raise ValueError("`user` and `password_env` belong together; write both")
    if ":" in store.user or CONTROL.search(store.user) or CONTROL.search(store.tenant) or not store.tenant.isascii():
        raise ValueError("`user` and `tenant` hold no control character, and `user` no colon; correct them")
    ways = [store.token_env, store.user, *(name for name in store.headers if name.lower() == "authorization")]
    if sum(map(bool, ways)) > 1:
        raise ValueError("`token_env`, `user` and the header Authorization exclude each other; keep one")
    if store.tenant and any(name.lower() == "x-scope-orgid" for name in store.headers):
        raise ValueError("`tenant` and the header X-Scope-OrgID exclude each other; keep one")


def _check_url(url: str) -> None:
    if "${" in url:  # a variable that is not set: whoever asks this store is told so
        return
    parts = url_parts(url) if is_http_url(url) else None
    if parts is None or parts.query or parts.fragment:
        raise ValueError("`url` is not the http(s) address of a store; write e.g. https://prometheus.example")
    if "@" in parts.netloc:
        raise ValueError("`url` holds a user or a password; write `user`, and name the variable with `password_env`")
