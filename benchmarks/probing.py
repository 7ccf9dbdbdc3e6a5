"""Probes of servers beside the programs that others probe with, in one run against the same server."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from benchmarks import peers, services
from benchmarks.measuring import run, side_by_side
from benchmarks.row import Row
from deliverygate.statistics import nearest_rank

OURS = (str(Path(sys.executable).parent / "deliverygate"), "run", "bench")
MEGABYTE = 1_000_000
LONGEST_SECONDS = 0.25  #: of one check as a whole process
ROUNDS = 3
CONCURRENCIES = (2, 4, 8)
SHOTS, RATE = 600, 50  #: of a sample whose latencies are compared

POLICY = """\
version: 1
stages:
  bench:
    - gate: health
      allow_private: true
      {endpoints}
"""
ONE = "endpoints: [{{url: {url}/health, expect: {{json: {{status: UP}}}}}}]"
COLLECTION = {
    "info": {"name": "bench", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "item": [
        {
            "name": "health",
            "request": {"method": "GET", "url": "{url}/health"},
            "event": [
                {
                    "listen": "test",
                    "script": {
                        "exec": [
                            "pm.test('is up', () => {",
                            "  pm.response.to.have.status(200);",
                            "  pm.expect(pm.response.json().status).to.eql('UP');",
                            "});",
                        ]
                    },
                }
            ],
        }
    ],
}
TAVERN = """\
test_name: health
stages:
  - name: health
    request: {{url: "{url}/health", method: GET}}
    response: {{status_code: 200, json: {{status: UP}}}}
"""


def one_check(folder: Path) -> Iterator[Row]:
    """The status and one field of one address, from the start of the process to its end."""
    with services.healthy(folder) as url:
        (folder / ".deliverygate.yml").write_text(POLICY.format(endpoints=ONE.format(url=url)))
        (folder / "health.json").write_text(json.dumps(COLLECTION).replace("{url}", url))
        (folder / "test_health.tavern.yaml").write_text(TAVERN.format(url=url))
        others = (
            [peers.newman(), "run", "health.json", "--silent"],
            [peers.tavern(), "--stdout", "test_health.tavern.yaml"],
        )
        pairs = [side_by_side(OURS, other, folder=folder, times=5) for other in others]
    ours, fastest = min(mine.seconds for mine, _ in pairs), min(theirs.seconds for _, theirs in pairs)
    what = "one HTTP check | the faster of newman and tavern"
    yield Row(what, ours, fastest, ours / fastest, 0.25, "s", "{:.2f} times")
    yield Row("  the same, whole process", ours, fastest, ours, LONGEST_SECONDS, "s", "{:.3f} s")


def fresh_connections(folder: Path) -> Iterator[Row]:
    """How long a probe over a connection of its own takes when they are made as fast as can be."""
    ours, theirs = [], []
    with services.healthy(folder) as url, services.blackbox() as exporter:
        probe = f"{exporter}/probe?module=http_2xx&target={quote(f'{url}/health')}"
        for concurrency in CONCURRENCIES * ROUNDS:
            ours.append(_shoot(f"{url}/health", 5000, 0.00001, concurrency)["each"])
            theirs.append(_drive(probe, concurrency))
    mine, peer = min(ours) * 1000, min(theirs) * 1000
    yield Row("a probe with a fresh connection | blackbox_exporter", mine, peer, mine / peer, 1.0, "ms", "{:.2f} times")


def _shoot(url: str, count: int, interval_seconds: float, concurrency: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.shooting", url, str(count), str(interval_seconds), str(concurrency)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _drive(probe: str, connections: int) -> float:
    """Seconds that the exporter takes for a probe when ``wrk`` asks it for as many as it can make."""
    command = [peers.debian("wrk", "wrk"), "-t1", f"-c{connections}", "-d2s", probe]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec: +([\d.]+)", said)
    if not rate or "Non-2xx" in said:
        sys.exit(f"{' '.join(command)}:\n{said}")
    return 1 / float(rate[1])


def latencies(_: Path) -> Iterator[Row]:
    """The quantiles of the same delays, as we see them and as ``hey`` does, at one rate."""
    with services.delayed() as url:
        ours = _shoot(url, SHOTS, 1 / RATE, 64)
        theirs = _hey(url)
    for name, q in (("p50", 0.5), ("p99", 0.99)):
        mine, peer = ours[name] * 1000, nearest_rank(theirs, q) * 1000
        off = abs(mine - peer) / peer
        yield Row(f"{name} of {SHOTS} probes at {RATE}/s | hey", mine, peer, off, 0.10, "ms", "{:.3f} apart")


def _hey(url: str) -> list[float]:
    command = [peers.hey(), "-n", str(SHOTS), "-q", str(RATE), "-c", "1", "-disable-keepalive", "-o", "csv", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [float(line["response-time"]) for line in csv.DictReader(said.splitlines())]


def many_endpoints(folder: Path) -> Iterator[Row]:
    """A thousand endpoints in one run against ten: the memory of one must not be that of a hundred times the other."""
    with services.healthy(folder) as url:
        (folder / ".deliverygate.yml").write_text(POLICY.format(endpoints="endpoints_from: endpoints.txt"))
        costs = []
        for count in (1000, 10):
            (folder / "endpoints.txt").write_text("".join(f"{url}/health/{number}\n" for number in range(count)))
            costs.append(run(OURS, folder=folder, allowed=(0, 1)))
    many, few = costs
    ratio = many.memory_bytes / few.memory_bytes
    mine, peer = many.memory_bytes / MEGABYTE, few.memory_bytes / MEGABYTE
    yield Row("1,000 endpoints | 10 endpoints", many.seconds, few.seconds, many.seconds, 10, "s", "{:.2f} s")
    yield Row("  the same, peak memory", mine, peer, ratio, 1.5, "MB", "{:.2f} times")


def probing(folder: Path) -> Iterator[Row]:
    """All of it."""
    for benchmark in (one_check, fresh_connections, latencies, many_endpoints):
        yield from benchmark(folder)
