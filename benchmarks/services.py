"""Servers to be probed, each a process on the loopback interface that ends with its block."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.peers import debian

NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /health {{ default_type application/json; return 200 '{{"status":"UP"}}'; }}
  }}
}}
"""


@contextlib.contextmanager
def healthy(folder: Path) -> Iterator[str]:
    """nginx, which answers at once below /health; its address."""
    port = _free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port))
    with _running([debian("nginx", "nginx-light"), "-c", str(configuration)], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def delayed() -> Iterator[str]:
    """A server whose delays are known, see ``benchmarks.delaying``; its address."""
    port = _free_port()
    with _running([sys.executable, "-m", "benchmarks.delaying", str(port)], port):
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def blackbox() -> Iterator[str]:
    """The blackbox exporter of Prometheus; its address."""
    program = debian("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    port = _free_port()
    options = ("--config.file=/etc/prometheus/blackbox.yml", f"--web.listen-address=127.0.0.1:{port}")
    with _running([program, *options], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port, command)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int, command: Sequence[str]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    sys.exit(f"{command[0]} does not listen on port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
