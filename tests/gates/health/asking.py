"""One endpoint and a server from a table: what the tests of the health gate have in common."""

from __future__ import annotations

from pathlib import Path

from deliverygate.config.values import convert
from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.model import CheckResult
from deliverygate.testing import FakeClock, FakeHttp, make_context, run_gate
from deliverygate_gates.health import gate
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import judge

URL = "http://shop/health"
JSON = {"content-type": "application/json"}
OK = Response(200, {}, b"ok", 0.012, URL)
DOWN = Response(503, {}, b"warming up", 0.05, URL)
REFUSED = TransportError("connection refused", kind="connect_refused", where=URL)


def respond(
    body: bytes = b"", *, status: int = 200, seconds: float = 0.1, headers: dict[str, str] | None = None
) -> Response:
    return Response(status, headers or {}, body, seconds, URL)


def checked(tmp_path: Path, given: object, *, time: float = 3600, **endpoint: object) -> CheckResult:
    """The one check of an endpoint whose server gives this, or these in turn."""
    (check,) = all_checked(tmp_path, given, time=time, **endpoint)
    return check


def all_checked(tmp_path: Path, given: object, *, time: float = 3600, **endpoint: object) -> tuple[CheckResult, ...]:
    """All checks of such an endpoint."""
    clock = FakeClock(timeout_seconds=time)
    context = make_context(tmp_path, clock=clock, http=FakeHttp({URL: given}, clock=clock))
    return run_gate(gate, {"endpoints": [{"url": URL, **endpoint}]}, context)


def broken(response: Response, **endpoint: object) -> list[str]:
    """The claims that do not hold, as the report words them."""
    settings = convert({"url": URL, **endpoint}, Endpoint)
    return [str(claim) for claim in judge(settings, response) if not claim.holds]
