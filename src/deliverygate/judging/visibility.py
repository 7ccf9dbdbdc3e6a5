"""Text as a person sees it: characters that leave nothing on the screen are taken out before anything is judged.

What is invisible proves nothing, and must not make two texts differ that look alike: zero-width characters, bidi
controls, variation selectors, tag characters, fillers. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
"""

from __future__ import annotations

import unicodedata
from functools import cache

# Default_Ignorable_Code_Point, and blanks that Unicode counts among the letters and the symbols.
_INVISIBLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    (0xE0000, 0xE0FFF),
)
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_KEPT = frozenset("\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85")  # controls that separate, as blanks do


@cache
def _is_invisible(character: str) -> bool:
    if character in _KEPT:
        return False
    code = ord(character)
    return any(first <= code <= last for first, last in _INVISIBLE) or unicodedata.category(character) in _HIDDEN_KINDS


def visible(text: str) -> str:
    """The text without what nobody sees; blanks and line breaks stay."""
    hidden = [ord(character) for character in set(text) if _is_invisible(character)]
    return text.translate(dict.fromkeys(hidden)) if hidden else text


def says(text: str) -> bool:
    """Whether a person sees anything in it at all."""
    return bool(visible(text).strip())
