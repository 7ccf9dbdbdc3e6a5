"""The search for a fixed set of secrets: where in a text they stand, whole or as much of them as a cut has left."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from deliverygate.redaction.decoding import (
    ROUNDS,
    seen,
    squeeze,
    squeeze_text,
    struck,
    unescape,
    unprint,
    unquote,
    unquote_text,
)
from deliverygate.redaction.patterns import Lazy
from deliverygate.redaction.sieve import EDGE, TEXT, Sieve, decode
from deliverygate.redaction.views import Span, View, rewrite

LOOSE = 8  #: characters from which on a secret is found although it is wrapped or quoted in between
DEPTH = 3  #: Base64 inside of Base64
# What a secret may begin with that is none, and stands in many other texts.
_STEM = Lazy(
    r"[A-Za-z][\w+.-]*://[^/?#]*/?|eyJ[\w-]+\.|(?:Bearer|Basic|Token)\s*"
    r"|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|(?:AKIA|ASIA)|xox[a-z]-|npm_|pypi-|sk_live_|AIza|hvs\."
)
_CUT = Lazy(r"…|\.\.\.")
_RUN = Lazy(r"[A-Za-z0-9+/_-]{8,}")
_STANDARD = str.maketrans("-_", "+/")
_HEX_GAPS = Lazy(r"0[xX]|[:,;_{}\[\]\\x%=|-]+")


class Search:
    """Looks for a fixed set of secrets."""

    def __init__(self, values: frozenset[str]) -> None:
        spelled = {form for value in values for form in _spellings(value)}
        self.sieve = Sieve((form, _stem(form)) for form in spelled)
        long = {form for form in map(squeeze_text, spelled) if len(form) >= LOOSE}
        short = {unquote_text(form) for form in spelled if len(squeeze_text(form)) < LOOSE}
        self.long = tuple((form, _stem(form)) for form in sorted(long))
        self.short = tuple((form, _stem(form)) for form in sorted(filter(None, short)))
        self.whole = tuple(sorted(spelled))
        octets = {value.encode(errors="surrogateescape") for value in values}
        texts = {value for value in values if value.isprintable()}
        wide = {text.encode(code) for text in texts for code in ("utf-16-le", "utf-16-be")}
        self.octets = tuple(sorted(octets | wide))
        self.hexed = tuple((each.hex(), 0) for each in sorted(octets))

    def spans(self, text: str, depth: int = DEPTH) -> Iterator[Span]:
        """Where secrets stand in ``text``, in no order; they may overlap."""
        original = View(text)
        for view in (original, *_readings(original)):
            for form in self.whole:  # with what it begins and ends with, be that quotes or hidden
                yield from map(view.original, _all(view.text, form))
            squeezed = squeeze(view)
            yield from _find(self.long, squeezed)
            if self.short:
                yield from _find(self.short, unquote(view))
            read = (each.text.encode(errors="surrogatepass") for each in (squeezed, view))
            if any(self.sieve.in_base64(data, depth) for data in read):
                yield from map(squeezed.original, self._in_base64(squeezed.text, depth))
            yield from self._in_hex(squeezed)

    def _in_base64(self, text: str, depth: int) -> Iterator[Span]:
        for run in _RUN.finditer(text):
            letters = run[0].translate(_STANDARD).encode()
            for offset in range(4):
                begin = run.start() + offset
                for start, end in self._in_octets(decode(letters[offset:]), depth):
                    # A character that also holds bits of a neighbour is left alone.
                    first, last = begin - (-start * 8 // 6), min(begin + end * 8 // 6, run.end())
                    if first < last:
                        yield first, last

    def _in_octets(self, data: bytes, depth: int) -> Iterator[Span]:
        for octets in self.octets:
            at = data.find(octets)
            while at >= 0:
                yield at, at + len(octets)
                at = data.find(octets, at + len(octets))
        for text in TEXT.finditer(data) if depth else ():
            if self.sieve.may_hold(text[0]):
                read = text[0].decode()
                for start, end in self.spans(read, depth - 1):
                    yield text.start() + len(read[:start].encode()), text.start() + len(read[:end].encode())

    def _in_hex(self, view: View) -> Iterator[Span]:
        flat = _HEX_GAPS.sub("", view.text).lower()
        if any(form[: 2 * EDGE] in flat for form, _ in self.hexed):
            bare = rewrite(view, _HEX_GAPS, lambda _: "")
            lower = View(bare.text.lower(), bare, [0], [0], [True])
            yield from _find(self.hexed, lower, edge=2 * EDGE)


def _readings(view: View) -> Iterator[View]:
    """The text as it reads, and as it reads decoded once, twice, ..."""
    current = seen(view)
    yield from (current, *_otherwise(view))
    for _ in range(ROUNDS):
        decoded = unescape(current)
        if decoded is current:
            return
        current = seen(decoded)
        yield from (current, *_otherwise(decoded))


def _otherwise(view: View) -> Iterator[View]:
    """How it may read besides: on a terminal, and as quoted-printable, which is decoded once more."""
    if (overwritten := struck(view)) is not view:
        yield seen(overwritten)
    plain = seen(view)
    if (printed := unprint(plain)) is not plain:
        yield printed
        if (decoded := unescape(printed)) is not printed:
            yield seen(decoded)


def _find(forms: Iterable[tuple[str, int]], view: View, *, edge: int = EDGE) -> Iterator[Span]:
    for form, stem in forms:
        yield from map(view.original, _occurrences(view.text, form, stem, edge=edge))


def _all(text: str, form: str) -> Iterator[Span]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + len(form))


def _occurrences(text: str, form: str, stem: int, *, edge: int) -> Iterator[Span]:
    """Where ``form`` stands, whole or as much of it as a cut has left."""
    short = min(stem + edge, max(len(form) - 2, 4))  # betrays it where a text is cut
    long = min(stem + max(edge + 2, min(16, len(form) // 4)), len(form))  # betrays it anywhere
    at = text.find(form[:short])
    while at >= 0:
        end = at + _common(text, at, form)
        if end - at >= long or end == len(text) or text.startswith(("…", "..."), end):
            yield at, end
        at = text.find(form[:short], at + 1)
    tail = form[-short:] if len(form) > short else ""
    if tail and tail in text:
        for begin in (0, *(cut.end() for cut in _CUT.finditer(text))):
            found = text.find(tail, begin, begin + len(form))
            if found >= 0 and form.endswith(text[begin : found + len(tail)]):
                yield begin, found + len(tail)


def _common(text: str, at: int, form: str) -> int:
    """How many characters of ``form`` stand at ``at``."""
    low, high = 0, len(form)
    while low < high:
        middle = (low + high + 1) // 2
        if text.startswith(form[:middle], at):
            low = middle
        else:
            high = middle - 1
    return low


def _spellings(value: str) -> Iterator[str]:
    """The secret as it may read once nothing around it is encoded any more."""
    view = View(value)
    yield value
    for _ in range(ROUNDS):  # one that holds escapes itself reads otherwise after each round
        decoded = unescape(view)
        if decoded is view:
            break
        view = decoded
        yield view.text
    octets = value.encode(errors="surrogateescape")  # a variable may hold any bytes
    yield octets.decode(errors="replace")
    yield octets.decode("latin-1")
    yield from (unicodedata.normalize(kind, value) for kind in ("NFC", "NFD"))
    if " " in value:
        yield value.replace(" ", "+")  # in a form


def _stem(form: str) -> int:
    found = _STEM.match(form)
    return found.end() if found and found.end() + EDGE <= len(form) else 0
