"""Asking until it is healthy, then for as long as it must stay so. Three different things, kept apart:

``wait`` is for what is expected, a service that starts; ``attempts`` for an unreliable way to it; ``soak`` for one that
falls over after a while. To ask until a wrong answer becomes a right one would hide the fault, and is not offered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from deliverygate.gate import GateContext
from deliverygate.model import Verdict
from deliverygate_gates.health.claims import Claim, Try, verdict_of
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.probes import Probe

LOGGED_TRIES = 8


class Tries(msgspec.Struct):
    """All requests to one endpoint; only the last is kept whole, since a long wait may make thousands."""

    since: float  #: clock.monotonic() from which times are told
    begun: bool = False  #: whether anything was asked, if only half
    count: int = 0
    faults: int = 0  #: tries that brought no answer
    row: int = 0  #: good answers in a row, up to the last try
    seconds: float = 0.0  #: since ``since``, at the end of the last one
    ready_seconds: float | None = None  #: when it had become healthy
    soaked_seconds: float = 0.0  #: for how long it then stayed so
    last: Try = msgspec.field(default_factory=Try)
    more: tuple[Claim, ...] = ()  #: claims beside those of the last try
    log: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=LOGGED_TRIES))

    def add(self, one: Try, now: float) -> None:
        self.count += 1
        self.faults += one.fault is not None
        self.row = self.row + 1 if one.verdict is Verdict.PASSED else 0
        self.seconds = now - self.since
        self.last = one
        self.log.append(f"try {self.count}, {self.seconds:.1f} s: {one}")

    @property
    def verdict(self) -> Verdict:
        return Verdict.worst((self.last.verdict, verdict_of(self.more)))

    @property
    def is_flaky(self) -> bool:
        """Whether all is well, and was not at the first try."""
        return self.verdict is Verdict.PASSED and self.faults > 0


class Asking:
    """One endpoint, asked by one probe."""

    def __init__(self, endpoint: Endpoint, context: GateContext, tries: Tries, *, probe: Probe, name: str) -> None:
        self.endpoint = endpoint
        self.context = context
        self.tries = tries
        self.probe = probe
        self.name = name

    def run(self) -> None:
        """Ask until nothing more is to be learned. Raises DeadlineExceeded and Interrupted."""
        self.become_ready()
        if self.tries.row >= self.endpoint.consecutive:
            self.tries.ready_seconds = self.tries.seconds
            self.stay_ready()
        self.tries.more = tuple(self.claims())

    def become_ready(self) -> None:
        self.ask()
        while self.may_ask_again():
            self.context.progress(f"{self.name}: {self.tries.log[-1]}")
            self.context.clock.sleep(self.endpoint.every)
            self.ask()

    def may_ask_again(self) -> bool:
        endpoint, tries = self.endpoint, self.tries
        if tries.row >= endpoint.consecutive or tries.last.verdict is Verdict.ERROR:
            return False
        if endpoint.wait:
            return tries.seconds + endpoint.every <= endpoint.wait
        return tries.row > 0 or (tries.last.fault is not None and tries.faults < endpoint.attempts)

    def stay_ready(self) -> None:
        """Ask on; the first answer that is not good ends it."""
        clock, began = self.context.clock, self.context.clock.monotonic()
        until = began + self.endpoint.soak
        while clock.monotonic() + self.endpoint.every <= until:
            clock.sleep(self.endpoint.every)
            self.ask()
            if self.tries.row == 0:
                break
            self.tries.soaked_seconds = clock.monotonic() - began

    def ask(self) -> None:
        self.context.clock.remaining()  # raises where there is no time to begin
        self.tries.begun = True
        one = self.probe()
        if one.fault and one.fault.kind.endswith("_timeout"):
            self.context.clock.remaining()  # raises where it was our time that was over, and no fault of the service
        self.tries.add(one, self.context.clock.monotonic())

    def claims(self) -> Iterator[Claim]:
        endpoint, tries = self.endpoint, self.tries
        is_ready = tries.ready_seconds is not None
        if not is_ready and tries.last.verdict is Verdict.PASSED:
            mend = "it answers well now and then: find what is wrong in between, or raise `wait`"
            row = f"at least {endpoint.consecutive}"
            yield Claim(name="good answers in a row", value=tries.row, wanted=row, holds=False, mend=mend)
        if endpoint.wait:
            limit = endpoint.wait if endpoint.ready_within is None else endpoint.ready_within
            ready = None if tries.ready_seconds is None else round(tries.ready_seconds, 3)
            # That it never became ready is told by its last answer; here it only has no value.
            holds = ready is None or endpoint.ready_within is None or ready <= limit
            mend = "find what makes it start slowly, or raise `ready_within`"
            wanted = f"at most {limit:g}"
            yield Claim(name="time to ready", value=ready, wanted=wanted, unit="s", holds=holds, mend=mend)
        if endpoint.soak and is_ready:
            stayed = round(tries.soaked_seconds, 3)
            whole = f"for {endpoint.soak:g}"
            yield Claim(name="healthy", value=stayed, wanted=whole, unit="s", holds=True)
