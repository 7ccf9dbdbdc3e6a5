"""One sample of our HTTP door, as a process of its own; prints what a judge would see of it."""

from __future__ import annotations

import json
import sys

from deliverygate.clock import SystemClock
from deliverygate.gate import Schedule
from deliverygate.http import RequestsHttp
from deliverygate.statistics import nearest_rank


def main(url: str, count: str, interval_seconds: str, concurrency: str) -> None:
    http = RequestsHttp(SystemClock(timeout_seconds=300))
    schedule = Schedule(int(count), float(interval_seconds), concurrency=int(concurrency))
    sample = http.sample("GET", url, schedule=schedule, allow_private=True)
    if not all(shot.ok for shot in sample.shots) or sample.missed:
        sys.exit(f"{url}: not every shot was good")
    used = [shot.seconds for shot in sample.used]
    print(
        json.dumps(
            {
                "each": sample.seconds / len(sample.shots),
                "p50": nearest_rank(used, 0.5),
                "p99": nearest_rank(used, 0.99),
                "late": sample.late,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
