"""The words in which a service tells its own health, and where each of those dialects sets a trap.

health+json: draft-inadarei-api-health-check. Spring Boot: /actuator/health. MicroProfile Health 4. Kubernetes: /readyz.
django-health-check 4. What a body says is a fault of its own whatever the status is: Spring Boot answers UNKNOWN with
200, django-health-check answers everything with 200 where OpenMetrics is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from deliverygate.conversions import number
from deliverygate.gate import Response
from deliverygate.judging.visibility import visible
from deliverygate_gates.health.ages import judge_age
from deliverygate_gates.health.claims import Claim
from deliverygate_gates.health.documents import cut, show_value
from deliverygate_gates.health.expectations import Expect

UNHEALTHY = frozenset(
    {"critical", "dead", "down", "draining", "error", "errored", "fail", "failed", "failing", "failure", "fatal"}
    | {"initializing", "maintenance", "not_ready", "not_serving", "offline", "out_of_service", "shutting_down"}
    | {"starting", "stopped", "stopping", "unavailable", "unhealthy", "unknown"}
)
HEALTHY = frozenset({"healthy", "ok", "pass", "passed", "ready", "serving", "up"})
WARNING = frozenset({"degraded", "partial", "warn", "warning"})
SPRING = ("UP", "DOWN", "OUT_OF_SERVICE", "UNKNOWN")

READYZ_LINE = re.compile(r"^[ \t]*\[([+-])\][ \t]*(\S+)[ \t]*(.*)$", re.MULTILINE)
DJANGO_METRIC = re.compile(
    r"^django_health_check_(?:overall_status|status)(?:\{(?P<labels>(?:\"(?:\\.|[^\"\\\n])*+\"|[^}\"\n])*+)\})?"
    r"[ \t]++(?P<value>\S++)",
    re.MULTILINE,
)
#: as RSS and as Atom, which it answers with 200 whatever they say
DJANGO_FEED = "<title>Health Check Status</title>"
UNHEALTHY_ITEM = re.compile(
    r"<category\b[^<>]{0,200}?(?:>|\bterm\s{0,9}=\s{0,9}[\"'])\s{0,99}unhealthy\b", re.IGNORECASE
)
SHOWN = 5  #: names of unhealthy parts that are told
LONGEST_WORD = 40  #: characters of a body that may be a single word

#: our claims, with the field of the body that each is about
FIELDS = {"body status": "status", "body and status": "status", "body checks": "checks"}
LOOK_AT_SERVICE = "look at the service's log: it answers, and says that it is not well"


class Body(msgspec.Struct, frozen=True):
    """An answer's body, read once."""

    response: Response
    document: Any = None  #: of JSON; None: it is none
    media_type: str = ""
    text: str = ""


def judge_body(body: Body, expect: Expect, *, now: datetime | None) -> Iterator[Claim]:
    """What the body says of the service's health, in the dialect that the policy names or that it speaks itself."""
    if expect.dialect == "none":
        return
    name = _recognise(body) if expect.dialect == "auto" else expect.dialect
    spoken = DIALECTS.get(name)
    if spoken and expect.dialect != "auto" and not spoken.is_spoken(body):
        yield Claim(name="dialect", value="another", wanted=name, holds=False, mend="correct `dialect`")
        return
    yield from _clash(body)
    told = _told(expect)
    for claim in (*_word(body, expect), *(spoken.judge(body) if spoken else ())):
        if claim.name not in told:
            yield claim
    yield from judge_age(body.document, expect.max_age, now)


def _told(expect: Expect) -> frozenset[str]:
    """Our claims that the policy judges itself: it says what the field must be."""
    paths = {path.lstrip("/").partition("[")[0] for path in expect.json}
    return frozenset(name for name, field in FIELDS.items() if field in paths)


def _word(body: Body, expect: Expect) -> Iterator[Claim]:
    """The body's own verdict: a top-level ``status``, in words of Spring Boot, MicroProfile, health+json, gRPC.

    ASP.NET Core answers with the word alone, which is judged unless the policy has a pattern for it.
    """
    if isinstance(body.document, dict):
        status = next((value for key, value in body.document.items() if _plain(key) == "status"), None)
    elif expect.body_matches:
        return
    else:
        said = body.text if body.document is None else body.document
        is_word = isinstance(said, str) and len(said) <= LONGEST_WORD and _plain(said) in UNHEALTHY | WARNING
        status = said.strip() if is_word else None
    if not isinstance(status, str | bool):
        return
    word = _plain(status)
    holds = status is not False and word not in UNHEALTHY
    note = f"the body says {show_value(status)}" if word in WARNING else ""
    yield Claim(
        name="body status",
        value=show_value(status),
        wanted="a healthy word",
        holds=holds,
        mend=LOOK_AT_SERVICE,
        note=note,
    )
    if word in HEALTHY and body.response.status >= 400:
        yield Claim(
            name="body and status",
            value=f"{show_value(status)} with status {body.response.status}",
            wanted="one verdict",
            holds=False,
            mend="see which of the two is right: a proxy, or the service, contradicts itself",
        )


def _clash(body: Body) -> Iterator[Claim]:
    """Keys that are one when case is folded, as most readers do it: each of them would believe another one."""
    document = body.document if isinstance(body.document, dict) else {}
    if len(keys := [key for key in document if _plain(key) == "status"]) > 1:
        yield Claim(
            name="body keys",
            value=", ".join(f"{cut(key)} {show_value(document[key])}" for key in keys[:SHOWN]),
            wanted="one status",
            holds=False,
            mend="let the service tell its `status` once",
        )


