"""Trivy, run by deliverygate: a target in, the bytes of its JSON report out, or an error with Trivy's own words."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from deliverygate.conversions import read_json, readable
from deliverygate.errors import DeadlineExceeded, ToolError
from deliverygate.gate import Completed, GateContext
from deliverygate.model import Duration
from deliverygate_gates.trivy.trust import FILE_FLAGS, demand_harmless, on_disk, withheld

Kind = Literal["image", "fs", "config", "sbom"]
Scanner = Literal["vuln", "misconfig", "secret", "license"]

GRACE_SECONDS = 10.0  # after Trivy's own --timeout, so that it can say itself what took so long
TAIL_CHARACTERS = 4000
WARNINGS_SHOWN = 20

# `trivy config` has no --show-suppressed: what .trivyignore hides would be hidden from us too. It is the same scanner.
SUBCOMMANDS: dict[Kind, str] = {"image": "image", "fs": "fs", "config": "fs", "sbom": "sbom"}
DEFAULT_SCANNERS: dict[Kind, tuple[Scanner, ...]] = {
    "image": ("vuln", "secret"),
    "fs": ("vuln", "secret"),
    "config": ("misconfig",),
    "sbom": ("vuln",),
}
POSSIBLE_SCANNERS: dict[Kind, tuple[Scanner, ...]] = {
    "image": ("vuln", "misconfig", "secret", "license"),
    "fs": ("vuln", "misconfig", "secret", "license"),
    "config": ("misconfig",),
    "sbom": ("vuln", "license"),
}

# Each of these would change the report's form, its place, or silently what is in it.
OWN_FLAGS = {
    "format": "it is always json",
    "output": "the report is read from Trivy's output",
    "template": "the report is always json",
    "report": "the report is always json",
    "compliance": "a compliance report is another document",
    "exit-code": "deliverygate judges the report",
    "exit-on-eol": "use `end_of_life:`",
    "severity": "use `fail_on:` or `max:`, which show what they let through",
    "ignore-unfixed": "use `fixable_only:`, which shows what it lets through",
    "ignore-status": "use `fixable_only:`, which shows what it lets through",
    "scanners": "use `scanners:`",
    "security-checks": "use `scanners:`",
    "timeout": "use `deadline:`",
    "config": "use `trivy_config:`",
    "secret-config": "use `secret_config:`",
    "show-suppressed": "it is always set",
    "download-db-only": "nothing would be scanned",
    "download-java-db-only": "nothing would be scanned",
    "generate-default-config": "nothing would be scanned",
    "version": "nothing would be scanned",
    "help": "nothing would be scanned",
}

# Part of what Trivy says to what helps; the first that fits is shown.
CURES = {
    "failed to download vulnerability DB": "let Trivy reach its database, or name a mirror with "
    "`arguments: [--db-repository=...]`, or bring its cache along and add --skip-db-update",
    "--skip-db-update cannot be specified on the first run": "fill Trivy's cache once with its database before",
    "context deadline exceeded": "raise `deadline:`",
    "no such file or directory": "check the target",
    "unable to find the specified image": "check the image's name, and that this job may pull it",
    "unknown flag": "use a newer release of Trivy; 0.71 is tested",
}


@dataclass(frozen=True)
class Order:
    """What Trivy is to do."""

    kind: Kind
    target: str
    scanners: tuple[Scanner, ...]
    deadline: Duration
    program: str = "trivy"
    arguments: tuple[str, ...] = ()
    trivy_config: str | None = None
    secret_config: str | None = None

    @property
    def name(self) -> str:
        """As people call it, e.g. ``trivy image shop:1.4``."""
        return f"trivy {self.kind} {self.target}"

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command.

        Trivy reads ``trivy.yaml`` and ``trivy-secret.yaml`` of the folder it runs in, which the judged change may
        have edited: only files that the policy names are read.
        """
        flags = ["--format", "json", "--output", "", "--exit-code", "0", "--show-suppressed", "--no-progress"]
        flags += ["--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL", "--scanners", ",".join(self.scanners)]
        flags += ["--timeout", f"{max(1, round(self.deadline))}s", "--config", self.trivy_config or "/dev/null"]
        if self.kind != "sbom":
            flags += ["--secret-config", self.secret_config or ""]
        return (self.program, SUBCOMMANDS[self.kind], *flags, *self.arguments, "--", self.target)


