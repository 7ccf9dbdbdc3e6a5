"""Questions to the API server: pages, patience, and faults told with the permission that would mend them.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from deliverygate.cluster.access import Access, Opener
from deliverygate.cluster.objects import ListMetadata, Status
from deliverygate.conversions import read_json, retry_after, url_parts
from deliverygate.errors import ReportError, TransportError
from deliverygate.gate import Clock, Http, Network, Response

T = TypeVar("T")

TRIES = 5
PAUSE_SECONDS = 0.5  # before the second try; twice as long before each further one
LONGEST_PAUSE_SECONDS = 30.0
PAGE = 500  #: objects
MOST_OBJECTS = 50_000
LARGEST_PAGE = 64 << 20  #: bytes
PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
PASSING_FAULTS = frozenset(
    {"connect_refused", "connect_reset", "connect_timeout", "dns_servfail", "read_timeout", "reset_mid_response"}
)


@dataclass(frozen=True)
class Question:
    """One thing to ask."""

    path: str  #: e.g. "/apis/apps/v1/namespaces/shop/deployments/web"
    where: str  #: as it is told to people, e.g. "deployment shop/web"
    permission: str  #: that it takes, e.g. "get deployments.apps"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list."""

    items: tuple[T, ...] | None = None
    metadata: ListMetadata = ListMetadata()


class ExpiredError(Exception):
    """The place in a list is not known any more: it has to be read from its beginning."""


class Asking:
    """Asks one API server; what passes by itself is asked again."""

    def __init__(
        self,
        opener: Opener,
        *,
        http: Http,
        network: Network,
        clock: Clock,
        timeout_seconds: float = 10.0,
        most_objects: int = MOST_OBJECTS,
    ) -> None:
        self._opener = opener
        self._http = http
        self._network = network
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._most_objects = most_objects

    @property
    def namespace(self) -> str:
        """The one that is meant where none is named."""
        return self._opener.access().namespace

    def get(self, question: Question, kind: type[T]) -> T:
        """One object."""
        return _decode(self._answer(question, {}), kind, question)

    def list(self, question: Question, kind: type[T], **query: str) -> tuple[T, ...]:
        """All objects of a list, however many pages it has."""
        try:
            return tuple(self._pages(question, kind, query))
        except ExpiredError:
            pass
        try:
            return tuple(self._pages(question, kind, query))
        except ExpiredError as error:
            what = "the list changes faster than it can be read (410 Gone)"
            raise TransportError(what, kind="http_410", where=question.where, mend="ask again later") from error

    def _pages(self, question: Question, kind: type[T], query: Mapping[str, str]) -> Iterator[T]:
        place, count = "", 0
        while True:
            at = {"continue": place} if place else {}
            page: Page[T] = _decode(self._answer(question, {**query, "limit": str(PAGE), **at}), Page[kind], question)  # type: ignore[valid-type]
            yield from page.items or ()
            count += len(page.items or ())
            if count > self._most_objects:
                what = f"the list is longer than {self._most_objects}"
                raise ReportError(what, where=question.where, mend="narrow what is asked for")
            place = page.metadata.continue_
            if not place:
                if page.metadata.remaining_item_count:
                    what = f"the list ends although {page.metadata.remaining_item_count} objects more are there"
                    raise TransportError(what, kind="http_protocol", where=question.where, mend="ask again later")
                return

    def _answer(self, question: Question, query: Mapping[str, str]) -> Response:
        """A whole answer of status 200. Raises ExpiredError for 410."""
        response = self._fetch(question, query)
        if response.status == 401:
            self._opener.access(anew=True)  # the credentials may have ended, or been replaced
            response = self._fetch(question, query)
        if response.status == 410 and "continue" in query:
            raise ExpiredError
        if response.status != 200:
            raise _refusal(response, question)
        if response.truncated:
            what = f"the answer is longer than {LARGEST_PAGE >> 20} MiB"
            raise ReportError(what, where=question.where, mend="see what answers as `server` of the kubeconfig")
        return response

    def _fetch(self, question: Question, query: Mapping[str, str]) -> Response:
        """An answer, the last of several tries."""
        pause = PAUSE_SECONDS
        for tries_left in reversed(range(TRIES)):
            wanted = 0.0
            try:
                response = self._fetch_once(question, query)
            except TransportError as error:
                if not tries_left or error.kind not in PASSING_FAULTS:
                    mend = error.mend or "see that the API server is up, and that this machine may reach it"
                    raise TransportError(
                        f"the API server gave no answer: {error.what}", kind=error.kind, where=question.where, mend=mend
                    ) from error
            else:
                if not tries_left or response.status not in PASSING_STATUSES:
                    return response
                wanted = _retry_after(response, self._clock.now().timestamp())
                if wanted > LONGEST_PAUSE_SECONDS:
                    return response
            self._clock.sleep(max(pause, wanted))
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _fetch_once(self, question: Question, query: Mapping[str, str]) -> Response:
        access = self._opener.access()
        server, address = self._place(access)
        return self._http.request(
            "GET",
            f"{server}{question.path}{f'?{urlencode(query)}' if query else ''}",
            headers={
                "Accept": "application/json",
                **({"Authorization": access.authorization} if access.authorization else {}),
            },
            timeout_seconds=min(self._timeout_seconds, self._clock.remaining()),
            max_bytes=LARGEST_PAGE,
            verify=(access.authorities or True) if access.verify else False,
            address=address,
            allow_private=True,
            client_certificate=access.certificate,
        )

    def _place(self, access: Access) -> tuple[str, str | None]:
        """The server; under the name that its certificate must hold it is asked at the address of its own."""
        if not access.server_name:
            return access.server, None
        parts = url_parts(access.server)
        if parts is None:
            raise ReportError(f"{access.server[:80]!r} is no address", where="kubeconfig", mend="correct `server`")
        found = self._network.resolve(
            parts.hostname or "", timeout_seconds=min(self._timeout_seconds, self._clock.remaining())
        )
        return f"{parts.scheme}://{access.server_name}:{parts.port or 443}{parts.path}", found[0]


def _decode(response: Response, kind: type[T], question: Question) -> T:
    try:
        return read_json(response.body, kind)
    except ValueError as error:
        what = f"the answer is no such object of Kubernetes ({str(error)[:200]})"
        mend = "see what answers as `server` of the kubeconfig, and whether its version is one that is still supported"
        raise ReportError(what, where=question.where, mend=mend) from error


def _retry_after(response: Response, now: float) -> float:
    return retry_after(response.headers.get("retry-after", ""), now=now) or 0.0


def _refusal(response: Response, question: Question) -> TransportError:
    status, said = response.status, _words(response.body)
    mends = {
        401: "the API server does not know these credentials: renew those of the kubeconfig",
        403: f"allow who asks to {question.permission}: see docs/kubernetes.md#permissions",
        404: "see that the name and the namespace are right, and that the deployment came so far",
        429: "the API server is busy: ask later, or raise `timeout`",
    }
    whats = {
        401: "the API server wants to know who asks",
        403: f"may not {question.permission}",
        404: "is not there",
    }
    what = whats.get(status, "the API server refused to answer")
    return TransportError(
        f"{what} (status {status}{f': {said}' if said else ''})",
        kind=f"http_{status}",
        where=question.where,
        mend=mends.get(status, "look at the log of the API server"),
    )


def _words(body: bytes) -> str:
    """The server's own, on one line and not too many."""
    try:
        said = read_json(body, Status)
    except ValueError:
        return ""
    return " ".join((said.message or said.reason).split())[:300]
