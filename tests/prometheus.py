"""A real Prometheus on the loopback interface, with days of made-up history of several services."""

from __future__ import annotations

import contextlib
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any

from plumbum import local

MINUTE, HOUR, DAY = 60, 3600, 86_400
HISTORY = 7 * DAY
FUTURE = 2 * HOUR  #: data are there for as long as tests may run; no query sees what lies ahead

#: Seconds before now, and the pause between two scrapes from then on: dense where short windows look.
DENSITY = ((HISTORY + HOUR, 300), (3 * DAY + HOUR, 120), (DAY + HOUR, 60))

Share = Callable[[int], float]  # of bad events, by the seconds before now


def healthy(_: int) -> float:
    return 0.0001


def between(oldest: int, newest: int, share: float) -> Share:
    """A share of bad events in a stretch of the past, next to none outside of it."""
    return lambda age: share if newest <= age < oldest else healthy(age)


@dataclass(frozen=True)
class Service:
    """What one service did."""

    name: str
    bad: Share = healthy
    per_second: float = 10.0
    scraped: Callable[[int], bool] = lambda _: True  #: whether there was a scrape so many seconds before now
    restarts: int = 0  #: seconds between two restarts, at which counters begin anew; 0: never
    has_bad: bool = True  #: whether bad events have a counter before the first one
    broken: Callable[[int], bool] = lambda _: False  #: whether the counter of bad events was no number then
    parts: int = 1  #: replicas


SERVICES = (
    Service("healthy"),
    Service("burning-fast", bad=between(2 * HOUR, -FUTURE, 0.05)),
    Service("burning-slowly", bad=between(3 * DAY + 6 * HOUR, -FUTURE, 0.002)),
    Service("spent", bad=between(6 * DAY, 4 * DAY, 0.008)),
    Service("over", bad=between(70 * MINUTE, 40 * MINUTE, 0.05)),
    Service("restarting", restarts=7 * HOUR),
    Service("replicated", parts=3),
    Service("gap", scraped=lambda age: not 12 * HOUR <= age < 15 * HOUR),
    Service("stale", scraped=lambda age: age > 20 * MINUTE),
    Service("young", scraped=lambda age: age < 2 * DAY),
    Service("quiet", per_second=1 / 7200),
    Service("idle", per_second=0.0),
    Service("never-bad", has_bad=False),
    Service("not-a-number", broken=lambda age: age < 30 * MINUTE),
)


Row = tuple[int, str]  # seconds before now, and a line of OpenMetrics without its time


def history() -> Iterator[Row]:
    """All samples of all services, as they would have been scraped, series by series."""
    ends = [*(oldest for oldest, _ in DENSITY[1:]), -FUTURE]
    ages = [age for (oldest, step), end in zip(DENSITY, ends, strict=True) for age in range(oldest, end, -step)]
    for service in SERVICES:
        for part in range(service.parts):
            yield from _counters(service, part, ages)


def _counters(service: Service, part: int, ages: list[int]) -> Iterator[Row]:
    good, bad, before = 0.0, 0.0, ages[0]
    rows: dict[str, list[Row]] = {"200": [], "500": []}
    for age in ages:
        if service.restarts and age // service.restarts != before // service.restarts:
            good = bad = 0.0
        events = service.per_second / service.parts * (before - age)
        good += events * (1 - service.bad(age))
        bad += events * service.bad(age)
        before = age
        if not service.scraped(age):
            continue
        for code, value in (("200", f"{good:.3f}"), ("500", "NaN" if service.broken(age) else f"{bad:.3f}")):
            labels = f'job="{service.name}",instance="{part}",code="{code}"'
            rows[code].append((age, f"requests_total{{{labels}}} {value}"))
    yield from rows["200"]
    if service.has_bad:
        yield from rows["500"]


def write_blocks(folder: Path, now: int) -> None:
    """The history as blocks of a database. Each day has a file, since promtool reads a file anew for each block of it."""
    days: dict[int, list[str]] = {}
    for age, line in history():
        days.setdefault((now - age) // DAY, []).append(f"{line} {now - age}\n")
    text = folder / "day.txt"
    for lines in days.values():
        text.write_text("".join(["# TYPE requests counter\n", *lines, "# EOF\n"]))
        local["promtool"]("tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(folder / "data"))


@contextlib.contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    """The address of a server that holds the history; it ends with the context."""
    write_blocks(folder, int(time.time()))
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1m}\n")
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", folder / "log"
    with log.open("wb") as written:
        server: Any = local["prometheus"].popen(
            [
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--storage.tsdb.retention.time=90d",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ],
            stdout=written,
            stderr=written,
        )
    try:
        _await(f"{url}/-/ready", server, log)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _await(url: str, server: Any, log: Path) -> None:
    """Until the server says that it is ready."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), opener.open(url, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"prometheus did not start: {log.read_text()[-2000:]}")
