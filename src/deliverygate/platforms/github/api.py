"""GitHub's REST and GraphQL APIs: one question in, one typed answer out. https://docs.github.com/en/rest

Limits are waited for as long as the clock allows, reads are asked again after a fault, and writes are not: nobody knows
whether the first one came through. Nothing is asked outside of the server that the token is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from deliverygate.conversions import read_json, url_parts
from deliverygate.errors import ReportError, TransportError
from deliverygate.gate import Clock, Http, Response
from deliverygate.platforms.github.limits import wait_seconds
from deliverygate.platforms.pages import next_page
from deliverygate.renderers.text import one_line

#: 2026-03-10 is newer; what it drops (merge_commit_sha, assignee) is not read here either.
VERSION = "2022-11-28"

TRIES = 3  # of one request
REQUEST_SECONDS = 15.0  # for one answer
MAX_BYTES = 16_777_216  # of one answer: a page of a hundred patches is large
PAGE = 100  # records; no more are given
MAX_PAGES = 50

#: What does not go away when it is asked again.
LASTING = frozenset(
    {"config", "dns_nxdomain", "proxy_auth", "redirect_blocked", "redirect_loop", "tls_expired", "tls_hostname",
     "tls_not_yet_valid", "tls_untrusted"}
)  # fmt: skip

Kind = TypeVar("Kind")
Query = str | int


class Refused(ReportError):  # noqa: N818  it is an answer
    """GitHub answered, and not with what was asked for."""

    def __init__(self, what: str, *, status: int, where: str = "", mend: str = "") -> None:
        super().__init__(what, where=where, mend=mend)
        self.status = status


class GitHubApi:
    """Asks one server with one token."""

    def __init__(
        self,
        http: Http,
        clock: Clock,
        *,
        url: str,
        token: tuple[str, str] | None,
        redact: Callable[[str], str] = str,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        """``url`` is the API's, e.g. ``https://api.github.com``; ``token`` is a variable's name and what it holds."""
        self._http = http
        self._clock = clock
        self._url = url.rstrip("/")
        self._token = token
        self._redact = redact
        self._request_seconds = request_seconds
        self._tries = TRIES

    def get(self, path: str, kind: type[Kind], *, needs: str, **query: Query) -> Kind:
        """What is at ``path``. ``needs`` is the permission that this takes, e.g. ``pull-requests: read``."""
        return self._decode(self._read(self._address(path, query), needs), kind, path)

    def each(self, path: str, kind: type[Kind], *, needs: str, **query: Query) -> Iterator[Kind]:
        """Every record at ``path``, page by page; the links to further pages are followed as they are given."""
        url = self._address(path, {**query, "per_page": PAGE})
        for page in range(1, MAX_PAGES + 1):
            answer = self._read(url, needs)
            records = self._decode(answer, list[kind], path)  # type: ignore[valid-type]
            yield from records
            following = self._next_page(answer, path)
            if following is None:
                if len(records) < PAGE or "link" in answer.headers:
                    return
                # A full page without a word about pages: a proxy took the header, or this is just the end.
                following = self._address(path, {**query, "per_page": PAGE, "page": page + 1})
            url = following
        raise ReportError(f"has more than {MAX_PAGES * PAGE:,} records", where=f"GET {path}", mend="look at the page")

    def write(self, method: str, path: str, body: Mapping[str, Any], kind: type[Kind], *, needs: str) -> Kind:
        """Ask for a change; repeated only where GitHub said that it was not made."""
        return self._decode(self._ask(method, self._address(path, {}), needs, body), kind, path)

    def query(self, text: str, variables: Mapping[str, Any], *, needs: str) -> Any:
        """The ``data`` of a GraphQL query that changes nothing. https://docs.github.com/en/graphql"""
        url = self._url.removesuffix("/v3") + "/graphql"
        answer = self._retried("POST", url, needs, {"query": text, "variables": variables})
        found = self._decode(answer, dict[str, Any], "graphql")
        if found.get("errors") or not isinstance(found.get("data"), dict):
            said = one_line(str(found.get("errors") or "no data"), 200)
            raise Refused(f"GitHub answers with errors: {said}", status=200, where="graphql", mend=f"allow `{needs}`")
        return found["data"]

    def _address(self, path: str, query: Mapping[str, Query]) -> str:
        return f"{self._url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _next_page(self, answer: Response, path: str) -> str | None:
        """Often ``/repositories/ID/...`` in place of the path that was asked for."""
        url = next_page(answer.headers.get("link", ""))
        if url is not None:
            found, own = url_parts(url), url_parts(self._url)
            if found is None or own is None or found[:2] != own[:2]:
                raise ReportError("the next page is on another server, and was not asked", where=f"GET {path}")
        return url

    def _read(self, url: str, needs: str) -> Response:
        return self._retried("GET", url, needs, None)

    def _retried(self, method: str, url: str, needs: str, body: Mapping[str, Any] | None) -> Response:
        """Ask for what changes nothing, again after a fault of the server or of the line.

        A server that has not come back for one question is not waited for with the next one.
        """
        for trial in range(1, self._tries):
            try:
                return self._ask(method, url, needs, body, follow_redirects=3)
            except (TransportError, Refused) as error:
                if not _passes(error):
                    raise
            self._clock.sleep(min(2.0 ** (trial - 1), self._clock.remaining()))
        try:
            return self._ask(method, url, needs, body, follow_redirects=3)
        except (TransportError, Refused) as error:
            self._tries = 1 if _passes(error) else self._tries
            raise

    def _ask(
        self, method: str, url: str, needs: str, body: Mapping[str, Any] | None = None, *, follow_redirects: int = 0
    ) -> Response:
        """The answer, after the limits that GitHub sets were waited for. Raises Refused for all but success."""
        for trial in range(1, TRIES + 1):
            answer = self._http.request(
                method,
                url,
                headers=self._headers(),
                body=None if body is None else msgspec.json.encode(body),
                timeout_seconds=min(self._request_seconds, self._clock.remaining()),
                max_bytes=MAX_BYTES,
                follow_redirects=follow_redirects,
                allow_private=True,  # the environment names the server, not the policy
            )
            wait = wait_seconds(answer, now=self._clock.now().timestamp())
            if wait is None:
                break
            self._await_limit(wait, where=f"{method} {url}", last=trial == TRIES)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, needs, where=f"{method} {url}")
        return answer

    def _await_limit(self, seconds: float, *, where: str, last: bool) -> None:
        left = self._clock.remaining()
        if last or seconds >= left:
            raise Refused(
                f"GitHub's rate limit holds for {seconds:.0f} s more, and {left:.0f} s are left",
                status=429,
                where=where,
                mend="run again later, or with a token of its own",
            )
        self._clock.sleep(seconds)

    def _headers(self) -> dict[str, str]:
        headers = {
            "accept": "application/vnd.github+json",
            "content-type": "application/json",
            "x-github-api-version": VERSION,
        }
        return headers | ({"authorization": f"Bearer {self._token[1]}"} if self._token else {})

    def _refusal(self, answer: Response, needs: str, *, where: str) -> Refused:
        said = self._redact(one_line(_message(answer.body), 200))
        what = f"GitHub answers {answer.status}" + (f" ({said})" if said else "")
        # For tokens with fine-grained permissions GitHub names the right, e.g. "pull_requests=read".
        right = answer.headers.get("x-accepted-github-permissions", "").replace("_", "-").replace("=", ": ")
        return Refused(
            what, status=answer.status, where=where, mend=self._mend(answer.status, one_line(right) or needs)
        )

    def _mend(self, status: int, needs: str) -> str:
        if status >= 500:
            return "run again when GitHub is well (https://www.githubstatus.com)"
        if self._token is None:
            return "pass a token: `env: {GITHUB_TOKEN: ${{ github.token }}}`"
        if status == 401:
            return f"{self._token[0]} holds no valid token: renew it"
        if status in {403, 404}:  # 404 is what GitHub says of private things that one may not see
            return f"allow `{needs}` to the token in {self._token[0]}"
        return "see https://docs.github.com/rest"

    def _decode(self, answer: Response, kind: type[Kind], path: str) -> Kind:
        if answer.truncated:
            raise ReportError(f"GitHub's answer is longer than {MAX_BYTES:,} bytes", where=path)
        try:
            return read_json(answer.body, kind)
        except ValueError as error:
            raise ReportError(
                f"GitHub's answer is not what its documentation says ({one_line(str(error))})",
                where=path,
                mend="check that the address of the API is right",
            ) from error


def _passes(error: TransportError | Refused) -> bool:
    """Whether it may be gone when the same is asked again."""
    return error.status >= 500 if isinstance(error, Refused) else error.kind not in LASTING


def _message(body: bytes) -> str:
    try:
        found = read_json(body)
    except ValueError:
        return ""
    return str(found.get("message", "")) if isinstance(found, dict) else ""
