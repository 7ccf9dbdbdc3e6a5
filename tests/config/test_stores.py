"""Stores of metrics as the policy describes them."""

from __future__ import annotations

import pytest

from deliverygate.config.stores import MetricsStore
from tests.config.test_policy import build, faults, read


def policy(*lines: str) -> str:
    """A policy with one store of metrics."""
    return "\n".join([build("- gate: trivy"), "metrics:", "  main:", *(f"    {line}" for line in lines)])


def test_store_is_read_by_its_name() -> None:
    text = policy("url: ${METRICS_URL}", "tenant: shop", "token_env: METRICS_TOKEN", "timeout: 10s")

    found = read(text, METRICS_URL="https://mimir.example").metrics

    assert found["main"].url == "https://mimir.example"
    assert (found["main"].tenant, found["main"].token_env, found["main"].timeout) == ("shop", "METRICS_TOKEN", 10.0)


def test_variable_that_a_store_lacks_is_no_fault_of_a_stage_that_does_not_ask_it() -> None:
    found = read(policy("url: ${METRICS_URL}"), stage="build")

    assert {name: str(error) for name, error in found.unset.items()} == {
        "main": ".deliverygate.yml:7: metrics.main.url: ${METRICS_URL} is not set; "
        "set METRICS_URL, or write ${METRICS_URL:-default}"
    }


def test_variable_that_a_store_lacks_is_told_when_all_of_the_policy_is_read() -> None:
    assert faults(policy("url: ${METRICS_URL}")) == [
        ".deliverygate.yml:7: metrics.main.url: ${METRICS_URL} is not set; "
        "set METRICS_URL, or write ${METRICS_URL:-default}"
    ]


def test_variables_that_hold_credentials_are_secret_whatever_their_names_are() -> None:
    text = policy(
        "url: https://a.example/${PLACE}", "headers: {X-Api: 'key ${WORD}'}", "user: ada", "password_env: ADA"
    )

    found = read(text, PLACE="here", WORD="hush")

    assert found.secret_variables == {"WORD", "ADA"}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["url: prometheus:9090"], "`url` is not the http(s) address of a store; write e.g. https://prometheus.example"),
        (["url: http://a.example/?x=1"], "`url` is not the http(s) address of a store; write e.g. https://prometheus.example"),
        (["url: http://a:b@a.example"], "`url` holds a user or a password; write `user`, and name the variable with `password_env`"),
        (["url: http://a.example", "token_env: abc-123"], "`token_env` is the name of a variable, and never the secret itself; write e.g. METRICS_TOKEN"),
        (["url: http://a.example", "user: ada"], "`user` and `password_env` belong together; write both"),
        (
            ["url: http://a.example", "token_env: T", "headers: {authorization: x}"],
            "`token_env`, `user` and the header Authorization exclude each other; keep one",
        ),
        (
            ["url: http://a.example", "tenant: a", "headers: {x-scope-orgid: b}"],
            "`tenant` and the header X-Scope-OrgID exclude each other; keep one",
        ),
        (["url: http://a.example", 'headers: {X: "a\\nb"}'], "the header 'X' holds a control character or one beyond ASCII; write printable ASCII"),
        (["url: http://a.example", "parameters: {time: '0'}"], "`parameters` may not say 'time', which each question says itself; remove it"),
        (["url: http://a.example", "timeout: 0s"], "`timeout` of 0s leaves no time; write a span such as 30s"),
    ],
    ids=[
        "no scheme", "a query", "credentials", "a token", "half a pair", "two ways in", "two tenants", "line break",
        "our parameter", "no time",
    ],
)  # fmt: skip
def test_what_cannot_work_is_told_with_its_line(lines: list[str], told: str) -> None:
    (fault,) = faults(policy(*lines))

    assert fault == f".deliverygate.yml:6: metrics.main: {told}"


def test_store_is_prometheus_with_half_a_minute_unless_it_says_otherwise() -> None:
    store = MetricsStore(url="https://prometheus.example")

    assert (store.kind, store.timeout) == ("prometheus", 30.0)
