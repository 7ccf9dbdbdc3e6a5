"""Secrets that nobody named, known by their shape: keys, tokens of well-known services, credentials in URLs and so on.

The shapes of tokens are those that their makers publish for secret scanners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverygate.redaction.patterns import Lazy
from deliverygate.redaction.views import Span

_USERINFO = Lazy(r"://(?P<secret>[^\s/?#@]*(?:@[^\s/?#@]*)*)@")
_PARAMETER = Lazy(
    r"[?&;](?:access_token|private_token|job_token|refresh_token|id_token|auth_token|token|api_?key|client_secret|secret"
    r"|password|passwd|sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature)="
    r"(?P<secret>[^\s&;#\"'<>*]{6,})",
    re.IGNORECASE,
)
_HEADER = Lazy(
    r"\b(?:(?:proxy-)?authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:bearer|basic|token|negotiate|digest)\s+"
    r"|(?:private-token|job-token|deploy-token|x-api-key|x-auth-token|x-vault-token)[\"']?\s{0,4}[:=]\s{0,4}[\"']?)"
    r"(?P<secret>[\w.~+/=-]{8,})",
    re.IGNORECASE,
)
_KEY = Lazy(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<secret>.*?)"
    r"(?=-----END [A-Z0-9 ]{0,40}PRIVATE KEY|-----BEGIN |\Z)",
    re.DOTALL,
)
_TOKENS = Lazy(
    r"(?<![A-Za-z0-9])(?P<secret>gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w.-]{20,300}"
    r"|(?:AKIA|ASIA)[A-Z2-7]{16}|xox[abeprs]-[A-Za-z0-9-]{10,250}|AIza[\w-]{35}|(?:sk|rk)_live_[A-Za-z0-9]{10,200}"
    r"|npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,500}|dckr_pat_[\w-]{27}|hf_[A-Za-z]{34}|SG\.[\w-]{22}\.[\w-]{43}"
    r"|sq[up]_[0-9a-f]{40}|hvs\.[\w-]{24,300}|eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000})(?![A-Za-z0-9])"
)

# What must be in a text before its pattern is tried; searching for words is much faster than for patterns.
_RULES: tuple[tuple[tuple[str, ...], Lazy], ...] = (
    (("://",), _USERINFO),
    (("token=", "key=", "secret=", "passw", "sig=", "ature="), _PARAMETER),
    (("authorization", "-token", "-api-key"), _HEADER),
    (("-----begin ",), _KEY),
    (
        (
            "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-",
            "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "akia", "asia", "xox", "aiza", "_live_",
            "npm_", "pypi-age", "dckr_pat_", "hf_", "sg.", "squ_", "sqp_", "hvs.", "eyj",
        ),
        _TOKENS,
    ),
)  # fmt: skip
_OF_BYTES = tuple(
    (tuple(sign.encode() for sign in signs), Lazy(pattern.text.encode(), pattern.flags)) for signs, pattern in _RULES
)
_AT = (b"@", b"%40", b"\\u0040", b"&#64;", b"&#x40;")
_ESCAPED_ADDRESS = (b":\\/\\/", b"%3a%2f%2f", b":\\u002f", b":&#47;", b":&#x2f;")
_LONG_WORD = Lazy(rb"[a-z0-9_.-]{20,}")  #: as long as the shortest token


def may_hold(data: bytes) -> bool:
    """Whether a text, as UTF-8, is worth a look."""
    lower = data.lower()
    *others, (signs, tokens) = _OF_BYTES
    if any(any(sign in lower for sign in signs) and pattern.search(data) for signs, pattern in others):
        return True
    # Only long words can be tokens, and in few words many signs are looked for faster.
    if any(sign in lower for sign in signs):
        words = b" ".join(_LONG_WORD.findall(lower))
        if any(sign in words for sign in signs) and tokens.search(data):
            return True
    return any(sign in lower for sign in _AT) and any(sign in lower for sign in _ESCAPED_ADDRESS)


def find(text: str) -> Iterator[Span]:
    """Where secrets of a known shape stand."""
    lower = text.lower()
    for signs, pattern in _RULES:
        if any(sign in lower for sign in signs):
            yield from (found.span("secret") for found in pattern.finditer(text))
