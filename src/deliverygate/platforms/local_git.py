"""The change of a branch, from git alone: on a laptop, or in a CI system that deliverygate does not know.

Every call asks for an exact format, whatever the user's git configuration says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Shell
from deliverygate.platforms.git_command import OR_DESCRIPTION, Git, decode
from deliverygate.platforms.history import BASES, deepen, find_default
from deliverygate.platforms.patch import new_lines
from deliverygate.redaction import outlet

#: How changes are looked at, so that no setting of the user and no attribute of the repository has a say in it.
EXACT = ("--no-ext-diff", "--no-textconv", "--relative", "--find-renames", "-l1000", "--ignore-submodules=none")
PATCH = (
    "--patch", "--unified=0", "--inter-hunk-context=0", "--no-color", "--src-prefix=a/", "--dst-prefix=b/",
    "--submodule=short", "--diff-algorithm=myers",
)  # fmt: skip

#: a password in the address of a remote, or a token in the place of the user
_IN_ADDRESS = re.compile(r"https?://(?:[^\s/?#:@]*:(?=[^\s/?#]+@)|(?=[^\s/?#:@]{16,}@))([^\s/?#]+)@")
STATUSES = {"A": "added", "D": "deleted", "R": "renamed"}  # all others: "modified"

#: Lines at the end of a commit message that say who, and nothing about the change.
TRAILERS = {
    "acked-by", "approved-by", "assisted-by", "cc", "change-id", "co-authored-by", "co-developed-by", "generated-by",
    "helped-by", "reported-by", "reviewed-by", "reviewed-on", "signed-off-by", "suggested-by", "tested-by",
}  # fmt: skip


class Commit(NamedTuple):
    """One commit of the branch."""

    author: str
    subject: str
    body: str  #: without the trailers that are no content


class LocalGit:
    """What git knows of the change in the folder that ``shell`` runs in; paths are relative to that folder."""

    def __init__(
        self,
        shell: Shell,
        *,
        base: str | None = None,
        description: tuple[str, str] | None = None,
        title: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """``description`` is a text and where it came from; it and ``title`` stand in for the commit messages.

        ``base`` is a branch, a tag or a commit; None: the first of ``BASES``. ``environ`` tells of a description
        that the CI system has cut.
        """
        self._shell = shell
        self._git = Git(shell)
        self._base = base
        self._description = description
        self._title = title
        self._environ = environ or {}

    def change(self) -> ChangeRequest:
        """The change from where the branch started to HEAD.

        With a description of its own it is given even where git knows nothing: then ``files`` is None and ``notes``
        says why. Otherwise raises ReportError or ToolError when the commits cannot be known.
        """
        if self._description is None:
            return self._from_commits()
        text, source = self._description
        from deliverygate.judging.description import refuse_cut

        refuse_cut(text, self._environ, where=source)
        try:
            return replace(self._from_commits(), description=text, source=source)
        except (ReportError, ToolError) as error:
            error.mend = error.mend.removesuffix(OR_DESCRIPTION)  # it was given
            note = f"The changed files and the commits are not known: {error}."
            return ChangeRequest(title=self._title or "", description=text, source=source, notes=(note,))

    def against(self, base: str) -> LocalGit:
        """The same checkout, compared with ``base`` where the command line names no base of its own."""
        if self._base is not None:
            return self
        return LocalGit(self._shell, base=base, description=self._description, title=self._title, environ=self._environ)

    def commit(self, name: str) -> str | None:
        """The whole name of the commit that ``name`` leads to, e.g. of ``HEAD^2``; None when there is none here."""
        return None if name.startswith("-") else self._git.look_up(f"{name}^{{commit}}")

    def files(self) -> tuple[ChangedFile, ...]:
        """What changed from where the branch started to HEAD. Raises ReportError or ToolError when it is not known."""
        return tuple(self._files(self.base, self.head))

    def base_text(self, path: str) -> str | None:
        """A file as it was where the branch started; None when there was none.

        Raises ReportError when it is no text file, lies outside, or the start of the branch cannot be found.
        """
        found = self._git.look_up(f"{self.base}:{in_repository(path, self.prefix)}")
        if found is None:
            return None
        kind = self._git.text("cat-file", "-t", found).strip()
        if kind != "blob":
            raise ReportError(f"is no file in the target branch (git says {kind})", where=path, mend="name a file")
        data = self._git.output("cat-file", "blob", found)
        return text_of_base(data, path)

    def tracked_files(self) -> tuple[str, ...]:
        """Every file that git tracks below the folder, sorted."""
        return tuple(sorted(name for name in self._git.text("ls-files", "-z").split("\0") if name))

    @cached_property
    def prefix(self) -> str:
        """The folder as the repository names it, e.g. ``services/shop/``; empty at its top."""
        return self._git.text("rev-parse", "--show-prefix").removesuffix("\n")

    @cached_property
    def branch(self) -> str | None:
        """The name of the branch that is checked out; None when it is a commit alone."""
        done = self._git.run("symbolic-ref", "--quiet", "--short", "HEAD")
        return decode(done.stdout).strip() or None

    def remote(self, name: str = "origin") -> str | None:
        """The address of a remote, which may hold a password; None when there is no such remote."""
        done = self._git.run("remote", "get-url", "--", name)
        address = decode(done.stdout).strip()
        outlet.learn(_IN_ADDRESS.findall(address))
        return address or None

    @cached_property
    def head(self) -> str:
        """The commit that is checked out. Raises ReportError for no repository and for one without a commit."""
        self._git.text("rev-parse", "--git-dir")
        found = self._git.look_up("HEAD^{commit}")
        if found is None:
            raise ReportError("this repository has no commit yet", where="git", mend="commit the change first")
        return found

    @cached_property
    def base(self) -> str:
        """The commit where the branch started: the merge base with the target. Raises ReportError for none."""
        target = self._target()
        start = self._git.merge_base(self.head, target.commit) or deepen(self._git, self.head, target.commit)
        if start:
            return start
        if self._git.is_shallow():
            raise ReportError(
                f"the clone is too shallow to show where the branch left {target.name}",
                where="git",
                mend="run `git fetch --unshallow`, or check out with the whole history (GIT_DEPTH: 0, fetch-depth: 0)",
            )
        raise ReportError(
            f"HEAD and {target.name} have no commit in common", where="git", mend="name the target branch with --base"
        )

    def _target(self) -> _Target:
        head = self.head
        if self._base is not None:
            return _Target(self._base, self._given_base(self._base))
        if found := find_default(self._git):
            return _Target(*found)
        raise ReportError(
            f"no target branch for {head[:10]}: none of {', '.join(BASES)} exists",
            where="git",
            mend="name the target branch with --base, or fetch it with `git fetch origin`",
        )

    def _given_base(self, name: str) -> str:
        # A commit of only zeros is what GitLab and GitHub send for a branch that is new.
        found = None if name.startswith("-") or not name.strip("0 ") else self._git.look_up(f"{name}^{{commit}}")
        if found is None:
            raise ReportError(
                f"{name!r} is no commit of this repository",
                where="--base",
                mend="name a branch, a tag or a commit, and fetch it first (`git fetch origin`)",
            )
        return found

    def _from_commits(self) -> ChangeRequest:
        base, head = self.base, self.head
        commits = tuple(self._commits(base, head))
        notes = () if commits else (f"There is no commit between {base[:10]}, where the branch started, and HEAD.",)
        title = commits[0].subject if commits else ""
        return ChangeRequest(
            title=title if self._title is None else self._title,
            description="\n\n".join(commit.body for commit in commits if commit.body),
            source="commits",
            base=base,
            head=head,
            author=commits[-1].author if commits else None,
            files=tuple(self._files(base, head)),
            notes=notes,
        )

    def _commits(self, base: str, head: str) -> Iterator[Commit]:
        """Oldest first; merges are left out, since their messages tell of other branches."""
        log = ("log", "-z", "--reverse", "--topo-order", "--no-merges", "--no-show-signature", "--encoding=UTF-8")
        for record in self._git.text(*log, "--format=%an <%ae>%n%s%n%b", f"{base}..{head}", "--").split("\0"):
            if record:
                author, subject, body = (*record.split("\n", 2), "", "")[:3]
                yield Commit(author, subject, without_trailers(body))

    def _files(self, base: str, head: str) -> Iterator[ChangedFile]:
        spans = new_lines(self._git.output("diff", *PATCH, *EXACT, base, head, "--"))
        fields = iter(self._git.text("diff", "--raw", "--no-abbrev", "-z", *EXACT, base, head, "--").split("\0"))
        for record in fields:
            if not record:
                continue
            *_, before, after, status = record.split(" ")
            first = next(fields)
            path = next(fields) if status[0] in "RC" else first
            lines = () if status[0] == "D" or before == after else spans.get(path)
            yield ChangedFile(
                path=path,
                status=STATUSES.get(status[0], "added" if status[0] == "C" else "modified"),
                previous_path=first if status[0] in "RC" else None,
                lines=lines,
                added=0 if lines is None else None,  # git shows the lines of all but binary files
            )


class _Target(NamedTuple):
    name: str
    commit: str


def text_of_base(data: bytes, path: str) -> str:
    """What a file of the target branch holds. Raises ReportError for what is no text."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReportError(
            f"is not UTF-8 in the target branch (byte {error.start})", where=path, mend="save it as UTF-8"
        ) from error


def in_repository(path: str, prefix: str) -> str:
    """A path of the policy as the repository names it: relative to ``prefix``, or to the root behind a leading slash.

    Raises ReportError for one that leaves either.
    """
    inside = path.removeprefix("/")
    if PurePosixPath(inside).is_absolute() or ".." in PurePosixPath(inside).parts or "\0" in path:
        raise ReportError(
            "lies outside the workspace and was not looked up",
            where=path,
            mend="write it relative to the policy, or behind a slash from the root of the repository",
        )
    return inside if path.startswith("/") else f"{prefix}{path}"


def without_trailers(body: str) -> str:
    """The body of a commit message without those lines at its end that only name people."""
    *before, last = body.strip().split("\n\n") if body.strip() else [""]
    kept = []
    dropping = False
    for line in last.splitlines():
        key, colon, _ = line.partition(":")
        continues = line[:1].isspace() and dropping
        dropping = continues or (bool(colon) and key.strip().lower() in TRAILERS)
        if not dropping:
            kept.append(line)
    return "\n\n".join((*before, "\n".join(kept))).strip()
