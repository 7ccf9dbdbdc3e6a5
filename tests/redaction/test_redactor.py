"""Secrets are found by the names of their variables, and blotted out in whatever form they travel."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest

from deliverygate.model import CheckResult, Location, Measurement, Verdict
from deliverygate.redaction.environment import find_secrets
from deliverygate.redaction.redactor import Redactor
from deliverygate.testing import finding

SECRET = "s3cr+t/\"<&é'x"


@pytest.mark.parametrize(
    "name",
    [
        "CI_JOB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "DB_PASSWORD",
        "PGPASSWD",
        "SONAR_APIKEY",
        "OPENAI_API_KEY",
        "DEPLOY_PRIVATE_KEY",
        "DOCKER_AUTH_CONFIG",
        "npm_config_//registry.example.com/:_authToken",
        "DB_PASS",
        "SENTRY_DSN",
        "GITHUB_PAT",
        "SSO_CREDENTIALS",
        "MYSQL_PWD",
    ],
)
def test_value_of_a_variable_with_a_telling_name_is_a_secret(name: str) -> None:
    assert find_secrets({name: "correct horse"}) == {"correct horse"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_AUTHOR_NAME", "Ada Lovelace"),
        ("PWD", "/home/ada/shop"),
        ("COMPASS_HEADING", "north-north-west"),
        ("CACHE_KEY", "main-linux"),
        ("API_TOKEN", "12345"),
        ("API_TOKEN", "      1      "),
        ("PROXY_AUTH", "Required"),
        ("SSH_AUTH_SOCK", "/"),
    ],
    ids=["author", "folder", "part of a word", "cache", "too short", "blanks", "plain word", "existing file"],
)
def test_other_values_are_no_secrets(name: str, value: str) -> None:
    assert find_secrets({name: value}) == frozenset()


def test_secret_that_only_looks_like_a_path_is_a_secret() -> None:
    assert find_secrets({"ACCESS_TOKEN": "/nosuchfile+Zm9vYmFy"}) == {"/nosuchfile+Zm9vYmFy"}


def test_what_a_secret_file_holds_is_a_secret_and_its_path_is_none(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("the secret itself")

    assert find_secrets({"KUBE_TOKEN": str(file), "OTHER_TOKEN": "x" * 5000}) == {"x" * 5000, "the secret itself"}


def test_password_in_any_url_is_a_secret() -> None:
    assert find_secrets({"DATABASE_URL": "postgres://shop:hunter22@db:5432/shop"}) == {"hunter22"}


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        escape(SECRET),
        html.escape(SECRET),
        escape(SECRET, {'"': "&quot;", "'": "&apos;"}),
    ],
    ids=["plain", "JSON", "JSON in UTF-8", "URL", "URL path", "form", "hex", "HEX", "XML", "HTML", "XML with quotes"],
)
def test_secret_is_blotted_out_in_each_form(written: str) -> None:
    shown = Redactor([SECRET])(f"before {written} after")

    assert shown.replace('"***"', "***") == "before *** after"


@pytest.mark.parametrize("before", ["", "u", "us", "user", "x:y", "\xff\xff"], ids=repr)
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode], ids=["standard", "URL-safe"])
def test_secret_is_blotted_out_in_base64_wherever_it_begins(before: str, encode: type[bytes]) -> None:
    secret = "p4ss?>w0rd~~"
    text = encode(f"{before}{secret}:more".encode("latin-1")).decode()
    first, last = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6  # six bits a character

    shown = Redactor([secret])(f"Basic {text}")

    assert shown == f"Basic {text[:first]}***{text[last:]}"


def test_longest_secret_wins_over_one_that_it_begins_with() -> None:
    assert Redactor(["abcdef", "abcdefgh"])("abcdefgh abcdef") == "*** ***"


def test_lines_of_a_key_are_blotted_out_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n-----END KEY-----\n"

    assert Redactor([key])(f"1: MIIEvQIBADANBgkqhkiG9w0\n2: short\n{key}") == "1: ***\n2: short\n***\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://ada:pa55@shop.example/a?b=c@d", "GET https://***@shop.example/a?b=c@d"),
        ("https://token@git.example", "https://***@git.example"),
        ("https://a:b@c@host/x", "https://***@host/x"),
        ("https://host/@scope/package", "https://host/@scope/package"),
        ("mail ada@example.org about https://host/", "mail ada@example.org about https://host/"),
        ("git@host:group/project", "git@host:group/project"),
    ],
    ids=["user and password", "user", "at sign in it", "in the path", "mail", "scp"],
)
def test_userinfo_of_urls_is_blotted_out_without_any_secret(text: str, shown: str) -> None:
    assert Redactor([])(text) == shown


def test_userinfo_pattern_takes_linear_time() -> None:
    text = "://" + "@a" * 50_000 + "://x" * 50_000

    assert Redactor([])(text).startswith("://***@")


def test_every_text_of_a_check_is_cleared() -> None:
    check = CheckResult(
        name="get hunter22",
        verdict=Verdict.FAILED,
        summary="hunter22",
        findings=(finding("r", message="with hunter22", location=Location("a/hunter22.py")), finding("clean")),
        measurements=(Measurement(name="n", value="hunter22", wanted="x"), Measurement(name="m", value=1, wanted="2")),
        details="https://ada:pw@host",
        mend="not hunter22",
    )

    cleared = Redactor(["hunter22"]).redact_record(check)

    assert cleared == CheckResult(
        name="get ***",
        verdict=Verdict.FAILED,
        summary="***",
        findings=(finding("r", message="with ***", location=Location("a/***.py")), finding("clean")),
        measurements=(Measurement(name="n", value="***", wanted="x"), Measurement(name="m", value=1, wanted="2")),
        details="https://***@host",
        mend="not ***",
    )
    assert cleared.findings[1] is check.findings[1]


@pytest.mark.parametrize("secrets", [[], ["hunter22"]], ids=["no secrets", "none in it"])
def test_check_without_secrets_is_the_same_object(secrets: list[str]) -> None:
    check = CheckResult(name="a", verdict=Verdict.PASSED, summary="ok", findings=(finding(), finding("b")))

    assert Redactor(secrets).redact_record(check) is check


def test_secret_with_escapes_is_found_in_a_check() -> None:
    check = CheckResult(name="a", verdict=Verdict.PASSED, summary=f"say {SECRET} \ud800")

    assert Redactor([SECRET]).redact_record(check).summary == "say *** \ud800"


def test_a_secret_of_any_bytes_is_blotted_out_too() -> None:
    secret = b"\xff\xfe not UTF-8".decode(errors="surrogateescape")
    redact = Redactor(find_secrets({"SHOP_TOKEN": secret}))
    printed = b"it is \xff\xfe not UTF-8".decode(errors="replace")
    check = CheckResult(name="c", verdict=Verdict.FAILED, summary=printed, details=f"raw {secret}")

    cleared = redact.redact_record(check)

    assert (cleared.summary, cleared.details) == ("it is ***", "raw ***")
