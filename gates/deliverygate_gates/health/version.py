"""Which version answers: at every address of the name, and by enough connections to meet every replica behind them.

A healthy answer of the old version is the classic false green of a deployment. Four outcomes are told apart: all as
wanted, all something else (mismatch), some of each (mixed), and not to be told (unknown), as of a cache's answer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from deliverygate.errors import TransportError
from deliverygate.gate import Replica, Response
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.claims import FAULT_MENDS, LOOK_AT_LOG, verdict_of_fault
from deliverygate_gates.health.probes.http import HttpProbe
from deliverygate_gates.health.proofs import Version
from deliverygate_gates.health.readings import is_same, read_version, which_cache
from deliverygate_gates.health.replicas import FAULTS, ask_each, find_replicas, origin_of, tell_fault
from deliverygate_gates.health.urls import bare

PAST_CACHES = {"Cache-Control": "no-cache", "Pragma": "no-cache"}
SHOWN = 20  #: versions, and addresses, that are told
LOOKUP_SECONDS = 5.0

WAIT_FOR_ROLLOUT = "see that the rollout came to its end, and wait for it with `wait`"
SEE_ROLLOUT = "see that the rollout began, and that this address leads to it"


class Reading(msgspec.Struct, frozen=True):
    """What one answer told."""

    address: str  #: that was asked; "" when it is not known
    version: str | None = None  #: None: it told none
    fault: TransportError | None = None  #: no answer came
    why: str = ""  #: why there is no version, e.g. "status 404"
    cache: str = ""  #: how it gave itself away as a cache's answer
    responder: str = ""  #: the replica that answered, where it says so


def connections_needed(replicas: int, confidence: float) -> int:
    """How many connections, each to a replica by chance, meet each of them at least once with this confidence.

    The chance to miss one certain replica is (1 - 1/replicas)^n, so that of missing any is at most ``replicas`` times
    that.
    """
    if replicas == 1:
        return 1
    return math.ceil(math.log((1 - confidence) / replicas) / math.log(1 - 1 / replicas))


def check_version(probe: HttpProbe, *, name: str, until: float) -> CheckResult:
    """The check of the version; before ``until``, of the gate's clock, what is not as wanted yet is asked again."""
    rule, clock = probe.endpoint.version, probe.context.clock
    assert rule is not None  # noqa: S101  who calls this has looked
    began = clock.monotonic()
    while True:
        try:
            result = judge_readings(read_all(probe, rule), rule, name=name)
        except FAULTS as error:
            result = tell_fault(error, name=name)
        if result.verdict in (Verdict.PASSED, Verdict.ERROR) or clock.monotonic() + probe.endpoint.every > until:
            break
        probe.context.progress(f"{name}: {result.summary}")
        clock.sleep(probe.endpoint.every)
    return replace(result, seconds=clock.monotonic() - began)


def read_all(probe: HttpProbe, rule: Version) -> tuple[Reading, ...]:
    """Ask each address in turn, as often as the number of replicas demands, and each replica that is known.

    Raises what ``gate.Cluster`` does.
    """
    return (*_read_in_front(probe, rule), *_read_behind(probe, rule))


def _read_behind(probe: HttpProbe, rule: Version) -> Iterator[Reading]:
    """Each ready replica at its own address."""
    if not probe.endpoint.kubernetes or not probe.endpoint.kubernetes.service:
        return
    ready = [each for each in find_replicas(probe.endpoint, probe.context) if each.ready]

    def ask(probe: HttpProbe, replica: Replica) -> Reading:
        return _read(probe, rule, replica.address, origin=origin_of(probe.endpoint, replica))

    yield from (reading for _, reading in ask_each(probe, ready, ask, is_fault=lambda one: bool(one.fault)))


def _read_in_front(probe: HttpProbe, rule: Version) -> tuple[Reading, ...]:
    host = urlsplit(probe.endpoint.url).hostname or ""
    addresses: Sequence[str | None] = (None,)
    if rule.addresses == "all":
        try:
            left = min(LOOKUP_SECONDS, probe.endpoint.timeout, probe.context.clock.remaining())
            addresses = probe.context.network.resolve(host, timeout_seconds=left)
        except TransportError as error:
            return (Reading("", fault=error),)
    count = max(len(addresses), connections_needed(rule.replicas, rule.confidence / 100))
    return tuple(_read(probe, rule, addresses[turn % len(addresses)]) for turn in range(count))


def _read(probe: HttpProbe, rule: Version, address: str | None, *, origin: str = "") -> Reading:
    try:
        response = probe.request(path=rule.path, origin=origin, address=address, headers=PAST_CACHES)
    except TransportError as error:
        probe.context.clock.remaining()  # raises where it was our time that was over, and no fault of the service
        return Reading(address or "", fault=error)
    why = _why_not(response)
    version = None if why else read_version(rule, response)
    return Reading(
        address=address or response.address,
        version=version,
        why="" if version else why or "the answer tells none",
        cache=which_cache(response),
        responder=response.headers.get(rule.responder.lower(), "") if rule.responder else "",
    )


