"""The bytes of a file to what is known of its lines: whether all tools number them alike, and how many there are.

Git ends a line at LF alone. Languages and their tools also end one at CR, at U+2028 or at a form feed, and they read
the file in the working tree: decoded, and with the content that Git LFS puts in the place of a pointer. Where the two
may differ the numbers of git say nothing about the findings of a tool.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath
from typing import NamedTuple

POINTER = b"version https://git-lfs.github.com/spec/"  #: how a file of Git LFS begins in the commit
LONGEST_POINTER = 1024  # bytes; https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md

# What str.splitlines, ECMAScript, C# or XML 1.1 take for the end of a line, and git does not.
_ODD = re.compile(rb"\r(?!\n)|[\x0b\x0c\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_ODD_LETTERS = re.compile("\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNICODE = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip

# Binary files are known by their ending *and* their first bytes: a zero byte in a program makes no picture of it.
_ZIP = (b"PK\x03\x04",)
_MAGIC: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"), "webp": (b"RIFF",), "ico": (b"\0\0\1\0",), "bmp": (b"BM",), "icns": (b"icns",),
    "tif": (b"II*\0", b"MM\0*"), "tiff": (b"II*\0", b"MM\0*"), "psd": (b"8BPS",), "pdf": (b"%PDF-",),
    "woff": (b"wOFF",), "woff2": (b"wOF2",), "ttf": (b"\0\1\0\0", b"true"), "otf": (b"OTTO",),
    "zip": _ZIP, "jar": _ZIP, "war": _ZIP, "whl": _ZIP, "docx": _ZIP, "xlsx": _ZIP, "pptx": _ZIP, "odt": _ZIP,
    "ods": _ZIP, "odp": _ZIP, "epub": _ZIP, "nupkg": _ZIP, "apk": _ZIP,
    "gz": (b"\x1f\x8b",), "tgz": (b"\x1f\x8b",), "bz2": (b"BZh",), "xz": (b"\xfd7zXZ\0",),
    "zst": (b"\x28\xb5\x2f\xfd",), "7z": (b"7z\xbc\xaf\x27\x1c",), "rar": (b"Rar!\x1a\x07",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3"), "ogg": (b"OggS",), "flac": (b"fLaC",), "wav": (b"RIFF",),
    "avi": (b"RIFF",), "webm": (b"\x1aE\xdf\xa3",), "mkv": (b"\x1aE\xdf\xa3",),
    "class": (b"\xca\xfe\xba\xbe",), "wasm": (b"\0asm",), "so": (b"\x7fELF",), "exe": (b"MZ",), "dll": (b"MZ",),
    "sqlite": (b"SQLite format 3\0",), "db": (b"SQLite format 3\0",), "parquet": (b"PAR1",), "npy": (b"\x93NUMPY",),
    "mo": (b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"),
}  # fmt: skip
_BOXED = frozenset({"mp4", "m4a", "m4v", "mov", "heic", "avif"})  # ISO base media: its type stands behind a length


class Lines(NamedTuple):
    """What is known of a file's lines."""

    plain: bool  #: whether git and all tools number them alike
    total: int | None  #: by whoever counts most; 0 of a binary file; None: cannot be counted
    odd: int = 0  #: ends of lines that git does not take for such


UNKNOWN = Lines(plain=False, total=None)


def look_at(data: bytes, path: str) -> Lines:
    """What is known of the lines of a file with this content."""
    if is_pointer(data):
        return Lines(plain=False, total=0 if has_binary_ending(path) else None)
    if encoding := next((name for mark, name in _UNICODE.items() if data.startswith(mark)), None):
        return _decoded(data, encoding)
    if b"\0" in data:
        return Lines(plain=False, total=0) if _is_binary(data, path) else UNKNOWN
    odd = len(_ODD.findall(data)) + _latin_ends(data)
    ends = data.count(b"\n") + odd
    return Lines(plain=not odd, total=ends + (1 if data and not data.endswith((b"\n", b"\r")) else 0), odd=odd)


def is_pointer(data: bytes) -> bool:
    """Whether this stands for a file in Git LFS."""
    return data.startswith(POINTER) and len(data) <= LONGEST_POINTER


def is_odd(text: str) -> bool:
    """Whether a text holds ends of lines that git does not take for such."""
    return bool(_ODD_LETTERS.search(text))


def has_binary_ending(path: str) -> bool:
    """Whether a file of this name has no lines, if it is what it is called."""
    ending = _ending(path)
    return ending in _MAGIC or ending in _BOXED


def _is_binary(data: bytes, path: str) -> bool:
    ending = _ending(path)
    return data.startswith(_MAGIC.get(ending, ())) or (ending in _BOXED and data[4:8] == b"ftyp")


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.removeprefix(".").lower()


def _decoded(data: bytes, encoding: str) -> Lines:
    """UTF-16 and UTF-32: git takes them for binary, or sees bytes of LF that are part of other letters."""
    try:
        return Lines(plain=False, total=len(data.decode(encoding).splitlines()))
    except UnicodeDecodeError:
        return UNKNOWN


def _latin_ends(data: bytes) -> int:
    """NEL is one byte outside of UTF-8, where it is also the ellipsis of Windows; nobody knows which one is meant."""
    if b"\x85" not in data:
        return 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.count(b"\x85") - data.count(b"\xc2\x85")
    return 0
