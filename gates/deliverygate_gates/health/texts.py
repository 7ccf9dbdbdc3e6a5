"""The text of a body: in the encoding that its first bytes or its ``Content-Type`` tell, else UTF-8."""

from __future__ import annotations

import codecs
import re

from deliverygate.conversions import readable
from deliverygate.gate import Response

CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
#: as Python calls those that hold text; others of its codecs unzip, or read escapes
ENCODINGS = re.compile(
    r"ascii|utf-(?:8|16|32)(?:-[bl]e)?|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|big5|euc_\w+|gb\w+|shift_jis"
)
MARKS = (  # UTF-32 before UTF-16, whose mark begins the other's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(response: Response) -> str:
    """The whole body; what is no text in its encoding becomes a question mark in a black diamond."""
    return readable(response.body, _encoding(response))


def _encoding(response: Response) -> str:
    marked = next((name for mark, name in MARKS if response.body.startswith(mark)), "")
    return marked or _declared(response.headers.get("content-type", "")) or "utf-8"


def _declared(content_type: str) -> str:
    found = CHARSET.search(content_type)
    try:
        name = codecs.lookup(found[1]).name if found else ""
    except (LookupError, ValueError, UnicodeError):
        return ""
    return name if ENCODINGS.fullmatch(name) else ""