def _why_not(response: Response) -> str:
    """Why an answer does not speak for who was asked."""
    if response.status >= 300:
        return f"status {response.status}"
    if response.hops:
        return f"redirected to {bare(response.url)}"
    return ""


def judge_readings(readings: Sequence[Reading], rule: Version, *, name: str) -> CheckResult:
    """The verdict on all that was read; a proven wrong version outweighs what cannot be told."""
    verdict, summary, mend = next(_outcomes(readings, rule))
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=summary,
        measurements=tuple(_measurements(readings, rule)),
        details="\n".join(_details(readings)),
        mend=mend,
    )


def _outcomes(readings: Sequence[Reading], rule: Version) -> Iterator[tuple[Verdict, str, str]]:
    """What was found, the gravest first."""
    told = [each for each in readings if each.version]
    wrong = [each for each in told if not is_same(str(each.version), rule.expect)]
    right = [each for each in told if each not in wrong]
    if wrong and right:
        found = _versions(told)
        yield Verdict.FAILED, f"mixed: {found}, wanted {rule.expect} everywhere (version_mixed)", WAIT_FOR_ROLLOUT
    if wrong:
        kept = "; a cache answered" if all(each.cache for each in wrong) else ""
        mend = "empty the cache, or ask the service behind it" if kept else SEE_ROLLOUT
        yield Verdict.FAILED, f"{_versions(wrong)}, wanted {rule.expect}{kept} (version_mismatch)", mend
    yield from _untold(readings, right)
    yield from _unmet(readings, rule)
    yield Verdict.PASSED, f"{rule.expect} {_where(readings, rule)}", ""


def _untold(readings: Sequence[Reading], right: Sequence[Reading]) -> Iterator[tuple[Verdict, str, str]]:
    faulty = [each.fault for each in readings if each.fault]
    for fault in sorted(faulty, key=lambda each: verdict_of_fault(each.kind), reverse=True)[:1]:
        at = next(each.address for each in readings if each.fault is fault)
        told = f"{len(right)} of {len(readings)} answers tell the version; {at or 'no address'}: {fault.what}"
        mend = fault.mend or FAULT_MENDS.get(fault.kind, LOOK_AT_LOG)
        yield verdict_of_fault(fault.kind), f"{told} ({fault.kind})", mend
    if untold := [each for each in readings if not each.version and not each.fault]:
        what = f"unknown: {len(untold)} of {len(readings)} answers tell no version, {untold[0].why} (version_unknown)"
        yield Verdict.INCONCLUSIVE, what, "correct where `version` reads it, or let the service tell it"
    if kept := [each for each in right if each.cache]:
        what = (
            f"unknown: {len(kept)} of {len(readings)} answers came from a cache ({kept[0].cache}), not from the service"
        )
        mend = "ask an address behind the cache, or a path that it does not keep (`path`)"
        yield Verdict.INCONCLUSIVE, f"{what} (version_unknown)", mend


def _unmet(readings: Sequence[Reading], rule: Version) -> Iterator[tuple[Verdict, str, str]]:
    if not rule.responder:
        return
    met = len({each.responder for each in readings if each.responder})
    if met < rule.replicas:
        what = f"{met} of {rule.replicas} replicas were met in {len(readings)} answers, by {rule.responder}"
        yield Verdict.INCONCLUSIVE, what, "see how many are ready, and whether the balancer keeps to one of them"


def _where(readings: Sequence[Reading], rule: Version) -> str:
    addresses = list(dict.fromkeys(each.address for each in readings if each.address))
    at = f"at {', '.join(addresses[:SHOWN])}" if addresses else "in every answer"
    if rule.replicas == 1:
        return at
    return (
        f"in all {len(readings)} answers, which meet each of {rule.replicas} replicas with {rule.confidence:g} %, {at}"
    )


def _versions(readings: Sequence[Reading]) -> str:
    found = Counter(str(each.version) for each in readings).most_common(SHOWN)
    return ", ".join(f"{version} ({number} of {len(readings)})" for version, number in found)


def _measurements(readings: Sequence[Reading], rule: Version) -> Iterator[Measurement]:
    """One an address; of several that one address told, all."""
    told: dict[str, dict[str, None]] = {}
    for each in readings:
        told.setdefault(each.address, {}).update({each.version: None} if each.version else {})
    for address, versions in list(told.items())[:SHOWN]:
        name = f"version at {address}" if address else "version"
        yield Measurement(name=name, value=", ".join(list(versions)[:SHOWN]) or None, wanted=rule.expect)


def _details(readings: Sequence[Reading]) -> Iterator[str]:
    for each in readings[:SHOWN]:
        what = each.version or (f"{each.fault.what} ({each.fault.kind})" if each.fault else each.why)
        beside = ", ".join(filter(None, (each.responder, each.cache and f"from a cache ({each.cache})")))
        yield f"{each.address or 'answer'}: {what}" + (f", {beside}" if beside else "")
    if len(readings) > SHOWN:
        yield f"... {len(readings) - SHOWN} more ..."
