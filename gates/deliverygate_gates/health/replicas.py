"""Every replica behind an endpoint, asked at its own address: a balancer shows one at a time, and none it put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from deliverygate.errors import ConfigError, DeliveryGateError, ReportError, ToolError, TransportError
from deliverygate.gate import GateContext, Pod, Replica
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.claims import Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.placement import Kubernetes
from deliverygate_gates.health.probes.http import HttpProbe
from deliverygate_gates.health.rollout import judge_rollout, own_pods

T = TypeVar("T")

SHOWN = 20  #: replicas that are told
OURS_TO_MEND = frozenset({"http_401", "http_403", "http_404", "config"})
FAULTS = (TransportError, ReportError, ConfigError, ToolError)  #: of whoever asks a cluster


class Asked(msgspec.Struct, frozen=True):
    """One replica, and what became of asking it."""

    replica: Replica
    result: Try


def find_replicas(endpoint: Endpoint, context: GateContext) -> tuple[Replica, ...]:
    """Those that stay, ready or not, one address a pod: IPv4 where it has both. Raises what ``gate.Cluster`` does."""
    rule = demand(endpoint)
    found = context.cluster().endpoints(rule.service, namespace=rule.namespace, port=rule.port)
    chosen: dict[str, Replica] = {}
    for each in found:  # IPv4 first
        if not each.terminating:
            chosen.setdefault(each.pod or each.address, each)
    return tuple(chosen.values())


def demand(endpoint: Endpoint) -> Kubernetes:
    """What the policy says of the replicas."""
    if endpoint.kubernetes is None:
        raise ValueError("the policy says nothing of replicas")
    return endpoint.kubernetes


def origin_of(endpoint: Endpoint, replica: Replica) -> str:
    """Scheme, host and port by which a replica is asked: the host stays the endpoint's."""
    rule, host = demand(endpoint), urlsplit(endpoint.url).hostname or ""
    port = replica.port or (443 if rule.scheme == "https" else 80)
    return f"{rule.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def check_cluster(probe: HttpProbe, *, name: str, until: float) -> Iterator[CheckResult]:
    """The checks of the rollout and of the replicas, as far as the policy wants them."""
    rule = demand(probe.endpoint)
    if rule.workload:
        yield _settled(judge_workload, probe, name=f"{name}: rollout", until=until)
    if rule.service:
        yield _settled(judge_replicas, probe, name=f"{name}: replicas", until=until)


def _settled(judge: Callable[..., CheckResult], probe: HttpProbe, *, name: str, until: float) -> CheckResult:
    """The last verdict: before ``until``, of the gate's clock, what is not as wanted yet is looked at again."""
    clock, began = probe.context.clock, probe.context.clock.monotonic()
    while True:
        try:
            result = judge(probe, name=name)
        except FAULTS as error:
            result = tell_fault(error, name=name)
        if result.verdict in (Verdict.PASSED, Verdict.ERROR) or clock.monotonic() + probe.endpoint.every > until:
            return replace(result, seconds=clock.monotonic() - began)
        probe.context.progress(f"{name}: {result.summary}")
        clock.sleep(probe.endpoint.every)


def tell_fault(error: DeliveryGateError, *, name: str) -> CheckResult:
    """A cluster that could not be asked proves nothing; what is wrong with the question is ours to mend."""
    passes = isinstance(error, TransportError) and error.kind not in OURS_TO_MEND
    return CheckResult(
        name=name,
        verdict=Verdict.INCONCLUSIVE if passes else Verdict.ERROR,
        summary=f"{error.where}: {error.what}" if error.where else error.what,
        mend=error.mend,
    )


def judge_workload(probe: HttpProbe, *, name: str) -> CheckResult:
    """The rollout as it is now."""
    rule, cluster = demand(probe.endpoint), probe.context.cluster()
    kind, called = rule.target
    workload = cluster.workload(kind, called, namespace=rule.namespace)
    pods = own_pods(workload, cluster.pods(workload.selector, namespace=rule.namespace))
    result = judge_rollout(workload, pods, rule, name=name)
    if result.verdict is Verdict.PASSED and rule.service:
        return _demand_behind(result, pods, find_replicas(probe.endpoint, probe.context))
    return result


