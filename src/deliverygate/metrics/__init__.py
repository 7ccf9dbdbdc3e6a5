"""Stores of metrics: the policy's description of one becomes a door to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deliverygate.config.stores import MetricsStore
from deliverygate.errors import ConfigError
from deliverygate.gate import Clock, Http, Metrics

__all__ = ["Stores"]


class Stores:
    """The stores of a policy, each opened when it is asked for."""

    def __init__(
        self,
        stores: Mapping[str, MetricsStore],
        *,
        http: Http,
        clock: Clock,
        environ: Mapping[str, str],
        resolve: Callable[[str], object],
        unset: Mapping[str, ConfigError] | None = None,
    ) -> None:
        self._stores = stores
        self._http = http
        self._clock = clock
        self._environ = environ
        self._resolve = resolve
        self._unset = unset or {}

    def __call__(self, name: str) -> Metrics:
        """The store of this name; "" is the only one. Raises ConfigError for any other."""
        from deliverygate.metrics.prometheus import Prometheus

        name = name or self._only()
        if name not in self._stores:
            raise ConfigError(f"no store of metrics is called {name!r}", mend=_known(self._stores))
        if name in self._unset:
            raise self._unset[name]
        store = self._stores[name]
        authorities = str(self._resolve(store.ca)) if store.ca else None
        return Prometheus(store, http=self._http, clock=self._clock, environ=self._environ, authorities=authorities)

    def _only(self) -> str:
        if len(self._stores) == 1:
            return next(iter(self._stores))
        what = (
            "several stores of metrics are known, and none is named" if self._stores else "no store of metrics is known"
        )
        raise ConfigError(what, mend=_known(self._stores))


def _known(stores: Mapping[str, MetricsStore]) -> str:
    if not stores:
        return "name one under `metrics:` in the policy"
    return f"use one of {', '.join(sorted(stores))}, or add it under `metrics:` in the policy"
