"""HTML inside of Markdown to what a person sees of it: tags, comments and hidden elements leave no text.

Tags end where browsers end them (https://html.spec.whatwg.org/multipage/parsing.html#tokenization); each character is
looked at once, whatever a hostile text holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

IMAGE = "\N{FRAME WITH PICTURE}"  #: what stands in a text for a picture without words: something, but no word

_VALUE = r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+|(?=[\s>]|\Z)"
_MARKUP = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)"
    r"|<[!?][^>]*+(?:>|\Z)"
    rf"|<(?P<end>/?)(?P<tag>[A-Za-z][^\s/>]*+)(?P<attributes>(?:[^>=]++|=\s*+(?:{_VALUE}))*+)(?:>|\Z)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/>\"']++)(?:\s*+=\s*+(\"[^\"]*+|'[^']*+|[^\s>]++))?")
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_UNSEEN = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|(?:opacity|font-size|max-height|max-width|width|height):0*+(?:\.0*+)?"
    r"(?:px|r?em|pt|%)?(?:!important)?(?:;|$)"
)
_NEVER_SHOWN = frozenset({"datalist", "head", "noscript", "script", "style", "template", "title"})
_PICTURES = frozenset({"img", "picture", "svg", "video"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


class Visibility:
    """What is seen of a text in pieces of HTML, one after the other: a piece may hide what stands behind it."""

    def __init__(self) -> None:
        self._hiding: list[str] = []  # the hidden element that we are in, and those inside it

    @property
    def hides(self) -> bool:
        """Whether nobody sees what comes next."""
        return bool(self._hiding)

    def read(self, html: str) -> str:
        """The text that is seen; a blank stands for each tag."""
        return "".join(self._seen(html))

    def _seen(self, html: str) -> Iterator[str]:
        at = 0
        for found in _MARKUP.finditer(html):
            yield self._text(html[at : found.start()])
            at = found.end()
            if found["tag"]:
                yield self._tag(found["tag"].lower(), found["attributes"], is_end=bool(found["end"]))
        yield self._text(html[at:])

    def _text(self, text: str) -> str:
        return "" if self.hides else unescape(text)

    def _tag(self, name: str, attributes: str, *, is_end: bool) -> str:
        if is_end:
            if name in self._hiding:
                del self._hiding[_last(self._hiding, name) :]
            return " "
        if name not in _VOID and (self.hides or _is_hidden(name, attributes)):
            self._hiding.append(name)
        is_seen = not self.hides and name in _PICTURES and _shows_picture(name, attributes)
        return f" {IMAGE} " if is_seen else " "


def _last(names: list[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)


def comments(html: str) -> tuple[str, ...]:
    """What stands in its comments."""
    return tuple(found["comment"] for found in _MARKUP.finditer(html) if found["comment"] is not None)


def _attributes(written: str) -> dict[str, str]:
    """Of two with one name the first counts."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), unescape(value.lstrip("\"'")))
    return found


def _is_hidden(name: str, written: str) -> bool:
    attributes = _attributes(written)
    style = re.sub(r"\s", "", _STYLE_COMMENT.sub("", attributes.get("style", "").lower()))
    return name in _NEVER_SHOWN or "hidden" in attributes or bool(_UNSEEN.search(style))


def _shows_picture(name: str, written: str) -> bool:
    attributes = _attributes(written)
    if _is_hidden(name, written) or any(
        attributes.get(side, "").rstrip("px%") in ("0", "1") for side in ("width", "height")
    ):
        return False
    return name != "img" or bool(attributes.get("src", "").strip())
