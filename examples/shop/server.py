"""The shop as one small HTTP server: its products, and what the outside needs to know of its health."""

from __future__ import annotations

import argparse
import json
import sqlite3
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from catalogue import Catalogue

HERE = Path(__file__).resolve().parent


class Shop(ThreadingHTTPServer):
    """Answers at one address until it is stopped."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], catalogue: Catalogue, version: str) -> None:
        super().__init__(address, Handler)
        self.catalogue = catalogue
        self.version = version

    def health(self) -> dict[str, object]:
        """Asks the catalogue for a product, since a process that runs is no shop that sells."""
        state = "UP" if self.catalogue.is_readable() else "DOWN"
        return {"status": state, "version": self.version, "checks": {"catalogue": state}}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, _query = self.path.partition("?")
        answer = {"/health": self.health, "/ready": self.ready, "/products": self.products}.get(path)
        if answer is None:
            self.send(HTTPStatus.NOT_FOUND, {"error": f"no page {path}"})
        else:
            answer()

    def health(self) -> None:
        # The status is 200 whatever the body says, as in many a service. This is why the policy looks into the body.
        self.send(HTTPStatus.OK, self.server.health())

    def ready(self) -> None:
        up = self.server.catalogue.is_readable()
        self.send(HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE, {"ready": up})

    def products(self) -> None:
        try:
            self.send(HTTPStatus.OK, self.server.catalogue.products())
        except sqlite3.Error:
            self.send(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "the catalogue cannot be read"})

    def send(self, status: HTTPStatus, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: whoever runs the demo wants to read the gates."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes one that is free")
    options = parser.parse_args()
    version = HERE / "VERSION"
    shop = Shop(
        (options.host, options.port),
        Catalogue(HERE / "catalogue.db"),
        version.read_text().strip() if version.exists() else "unreleased",
    )
    print(f"http://{options.host}:{shop.server_address[1]}", flush=True)
    shop.serve_forever()


if __name__ == "__main__":
    main()
