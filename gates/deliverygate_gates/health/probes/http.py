"""One HTTP(S) request, judged; also what asks the same service for its version, and for a path that is none."""

from __future__ import annotations

from collections.abc import Mapping

from deliverygate.errors import TransportError
from deliverygate.gate import GateContext, Response, Sample, Shots
from deliverygate_gates.health.claims import Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import judge
from deliverygate_gates.health.probes.files import authorities, client_certificate
from deliverygate_gates.health.schemas import Breaches, open_schema
from deliverygate_gates.health.texts import text_of
from deliverygate_gates.health.urls import at_origin, at_path, has_secret

SHOWN_BODY = 512  #: characters of a bad answer's body; none when the request held credentials
READING = frozenset({"GET", "HEAD"})  #: methods that any path may be asked with
HARMLESS_HEADERS = frozenset({"accept", "accept-language", "cache-control", "content-type", "user-agent"})


class HttpProbe:
    """Asks one URL, always as the policy says: with its headers, authorities and limits."""

    def __init__(self, endpoint: Endpoint, context: GateContext) -> None:
        self.endpoint = endpoint
        self.context = context
        self._verify: bool | str = authorities(endpoint, context) or True
        self._client_certificate = client_certificate(endpoint, context)
        self._breaches: Breaches | None = None
        if endpoint.expect.schema:
            self._breaches = open_schema(endpoint.expect.schema, context)

    def __call__(self, *, origin: str = "", address: str | None = None) -> Try:
        """Ask once and judge: the URL's own origin, or another ``origin`` of the same service at its ``address``."""
        try:
            response = self.request(origin=origin, address=address)
        except TransportError as error:
            return Try(fault=error)
        claims = judge(self.endpoint, response, now=self.context.clock.now(), breaches=self._breaches)
        said = f"status {response.status} in {response.seconds * 1000:.0f} ms"
        return Try(claims, said=said, body=self._shown(response), response=response)

    def request(
        self,
        *,
        path: str = "",
        origin: str = "",
        address: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One answer: of the endpoint itself, or of another ``path`` or ``origin`` of it. Raises TransportError."""
        endpoint = self.endpoint
        url = at_origin(endpoint.url, origin) if origin else endpoint.url
        if path:
            return self._ask("GET", at_path(url, path), address=address, headers=headers)
        return self._ask(
            endpoint.method,
            url,
            address=address,
            headers=headers,
            body=self._body,
            follow_redirects=endpoint.redirects,
        )

    def request_beside(self, path: str) -> Response:
        """One answer of another ``path``, asked as the endpoint itself is, redirects and all; but it sends nothing."""
        endpoint = self.endpoint
        method = endpoint.method if endpoint.method in READING else "GET"
        return self._ask(method, at_path(endpoint.url, path), follow_redirects=endpoint.redirects)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        address: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow_redirects: int = 0,
    ) -> Response:
        endpoint = self.endpoint
        return self.context.http.request(
            method,
            url,
            headers={**self._headers(), **(headers or {})},
            body=body,
            timeout_seconds=min(endpoint.timeout, self.context.clock.remaining()),
            connect_seconds=endpoint.connect,
            follow_redirects=follow_redirects,
            verify=self._verify,
            address=address,
            allow_private=endpoint.allow_private,
            client_certificate=self._client_certificate,
            minimum_tls=endpoint.minimum_tls,
        )

    def sample(self, shots: Shots) -> Sample:
        """As many answers as the policy wants, judged but for their time, added to ``shots``.

        Raises TransportError of kind ``config``.
        """
        endpoint = self.endpoint
        if endpoint.sample is None:
            raise ValueError("the policy wants no sample")
        return self.context.http.sample(
            endpoint.method,
            endpoint.url,
            schedule=endpoint.sample.schedule,
            headers=self._headers(),
            body=self._body,
            timeout_seconds=endpoint.timeout,
            connect_seconds=endpoint.connect,
            keep_alive=endpoint.sample.connection == "reuse",
            verify=self._verify,
            allow_private=endpoint.allow_private,
            client_certificate=self._client_certificate,
            minimum_tls=endpoint.minimum_tls,
            judge=self._is_good,
            shots=shots,
        )

    def _is_good(self, response: Response) -> bool:
        self.context.clock.remaining()  # the door knows the gate's time, and not the endpoint's
        now = self.context.clock.now()
        claims = judge(self.endpoint, response, now=now, breaches=self._breaches, timed=False)
        return all(claim.holds for claim in claims)

    def _headers(self) -> dict[str, str]:
        headers = dict(self.endpoint.headers)
        expect = self.endpoint.expect
        wants_json = bool(expect.json or expect.schema) or expect.dialect not in ("auto", "none", "readyz")
        if wants_json and "accept" not in {name.lower() for name in headers}:
            # Some servers answer in HTML, or always with 200, to anybody else.
            headers["Accept"] = ACCEPT.get(expect.dialect, "application/json")
        return headers

    @property
    def _body(self) -> bytes | None:
        return None if self.endpoint.body is None else self.endpoint.body.encode()

    def _shown(self, response: Response) -> str:
        if not response.body or has_credentials(self.endpoint) or has_secret(response.url):
            return ""
        return self.context.redact(text_of(response))[:SHOWN_BODY]


ACCEPT = {
    "health+json": "application/health+json, application/json",
    "spring": "application/vnd.spring-boot.actuator.v3+json, application/json",
}


def has_credentials(endpoint: Endpoint) -> bool:
    """Whether what is sent may let somebody in: then the answer may be meant for nobody else."""
    names = {name.lower() for name in endpoint.headers}
    shows_who = endpoint.body is not None or bool(endpoint.client_certificate)
    return bool(names - HARMLESS_HEADERS) or shows_who or has_secret(endpoint.url)
