"""A quick look that says of most texts that no secret is in them, in any form: a few passes in C over all of it."""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Iterable

from deliverygate.redaction.patterns import Lazy

EDGE = 6  #: characters of a secret that betray it where a text was cut
_PIECE = Lazy(rb"[A-Za-z0-9]{4,}")
_ALL = bytes(range(256))
_LETTERS = bytes(code for code in range(128) if chr(code).isalnum())
_OTHERS = bytes(code for code in _ALL if code not in _LETTERS)
_OF_BASE64 = _LETTERS + b"+/-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_BETWEEN_HEX = b" \t\r\n:,;-_{}[]\\x%=|'\""
#: So much that can be read is no accident in what was decoded; what hides between letters is read over.
TEXT = Lazy(
    rb"(?:[\t\n\r\x08\x1b -~]|\xc2\xad|\xcd\x8f|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf){12,}"
)
_WORDS = bytes(code if code in _OF_BASE64 else 32 for code in _ALL)  #: leaves words of Base64's letters
_SHORT, _LONG = 8, 24  #: characters of a word that may be Base64 at all, and that may hold an encoding of its own
# Letters and digits are escaped by nobody but who wants them unseen (or escapes everything), and neither is what hides
# or begins an escape sequence; between two letters, either leaves no piece of a secret.
_ALNUM = rb"(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])"
_UNSEEN = rb"(?:00[0189][0-9a-fA-F]|00[aA][dD]|034[fF]|061[cC]|115[fF]|1160|180|20[0-6]|3164|[fF][eE][0fF])"
_SPELLED = (
    Lazy(rb"%(?:25)*(?:" + _ALNUM + rb"|u00" + _ALNUM + rb"|1[bB])"),
    Lazy(
        rb"\\(?:[xX]"
        + _ALNUM
        + rb"|u(?:00"
        + _ALNUM
        + rb"|\{|"
        + _UNSEEN
        + rb")|U0{6}"
        + _ALNUM
        + rb"|0?1[0-7]{2}|0?6[0-7]|x1[bB]|x00|033|e\[|b)"
    ),
    Lazy(
        rb"&(?:amp;)*(?:#0*(?:4[89]|5[0-7]|6[5-9]|[78][0-9]|9[0789]|1[01][0-9]|12[0-2]|27|173|820)"
        rb"|#[xX]0*(?:" + _ALNUM + rb"|1[bB]|[aA][dD]|20)|shy|zw|Zero|Invis)"
    ),
    Lazy(rb"=" + _ALNUM + rb"=" + _ALNUM + rb"="),
)
_DEPTH = 3
_CONTROL = Lazy(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|\xc2\x9b[0-?]*[ -/]*[@-~]"
)
# In a packed record the same bytes are small numbers, which are followed by no letter.
_BEGINS_CONTROL, _BEGINS_STRUCK = Lazy(rb"\x1b[ -~]"), Lazy(rb"\x08(?:[ -~]|[\xc2-\xf4][\x80-\xbf])")
_STRUCK = Lazy(rb"[^\x08\n]\x08")


class Sieve:
    """Knows by which signs a text may hold one of the secrets."""

    def __init__(self, secrets: Iterable[tuple[str, int]]) -> None:
        """``secrets`` with how many characters at the beginning of each are no secret, such as ``https://host``."""
        plain, pieces, coded, hexed = set[bytes](), set[bytes](), set[bytes](), set[bytes]()
        self._any_escape = False
        for secret, stem in secrets:
            first = secret[: stem + EDGE].encode(errors="surrogatepass")
            found = _pieces(secret[stem:].encode(errors="surrogatepass"))
            plain |= {first, secret[-EDGE:].encode(errors="surrogatepass")} - set(found)
            coded.add(first)
            hexed.add(first.hex().encode())
            pieces.update(found)
            self._any_escape |= not found
        self._plain, self._pieces, self._coded, self._hexed = map(tuple, (plain, pieces, coded, hexed))

    def may_hold(self, data: bytes, depth: int = _DEPTH) -> bool:
        """Whether one of them may be in ``data``; False is certain."""
        if not self._plain and not self._pieces:
            return False
        if b"\xc2\x9b" in data or _BEGINS_CONTROL.search(data):
            data = _CONTROL.sub(b"", data)
        return (
            _has(data, self._plain)
            or (_BEGINS_STRUCK.search(data) and _has(_STRUCK.sub(b"", data).translate(None, _OTHERS), self._pieces))
            or _has(data.translate(None, _OTHERS), self._pieces)
            or any(pattern.search(data) for pattern in _SPELLED)
            or (self._any_escape and any(sign in data for sign in (b"%", b"\\", b"&", b"'", b"=", b"\n")))
            or _has(data.lower().replace(b"0x", b"").translate(None, _BETWEEN_HEX), self._hexed)
            or self.in_base64(data, depth)
        )

    def in_base64(self, data: bytes, depth: int = _DEPTH) -> bool:
        """Whether one may be in what is Base64 in ``data``, wherever that begins and however it is wrapped."""
        # Eight letters hold six bytes. Long paths and digests are in small letters; Base64 so long never is.
        words = [
            word.translate(_STANDARD)
            for word in data.translate(_WORDS).split()
            if len(word) >= _SHORT and not (len(word) >= _LONG and word.islower())
        ]
        stream = b"".join(words)
        if any(_has(decode(stream[offset:]).replace(b"\0", b""), self._coded) for offset in range(4)):
            return True
        if not depth:
            return False
        runs = [word for word in words if len(word) >= _LONG]
        inner = b"\n".join(text for run in runs for offset in range(4) for text in TEXT.findall(decode(run[offset:])))
        return bool(inner) and self.may_hold(inner, depth - 1)


def decode(run: bytes) -> bytes:
    """Base64 of the standard alphabet, as far as whole bytes go."""
    length = len(run) - (len(run) % 4 == 1)
    try:
        return a2b_base64(run[:length] + b"=" * (-length % 4))
    except Error:
        return b""


def _has(data: bytes, needles: tuple[bytes, ...]) -> bool:
    return any(needle in data for needle in needles)


def _pieces(octets: bytes) -> list[bytes]:
    """The first letters and digits in a row, and the last: every usual escape leaves them, a line break hits one."""
    runs = _PIECE.findall(octets)
    return [runs[0][:EDGE], runs[-1][-EDGE:]] if runs else []
