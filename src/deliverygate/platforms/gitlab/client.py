"""python-gitlab on our own door to HTTP: one deadline over everything, and its answers as types.

The library's own transport waits with ``time.sleep``, for as long as ``Retry-After`` says, and sends the token along to
whatever host a link or a redirect names. So it gets one of ours: it knows GitLab's paths and pages, we carry its
letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from deliverygate.conversions import to_record
from deliverygate.errors import TransportError
from deliverygate.gate import Clock, Http
from deliverygate.platforms.gitlab.carrier import PER_PAGE, Carrier
from deliverygate.platforms.gitlab.job import Token
from deliverygate.platforms.gitlab.records import User

if TYPE_CHECKING:
    from gitlab import Gitlab
    from gitlab.v4.objects import Project, ProjectMergeRequest

Record = TypeVar("Record")


class Resource(Protocol):
    """An object of python-gitlab."""

    def asdict(self) -> dict[str, Any]:
        """What GitLab said of it; ``attributes`` would add what the library knows of its parent."""


class Client:
    """One GitLab server, asked with one token."""

    def __init__(
        self, server: str, *, token: Token | None, http: Http, clock: Clock, verify: str | bool = True
    ) -> None:
        self.server = server
        self.token = token
        self._http = http
        self._clock = clock
        self._verify = verify

    @cached_property
    def gitlab(self) -> Gitlab:
        """The library, imported when something is asked for the first time."""
        from gitlab import Gitlab

        carrier = Carrier(
            f"{self.server}/api/v4", token=self.token, http=self._http, clock=self._clock, verify=self._verify
        )
        # GitLab may know itself by another name than ours for it: links are followed at the address we were given.
        return Gitlab(self.server, per_page=PER_PAGE, keep_base_url=True, backend=lambda: carrier)

    @cached_property
    def me(self) -> User:
        """Whose token it is."""
        with _understood():
            return to_record(self.gitlab.http_get("/user"), User)

    def project(self, name: str) -> Project:
        """A project by number or path. Asks nothing."""
        return self.gitlab.projects.get(name, lazy=True)

    def request(self, project: str, number: int) -> ProjectMergeRequest:
        """A merge request as the parent of what belongs to it. Asks nothing."""
        return self.project(project).mergerequests.get(number, lazy=True)

    def one(self, ask: Callable[[], Resource], shape: type[Record]) -> Record:
        """What ``ask`` gets, as a ``shape``. Raises TransportError, also when the answer is not as documented."""
        with _understood():
            return to_record(ask().asdict(), shape)

    def each(self, ask: Callable[[], Iterable[Any]], shape: type[Record]) -> Iterator[Record]:
        """The same of a list; its pages are asked for as they are needed."""
        with _understood():
            for found in ask():
                yield to_record(found if isinstance(found, dict) else found.asdict(), shape)

    def text(self, ask: Callable[[], object]) -> bytes:
        """The same of a file."""
        with _understood():
            found = ask()
            if not isinstance(found, bytes):
                raise TypeError(f"{type(found).__name__} and not a file")
            return found

    def do(self, act: Callable[[], object]) -> None:
        """Change something. What GitLab answers is not looked at."""
        with _understood():
            act()


@contextmanager
def _understood() -> Iterator[None]:
    """The library's surprise at an odd answer in our words."""
    from gitlab.exceptions import GitlabError

    try:
        yield
    except (GitlabError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise TransportError(
            f"GitLab's answer is not as documented ({' '.join(str(error).split())[:200]})",
            kind="http_protocol",
            mend="look at what stands between here and GitLab, e.g. a proxy that wants a login",
        ) from error
