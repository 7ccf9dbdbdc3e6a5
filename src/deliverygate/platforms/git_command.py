"""Running git so that neither the user's settings nor the checkout has a say in what it answers.

A name from outside never stands where git would take it for an option.
"""

from __future__ import annotations

from functools import cached_property

from deliverygate.conversions import readable
from deliverygate.errors import DeadlineExceeded, ReportError
from deliverygate.gate import Completed, Shell

# Git runs at the top of the checkout: what looks like a repository in a folder below (HEAD, objects and refs are
# ordinary files to git) is not looked for. Hooks, file system monitors and drivers are programs, and are all off.
GIT = (
    "git", "-c", "core.quotePath=false", "-c", "color.ui=false", "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit", "-c", "core.attributesFile=/dev/null",
    "-c", "core.pager=cat", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.recurseSubmodules=false",
    "-c", "submodule.recurse=false", "-c", "protocol.ext.allow=never",
)  # fmt: skip

#: Commands that show what differs: an attribute of a file can name a driver, which is a program of the settings.
NO_DRIVERS = ("--no-ext-diff", "--no-textconv")
SHOWING = frozenset({"diff", "diff-files", "diff-index", "diff-tree", "log", "show"})
#: Those among them that may read the working tree, which filters (`filter.NAME.clean`) would translate.
FILTERING = frozenset({"diff", "diff-files", "diff-index", "status"})
ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_PAGER": "cat",
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace/ would give a commit another content
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TRACE": "0",  # what it would tell stands where we look for git's own words
    "GIT_TRACE_CURL": "0",
    "LC_ALL": "C",
}


class Git:
    """Git at the top of a checkout, where ``shell`` runs; the only way to git in all of deliverygate.

    ``prefix`` is the folder that the work is in, e.g. ``services/shop/``; empty at the top.
    """

    def __init__(self, shell: Shell, *, prefix: str = "") -> None:
        self._shell = shell
        self.prefix = prefix

    @property
    def relative(self) -> str:
        """The option of ``diff`` that leaves out what lies beside the folder, and names files from there."""
        return f"--relative={self.prefix}" if self.prefix else "--no-relative"

    def run(self, command: str, *arguments: str, seconds: float | None = None) -> Completed:
        """Whatever its exit status. Raises ToolError where there is no git."""
        drivers = NO_DRIVERS if command in SHOWING else ()
        filters = self._no_filters if command in FILTERING else ()
        whole = [*GIT, *filters, command, *drivers, *arguments]
        return self._shell.run(whole, environment=ENVIRONMENT, timeout_seconds=seconds)

    @cached_property
    def _no_filters(self) -> tuple[str, ...]:
        """Settings that turn every filter off that the user's or the repository's settings know."""
        listed = self._shell.run(
            [*GIT, "config", "--null", "--name-only", "--get-regexp", r"^filter\."], environment=ENVIRONMENT
        )
        names = {name.rpartition(".")[0] for name in decode(listed.stdout).split("\0") if name.count(".") > 1}
        off = ("clean=", "smudge=", "process=", "required=false")
        return tuple(word for name in sorted(names) for setting in off for word in ("-c", f"{name}.{setting}"))

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
        """The object of this name, which must not begin with a dash; None when there is none.

        Raises ReportError when git cannot look: not knowing is not the same as none.
        """
        done = self.run("rev-parse", "--verify", "--quiet", name)
        if done.status not in {0, 1}:
            raise fault_of(done)
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
