"""What carries python-gitlab's requests: through our door to HTTP, again where that is safe, never beyond the deadline.

https://docs.gitlab.com/api/rest/ and https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlencode

import msgspec

from deliverygate.conversions import number, read_json, readable, retry_after
from deliverygate.errors import TransportError
from deliverygate.gate import Clock, Http, Response
from deliverygate.platforms.gitlab.job import Token
from deliverygate.platforms.pages import next_page

TIMEOUT_SECONDS = 30.0  # for one request
PAUSES = (0.5, 2.0, 5.0)  # before it is sent again, where GitLab does not say how long
MOST_REQUESTS = 400  # of one run: a list that never ends is cut here
MOST_BYTES = 32 * 1_048_576

#: Faults on the way that may be gone a moment later.
PASSING = frozenset(
    {
        "connect_refused", "connect_reset", "connect_timeout", "connect_unreachable", "dns_servfail", "dns_timeout",
        "read_timeout", "reset_mid_response",
    }
)  # fmt: skip
PASSING_STATUSES = frozenset({500, 502, 503, 504, 520, 521, 522, 523, 524})
PAGING = ("link", "x-next-page", "x-page", "x-total")  # one of them comes with every page of a list
PER_PAGE = 100  # the most that GitLab gives


class Refused(TransportError):  # noqa: N818  an answer, and no fault
    """GitLab answered that it will not."""

    def __init__(self, status: int, message: str, *, where: str) -> None:
        said = f" ({message})" if message else ""
        super().__init__(f"GitLab answers {status}{said}", kind="http_status", where=where)
        self.status = status
        self.message = message

    @property
    def is_about_rights(self) -> bool:
        """Whether another token might see it: GitLab answers 404 for what one may not know of."""
        return self.status in (401, 403, 404)


@dataclass(frozen=True)
class _Letter:
    """A body as python-gitlab wants to have it made."""

    json: Any
    content_type: str = "application/json"
    data: None = None


class _Answer:
    """As much of requests' Response as python-gitlab looks at."""

    history = ()  # redirects were followed below, or refused
    reason = ""

    def __init__(self, answer: Response) -> None:
        self.status_code = answer.status
        self.content = answer.body
        self.headers = HTTPMessage()  # its names are found in any case
        for name, value in answer.headers.items():
            self.headers[name] = value

    @property
    def response(self) -> _Answer:
        return self

    @property
    def text(self) -> str:
        return readable(self.content)

    @property
    def links(self) -> dict[str, dict[str, str]]:
        following = next_page(self.headers.get("link", ""))
        if following is None and self._goes_on():
            what = "GitLab's answer is one page of a list, and does not say where the next one is"
            raise TransportError(what, kind="http_protocol", mend="let no proxy take its `Link` header away")
        return {"next": {"url": following}} if following else {}

    def _goes_on(self) -> bool:
        """Whether there is more of a list, or may be: a full page without a word about pages."""
        if self.headers.get("x-next-page", "").strip():
            return True
        found = self.json()
        return isinstance(found, list) and len(found) == PER_PAGE and not any(map(self.headers.get, PAGING))

    def json(self) -> Any:
        return read_json(self.content)  # whatever it raises, python-gitlab says "failed to parse"


class Carrier:
    """A backend of python-gitlab. Raises Refused for every answer that is no success."""

    client = None  # python-gitlab asks for requests' session, and does not use it

    def __init__(self, api: str, *, token: Token | None, http: Http, clock: Clock, verify: str | bool) -> None:
        self._api = api
        self._headers = {"accept": "application/json"} | _authority(token)
        self._http = http
        self._clock = clock
        self._verify = verify
        self._sent = 0

    @staticmethod
    def prepare_send_data(files: object = None, post_data: Any = None, raw: bool = False) -> _Letter:
        """What python-gitlab wants sent; we upload nothing."""
        return _Letter(post_data)

    def http_request(
        self, method: str, url: str, json: Any = None, params: Mapping[str, Any] | None = None, **_: object
    ) -> _Answer:
        """Send, and send again after a passing fault where that cannot do a thing twice."""
        verb = method.upper()
        address = self._address(url, params or {})
        body = msgspec.json.encode(json) if json else None
        for pause in (*PAUSES, None):
            answer: Response | None = None
            try:
                answer = self._send(verb, address, body)
                wait = self._wait(verb, answer, pause)
            except TransportError as error:
                wait = pause if verb == "GET" and error.kind in PASSING else None
                if wait is None or wait >= self._clock.remaining():
                    raise
            if answer is not None and (wait is None or wait >= self._clock.remaining()):
                return _accepted(answer, where=f"{verb} {address.partition('?')[0]}")
            self._clock.sleep(wait or 0.0)
        raise AssertionError("the last pause is None")  # pragma: no cover

    def _send(self, verb: str, address: str, body: bytes | None) -> Response:
        self._sent += 1
        if self._sent > MOST_REQUESTS:
            raise TransportError(f"more than {MOST_REQUESTS} requests, and no end", kind="config", where=address)
        content = {"content-type": "application/json"} if body else {}
        return self._http.request(
            verb,
            address,
            headers=self._headers | content,
            body=body,
            timeout_seconds=min(TIMEOUT_SECONDS, self._clock.remaining()),
            max_bytes=MOST_BYTES,
            follow_redirects=3 if verb == "GET" else 0,  # a project that was renamed; its token stays at its host
            verify=self._verify,
            allow_private=True,  # as servers of companies are; the runner, or the user, named this one
        )

    def _wait(self, verb: str, answer: Response, pause: float | None) -> float | None:
        """Seconds until it is worth asking again; None: this is the answer."""
        if pause is None:
            return None
        if answer.status == 429:  # it was not done, so that even a write may be sent again
            return self._told(answer.headers, pause)
        return pause if verb == "GET" and answer.status in PASSING_STATUSES else None

    def _told(self, headers: Mapping[str, str], pause: float) -> float:
        now = self._clock.now().timestamp()
        seconds = retry_after(headers.get("retry-after", ""), now=now)
        if seconds is None and (reset := number(headers.get("ratelimit-reset", ""))) is not None:
            seconds = reset - now
        return pause if seconds is None else max(seconds, pause)

    def _address(self, url: str, params: Mapping[str, Any]) -> str:
        if not url.startswith(f"{self._api}/"):
            raise TransportError(
                "GitLab's answer leads to another server, which must not get the token",
                kind="redirect_blocked",
                where=url,
                mend="mend external_url of the GitLab server, or name it as it names itself",
            )
        return f"{url}?{urlencode(params, doseq=True)}" if params else url


def _authority(token: Token | None) -> dict[str, str]:
    if token is None:
        return {}
    return {"job-token" if token.is_of_job else "private-token": token.value}


def _accepted(answer: Response, *, where: str) -> _Answer:
    if answer.truncated:
        raise TransportError(f"the answer is longer than {MOST_BYTES:,} bytes", kind="http_protocol", where=where)
    if not 200 <= answer.status < 300:
        raise Refused(answer.status, _message(answer.body), where=where)
    return _Answer(answer)


def _message(body: bytes) -> str:
    """What GitLab says beside the status: a text, or a list for each field."""
    try:
        said = read_json(body)
    except ValueError:
        return ""
    if isinstance(said, dict):
        said = said.get("message") or said.get("error_description") or said.get("error") or ""
    if isinstance(said, dict):
        said = ", ".join(f"{field}: {faults}" for field, faults in said.items())
    return " ".join(str(said).split())[:200]
