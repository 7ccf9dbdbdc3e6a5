"""A pull request as a ``ChangeRequest``: asked of the API when it is needed, so that a re-run sees the edited text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from deliverygate.change import Approval, ChangedFile, ChangeRequest
from deliverygate.errors import ReportError, ToolError, TransportError
from deliverygate.platforms.github.api import GitHubApi
from deliverygate.platforms.github.approvals import WRITERS, standing
from deliverygate.platforms.github.checkout import compared, head_of
from deliverygate.platforms.github.event import Event
from deliverygate.platforms.github.patches import changed_file
from deliverygate.platforms.github.wire import Permission, Pull, PullFile, Review
from deliverygate.platforms.local_git import LocalGit

READ = "pull-requests: read"
NOT_KNOWN = (ReportError, ToolError, TransportError)

_ISSUES = """\
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      closingIssuesReferences(first: 100) { nodes { number repository { nameWithOwner } } }
    }
  }
}"""


class PullRequest:
    """One pull request, asked piece by piece; what may not be seen becomes a note."""

    def __init__(
        self,
        api: GitHubApi,
        git: LocalGit,
        event: Event,
        *,
        repository: str,
        pull: Pull,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._api = api
        self._git = git
        self._event = event
        self._repository = repository
        self._pull = pull
        self._redact = redact
        self._notes: list[str] = []

    def change(self, *, source: str, notes: tuple[str, ...] = ()) -> ChangeRequest:
        """All of it. ``source`` is where the description was learned from."""
        pull, event = self._pull, self._event
        self._notes = [*notes, *self._remarks()]
        tested = self._tested()
        base, files = self._files(tested)
        return ChangeRequest(
            title=pull.title,
            description=pull.body or "",
            source=source,
            platform="github",
            number=pull.number,
            url=pull.html_url or None,
            target=pull.base.ref,
            branch=pull.head.ref,
            base=base,
            head=head_of(pull, event),
            tested=tested,
            is_fork=is_fork(pull),
            author=pull.user.login if pull.user else None,
            draft=pull.draft,
            labels=tuple(label.name for label in pull.labels),
            approvals=self._approvals(),
            pushed_at=event.pushed_at,
            issues=self._issues(),
            files=files,
            notes=tuple(map(self._redact, self._notes)),
        )

    def _remarks(self) -> Iterator[str]:
        pull, event = self._pull, self._event
        if event.pull and pull.head.sha != event.pull.head.sha:
            old, new = event.pull.head.sha[:10], pull.head.sha[:10]
            yield f"#{pull.number} has moved on from {old} to {new} since this run was started; it judges {old}."
        if event.group:
            yield (
                f"A merge queue tests #{pull.number} together with those before it: the files are those of the group,"
                f" title, description and approvals those of #{pull.number}."
            )

    def _tested(self) -> str | None:
        try:
            return self._git.head
        except NOT_KNOWN:  # the files say why
            return self._event.tested

    def _files(self, tested: str | None) -> tuple[str | None, tuple[ChangedFile, ...] | None]:
        """The commit that the change is compared with, and what is different: as git has it, else as GitHub tells."""
        try:
            git = compared(self._git, self._pull, self._event)
            return git.base, git.files()
        except NOT_KNOWN as error:
            self._notes.append(f"The changed files are those that GitHub lists: {error}.")
        try:
            return None, tuple(self._listed_files(tested))
        except NOT_KNOWN as error:
            self._notes[-1] = f"{self._notes[-1].replace('are those that GitHub lists', 'are not known')} {error}."
            return None, None

    def _listed_files(self, tested: str | None) -> Iterator[ChangedFile]:
        if self._event.group:
            raise ReportError("GitHub lists the files of a pull request, not of a group", where="merge_group")
        path = f"repos/{self._repository}/pulls/{self._pull.number}/files"
        found = tuple(self._api.each(path, PullFile, needs=READ))
        count = self._pull.changed_files
        if count is not None and count > len(found):  # at most 3,000 are listed
            raise ReportError(f"GitHub lists {len(found):,} of {count:,} changed files", where="GitHub")
        # The lines are those of the head. In its merge with the target they may be elsewhere.
        same = tested in (None, head_of(self._pull, self._event)) and self._pull.head.sha == tested
        prefix = self._git.prefix
        for file in found:
            if changed := changed_file(file, prefix=prefix, with_lines=same):
                yield changed

    def _approvals(self) -> tuple[Approval, ...] | None:
        path = f"repos/{self._repository}/pulls/{self._pull.number}/reviews"
        try:
            found = standing(self._api.each(path, Review, needs=READ))
            return tuple(
                Approval(by=review.user.login, at=review.submitted_at, commit=review.commit_id)
                for review in found
                if review.user and self._counts(review.user.login, review.user.type)
            )
        except NOT_KNOWN as error:
            self._notes.append(f"The approvals are not known: {error}.")
            return None

    def _counts(self, login: str, kind: str) -> bool:
        """Whether an approval counts, as for GitHub's own rules: anybody may approve what is public."""
        if kind != "User":
            self._notes.append(f"The approval by {login} does not count: it is no person.")
            return False
        path = f"repos/{self._repository}/collaborators/{quote(login, safe='')}/permission"
        if self._api.get(path, Permission, needs="metadata: read").permission in WRITERS:
            return True
        self._notes.append(f"The approval by {login} does not count: who may not write to the repository has no say.")
        return False

    def _issues(self) -> tuple[str, ...] | None:
        """Those that the merge closes, by a keyword in the description or linked by hand. Only GraphQL knows them."""
        owner, _, name = self._repository.partition("/")
        try:
            data = self._api.query(
                _ISSUES, {"owner": owner, "name": name, "number": self._pull.number}, needs="issues: read"
            )
            nodes = data["repository"]["pullRequest"]["closingIssuesReferences"]["nodes"]
            return tuple(self._issue(node) for node in nodes)
        except (KeyError, TypeError):  # null in place of what may not be seen
            self._notes.append("The linked issues are not known; allow `issues: read`.")
        except NOT_KNOWN as error:
            self._notes.append(f"The linked issues are not known: {error}.")
        return None

    def _issue(self, node: dict[str, Any]) -> str:
        where = str(node["repository"]["nameWithOwner"])
        return f"#{node['number']}" if where.lower() == self._repository.lower() else f"{where}#{node['number']}"


def is_fork(pull: Pull) -> bool:
    """Whether the branch lies in another repository than its target; one that is gone was a fork."""
    return pull.head.repo is None or pull.base.repo is None or pull.head.repo.id != pull.base.repo.id