def _plain(word: object) -> str:
    """As it is compared: without what nobody sees, in one case and one width."""
    return re.sub(r"[\s-]+", "_", unicodedata.normalize("NFKC", visible(str(word))).strip().casefold())


def _health_json(body: Body) -> Iterator[Claim]:
    if not isinstance(body.document.get("status"), str):
        mend = "let the service tell its `status`, as the draft demands, or correct its media type"
        yield Claim(name="body status", value=None, wanted="a healthy word", holds=False, mend=mend)
    parts = {
        name: each.get("status")
        for name, several in _mapping(body.document.get("checks")).items()
        for each in (several if isinstance(several, list) else ())
        if isinstance(each, dict)
    }
    yield from _parts({name: status for name, status in parts.items() if _plain(status) in UNHEALTHY})


def _spring(body: Body) -> Iterator[Claim]:
    components = _mapping(body.document.get("components") or body.document.get("details"))
    states = {name: part.get("status") for name, part in components.items() if isinstance(part, dict)}
    yield from _parts({name: state for name, state in states.items() if state in ("DOWN", "OUT_OF_SERVICE")})


def _microprofile(body: Body) -> Iterator[Claim]:
    given = body.document.get("checks")
    checks = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    yield from _parts({str(each.get("name")): each["status"] for each in checks if each.get("status") == "DOWN"})
    # "No procedures" must be answered with UP by the specification, so an application whose checks were never
    # installed is ready at once.
    if not checks and body.response.url.partition("?")[0].rstrip("/").endswith("/ready"):
        yield Claim(
            name="body checks",
            value=0,
            wanted="at least 1",
            holds=False,
            mend="install the readiness checks, or judge them yourself with `json: {checks: ...}`",
        )


def _django(body: Body) -> Iterator[Claim]:
    if isinstance(body.document, dict):
        yield from _bad({name: said for name, said in body.document.items() if said not in ("OK", "working")})
        return
    if count := len(UNHEALTHY_ITEM.findall(body.text)):
        wanted = "none unhealthy"
        yield Claim(name="body checks", value=f"{count} unhealthy", wanted=wanted, holds=False, mend=LOOK_AT_SERVICE)
    found = DJANGO_METRIC.finditer(body.text)
    yield from _bad({match["labels"] or "overall": match["value"] for match in found if number(match["value"]) != 1})


def _readyz(body: Body) -> Iterator[Claim]:
    yield from _bad({name: said for sign, name, said in READYZ_LINE.findall(body.text) if sign == "-"})


def _parts(unhealthy: Mapping[str, object]) -> Iterator[Claim]:
    """Parts that are not well although the whole may be: it decides, so they are told and no more."""
    if unhealthy:
        yield Claim(
            name="body checks",
            value=len(unhealthy),
            wanted="",
            holds=True,
            note=f"in the body {_listed(unhealthy)}",
        )


def _bad(unhealthy: Mapping[str, object]) -> Iterator[Claim]:
    """Parts that are not well where the whole says nothing."""
    if unhealthy:
        value = _listed(unhealthy)
        yield Claim(name="body checks", value=value, wanted="all healthy", holds=False, mend=LOOK_AT_SERVICE)


def _listed(parts: Mapping[str, object]) -> str:
    shown = [f"{name} is {show_value(said)}" for name, said in list(parts.items())[:SHOWN]]
    more = [f"{len(parts) - SHOWN} more"] if len(parts) > SHOWN else []
    return ", ".join((*shown, *more))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class Spoken(msgspec.Struct, frozen=True):
    """How a dialect is recognised, and what it says."""

    is_spoken: Callable[[Body], bool]
    judge: Callable[[Body], Iterator[Claim]]


def _is_health_json(body: Body) -> bool:
    return isinstance(body.document, dict) and body.media_type == "application/health+json"


def _is_spring(body: Body) -> bool:
    document = body.document
    if not isinstance(document, dict) or document.get("status") not in SPRING:
        return False
    return "spring-boot.actuator" in body.media_type or bool({"components", "groups", "details"} & document.keys())


def _is_microprofile(body: Body) -> bool:
    document = body.document
    if not isinstance(document, dict) or document.get("status") not in ("UP", "DOWN"):
        return False
    return isinstance(document.get("checks"), list)


def _is_django(body: Body) -> bool:
    """Its metrics and feeds are told apart by names; its JSON is any object of texts, so only the policy knows it."""
    return bool(DJANGO_METRIC.search(body.text)) or DJANGO_FEED in body.text


def _may_be_django(body: Body) -> bool:
    document = body.document
    texts = isinstance(document, dict) and bool(document) and all(isinstance(each, str) for each in document.values())
    return texts or _is_django(body)


def _is_readyz(body: Body) -> bool:
    return bool(READYZ_LINE.search(body.text))


#: as the policy names them
DIALECTS: Mapping[str, Spoken] = {
    "health+json": Spoken(lambda body: isinstance(body.document, dict) and "status" in body.document, _health_json),
    "spring": Spoken(lambda body: _mapping(body.document).get("status") in SPRING, _spring),
    "microprofile": Spoken(lambda body: _mapping(body.document).get("status") in ("UP", "DOWN"), _microprofile),
    "django": Spoken(_may_be_django, _django),
    "readyz": Spoken(_is_readyz, _readyz),
}
#: by what a body gives itself away, the surest sign first
SIGNS: Mapping[str, Callable[[Body], bool]] = {
    "health+json": _is_health_json,
    "spring": _is_spring,
    "microprofile": _is_microprofile,
    "django": _is_django,
    "readyz": _is_readyz,
}


def _recognise(body: Body) -> str:
    return next((name for name, is_it in SIGNS.items() if is_it(body)), "")
