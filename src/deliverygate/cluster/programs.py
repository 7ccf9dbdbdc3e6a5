"""Credentials that a program hands out, as kubeconfig's ``exec`` has it.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from deliverygate.conversions import read_json
from deliverygate.errors import ToolError
from deliverygate.gate import Shell
from deliverygate.redaction import outlet

LONGEST_SECONDS = 60.0
MEND = "run it by hand: `kubectl get --raw /version` does the same"


class Variable(msgspec.Struct, frozen=True):
    name: str
    value: str


class Program(msgspec.Struct, frozen=True, rename="camel"):
    """What a kubeconfig says of it."""

    command: str
    api_version: str
    args: tuple[str, ...] | None = None
    env: tuple[Variable, ...] | None = None
    provide_cluster_info: bool = False
    install_hint: str = ""


class Given(msgspec.Struct, frozen=True, rename="camel"):
    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class Answer(msgspec.Struct, frozen=True):
    status: Given


@dataclass(frozen=True)
class Credentials:
    """Who asks. All empty where the kubeconfig has them itself."""

    token: str = ""
    certificate: str = ""  #: PEM
    key: str = ""  #: PEM
    expires: datetime | None = None


def ask_program(program: Program, shell: Shell, *, cluster: Mapping[str, object], folder: Path) -> Credentials:
    """Start it and read what it hands out. Raises ToolError; what it wrote, which may be a secret, is not shown.

    ``folder`` is the kubeconfig's, from which a command with a slash in it is found.
    """
    spec = {"interactive": False, **({"cluster": cluster} if program.provide_cluster_info else {})}
    asked = {"apiVersion": program.api_version, "kind": "ExecCredential", "spec": spec}
    environment = {each.name: each.value for each in program.env or ()}
    environment["KUBERNETES_EXEC_INFO"] = msgspec.json.encode(asked).decode()
    command = str(folder / program.command) if "/" in program.command else program.command
    try:
        done = shell.run((command, *(program.args or ())), timeout_seconds=LONGEST_SECONDS, environment=environment)
    except ToolError as error:
        hint = " ".join(program.install_hint.split())[:300]
        raise ToolError(error.what, where=f"{program.command} (of the kubeconfig)", mend=hint or error.mend) from error
    where = f"{program.command} (of the kubeconfig)"
    if done.status:
        raise ToolError(f"handed out no credentials: exit status {done.status}", where=where, mend=MEND)
    try:
        given = read_json(done.stdout, Answer).status
    except ValueError as error:
        raise ToolError("handed out no credentials: its answer is no ExecCredential", where=where, mend=MEND) from error
    outlet.learn(filter(None, (given.token, given.client_key_data)))
    if not given.token and not (given.client_certificate_data and given.client_key_data):
        raise ToolError("handed out neither a token nor a certificate with its key", where=where, mend=MEND)
    return Credentials(
        given.token, given.client_certificate_data, given.client_key_data, expires=given.expiration_timestamp
    )
