"""Credentials of a store reach the store, and nothing that the run writes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.command import deliverygate
from tests.servers import Client, serve

SECRET = "corr3ct-horse-battery"


def echo(client: Client) -> None:
    """Refuses, and tells everybody what it was sent."""
    body = json.dumps(
        {"status": "error", "errorType": "unauthorized", "error": client.request.decode(errors="replace")}
    ).encode()
    head = f"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    client.send(head.encode() + body)


@pytest.mark.parametrize(
    "store",
    [
        {"token_env": "ODDLY_NAMED"},
        {"user": "ada", "password_env": "ODDLY_NAMED"},
        {"headers": {"X-Key": "${ODDLY_NAMED}"}},
    ],
    ids=["bearer", "basic", "header"],
)
def test_secret_of_a_store_is_nowhere_in_what_a_run_writes(tmp_path: Path, store: dict[str, object]) -> None:
    slo = {"name": "shop", "objective": 99, "total": "t", "bad": "b"}
    with serve(echo) as server:
        policy = {
            "version": 1,
            "metrics": {"main": {"url": server.url, **store}},
            "stages": {"deploy": [{"gate": "slo", "slos": [slo]}]},
        }
        (tmp_path / ".deliverygate.yml").write_text(json.dumps(policy))

        ran = deliverygate("run", "deploy", folder=tmp_path, environ={"ODDLY_NAMED": SECRET})

    files = [path.read_text() for path in (tmp_path / ".deliverygate").rglob("*") if path.is_file()]
    written = "\n".join([ran.stdout, ran.stderr, *files])
    sent = server.requests[0]
    basic = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    assert (ran.status, SECRET in sent or basic in sent) == (3, True)
    assert [form for form in (SECRET, basic) if form in written] == []
