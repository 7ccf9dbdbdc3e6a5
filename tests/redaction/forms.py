"""One secret in all the forms in which it may travel, and the search for it in what came out."""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
import shlex
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

SECRET = "Sup3r/S3cret+Tok'en!val<ue>Z9"
Form = Callable[[str], str]


def _each(pattern: str) -> Form:
    return lambda secret: "".join(pattern.format(ord(sign)) for sign in secret)


def _octets(secret: str) -> bytes:
    return secret.encode()


FORMS: dict[str, Form] = {
    "plain": str,
    "in colours": lambda s: f"{s[:9]}\x1b[31m{s[9:]}\x1b[0m",
    "each letter in colour": "\x1b[1m".join,
    "zero width space": "\u200b".join,
    "zero width joiner": lambda s: f"{s[:7]}\u200d{s[7:]}",
    "soft hyphen": lambda s: f"{s[:7]}\xad{s[7:]}",
    "NUL": lambda s: f"{s[:7]}\0{s[7:]}",
    "backspace": lambda s: f"{s[:7]}\b{s[7:]}",
    "struck over": lambda s: f"{s[:7]}x\b{s[7:]}",
    "UTF-16 shown as bytes": "\0".join,
    "percent": lambda s: quote(s, safe=""),
    "percent, lower case": lambda s: re.sub("%..", lambda found: found[0].lower(), quote(s, safe="")),
    "percent, a path": quote,
    "percent, as browsers do": lambda s: quote(s, safe="!'()*~"),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "percent, every letter": _each("%{:02x}"),
    "form": quote_plus,
    "JSON": json.dumps,
    "JSON of PHP": lambda s: json.dumps(s).replace("/", "\\/"),
    "JSON of Go": lambda s: json.dumps(s).replace("<", "\\u003c").replace(">", "\\u003E"),
    "JSON, every letter": _each("\\u{:04x}"),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s)),
    "JSON with hidden signs": lambda s: json.dumps(f"{s[:7]}\u200b\x1b[31m{s[7:]}"),
    "HTML": html.escape,
    "HTML, decimal": lambda s: s.replace("'", "&#39;").replace("<", "&#60;"),
    "HTML, every letter": _each("&#{};"),
    "HTML, every letter in hex": _each("&#x{:X};"),
    "HTML without semicolons": lambda s: s.replace("<", "&lt").replace(">", "&gt"),
    "HTML in HTML": lambda s: html.escape(html.escape(s)),
    "XML in CDATA": lambda s: f"<![CDATA[{s}]]>",
    "marked up": lambda s: f"{s[:5]}<b>{s[5:9]}</b>{s[9:]}",
    "Base64": lambda s: base64.b64encode(_octets(s)).decode(),
    "Base64 of user and password": lambda s: "Basic " + base64.b64encode(b"user:" + _octets(s)).decode(),
    "Base64 at another offset": lambda s: base64.b64encode(b"me:" + _octets(s) + b"!").decode(),
    "Base64 at the third offset": lambda s: base64.b64encode(b"root:" + _octets(s) + b"!").decode(),
    "Base64 for URLs": lambda s: base64.urlsafe_b64encode(b"user:" + _octets(s)).decode().rstrip("="),
    "Base64, wrapped": lambda s: base64.encodebytes(b"x" * 41 + _octets(s) + b"y" * 60).decode(),
    "Base64, wrapped, in JSON": lambda s: json.dumps(base64.encodebytes(b"x" * 40 + _octets(s)).decode()),
    "Base64 twice": lambda s: base64.b64encode(base64.b64encode(b"user:" + _octets(s))).decode(),
    "Base64 of JSON": lambda s: base64.b64encode(json.dumps({"auth": s}).replace("/", "\\/").encode()).decode(),
    "Base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode(),
    "hex": lambda s: _octets(s).hex(),
    "HEX": lambda s: _octets(s).hex().upper(),
    "hex with colons": lambda s: _octets(s).hex(":"),
    "hex of C": lambda s: ", ".join(f"0x{octet:02x}" for octet in _octets(s)),
    "shell": shlex.quote,
    "shell, as a list": lambda s: shlex.join(["login", s]),
    "shell with backslashes": lambda s: re.sub(r"(\W)", r"\\\1", s),
    "shell of bash": lambda s: "$'" + s.replace("'", "\\'") + "'",
    "Python": repr,
    "C, every letter": _each("\\x{:02x}"),
    "C in octal": _each("\\{:03o}"),
    "quoted-printable": lambda s: quopri.encodestring(b"x" * 60 + _octets(s)).decode(),
    "YAML": lambda s: "'" + s.replace("'", "''") + "'",
    "over two lines": lambda s: f"{s[:11]}\n    {s[11:]}",
    "in a table": lambda s: f"│ {s[:11]} │     │\n│ {s[11:]} │     │",
    "cut off": lambda s: f"{s[:20]}...",
    "cut off with an ellipsis": lambda s: f"{s[:9]}…",
    "the end of it": lambda s: f"…{s[-12:]}",
    "cut off and quoted": lambda s: repr(s[:14]),
}

#: as long as this, a part of a secret is no accident
PART = 9


def traces(data: bytes, secret: str = SECRET) -> list[str]:
    """What is left of the secret in an output: whole, a long beginning or end of it, in plain or once it is decoded."""
    whole = secret.encode()
    needles = {"beginning": whole[:PART], "end": whole[-PART:]}
    return sorted({f"{name}, {how}" for how, text in _readings(data) for name, part in needles.items() if part in text})


def _readings(data: bytes, depth: int = 1) -> Iterator[tuple[str, bytes]]:
    text = data.decode(errors="replace")
    yield "as it is", data
    yield "without what is hidden", re.sub(r"\x1b\[[0-9;]*m|[\x00-\x08\xad\u200b-\u200d]", "", text).encode()
    yield "in one line", re.sub(r"[\s'\"\\│]", "", text).encode().replace(b"'", b"")
    for how, decode in _DECODERS.items():
        once = decode(text)
        yield how, once.encode(errors="replace")
        yield f"{how}, twice", decode(once).encode(errors="replace")
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", re.sub(r"\s|\\n", "", text) + "." + text):
        for offset in range(4):
            letters = run[offset:].translate(str.maketrans("-_", "+/"))
            decoded = base64.b64decode(letters[: len(letters) // 4 * 4])
            yield "Base64", decoded.replace(b"\0", b"")
            if depth and decoded.isascii():
                yield from _readings(decoded, depth - 1)
    for run in re.findall(r"(?:[0-9a-f]{2}){6,}", re.sub(r"0x|[\s:,]", "", text.lower())):
        yield "hex", bytes.fromhex(run)


def _escapes(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1] or found[2], 16)), text)
    text = re.sub(r"\\([0-3][0-7]{2})", lambda found: chr(int(found[1], 8)), text)
    return re.sub(r"\\([^\w\s])", r"\1", text)


_DECODERS: dict[str, Form] = {
    "percent": unquote,
    "form": unquote_plus,
    "HTML": html.unescape,
    "escapes": _escapes,
    "quoted-printable": lambda text: quopri.decodestring(text.encode()).decode(errors="replace"),
}
