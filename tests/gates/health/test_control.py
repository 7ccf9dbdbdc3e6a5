"""The negative control: a path that is none must not answer as the health path does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.model import CheckResult, Verdict
from deliverygate.testing import FakeHttp, make_context, run_gate
from deliverygate_gates.health import gate

URL = "http://shop/api/health"
HTML = {"content-type": "text/html"}
TEXT = {"content-type": "text/plain"}
JSON = {"content-type": "application/json"}
CAUGHT = "answer to a path that is none 200 and the same body, wanted another than to this one"


class CatchAll(FakeHttp):
    """Answers the health path by its table, and every path that is none with one and the same."""

    def __init__(self, healthy: Response, otherwise: object) -> None:
        super().__init__({URL: healthy, "http://shop/": healthy})
        self._otherwise = otherwise

    def request(self, method: str, url: str, **given: object) -> Response:  # type: ignore[override]
        if re.fullmatch(r"http://shop/api/no-such-page-[0-9a-f]{32}", url):
            self._answers[url] = [self._otherwise]
        return super().request(method, url, **given)  # type: ignore[arg-type]


def caught(tmp_path: Path, healthy: Response, otherwise: object, **endpoint: object) -> CheckResult:
    context = make_context(tmp_path, http=CatchAll(healthy, otherwise))
    (check,) = run_gate(gate, {"endpoints": [{"url": URL, **endpoint}]}, context)
    return check


def answer(body: str, headers: Mapping[str, str] = TEXT, status: int = 200) -> Response:
    return Response(status, headers, body.encode(), 0.01, URL)


@pytest.mark.parametrize(
    ("healthy", "otherwise", "verdict"),
    [
        (answer("ok"), answer("no such page", status=404), Verdict.PASSED),
        (answer("ok"), TransportError("reset", kind="connect_reset"), Verdict.PASSED),
        (answer("ok"), answer("<html>Shop", HTML), Verdict.PASSED),
        (answer("ok"), answer("ok"), Verdict.FAILED),
        (answer("<html>nonce=1", HTML), answer("<html>nonce=2", HTML), Verdict.FAILED),
        (answer("<!doctype html>1", {}), answer("<!doctype html>2", {}), Verdict.FAILED),
        (answer('{"ok": true, "at": 1}', JSON), answer('{"at": 2, "ok": true}', JSON), Verdict.FAILED),
        (answer('{"ok": true}', JSON), answer('{"error": "no such page"}', JSON), Verdict.PASSED),
        (answer("", {}), answer("", {}), Verdict.FAILED),
    ],
    ids=[
        *("not found", "no answer", "another body", "same text", "pages", "pages without a type", "same keys"),
        *("other keys", "both empty"),
    ],
)
def test_catch_all_route_is_seen_through(
    tmp_path: Path, healthy: Response, otherwise: object, verdict: Verdict
) -> None:
    check = caught(tmp_path, healthy, otherwise)

    assert (check.verdict, CAUGHT in check.summary) == (verdict, verdict is Verdict.FAILED)


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        (
            TransportError("the name server failed", kind="dns_servfail"),
            "answer to a path that is none no answer (dns_servfail), wanted another than to this one",
        ),
        (answer("slow down", status=429), "answer to a path that is none 429, wanted another than to this one"),
    ],
    ids=["name server", "asked too often"],
)
def test_control_that_cannot_be_asked_proves_nothing(tmp_path: Path, otherwise: object, said: str) -> None:
    check = caught(tmp_path, answer("ok"), otherwise)

    assert (check.verdict, check.summary, check.mend.startswith("run it again")) == (Verdict.INCONCLUSIVE, said, True)


@pytest.mark.parametrize(
    "endpoint",
    [
        {"expect": {"body_matches": "ok"}},
        {"expect": {"content_type": "text/plain"}},
        {"method": "HEAD"},
        {"url": "http://shop/"},
        {"control": False},
    ],
    ids=["body is judged", "type is judged", "not a GET", "the start page", "switched off"],
)
def test_control_is_left_out_where_more_than_the_status_decides(tmp_path: Path, endpoint: dict[str, object]) -> None:
    check = caught(tmp_path, answer("ok"), answer("ok"), **endpoint)

    assert (check.verdict, check.summary) == (Verdict.PASSED, "status 200 in 10 ms")


def test_control_that_is_wanted_is_asked_for_and_told(tmp_path: Path) -> None:
    good = caught(tmp_path, answer("ok"), answer("no", status=404), control=True, expect={"body_matches": "ok"})
    bad = caught(tmp_path, answer("ok"), answer("ok"), control=True, expect={"body_matches": "ok"})

    assert [(check.verdict, check.measurements[-1].value) for check in (good, bad)] == [
        (Verdict.PASSED, "404"),
        (Verdict.FAILED, "200 and the same body"),
    ]


def test_sick_service_is_not_asked_for_more(tmp_path: Path) -> None:
    http = CatchAll(answer("down", status=503), answer("down", status=503))

    run_gate(gate, {"endpoints": [{"url": URL}]}, make_context(tmp_path, http=http))

    assert http.asked == [("GET", URL)]


class Gateway(FakeHttp):
    """Sends every path to one page, as single sign-on does, where redirects are followed."""

    def request(self, method: str, url: str, *, follow_redirects: int = 0, **given: object) -> Response:  # type: ignore[override]
        asked = answer("", {"location": "/login"}, 302)
        self._answers[url] = [answer("<html>Sign in", HTML) if follow_redirects else asked]
        return super().request(method, url, follow_redirects=follow_redirects, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("control", [None, True])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_control_follows_redirects_as_the_endpoint_does(tmp_path: Path, method: str, control: bool | None) -> None:
    http = Gateway({})
    endpoint = {"url": URL, "method": method, "redirects": 3} | ({} if control is None else {"control": control})

    (check,) = run_gate(gate, {"endpoints": [endpoint]}, make_context(tmp_path, http=http))

    is_asked = method == "GET" or control
    assert (check.verdict, CAUGHT in check.summary) == ((Verdict.FAILED, True) if is_asked else (Verdict.PASSED, False))
    assert [each.method for each in http.requests] == [method] * (2 if is_asked else 1)


def test_control_of_a_question_that_changes_something_sends_nothing(tmp_path: Path) -> None:
    http = CatchAll(answer("ok"), answer("no", status=404))
    endpoint = {"url": URL, "method": "POST", "body": "{}", "control": True}

    run_gate(gate, {"endpoints": [endpoint]}, make_context(tmp_path, http=http))

    assert [(each.method, each.body) for each in http.requests] == [("POST", b"{}"), ("GET", None)]
