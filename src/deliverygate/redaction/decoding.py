"""What a text reads as once it is decoded: every usual escape at once, round by round, whatever spelling was chosen."""

from __future__ import annotations

import re

from deliverygate.redaction.cleaning import HIDDEN, UNSEEN, is_clean
from deliverygate.redaction.patterns import Lazy
from deliverygate.redaction.views import View, rewrite

ROUNDS = 4  #: e.g. JSON inside of JSON inside of a URL

# A slash may stand for a backslash: the separators of a path are turned round before it is shown.
# Bytes from 0x80 on are parts of one character in UTF-8, so they are decoded together; others one by one, to know where
# a secret begins.
_ESCAPE = Lazy(
    r"""(?P<shell>'"'"'|'\\''|\\'')"""
    r"|(?P<cdata>\]\]\]\]><!\[CDATA\[>|\]\]>\s*<!\[CDATA\[)"
    r"|(?P<tag></?(?:wbr|span|br|b|i|em|strong|mark|code)(?:\s[^<>]{0,200})?/?>)"
    r"|(?P<octets>%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+"
    r"|[\\/]x[0-7][0-9A-Fa-f]|(?:[\\/]x[89A-Fa-f][0-9A-Fa-f])+)"
    r"|(?P<octal>\\[01]?[0-7]{1,2}|(?:\\[23][0-7]{2})+)"
    r"|(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<point>[\\%/]u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\u\{0{0,8}[0-9a-fA-F]{1,6}\})"
    r"|(?P<entity>&\#[xX]0{0,8}[0-9a-fA-F]{1,6};?|&\#0{0,8}[0-9]{1,7};?|&[A-Za-z][A-Za-z0-9]{1,31};"
    r"|&(?:lt|gt|amp|quot|LT|GT|AMP|QUOT))"
    r"|(?P<continued>\\\r?\n)"
    r"|\\(?P<letter>[nrtabfve])"
    r"|\\(?P<itself>[^\w\s])|/(?P<turned>[^\w\s/])"
    r"""|(?P<doubled>''|"")"""
)
# Quoted-printable stands apart: in `line=42` it would decode what nobody encoded.
_QUOTED_PRINTABLE = Lazy(r"=(?P<soft>[ \t]*\r?\n|[ \t]+)|=[0-7][0-9A-Fa-f]|(?:=[89A-Fa-f][0-9A-Fa-f])+")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}

# Left out when a secret is looked for: what quotes and wraps (white space, quotes, borders of tables), and what nobody
# sees: besides what `clean` takes away, the joiners and selectors that it leaves.
_UNSEEN_MARKS = (
    f"{HIDDEN}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef"
)
_QUOTES = "'\"`\\\\"
_BREAKS = r"\s|\u2500-\u259f"
_LOOSE = Lazy(f"[{_UNSEEN_MARKS}{_QUOTES}{_BREAKS}]+")
_TIGHT = Lazy(f"[{_UNSEEN_MARKS}{_QUOTES}]+")
_OVERSTRUCK = Lazy(r"[^\x08\n]\x08")


def seen(view: View) -> View:
    """What a reader sees of it."""
    return view if is_clean(view.text) else rewrite(view, UNSEEN, lambda found: "\n" if found["end"] else "")


def struck(view: View) -> View:
    """What a terminal shows of it: a backspace takes a character away."""
    return rewrite(view, _OVERSTRUCK, lambda _: "") if "\x08" in view.text else view


def unescape(view: View) -> View:
    """One round of decoding; the same view where nothing is escaped."""
    return rewrite(view, _ESCAPE, _decoded)


def unprint(view: View) -> View:
    """Quoted-printable decoded; the same view where there is none."""
    return rewrite(
        view,
        _QUOTED_PRINTABLE,
        lambda found: "" if found["soft"] else _utf8(bytes.fromhex(found[0].replace("=", ""))),
    )


def squeeze(view: View) -> View:
    """Without white space, quotes and borders: a secret that was wrapped or quoted is in one piece again."""
    return rewrite(view, _LOOSE, lambda _: "")


def squeeze_text(text: str) -> str:
    """The same of a plain text."""
    return str(_LOOSE.sub("", text))


def unquote(view: View) -> View:
    """Without quotes; white space stays, so that two words never become a short secret."""
    return rewrite(view, _TIGHT, lambda _: "")


def unquote_text(text: str) -> str:
    """The same of a plain text."""
    return str(_TIGHT.sub("", text))


def _decoded(found: re.Match[str]) -> str | None:
    kind, text = found.lastgroup, found[0]
    match kind:
        case "shell":
            return "'"
        case "cdata":
            return "]]>" if text.startswith("]]]") else ""
        case "octets":
            return _utf8(bytes.fromhex(re.sub(r"%|[\\/]x", "", text)))
        case "octal":
            return _utf8(bytes(int(part, 8) for part in text.split("\\")[1:]))
        case "pair":
            return (chr(int(text[2:6], 16)) + chr(int(text[8:], 16))).encode("utf-16", "surrogatepass").decode("utf-16")
        case "point":
            return _character(int(text[2:].strip("{}"), 16), text)
        case "entity":
            return _entity(text)
        case "letter":
            return _LETTERS[found["letter"]]
        case "itself" | "turned" as name:
            return found[name]
        case "doubled":
            return text[0]
    return ""  # a tag, a line that goes on


def _utf8(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _character(point: int, otherwise: str) -> str:
    return chr(point) if point < 0x110000 else otherwise


def _entity(text: str) -> str | None:
    if not text.startswith("&#"):
        import html

        read = html.unescape(text)
        return read if read != text else None
    digits = text[2:].rstrip(";")
    return _character(int(digits[1:], 16) if digits[0] in "xX" else int(digits), text)
