"""The change of a branch, from git alone: locally, or in a CI system that deliverygate does not know.

Every call asks for an exact format, whatever the user's git configuration says.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Shell
from deliverygate.platforms.comparing import compare
from deliverygate.platforms.git_command import OR_DESCRIPTION, Git, decode
from deliverygate.platforms.git_tree import GitTree
from deliverygate.platforms.history import BASES, deepen, find_default
from deliverygate.platforms.pipeline import in_ci
from deliverygate.platforms.working_tree import WorkingTree
from deliverygate.redaction import outlet

if TYPE_CHECKING:
    from deliverygate.judging.placing import Tree

#: a password in the address of a remote, or a token in the place of the user
_IN_ADDRESS = re.compile(r"https?://(?:[^\s/?#:@]*:(?=[^\s/?#]+@)|(?=[^\s/?#:@]{16,}@))([^\s/?#]+)@")

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
    """What git knows of the change, as seen from a folder of the checkout; paths are relative to that folder."""

    def __init__(
        self,
        shell: Shell,
        *,
        base: str | None = None,
        description: tuple[str, str] | None = None,
        title: str | None = None,
        environ: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> None:
        """``shell`` runs at the top of the checkout, and ``prefix`` is the folder, e.g. ``services/shop/``.

        ``description`` is a text and where it came from; it and ``title`` stand in for the commit messages.

        ``base`` is a branch, a tag or a commit; None: the first of ``BASES``. ``environ`` tells of a description
        that the CI system has cut.
        """
        self._shell = shell
        self._git = Git(shell, prefix=prefix)
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
        return LocalGit(
            self._shell,
            base=base,
            description=self._description,
            title=self._title,
            environ=self._environ,
            prefix=self.prefix,
        )

    def commit(self, name: str) -> str | None:
        """The whole name of the commit that ``name`` leads to, e.g. of ``HEAD^2``; None when there is none here."""
        return None if name.startswith("-") else self._git.look_up(f"{name}^{{commit}}")

    def files(self) -> tuple[ChangedFile, ...]:
        """What changed since the branch started: in CI up to HEAD, otherwise up to the working tree.

        What only the working tree has is told beside it. Raises ReportError or ToolError when it is not known.
        """
        return tuple(self._files(self.base, self.head))

    def base_text(self, path: str) -> str | None:
        """A file as it was where the branch started; None when there was none.

        Raises ReportError when it is no text file, lies outside, or the start of the branch cannot be found.
        """
        tree = GitTree(self._git, self.base, name="the target branch")
        inside = in_repository(path, self.prefix)
        try:
            return text_of_base(tree.read(inside), path) if tree.has(inside) else None
        except OSError as error:
            raise ReportError(
                f"cannot be read in the target branch: {error.strerror}", where=path, mend="make it an ordinary file"
            ) from error

    def tracked_files(self) -> tuple[str, ...]:
        """Every file that git tracks below the folder, sorted."""
        below = ("--", self.prefix) if self.prefix else ()
        names = self._git.text("ls-files", "-z", *below).split("\0")
        return tuple(sorted(name.removeprefix(self.prefix) for name in names if name))

    def tree(self, commit: str | None = None) -> Tree:
        """The files below the folder that git tracks, or that a commit has. Raises ReportError or ToolError."""
        from deliverygate.platforms.git_files import committed, tracked

        return tracked(self._git) if commit is None else committed(self._git, commit)

    @property
    def prefix(self) -> str:
        """The folder as the repository names it, e.g. ``services/shop/``; empty at its top."""
        return self._git.prefix

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
    def _top(self) -> Path:
        return Path(self._git.text("rev-parse", "--show-toplevel").removesuffix("\n"))

    @cached_property
    def head(self) -> str:
        """The commit that is checked out. Raises ReportError for no repository and for one without a commit."""
        _ = self._top
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
        """The change: in CI to HEAD, otherwise to the working tree, which is what reports describe."""
        tree = WorkingTree(self._git, self._top / self.prefix)
        return compare(self._git, tree, base=base, head=head, is_local=not in_ci(self._environ))


class _Target(NamedTuple):
    name: str
    commit: str


def text_of_base(data: bytes, path: str) -> str:
    """What a file of the target branch holds. Raises ReportError for what is no text."""
    try:
        return utf8(data)
    except NotTextError as error:
        what = f"is not UTF-8 in the target branch (byte {error.byte})"
        raise ReportError(what, where=path, mend="save it as UTF-8") from error


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
    return posixpath.normpath(inside if path.startswith("/") else f"{prefix}{path}")


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
