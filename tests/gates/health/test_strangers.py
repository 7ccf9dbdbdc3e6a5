"""Whatever a service answers, the gate judges it: no crash, and no pass for what is not healthy."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.config.values import convert
from deliverygate.gate import Certificate, DnsAnswer
from deliverygate_gates.health.claims import verdict_of
from deliverygate_gates.health.documents import read_document
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import judge
from deliverygate_gates.health.probes.dns import judge_records
from deliverygate_gates.health.probes.tls import judge_certificate
from deliverygate_gates.health.readings import is_same, read_version, which_cache
from deliverygate_gates.health.targets import Dns, Tls
from tests.gates.health.asking import JSON, URL, broken, respond

DIALECTS = ("auto", "health+json", "spring", "microprofile", "django", "readyz", "none")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TEXT = {"content-type": "text/plain"}

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(("UP", "DOWN")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("status", "Status", "checks", "components", "details", "time", "name"))
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
bodies = (
    st.binary(max_size=80)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.from_regex(rb"django_health_check_(overall_status|status\{[^\n]*\}) [^\n]*", fullmatch=True)
    | st.from_regex(rb"\[[+-]\][^\n]*", fullmatch=True)
    | st.from_regex(rb'\{"time": "[-0-9T:.+Z]*"\}', fullmatch=True)
    | st.from_regex(rb'\{"n": -?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,30})?\}', fullmatch=True)
)
headers = st.dictionaries(
    st.sampled_from(("content-type", "age", "retry-after", "date", "location", "x-cache", "cache-status", "x-version")),
    st.text(max_size=20)
    | st.sampled_from(
        ("application/json", "application/health+json", "text/plain; charset=utf-16", "text/x; charset=\x00")
    ),
)


@given(bodies, headers, st.sampled_from(DIALECTS), st.integers(100, 599))
def test_no_answer_breaks_the_gate(body: bytes, headers: dict[str, str], dialect: str, status: int) -> None:
    expect = {"dialect": dialect, "max_age": "1h", "json": {"status": "UP", "n": 1, "checks[0].status": "UP"}}
    endpoint = convert({"url": URL, "expect": expect}, Endpoint)
    response = respond(body, status=status, headers=headers)

    verdict_of(judge(endpoint, response, now=NOW))
    which_cache(response)
    for version in ({"json": "status"}, {"header": "x-version"}, {"metric": "django_health_check_status"}):
        settings = convert({"url": URL, "version": {"expect": "1", **version}}, Endpoint)
        assert settings.version
        read_version(settings.version, response)


@pytest.mark.parametrize(
    "value",
    ["0", "0.0", "1.1.1", ".", "NaN", "+Inf", "-1", "1e3", "1_0", "", "x", "\u0661", "1" * 5000, "2", "0 1700000000"],
)
@pytest.mark.parametrize("name", ["overall_status", 'status{check="Cache"}', 'status{check="a}b"}', 'status{a="\\"}"}'])
def test_only_a_one_is_healthy_in_django_s_metrics(name: str, value: str) -> None:
    body = f"# HELP x\ndjango_health_check_{name} {value or ' '}\ndjango_health_check_overall_status 1\n".encode()

    said = broken(respond(body, headers=TEXT))

    assert said == [] if not value else len(said) == 1 and said[0].startswith("body checks ")


@pytest.mark.parametrize("value", ["1", "1.0", "1 1700000000"])
def test_one_is_healthy_in_any_spelling(value: str) -> None:
    assert broken(respond(f"django_health_check_overall_status {value}\n".encode(), headers=TEXT)) == []


@pytest.mark.parametrize(
    "item",
    [
        *(b"<category>unhealthy</category>", b"<CATEGORY> unhealthy </CATEGORY>", b'<category term="unhealthy"/>'),
        *(
            b"<category term='unhealthy'/>",
            b'<category scheme="x" term = "unhealthy" />',
            b"<category\n>unhealthy</category>",
        ),
    ],
)
def test_unhealthy_item_of_a_feed_is_found_however_it_is_written(item: bytes) -> None:
    body = b"<title>Health Check Status</title>" + item

    assert broken(respond(body)) == ["body checks 1 unhealthy, wanted none unhealthy"]


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        ('{"Status": "UP", "status": "DOWN"}', 'Status "UP", status "DOWN"'),
        ('{"status": "UP", "STATUS": "UP"}', 'status "UP", STATUS "UP"'),
        ('{"status": "UP", "status\\u200b": "DOWN"}', 'status "UP", status\u200b "DOWN"'),
        ('{"status": "UP", "\\uff33tatus": "DOWN"}', 'status "UP", \uff33tatus "DOWN"'),
    ],
    ids=["case", "same word", "invisible character", "full width"],
)
def test_keys_that_are_one_when_folded_are_no_health(document: str, keys: str) -> None:
    claims = broken(respond(document.encode(), headers=JSON), expect={"json": {"status": "UP"}})

    assert claims[-1] == f"body keys {keys}, wanted one status"


@pytest.mark.parametrize(
    "word", ["DOWN", "down", " Down ", "D\u200bOWN", "\uff24\uff2f\uff37\uff2e", "DOWN\ufe0f", "out-of service"]
)
def test_unhealthy_word_is_heard_in_any_spelling(word: str) -> None:
    said = broken(respond(json.dumps({"status": word}).encode(), headers=JSON))

    assert [each.partition(" ")[0] for each in said] == ["body"]


@pytest.mark.parametrize(
    ("wanted", "body", "holds"),
    [
        (18446744073709551615, "18446744073709551615", True),
        (18446744073709551615, "18446744073709551616", False),
        (9007199254740993, "9007199254740992.0", False),
        (10**40, "1" + "0" * 40, True),
        (1, "1.0", True),
        (1, "1.0000000000000000000001", False),
        (100, "1e2", True),
        (0, "-0", True),
        (0, "-0.0", True),
        (0.1, "0.1", True),
        (0.1, "0.10", True),
        (0.1, "0.10000000000000000001", False),
        (1.5, "15e-1", True),
        (1, "true", False),
        (1, '"1"', False),
    ],
)
def test_numbers_are_compared_in_every_digit(wanted: float, body: str, holds: bool) -> None:
    said = broken(respond(f'{{"n": {body}}}'.encode(), headers=JSON), expect={"json": {"n": wanted}})

    assert (said == []) is holds


@pytest.mark.parametrize("body", ["NaN", "Infinity", "1e99999", "1e9999999999999999999", "9" * 5000, "01", "1."])
def test_number_that_json_does_not_have_is_no_document(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_document(body.encode())


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        *(("v1.2.3", "1.2.3", True), ("1.2.3", "V1.2.3", True), (" 1.2.3", "1.2.3 ", True), ("v1.2.3", "v1.2.3", True)),
        *(
            ("1.2.3+abc", "1.2.3+def", False),
            ("1.2.3+abc", "1.2.3", False),
            ("1.2", "1.2.0", False),
            ("vv1", "1", False),
        ),
        *(("release", "vrelease", False), ("1.0-RC1", "1.0-rc1", False), ("1.02", "1.2", False)),
        (f"sha256:{'AB' * 32}", f"sha256:{'ab' * 32}", True),
        (f"sha256:{'ab' * 32}", f"sha256:{'ac' * 32}", False),
    ],
)
def test_versions_are_one_by_their_meaning(found: str, wanted: str, same: bool) -> None:
    assert is_same(found, wanted) is same


@pytest.mark.parametrize("age", ["120", "0, 120", " 007"])
def test_age_above_zero_tells_of_a_cache(age: str) -> None:
    assert which_cache(respond(headers={"age": age})) == f"age: {age}"
    assert which_cache(respond(headers={"age": "0"})) == ""


@pytest.mark.parametrize(
    ("hours", "shown", "holds"), [(335, 13.96, False), (336, 14.0, True), (335.999, 13.99996, False), (400, 16.7, True)]
)
def test_days_left_are_compared_before_they_are_rounded(hours: float, shown: float, holds: bool) -> None:
    end = datetime.fromtimestamp(NOW.timestamp() + hours * 3600, UTC)
    certificate = Certificate(
        subject="CN=shop", issuer="CN=a", names=(), not_before=NOW, not_after=end, serial="1", protocol="TLSv1.3"
    )

    _, days = judge_certificate(Tls(target="shop:443", days_left=14), certificate, now=NOW)

    assert (days.value, days.holds) == (shown, holds)


def test_age_of_a_body_is_compared_before_it_is_rounded() -> None:
    endpoint = convert({"url": URL, "expect": {"max_age": "60s"}}, Endpoint)
    old, young = (
        respond(f'{{"time": "2026-01-02T03:03:{second}Z"}}'.encode(), headers=JSON) for second in ("04.96", "05")
    )

    assert [[str(claim) for claim in judge(endpoint, each, now=NOW) if not claim.holds] for each in (old, young)] == [
        *(["age of the body 60.04 s, wanted at most 60 s"], [])
    ]


@given(
    st.sampled_from(("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")),
    st.lists(st.text(max_size=30)),
)
def test_no_record_breaks_the_gate(kind: Any, records: list[str]) -> None:
    judge_records(Dns(target="shop.example", kind=kind), DnsAnswer("NOERROR", tuple(records)))


@pytest.mark.parametrize(
    ("kind", "wanted", "found", "holds"),
    [
        ("TXT", '"v=DKIM1; p=MIGf"', '"v=DKIM1; p=migf"', False),
        ("TXT", '"v=DKIM1; p=MIGf"', '"v=DKIM1; " "p=MIGf"', True),
        ("AAAA", "2001:0db8:0:0:0:0:0:1", "2001:db8::1", True),
        ("CNAME", "LB.example", "lb.example.", True),
        ("MX", "10 Mail.example", "10 mail.example.", True),
    ],
)
def test_records_are_compared_by_what_they_mean(kind: Any, wanted: str, found: str, holds: bool) -> None:
    for exact in (False, True):
        target = Dns(target="shop.example", kind=kind, records=(wanted,), exact=exact)

        assert [claim.holds for claim in judge_records(target, DnsAnswer("NOERROR", (found,)))] == [True, holds]


def test_record_of_the_policy_that_is_none_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"`records`: '10.0.0.1' is no record of the kind AAAA; write e.g. 2001:db8::1"
    ):
        Dns(target="shop.example", kind="AAAA", records=("10.0.0.1",))
