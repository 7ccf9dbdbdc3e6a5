"""What could not be looked at, as sentences that name the right which would allow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from deliverygate.errors import DeliveryGateError, ReportError, ToolError, TransportError
from deliverygate.platforms.gitlab.carrier import Refused
from deliverygate.platforms.gitlab.job import TOKENS, Token

Found = TypeVar("Found")

READ = "the scope read_api and the role Reporter"
WRITE = "the scope api and the role Developer"


class Gaps:
    """Collects them; several things that are missing for one reason make one sentence."""

    def __init__(self, token: Token | None, redact: Callable[[str], str] = str) -> None:
        self._token = token
        self._redact = redact
        self._missing: dict[str, list[str]] = {}
        self._said: list[str] = []

    def fill(self, what: str, ask: Callable[[], Found], *, right: str = READ) -> Found | None:
        """What ``ask`` gives; None when it could not be had, and ``what`` is remembered as missing."""
        try:
            return ask()
        except (TransportError, ReportError, ToolError) as error:
            self.miss(what, error, right=right)
            return None

    def miss(self, what: str, error: DeliveryGateError, *, right: str = READ) -> None:
        """Remember that ``what`` could not be had, and why."""
        self._missing.setdefault(self.reason(error, right=right), []).append(what)

    def say(self, sentence: str) -> None:
        """Something else that the reader should know."""
        self._said.append(self._redact(sentence))

    def reason(self, error: DeliveryGateError, *, right: str = READ) -> str:
        """Why it could not be had, and what would help."""
        if not (isinstance(error, Refused) and error.is_about_rights):
            return self._redact(str(error))
        return f"{self._redact(error.what)}; {mend(self._token, error.status, right=right)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences so far."""
        missing = (f"Not known: {', '.join(things)}. {why}." for why, things in self._missing.items())
        return (*missing, *self._said)


def mend(token: Token | None, status: int, *, right: str) -> str:
    """What would make GitLab answer."""
    if token is not None and not token.is_of_job:
        if status == 401:
            return f"the token in {token.name} is not accepted: give one that has neither expired nor been revoked"
        return f"give the token in {token.name} {right}"
    has = "a job token may not do this: " if token else ""
    return f"{has}set {TOKENS[0]} to a project access token with {right}"
