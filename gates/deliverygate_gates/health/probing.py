"""Asking an endpoint, once or until it is healthy, and how its tries are told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from deliverygate.errors import DeliveryGateError, TransportError
from deliverygate.gate import GateContext, Response
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.judging import Claim, judge, wanted_status
from deliverygate_gates.health.settings import Endpoint

LOGGED_TRIES = 8
SHOWN_BODY = 512  #: characters of a bad answer's body; none when the request held credentials
HARMLESS_HEADERS = frozenset({"accept", "accept-language", "cache-control", "content-type", "user-agent"})

#: What says nothing about the service: the fault is with whoever asks, or on the way
CANNOT_TELL = frozenset(
    {"connect_unreachable", "dns_servfail", "dns_timeout", "proxy_auth", "proxy_refused", "tls_client_cert_required"}
)
CANNOT_TELL_STATUSES = frozenset({407, 429})
FAULT_MENDS = {
    "config": "correct `url`, `headers` or `ca`",
    "connect_refused": "nothing listens there: see that the service is up, and that host and port are right",
    "connect_timeout": "see that the service is up, and that no firewall swallows the connection",
    "connect_unreachable": "this machine has no way there: see its network",
    "dns_nxdomain": "correct the name, or wait for its record to spread (`wait`)",
    "dns_servfail": "see the name server of this machine",
    "dns_timeout": "see the name server of this machine",
    "proxy_auth": "give the proxy its password in HTTPS_PROXY, or name the host in NO_PROXY",
    "proxy_refused": "correct HTTPS_PROXY, or name the host in NO_PROXY",
    "read_timeout": "find what the service waits for, or raise `timeout`",
    "redirect_blocked": "name the address that answers itself",
    "redirect_loop": "name the address that answers itself, or raise `redirects`",
    "tls_client_cert_required": "ask an address that wants no client certificate",
    "tls_expired": "renew the certificate",
    "tls_hostname": "use a name that the certificate holds, or issue one for this name",
    "tls_untrusted": "name the authority's PEM file in `ca`, or let the server send the whole chain",
}


@dataclass(frozen=True)
class Try:
    """One request: an answer with its claims, or the fault that came in its place."""

    response: Response | None = None
    claims: tuple[Claim, ...] = ()
    fault: TransportError | None = None

    @property
    def broken(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if not claim.holds)

    @property
    def verdict(self) -> Verdict:
        if self.fault:
            kinds = {"config": Verdict.ERROR, **dict.fromkeys(CANNOT_TELL, Verdict.INCONCLUSIVE)}
            return kinds.get(self.fault.kind, Verdict.FAILED)
        if not self.broken:
            return Verdict.PASSED
        cannot_tell = self.broken[0].name == "status" and self.broken[0].value in CANNOT_TELL_STATUSES
        return Verdict.INCONCLUSIVE if cannot_tell else Verdict.FAILED

    @property
    def mend(self) -> str:
        if self.fault:
            return self.fault.mend or FAULT_MENDS.get(self.fault.kind, "look at the service's log")
        return self.broken[0].mend if self.broken else ""

    def __str__(self) -> str:
        if self.fault:
            return f"{self.fault.what} ({self.fault.kind})"
        if self.broken:
            return "; ".join(str(claim) for claim in self.broken)
        assert self.response is not None  # noqa: S101  no fault and no answer cannot be
        notes = "".join(f", {claim.note}" for claim in self.claims if claim.note)
        return f"status {self.response.status} in {self.response.seconds * 1000:.0f} ms{notes}"


@dataclass
class Tries:
    """All requests to one endpoint; only the last is kept whole, since a long wait may make thousands."""

    since: float  #: clock.monotonic() from which times are told
    count: int = 0
    seconds: float = 0.0  #: since ``since``, at the end of the last one
    last: Try = Try()
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOGGED_TRIES))

    def add(self, one: Try, now: float) -> None:
        self.count += 1
        self.seconds = now - self.since
        self.last = one
        self.log.append(f"try {self.count}, {self.seconds:.1f} s: {one}")


def probe(endpoint: Endpoint, context: GateContext, tries: Tries, *, verify: bool | str, name: str) -> None:
    """Ask until it is healthy, or until there is no further try. Raises DeadlineExceeded and Interrupted."""
    while True:
        tries.add(_ask(endpoint, context, verify), context.clock.monotonic())
        if not _may_try_again(endpoint, tries):
            return
        context.progress(f"{name}: {tries.log[-1]}")
        context.clock.sleep(endpoint.every)


def _ask(endpoint: Endpoint, context: GateContext, verify: bool | str) -> Try:
    headers = dict(endpoint.headers)
    if endpoint.expect.json and "accept" not in {name.lower() for name in headers}:
        headers["Accept"] = "application/json"  # some servers answer in HTML, or always with 200, to anybody else
    try:
        response = context.http.request(
            endpoint.method,
            endpoint.url,
            headers=headers,
            body=None if endpoint.body is None else endpoint.body.encode(),
            timeout_seconds=endpoint.timeout,
            follow_redirects=endpoint.redirects,
            verify=verify,
        )
    except TransportError as error:
        return Try(fault=error)
    return Try(response, judge(endpoint, response))


def _may_try_again(endpoint: Endpoint, tries: Tries) -> bool:
    fault = tries.last.fault
    if tries.last.verdict is Verdict.PASSED or (fault and fault.kind == "config"):
        return False
    if endpoint.wait:
        return tries.seconds + endpoint.every <= endpoint.wait
    return fault is not None and tries.count < endpoint.attempts


def conclude(endpoint: Endpoint, tries: Tries, *, name: str, redact: Callable[[str], str]) -> CheckResult:
    """The check of an endpoint whose tries have come to their end."""
    last = tries.last
    return CheckResult(
        name=name,
        verdict=last.verdict,
        summary=f"{last}{_told(endpoint, tries)}",
        measurements=tuple(_measurements(endpoint, tries)),
        details=_details(endpoint, tries, redact),
        mend=last.mend,
    )


def _measurements(endpoint: Endpoint, tries: Tries) -> Iterator[Measurement]:
    if tries.last.fault:
        yield Measurement(name="status", value=None, wanted=wanted_status(endpoint))
    yield from (claim.measurement for claim in tries.last.claims)
    if endpoint.wait:
        ready = round(tries.seconds, 3) if tries.last.verdict is Verdict.PASSED else None
        yield Measurement(name="time to ready", value=ready, wanted=f"at most {endpoint.wait:g}", unit="s")


def break_off(endpoint: Endpoint, tries: Tries, error: DeliveryGateError, *, name: str) -> CheckResult:
    """The check of an endpoint that the end of the gate's time, or of the run, left undecided."""
    so_far = f"; at last: {tries.last}{_told(endpoint, tries)}" if tries.count else "; it was not asked"
    return CheckResult(
        name=name,
        verdict=Verdict.INCONCLUSIVE,
        summary=f"{error.what}{so_far}",
        mend=error.mend,
    )


def _told(endpoint: Endpoint, tries: Tries) -> str:
    if tries.count == 1:
        return ""
    count = f"{tries.count} tries"
    if tries.last.verdict is not Verdict.PASSED:
        return f" ({count}, {tries.seconds:.1f} s)"
    return f" (ready after {tries.seconds:.1f} s, {count})" if endpoint.wait else f" (flaky: {count})"


def _details(endpoint: Endpoint, tries: Tries, redact: Callable[[str], str]) -> str:
    is_good = tries.last.verdict is Verdict.PASSED
    left_out = (
        [f"... {tries.count - len(tries.log)} earlier tries left out ..."] if tries.count > len(tries.log) else []
    )
    told = [*left_out, *tries.log] if tries.count > 1 else []
    response = tries.last.response
    if not is_good and response and response.body and not _has_credentials(endpoint):
        told += ["body:", redact(response.body[: SHOWN_BODY * 4].decode(errors="replace"))[:SHOWN_BODY]]
    return "\n".join(told)


def _has_credentials(endpoint: Endpoint) -> bool:
    names = {name.lower() for name in endpoint.headers}
    return bool(names - HARMLESS_HEADERS) or "@" in endpoint.url.partition("//")[2].partition("/")[0]
