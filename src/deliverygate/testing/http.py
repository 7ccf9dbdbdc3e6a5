"""A web server as a table: what it answers to which address, and what was asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from deliverygate.errors import TransportError
from deliverygate.gate import Response, Sample, Schedule, Shot, Shots
from deliverygate.testing.doors import FakeClock


class Asked(msgspec.Struct, frozen=True):
    """One request, as a gate made it."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    address: str | None = None  #: the IP address that the gate wanted to be asked
    allow_private: bool | None = None


class FakeHttp:
    """A web server as a table: URL to a response, to an error, or to a list of them that is answered in turn.

    The last answer of a list stays. A URL that is not in the table refuses the connection. In place of an answer may
    stand a function from what was ``Asked`` to one, for servers that tell addresses or headers apart.
    """

    def __init__(self, answers: Mapping[str, object], *, clock: FakeClock | None = None) -> None:
        self._answers = {url: list(given) if isinstance(given, list) else [given] for url, given in answers.items()}
        self._clock = clock
        self.asked: list[tuple[str, str]] = []  #: (method, url) of every request, in order
        self.requests: list[Asked] = []  #: the same, whole

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        max_bytes: int = 1_048_576,
        follow_redirects: int = 0,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
    ) -> Response:
        answer = self._answer(Asked(method, url, headers or {}, body, address, allow_private))
        seconds = min(answer.seconds, timeout_seconds)
        if self._clock:
            self._clock.sleep(seconds)
        return _bounded(answer, address, timeout_seconds=timeout_seconds, max_bytes=max_bytes)

    def sample(
        self,
        method: str,
        url: str,
        *,
        schedule: Schedule,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        max_bytes: int = 1_048_576,
        keep_alive: bool = False,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
        judge: Callable[[Response], bool] | None = None,
        shots: Shots | None = None,
    ) -> Sample:
        """Each shot gets the next answer of the table. Time passes by the schedule, however long an answer takes."""
        asked = Asked(method, url, headers or {}, body, address, allow_private)
        shots = Shots() if shots is None else shots
        for slot in range(schedule.count):
            if self._clock and slot:
                self._clock.sleep(schedule.interval_seconds)
            shot = Shot(intended=slot * schedule.interval_seconds, seconds=0.0)
            try:
                answer = _bounded(self._answer(asked), address, timeout_seconds=timeout_seconds, max_bytes=max_bytes)
            except TransportError as error:
                spent = timeout_seconds if error.kind.endswith("_timeout") else 0.0
                shots.append(replace(shot, seconds=spent, fault=error.kind, address=address or ""))
            else:
                ok = judge(answer) if judge else answer.status < 400
                done = replace(shot, seconds=answer.seconds, ok=ok, status=answer.status, address=answer.address)
                shots.append(replace(done, phases=answer.phases or shot.phases))
        ends = (shot.intended + shot.seconds for shot in shots)
        return Sample(shots, seconds=max(ends))

    def _answer(self, asked: Asked) -> Response:
        self.asked.append((asked.method, asked.url))
        self.requests.append(asked)
        given = self._answers.get(asked.url)
        if not given:
            raise TransportError("connection refused", kind="connect_refused", where=asked.url)
        answer = given.pop(0) if len(given) > 1 else given[0]
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, Response):
            raise TypeError(f"{asked.url}: the table holds {answer!r}, wanted a Response or an error")
        return answer


def _bounded(answer: Response, address: str | None, *, timeout_seconds: float, max_bytes: int) -> Response:
    if answer.seconds > timeout_seconds:
        raise TransportError(f"no whole answer in {timeout_seconds:g} s", kind="read_timeout", where=answer.url)
    return replace(
        answer,
        body=answer.body[:max_bytes],
        truncated=len(answer.body) > max_bytes,
        address=answer.address or address or "",
    )
