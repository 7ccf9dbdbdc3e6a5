"""A service that can say how it is: GET /health."""

from __future__ import annotations

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

try:
    from version import VERSION  # written by build.sh
except ModuleNotFoundError:
    VERSION = "unbuilt"


def health() -> dict[str, str]:
    return {"status": "UP", "version": VERSION}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        status, body = (200, health()) if self.path == "/health" else (404, {"error": "not found"})
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--version", action="version", version=VERSION)
    ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()


if __name__ == "__main__":
    main()
