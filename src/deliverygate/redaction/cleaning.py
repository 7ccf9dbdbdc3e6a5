"""Text without what a reader does not see: escape sequences, controls, characters that hide or reorder."""

from __future__ import annotations

from deliverygate.redaction.patterns import Lazy

# ECMA-48: control sequences, control strings (window titles, links) and the short escapes. A string that is never
# ended loses its introducer only, so that it cannot swallow what follows.
_ESCAPES = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9b-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
# Controls, what turns the reading direction or is not seen at all (a name that reads otherwise than it is), and what
# XML 1.0 forbids. Zero-width joiners stay: they make emoji and several scripts.
HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
)
_LINE_ENDS = "\r\n?|[\x85\u2028\u2029]"

_ESCAPE, _LINE_END, _HIDDEN = Lazy(_ESCAPES), Lazy(_LINE_ENDS), Lazy(f"[{HIDDEN}]")

#: what ``clean`` takes away or turns into a line end, in one pattern; a line end is the group ``end``
UNSEEN = Lazy(f"{_ESCAPES}|(?P<end>{_LINE_ENDS})|[{HIDDEN}]")


def is_clean(text: str) -> bool:
    """Whether there is surely nothing to clean."""
    # All that is taken away is not printable in the sense of Unicode, and asking is fifty times faster than looking.
    return text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()


def clean(text: str) -> str:
    """``text`` without escape sequences, controls, and characters that hide or reorder; lines end in ``\\n``."""
    if is_clean(text):
        return text
    cleaned: str = _HIDDEN.sub("", _LINE_END.sub("\n", _ESCAPE.sub("", text)))
    return cleaned
