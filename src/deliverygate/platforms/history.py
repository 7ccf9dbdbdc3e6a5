"""A shallow clone that grows as far as a question needs: where two commits part, or what a branch is at now."""

from __future__ import annotations

import re

from deliverygate.errors import ConfigError
from deliverygate.platforms import Target
from deliverygate.platforms.git_command import Git, decode

#: Where a branch probably started, the first that exists.
BASES = ("remotes/origin/HEAD", "remotes/origin/main", "remotes/origin/master", "heads/main", "heads/master")
STEPS = (50, 200, 1000)  # further commits, one fetch after the other; then the whole history is somebody's choice
KEPT = "refs/deliverygate/target"  # where the fetched tip stays
FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
DEEPER = "check out with the whole history (GitLab: `GIT_DEPTH: 0`; GitHub: `fetch-depth: 0` of actions/checkout)"
LOOK_SECONDS = 20.0  # for a remote to say what a branch is at
FETCH_SECONDS = 60.0
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def deepen(git: Git, head: str, other: str) -> str | None:
    """The commit where two histories part, fetched step by step; None when a shallow clone still does not show it."""
    for step in STEPS:
        if not git.is_shallow():
            break
        if git.ask(*FETCH, f"--deepen={step}", "--", "origin", head, other, seconds=FETCH_SECONDS).status != 0:
            return None
        if found := git.merge_base(head, other):
            return found
    return git.merge_base(head, other)


def find_default(git: Git) -> tuple[str, str] | None:
    """Name and commit of the branch where others probably start: the first of ``BASES`` that is here; None for none.

    By whole names: a pushed tag "main" must not pass for the branch, whose policy and template count.
    """
    listed = git.text("for-each-ref", "--format=%(objectname) %(refname)", *(f"refs/{name}" for name in BASES))
    commits = {name: commit for commit, _, name in (line.partition(" ") for line in listed.splitlines())}
    return next(((name, commits[f"refs/{name}"]) for name in BASES if f"refs/{name}" in commits), None)


def find_tip(git: Git, target: Target) -> tuple[str, str]:
    """The commit that the target branch is at now, and "" or why it is only what this clone knows of it.

    Raises ConfigError when the commit is neither here nor to be had.
    """
    ref = f"refs/heads/{target.branch}"
    if git.run("check-ref-format", ref).status != 0:
        raise ConfigError(f"{target.branch!r} is no name of a branch", where="the target branch", mend="correct it")
    asked = git.ask("ls-remote", "--exit-code", "--", target.fetch_from, ref, seconds=LOOK_SECONDS)
    # A pattern fits the end of a name: somebody's branch `x/refs/heads/main` is listed as well.
    lines = [line.partition("\t") for line in decode(asked.stdout).splitlines()]
    tip = next((commit for commit, _, name in lines if name == ref and _COMMIT.fullmatch(commit)), None)
    if tip:
        if git.look_up(f"{tip}^{{commit}}"):
            return tip, ""
        depth = ("--depth=1",) if git.is_shallow() else ()  # elsewhere it would cut off what is there
        asked = git.ask(*FETCH, *depth, "--", target.fetch_from, f"+{ref}:{KEPT}", seconds=FETCH_SECONDS)
        if asked.status == 0 and (found := git.look_up(f"{KEPT}^{{commit}}")):
            return found, ""
    return _known_here(git, target, said=decode(asked.stderr).strip())


def _known_here(git: Git, target: Target, *, said: str) -> tuple[str, str]:
    """What this clone knows of the branch. Another remote's branch of the same name may be anybody's."""
    reason = _plain(said.splitlines()[-1]) if said else "it has no such branch"
    names = [f"refs/remotes/origin/{target.branch}"] if target.fetch_from == "origin" else []
    for name in (*names, *filter(_COMMIT.fullmatch, [target.commit or ""])):
        if found := git.look_up(f"{name}^{{commit}}"):
            return found, f"The remote could not be asked for {target.branch} ({reason}): it is what this clone has."
    raise ConfigError(
        f"{target.branch}, which holds the policy, is not in this clone and cannot be fetched ({reason})",
        where="git",
        mend=f"{DEEPER}, or let this job fetch from {_plain(target.fetch_from)}",
    )


def find_ref(git: Git, name: str) -> str:
    """The commit of a branch, a tag or a commit that the command line names; fetched when it is a branch of origin.

    A branch wins over a tag of the same name: whoever may push a tag must not choose the law by it. Raises ConfigError.
    """
    if git.run("check-ref-format", f"refs/heads/{name}").status == 0:
        whole = (name,) if name.startswith("refs/") else ()
        for ref in (*whole, f"refs/remotes/{name}", f"refs/heads/{name}", f"refs/tags/{name}"):
            if found := git.look_up(f"{ref}^{{commit}}"):
                return found
        if re.fullmatch(r"[0-9a-f]{7,64}", name) and (found := git.look_up(f"{name}^{{commit}}")):
            return found
        try:
            return find_tip(git, Target(branch=name.removeprefix("refs/heads/").removeprefix("origin/")))[0]
        except ConfigError:
            pass  # it may be no branch at all; the name as it was given is what helps
    raise ConfigError(
        f"{name!r} is no branch, tag or commit of this repository",
        where="--config-ref",
        mend=f"correct it, fetch it first, or {DEEPER}",
    )


def _plain(remote: str) -> str:
    """A remote without what stands before the @ of its address."""
    return re.sub(r"//[^/\s]*@", "//", remote)
