"""Running git so that neither the user's settings nor the checkout has a say in what it answers.

A name from outside never stands where git would take it for an option.
"""

from __future__ import annotations

from deliverygate.conversions import readable
from deliverygate.errors import DeadlineExceeded, ReportError
from deliverygate.gate import Completed, Shell

# The checkout may hold what git takes for a repository of its own (a folder with HEAD, objects and refs): it would
# bring settings that start programs, and a law of its own. Hooks and file system monitors are programs as well.
GIT = (
    "git", "-c", "core.quotePath=false", "-c", "color.ui=false", "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit",
)  # fmt: skip
ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_PAGER": "cat",
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace/ would give a commit another content
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TRACE": "0",  # what it would tell stands where we look for git's own words
    "GIT_TRACE_CURL": "0",
    "LC_ALL": "C",
}


class Git:
    """Git in the folder that ``shell`` runs in."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def run(self, *arguments: str, seconds: float | None = None) -> Completed:
        """Whatever its exit status. Raises ToolError where there is no git."""
        return self._shell.run([*GIT, *arguments], environment=ENVIRONMENT, timeout_seconds=seconds)

    def ask(self, *arguments: str, seconds: float) -> Completed:
        """The same of a command that asks a remote; one that does not answer in time has failed."""
        try:
            return self.run(*arguments, seconds=seconds)
        except DeadlineExceeded:
            return Completed(128, b"", f"no answer within {seconds:g} s".encode(), seconds)

    def output(self, *arguments: str) -> bytes:
        """What it prints. Raises ReportError when it fails."""
        done = self.run(*arguments)
        if done.status != 0:
            raise fault_of(done)
        return done.stdout

    def text(self, *arguments: str) -> str:
        """What it prints, as text. Raises ReportError when it fails."""
        return decode(self.output(*arguments))

    def look_up(self, name: str) -> str | None:
        """The object of this name, which must not begin with a dash; None when there is none."""
        done = self.run("rev-parse", "--verify", "--quiet", name)
        return decode(done.stdout).strip() or None if done.status == 0 else None

    def merge_base(self, one: str, other: str) -> str | None:
        """Where the histories of two commits part; None where this clone does not show it."""
        done = self.run("merge-base", one, other)
        if done.status not in {0, 1}:
            raise fault_of(done)
        return decode(done.stdout).strip() or None

    def is_shallow(self) -> bool:
        """Whether the clone lacks the beginning of the history."""
        return self.text("rev-parse", "--is-shallow-repository").strip() == "true"


def decode(data: bytes) -> str:
    return readable(data)


OR_DESCRIPTION = ", or give --description"

# What git says to what went wrong, and how to mend it.
FAULTS = (
    ("not a git repository", "this is no git repository", "run in a checkout" + OR_DESCRIPTION),
    (
        "dubious ownership",
        "git refuses this repository, since it belongs to another user",
        'run `git config --global --add safe.directory "$PWD"` first',
    ),
)


def fault_of(done: Completed) -> ReportError:
    said = decode(done.stderr).strip()
    for sign, what, mend in FAULTS:
        if sign in said:
            return ReportError(what, where="git", mend=mend)
    first = said.splitlines()[0] if said else f"it ended with status {done.status} and no word"
    return ReportError(
        f"git could not answer ({first})", where="git", mend="run `git status` here and see what it says"
    )