@dataclass(frozen=True)
class Outcome:
    """A run that ended well."""

    version: str
    report: bytes
    warnings: tuple[str, ...]  #: what Trivy's log warns of, e.g. a chart that it skipped


class _Version(msgspec.Struct):
    Version: str


def refused(argument: str) -> str | None:
    """Why an extra argument may not be given, with the cure; None when it may."""
    if not argument.startswith("--"):
        return f"{argument!r} is not written as --flag=value" if argument.strip() else "it is empty"
    flag = argument[2:].partition("=")[0]
    if not flag:
        return "'--' ends the flags; write each as --flag=value"
    return f"--{flag} is deliverygate's own; {OWN_FLAGS[flag]}" if flag in OWN_FLAGS else None


def run(order: Order, context: GateContext) -> Outcome:
    """Run Trivy. Raises ToolError when it is not there, fails or takes too long; its own words stand in ``what``."""
    version = read_version(order.program, context)
    context.progress(f"runs Trivy {version} on {order.target}")
    command = trusted(order, context).command
    try:
        done = context.shell.run(
            command, timeout_seconds=order.deadline + GRACE_SECONDS, without=withheld(context.environ)
        )
    except DeadlineExceeded as error:
        context.clock.remaining()  # raises when it is the gate's own time that is over
        raise ToolError(
            f"Trivy {version} was killed after {order.deadline}", where=order.name, mend="raise `deadline:`"
        ) from error
    if done.status != 0:
        raise _failed(done, command, order, version, context)
    return Outcome(version, done.stdout, _warnings(done.stderr, context))


def trusted(order: Order, context: GateContext) -> Order:
    """The same order with each file that configures the scan as the policy's own branch has it.

    Raises ReportError for one that is missing there, ToolError for one that leads on to files of the checkout.
    """
    config = order.trivy_config and on_disk(order.trivy_config, context)
    if config:
        demand_harmless(config, order.trivy_config or "")
    return replace(
        order,
        trivy_config=config,
        secret_config=order.secret_config and on_disk(order.secret_config, context),
        arguments=tuple(_trusted_argument(each, context) for each in order.arguments),
    )


def _trusted_argument(argument: str, context: GateContext) -> str:
    flag, equals, value = argument.partition("=")
    if flag[2:] not in FILE_FLAGS:
        return argument
    return flag + equals + ",".join(on_disk(each, context) for each in value.split(","))


def read_version(program: str, context: GateContext) -> str:
    """Trivy's version. Raises ToolError when the program does not say one: then it is not Trivy."""
    done = context.shell.run(
        (program, "--version", "--format", "json"), timeout_seconds=60.0, without=withheld(context.environ)
    )
    try:
        return read_json(done.stdout, _Version).Version
    except ValueError as error:
        said = _tail(done.stderr or done.stdout, context)[-300:]
        raise ToolError(
            f"does not tell its version (status {done.status}: {said or 'it says nothing'})",
            where=f"{program} --version --format json",
            mend="let `program:` name Trivy",
        ) from error


def _failed(done: Completed, command: Sequence[str], order: Order, version: str, context: GateContext) -> ToolError:
    """The first line of its ``what`` is the summary, the rest what Trivy said and what it was told."""
    said = _tail(done.stderr, context)
    ended = f"was ended by signal {-done.status}" if done.status < 0 else f"ended with status {done.status}"
    told = said.splitlines() or ["it says nothing on stderr"]
    reason = next((line for line in told if "\tFATAL\t" in line), told[-1])
    cure = next((cure for part, cure in CURES.items() if part in said), "see what Trivy says, and run it by hand")
    what = f"Trivy {version} {ended}: {_message(reason)}\n{said}\n$ {context.redact(shlex.join(command))}"
    return ToolError(what, where=order.name, mend=cure)


def _message(line: str) -> str:
    """A line of the log without its time and level, on one line."""
    return " ".join(line.rpartition("\tFATAL\t")[2].replace("\t", " ").split())


def _tail(output: bytes, context: GateContext) -> str:
    return context.redact(readable(output)).strip()[-TAIL_CHARACTERS:]


def _warnings(log: bytes, context: GateContext) -> tuple[str, ...]:
    lines = context.redact(readable(log)).splitlines()
    told = [line for line in lines if "\tWARN\t" in line or "\tERROR\t" in line]
    return tuple(dict.fromkeys(line.partition("\t")[2] for line in told))[-WARNINGS_SHOWN:]
