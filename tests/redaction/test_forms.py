"""A secret is found in whatever form it travels, by decoding what a text may hold."""

from __future__ import annotations

import base64
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverygate.model import CheckResult, Verdict
from deliverygate.redaction.redactor import Redactor
from deliverygate.testing import finding
from tests.redaction.forms import FORMS, SECRET, traces

WORDS = "correcthorse-batterystaple42"
REDACT = Redactor([SECRET, WORDS])
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Random as secrets are, with letters at both ends, so that their beginning and end can be looked for in what came out.
RANDOM = st.builds(
    lambda generator, inner: "".join(generator.sample(LETTERS, 9)) + inner + "".join(generator.sample(LETTERS, 9)),
    st.randoms(use_true_random=False, note_method_calls=False),
    st.text(LETTERS + "+/=_-.!@#%&*<>'\"{}$~ \\", max_size=40),
)
# Each of them leaves a text that another one can be laid over.
LAYERS = [
    *("percent", "percent, lower case", "JSON", "JSON of PHP", "JSON of Go", "HTML", "HTML, decimal", "Base64"),
    *("Base64 of user and password", "Base64 for URLs", "JSON, every letter", "percent, every letter", "in colours"),
]


@pytest.mark.parametrize("form", FORMS)
def test_secret_is_found_in_each_form(form: str) -> None:
    shown = REDACT(f"it is {FORMS[form](SECRET)} here")

    assert (traces(shown.encode()), shown.startswith("it is"), shown.endswith("here")) == ([], True, True)


@pytest.mark.parametrize("form", FORMS)
def test_search_for_traces_finds_each_form_before_it_is_redacted(form: str) -> None:
    assert traces(f"it is {FORMS[form](SECRET)} here".encode()) != []


@pytest.mark.parametrize("secret", ["abcdefghiabcdefghi", "qwertyuiopasdfghjk", "Sup3r/S3cret+Tok9x"])
@pytest.mark.parametrize("outer", LAYERS)
def test_a_secret_is_found_under_every_two_layers(secret: str, outer: str) -> None:
    texts = {inner: FORMS[outer](FORMS[inner](secret)) for inner in LAYERS}
    redact = Redactor([secret])

    assert {inner: traces(redact(f"it is: {text} .").encode(), secret) for inner, text in texts.items()} == {
        inner: [] for inner in LAYERS
    }


@settings(max_examples=200, deadline=None)
@given(secret=RANDOM, layers=st.lists(st.sampled_from(LAYERS), max_size=2))
def test_any_secret_is_found_under_any_two_layers(secret: str, layers: list[str]) -> None:
    text = secret
    for layer in layers:
        text = FORMS[layer](text)

    assert traces(Redactor([secret])(f"it is: {text} .").encode(), secret) == []


@settings(max_examples=100, deadline=None)
@given(secret=RANDOM, form=st.sampled_from(sorted(FORMS)))
def test_record_is_cleared_as_its_texts_are(secret: str, form: str) -> None:
    redact, text = Redactor([secret]), f"it is: {FORMS[form](secret)} ."
    check = CheckResult(name="c", verdict=Verdict.FAILED, summary="s", findings=(finding("r", message=text),) * 300)

    assert {each.message for each in redact.redact_record(check).findings} == {redact(text)}


@pytest.mark.parametrize("cut", [*range(6, 28)])
def test_a_cut_leaves_no_beginning_of_a_secret(cut: int) -> None:
    shown = [REDACT(f"it is {WORDS[:cut]}{mark}") for mark in ("", "...", "…")]

    assert shown == ["it is ***", "it is ***...", "it is ***…"]


@pytest.mark.parametrize("cut", [*range(9, 28)])
def test_a_long_beginning_of_a_secret_is_redacted_wherever_it_stands(cut: int) -> None:
    assert REDACT(f"status '{WORDS[:cut]}', expected UP") == "status '***', expected UP"


@pytest.mark.parametrize(
    "text",
    [
        "Sup3r things happen at line=53 of C:\\new\\tools, 100%25 & more; see https://example.com/a%20b?c=d#e",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bd8f2ab30bd2d2a3ad3a1",
        "QmFzZTY0IHRleHQgdGhhdCBob2xkcyBubyBzZWNyZXQ=",
        "ada@example.com wrote to https://example.com/@scope/package",
        "uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
        "mask-image: \x1b[31mred\x1b[0m \u200dü",
        "token: none, api_key= , Authorization: ***, ghp_short, AKIA, eyJ.eyJ",
    ],
    ids=["escapes", "digest", "Base64", "address", "commit", "unseen", "words"],
)
def test_text_without_a_secret_stays_the_same_object(text: str) -> None:
    assert REDACT(text) is text


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (json.dumps({"type": "service_account", "private_key_id": "9a8b7c6d5e4f", "client_id": "100200300400"}), "9a8b7c6d5e4f"),
        (base64.b64encode(b'{"auths": {"r": {"auth": "' + base64.b64encode(b"ada:hunter22") + b'"}}}').decode(), "hunter22"),
        ("Server=db;User Id=ada;Password=hunter22;", "hunter22"),
        ("postgres://ada:hunter%2F22@db/shop", "hunter/22"),
        ("HOST=db\nDB_PASSWORD=hunter22\n", "hunter22"),
        ("Bearer abcdef123456", "abcdef123456"),
        ("https://hooks.example.com/services/T0/B0/abcdefgh", "/services/T0/B0/abcdefgh"),
    ],
    ids=["JSON", "Docker's configuration in Base64", "connection", "URL", "lines of variables", "header", "webhook"],
)  # fmt: skip
def test_what_lets_somebody_in_by_itself_is_a_secret_too(secret: str, shown: str) -> None:
    assert Redactor([secret])(f"it is {shown} and db") == "it is *** and db"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at ghp_" + "a1" * 18, "at ***"),
        ("at glpat-abcdefghij0123456789", "at ***"),
        ("at AKIAIOSFODNN7EXAMPLE", "at ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----"),
        ("GET /a?access_token=abcdef&b=c", "GET /a?access_token=***&b=c"),
        ("PRIVATE-TOKEN: abcdefgh12", "PRIVATE-TOKEN: ***"),
        ('{"Authorization": "Bearer abcdefgh12"}', '{"Authorization": "Bearer ***"}'),
        ("https:\\/\\/ada:hunter22@db\\/x", "https:\\/\\/***@db\\/x"),
    ],
    ids=["GitHub", "GitLab", "AWS", "private key", "parameter", "header", "header in JSON", "address in JSON"],
)  # fmt: skip
def test_secrets_of_a_known_shape_are_redacted_though_nobody_named_them(text: str, shown: str) -> None:
    assert Redactor([])(text) == shown


@pytest.mark.parametrize(
    "piece",
    ["%41", "\\u0041", "&#65;", "Sup3r/", "U3VwM3IvUzNjcmV0", "'", "...", "<b ", "]]>", "\x1b]", "=\n", "://a@", "eyJa.", "authorization:"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        began = time.process_time()
        REDACT(piece * (length // len(piece)) + "Sup3r/S3")
        return time.process_time() - began

    seconds(10_000)

    assert seconds(320_000) < 16 * max(seconds(40_000), 0.01)
