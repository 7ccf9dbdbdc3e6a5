"""Which variables are secret by what the policy does with them."""

from __future__ import annotations

import pytest

from deliverygate.config.document import load
from deliverygate.config.secret_variables import secret_variables
from deliverygate.config.shape import PolicyFile
from tests.config.test_policy import build, faults, read

ENVIRON = {name: f"value of {name}" for name in "ABCD"}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('headers: { Cookie: "sid=${A}; ${B}" }', {"A", "B"}),
        (
            'endpoints: [{ headers: { X-Key: "${A}" } }, { grpc: { metadata: { key: "${B:-none}" } } }]',
            {"A", "B"},
        ),
        ('headers: { Accept: "${A}", user-agent: "${B}" }', set()),
        ("url: https://ada:${A}@shop/${B}", {"A"}),
        ("url: https://${A}@shop/?v=${B}&api_token=x${C}#${D}", {"A", "C"}),
        ("url: https://shop/a@${A}", set()),
        ('environment: { SHOP_PASSWORD: "${A}", WHAT: "${B}" }', {"A"}),
        ("token: ${A}", {"A"}),
        ('expect: { version: "${A}" }', set()),
    ],
    ids=[
        *("header", "further down", "harmless headers", "password", "user and parameter", "no userinfo"),
        *("environment", "key", "plain"),
    ],
)
def test_variable_is_secret_where_it_lets_somebody_in(text: str, secret: set[str]) -> None:
    document = load(text.encode(), "policy.yml", environ=ENVIRON)

    assert secret_variables(document, PolicyFile(version=1, stages={})) == secret


def test_variables_that_the_policy_lists_are_secret() -> None:
    assert read(build("- gate: trivy") + "\nsecrets: [SHOP_PATH, A]\n").secret_variables == {"SHOP_PATH", "A"}


def test_secret_itself_is_refused_and_not_shown() -> None:
    told = faults(build("- gate: trivy") + "\nsecrets: [hunter2-and-more]\n")

    assert told == [
        ".deliverygate.yml:1: `secrets` names variables, and never holds a secret itself; write e.g. SHOP_PATH"
    ]
