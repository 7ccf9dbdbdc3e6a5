"""What the policy expects of an HTTP answer."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from deliverygate.conversions import whole
from deliverygate.judging.patterns import check_pattern
from deliverygate.model import Duration
from deliverygate_gates.health.documents import read_path

Scalar = str | int | float | bool | None
Dialect = Literal["auto", "none", "health+json", "spring", "microprofile", "django", "readyz"]

STATUS_RANGE = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?")


def read_statuses(written: int | str | tuple[int | str, ...]) -> tuple[tuple[int, int], ...]:
    """Ranges, both ends included. Raises ValueError for what is no status."""
    several = written if isinstance(written, tuple) else (written,)
    found = tuple(STATUS_RANGE.fullmatch(str(each).replace(" ", "")) for each in several)
    ranges = tuple((whole(match[1]) or 0, whole(match[2] or match[1]) or 0) for match in found if match)
    if not ranges or len(ranges) < len(several) or not all(100 <= low <= high <= 599 for low, high in ranges):
        raise ValueError(f"`status` is {written!r}; write a status, a range such as 200-299, or a list of them")
    return ranges


class HeaderRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a header must look like, where its exact value is not known."""

    matches: str = ""  #: a regular expression that is found in it
    absent: bool = False  #: it must not be there

    def __post_init__(self) -> None:
        if bool(self.matches) == self.absent:
            raise ValueError("the rule of a header is one of `matches: PATTERN` and `absent: true`")
        check_pattern(self.matches, name="matches")


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer must look like; all of it must hold."""

    status: int | str | tuple[int | str, ...] = "200-299"  #: a status, a range, or a list of them
    json: dict[
        str, Scalar | tuple[Scalar, ...]
    ] = {}  #: path of a field to its value, or to a list of values it may have
    schema: str = ""  #: a file of the workspace that holds the JSON Schema of the body
    body_matches: str = ""  #: a regular expression that is found in the body
    not_matching: str = ""  #: a regular expression that is not found in the body
    headers: dict[str, str | HeaderRule] = {}  #: header to its value, or to what is demanded of it
    content_type: str = ""  #: media type without parameters, e.g. "application/json"
    dialect: Dialect = "auto"  #: in which words the body tells of its health
    max_age: Duration | None = None  #: how old the oldest time that the body tells may be

    def __post_init__(self) -> None:
        read_statuses(self.status)
        for path, wanted in self.json.items():
            read_path(path)
            if wanted == ():
                raise ValueError(f"`json` names no value that {path!r} may have")
        check_pattern(self.body_matches, name="body_matches")
        check_pattern(self.not_matching, name="not_matching")

    @property
    def looks_into_the_body(self) -> bool:
        """Whether more than the status, the headers and what any health check may say decides."""
        says = (self.json, self.schema, self.body_matches, self.content_type)
        return any(says) or self.dialect not in ("auto", "none")