def _demand_behind(result: CheckResult, pods: Iterable[Pod], replicas: Iterable[Replica]) -> CheckResult:
    """A service that leads past the new pods makes the best rollout worth nothing."""
    behind = {each.pod for each in replicas}
    if not (missing := sorted(each.name for each in pods if not each.terminating and each.name not in behind)):
        return result
    summary = f"the service does not lead to {len(missing)} of its pods: {', '.join(missing[:SHOWN])}"
    return replace(
        result, verdict=Verdict.FAILED, summary=summary, mend="see that the service selects the labels of the pods"
    )


def judge_replicas(probe: HttpProbe, *, name: str) -> CheckResult:
    """Each replica as it is now."""
    replicas = find_replicas(probe.endpoint, probe.context)
    unready = [each for each in replicas if not each.ready]
    asked = ask_each(probe, [each for each in replicas if each.ready], _ask, is_fault=lambda one: bool(one.fault))
    bad = [Asked(replica, one) for replica, one in asked if one.verdict is not Verdict.PASSED]
    verdict, summary, mend = next(_outcomes(len(asked), bad, unready))
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=summary,
        measurements=(
            Measurement(name="ready replicas", value=len(asked), wanted=str(len(asked) + len(unready) or "at least 1")),
            Measurement(name="healthy replicas", value=len(asked) - len(bad), wanted=str(len(asked) or "at least 1")),
        ),
        details="\n".join(_details(bad, unready)),
        mend=mend,
    )


def ask_each(
    probe: HttpProbe,
    replicas: Sequence[Replica],
    ask: Callable[[HttpProbe, Replica], T],
    *,
    is_fault: Callable[[T], bool],
) -> tuple[tuple[Replica, T], ...]:
    """Each with its answer. One that gave none and is not ready any more by now has gone meanwhile, and is left out."""
    asked = [(replica, ask(probe, replica)) for replica in replicas]
    if not any(is_fault(answer) for _, answer in asked):
        return tuple(asked)
    still = {each.address for each in find_replicas(probe.endpoint, probe.context) if each.ready}
    return tuple((replica, answer) for replica, answer in asked if replica.address in still or not is_fault(answer))


def _ask(probe: HttpProbe, replica: Replica) -> Try:
    return probe(origin=origin_of(probe.endpoint, replica), address=replica.address)


def _outcomes(ready: int, bad: Sequence[Asked], unready: Sequence[Replica]) -> Iterator[tuple[Verdict, str, str]]:
    """What was found, the gravest first."""
    for each in sorted(bad, key=lambda one: one.result.verdict, reverse=True)[:1]:
        what = f"{len(bad)} of {ready} replicas do not answer in health; {_name(each.replica)}: {each.result}"
        yield each.result.verdict, what, each.result.mend
    if unready:
        names = ", ".join(map(_name, unready[:SHOWN]))
        what = f"{len(unready)} of {ready + len(unready)} replicas are not ready: {names}"
        yield Verdict.FAILED, what, "look at `kubectl describe` of its pod, or wait for it with `wait`"
    if not ready:
        what = "the service has no replica, so nothing is proven"
        yield Verdict.INCONCLUSIVE, what, "see that its selector fits the labels of the pods"
    yield Verdict.PASSED, f"each of {ready} replicas answers in health", ""


def _details(bad: Sequence[Asked], unready: Sequence[Replica]) -> Iterator[str]:
    yield from (f"{_name(each.replica)}: {each.result}" for each in bad[:SHOWN])
    yield from (f"{_name(each)}: not ready" for each in unready[:SHOWN])


def _name(replica: Replica) -> str:
    return f"{replica.pod} ({replica.address})" if replica.pod else replica.address
