"""Kubeconfig files to the way to a cluster, read by the official client, with three of its habits left out.

It would start credential programs without a deadline and pass over their faults; it would renew OpenID tokens over
connections that it does not verify; and its messages show the whole entry of a user. So programs are started here, as
every program is, providers that Kubernetes itself gave up are refused, and its messages are not shown.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deliverygate.cluster.access import Access
from deliverygate.cluster.programs import Credentials, Program
from deliverygate.config.cluster import ClusterSettings
from deliverygate.conversions import to_record
from deliverygate.errors import ConfigError

HandOut = Callable[[Program, Mapping[str, object], Path], Credentials]

MEND = "correct the kubeconfig: `kubectl config view` shows it"


def read_kubeconfig(files: tuple[Path, ...], settings: ClusterSettings, *, hand_out: HandOut) -> Access:
    """The way that the files tell together. Raises ConfigError, and what ``hand_out`` raises."""
    from kubernetes.config import ConfigException
    from kubernetes.config import kube_config as untyped

    kube_config: Any = untyped
    where = str(files[0])
    try:
        merger = kube_config.KubeConfigMerger(":".join(map(str, files)))
        merged = merger.config
        chosen = settings.context or _current(merger)
        context = _entry(merged, "contexts", chosen, where)["context"]
        cluster = _entry(merged, "clusters", context.safe_get("cluster"), where)["cluster"]
        expires = _settle_user(merged, context.safe_get("user"), cluster.value, where, hand_out)
        way = _load(merged, chosen)
    except ConfigException as error:
        missing = str(error).startswith("File does not exist: ")
        what = (
            f"{str(error)[21:][:300]}, which it names, is not there" if missing else "lacks what every kubeconfig has"
        )
        raise ConfigError(what, where=where, mend=MEND) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, kube_config.yaml.YAMLError) as error:
        # The text of such a fault may be a piece of the file.
        raise ConfigError(f"is no kubeconfig ({type(error).__name__})", where=where, mend=MEND) from None
    # Asked of the file: versions of the client differ in what they make of a server or a proxy that it does not know.
    if not str(cluster.safe_get("server")).startswith(("https://", "http://")):
        raise ConfigError("has a `server` that is no http(s) address", where=where, mend=MEND)
    if cluster.safe_get("proxy-url"):
        raise ConfigError("names a `proxy-url`, which is not used here", where=where, mend="set HTTPS_PROXY")
    return Access(
        server=way.host,
        namespace=settings.namespace or str(context.safe_get("namespace") or "default"),
        authorities=way.ssl_ca_cert or "",
        verify=bool(way.verify_ssl),
        server_name=getattr(way, "tls_server_name", None) or "",
        # The key's name changed with version 35 of the client.
        authorization=way.api_key.get("BearerToken") or way.api_key.get("authorization") or "",
        certificate=(way.cert_file, way.key_file) if way.cert_file and way.key_file else None,
        expires=expires,
    )


def _current(merger: Any) -> str:
    """That of the first file that has one, as kubectl takes it; the client takes the last."""
    found = (merger.config_files[path].get("current-context") for path in merger.paths)
    return next(filter(None, found), "")


def _entry(merged: Any, section: str, name: object, where: str) -> Any:
    nodes = merged.safe_get(section) or []
    known = [str(each.value["name"]) for each in nodes]
    if name not in known:
        what = f"has no {section[:-1]} {name!r}" if name else f"says no {section[:-1]}"
        mend = f"use one of {', '.join(known[:20])}" if known else MEND
        raise ConfigError(what, where=where, mend=mend)
    return next(each for each in nodes if each.value["name"] == name)


def _settle_user(merged: Any, name: object, cluster: Mapping[str, object], where: str, hand_out: HandOut) -> Any:
    """Put the credentials of a program where the client looks for them; when they end, where that is told."""
    if not name:
        return None
    entry = _entry(merged, "users", name, where)
    user = entry.value.get("user") or {}
    if "auth-provider" in user:
        what = "has an `auth-provider`, which Kubernetes itself gave up in version 1.26"
        raise ConfigError(what, where=where, mend="let `exec` name a credential program")
    if not user.get("exec"):
        return None
    given = hand_out(
        to_record(user["exec"], Program), cluster, Path(entry.path).parent if entry.path else Path(where).parent
    )
    entry.value["user"] = {name: value for name, value in _as_user(given).items() if value}
    return given.expires


def _as_user(given: Credentials) -> dict[str, str]:
    return {
        "token": given.token,
        "client-certificate-data": b64encode(given.certificate.encode()).decode(),
        "client-key-data": b64encode(given.key.encode()).decode(),
    }


def _load(merged: Any, context: str) -> Any:
    from kubernetes.client import Configuration
    from kubernetes.config import kube_config as untyped

    kube_config: Any = untyped
    way = Configuration()
    way.proxy = None  # which the client takes from the environment; so does whoever asks
    kube_config.load_kube_config_from_dict(merged, context=context, client_configuration=way, persist_config=False)
    return way
