"""Requests and answers held to the platform's own description of its API, so that neither client nor fake can drift.

The servers of these tests call it with each exchange, whoever asked: a library, or the installed command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

DESCRIPTIONS = Path(__file__).parent / "descriptions"

#: Stands for every server, so that a description is built once a session although each server has its own port.
HOST = "http://described.invalid"

#: What any request may be answered with, so no operation describes it anew.
UNDESCRIBED = frozenset({401, 403, 429})

# A template of OpenAPI takes no slash, but the last part of these paths is a file's path.
_TAIL = re.compile(r"(/contents/|/artifacts/)(.+)")


@dataclass(frozen=True)
class Exchange:
    """One request and what it was answered with."""

    method: str
    target: str  #: path and query, as they stood in the request
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes


class _Request:
    """An exchange's request, as openapi-core wants to see one."""

    def __init__(self, exchange: Exchange) -> None:
        parts = urlsplit(exchange.target)
        self.host_url = HOST
        self.path = _TAIL.sub(lambda found: found[1] + quote(found[2], safe="%"), parts.path)
        self.method = exchange.method.lower()
        self.body = exchange.body or None
        self.content_type = _value(exchange.headers, "content-type") if exchange.body else ""
        query = ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True))
        self.parameters = RequestParameters(query=query, header=Headers(dict(exchange.headers)))


class _Response:
    def __init__(self, exchange: Exchange) -> None:
        self.status_code = exchange.status
        self.headers = Headers(dict(exchange.answer_headers))
        self.content_type = _value(exchange.answer_headers, "content-type")
        self.data = exchange.answer


def contract(file: str) -> Callable[[Exchange], str | None]:
    """A function that says what is wrong with an exchange; None: all of it is as ``file`` describes it.

    ``file`` is one of ``descriptions/``. Paths begin as they do there, e.g. with ``/api/v4/projects``.
    """
    description = _description(file)

    def check(exchange: Exchange) -> str | None:
        request = _Request(exchange)
        try:
            known = description.unmarshal_request(request)
            known.raise_for_errors()
            if odd := {*request.parameters.query} - {*known.parameters.query}:
                return _fault(exchange, f"undocumented in the query: {', '.join(sorted(odd))}")
            if exchange.status not in UNDESCRIBED and exchange.status < 500:
                description.validate_response(request, _Response(exchange))
        except OpenAPIError as error:
            return _fault(exchange, _reasons(error))
        return None

    return check


@cache
def _description(file: str) -> OpenAPI:
    found: dict[str, Any] = json.loads((DESCRIPTIONS / file).read_text())
    return OpenAPI.from_dict(found | {"servers": [{"url": HOST}]})


def _fault(exchange: Exchange, what: str) -> str:
    return f"{exchange.method} {exchange.target} {exchange.status}: {what}"


def _reasons(error: Exception) -> str:
    schema = [each.message for each in getattr(error.__cause__, "schema_errors", ())]
    return "; ".join([f"{type(error).__name__}: {error}", *schema])[:2000]


def _value(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
