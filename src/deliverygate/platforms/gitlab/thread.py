"""The one thread that a stage has in a merge request: written anew by each run, resolved when the verdict is green.

A thread and no mere note, so that a project that merges only with all threads resolved is stopped by it as well.
https://docs.gitlab.com/api/discussions/#merge-requests
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from deliverygate.conversions import whole
from deliverygate.errors import TransportError
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.gaps import WRITE, Gaps
from deliverygate.platforms.gitlab.records import Discussion, Note

if TYPE_CHECKING:
    from gitlab.v4.objects import ProjectMergeRequest

_MARKER = re.compile(r"<!-- deliverygate key=(\S+) pipeline=(\d{1,18}) -->")


class Found(msgspec.Struct, frozen=True):
    """The thread of an earlier run."""

    id: str
    note: Note
    pipeline: int  #: whose verdict it shows


class Thread:
    """Writes the verdict of one stage, seen from one folder of the repository."""

    def __init__(self, client: Client, request: ProjectMergeRequest, gaps: Gaps, *, key: str, pipeline: int) -> None:
        self._client = client
        self._request = request
        self._gaps = gaps
        self._key = _plain(key)
        self._pipeline = pipeline

    def show(self, text: str, *, is_resolved: bool) -> None:
        """Write ``text``. What is not possible becomes a gap; raises TransportError when nothing was."""
        body = f"<!-- deliverygate key={self._key} pipeline={self._pipeline} -->\n{text}"
        found = self.find()
        if found is None:
            found = self._begin(body)
        elif found.pipeline > self._pipeline:
            self._gaps.say("The thread in the merge request shows a later pipeline and was left as it is.")
            return
        else:
            notes = self._request.discussions.get(found.id, lazy=True).notes
            self._client.do(lambda: notes.update(found.note.id, {"body": body}))
        if found.note.resolvable and found.note.resolved is not is_resolved:
            self._resolve(found, is_resolved)

    def find(self) -> Found | None:
        """The oldest thread that bears our mark and is by the owner of our token: anybody can write a mark."""
        me = self._client.me.id
        threads = self._client.each(lambda: self._request.discussions.list(iterator=True), Discussion)
        return next(self._ours(threads, me), None)

    def _ours(self, threads: Iterable[Discussion], me: int) -> Iterator[Found]:
        for thread in threads:
            first = thread.notes[0] if thread.notes else None
            mark = _MARKER.match(first.body) if first else None
            if first and mark and first.author and first.author.id == me and mark[1] == self._key:
                yield Found(thread.id, first, whole(mark[2]) or 0)

    def _begin(self, body: str) -> Found:
        made = self._client.one(lambda: self._request.discussions.create({"body": body}), Discussion)
        return Found(made.id, made.notes[0], self._pipeline)

    def _resolve(self, found: Found, is_resolved: bool) -> None:
        try:
            self._client.do(lambda: self._request.discussions.update(found.id, {"resolved": is_resolved}))
        except TransportError as error:
            done = "resolved" if is_resolved else "opened again"
            why = self._gaps.reason(error, right=WRITE)
            self._gaps.say(f"The thread in !{self._request.encoded_id} was not {done}: {why}.")


def _plain(key: str) -> str:
    """A key that neither ends the comment nor holds a space."""
    return quote(key, safe="/:").replace("-", "%2D")
