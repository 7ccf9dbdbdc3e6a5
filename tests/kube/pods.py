#!/usr/bin/env python3
"""Answers for every fake pod of a cluster, on the pod's own address, port 8080.

    pods.py KUBECONFIG TARGETS     TARGETS: a file for Prometheus's file_sd_configs, kept up to date

Only inside a network namespace that routes the pod addresses to itself (`cluster run` makes one): the address on which a request
arrives tells which pod is meant. What the pod answers follows from its image's tag, beside the endings of stages.yaml:

    app:v2-errors5        5 % of the requests are answered with 500 (fractions too: errors0.2)
    app:v2-latency200     200 ms are added to each answer
    app:v2-unhealthy      /healthz answers 503
    app:v2-lying          /healthz answers 200 with {"status": "unhealthy"}

    /           {"pod", "version"}            /healthz    503 while the pod is not ready
    /version    {"version": "v2-errors5"}     /metrics    http_requests_total{code}, http_request_duration_seconds (histogram)
"""

import asyncio
import json
import random
import re
import ssl
import sys
import threading
import time
import urllib.request
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

PORT = 8080
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(eq=False)
class Pod:
    name: str
    tag: str
    ready: bool
    running: bool
    labels: dict[str, str]
    requests: dict[int, int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def hang_up(self) -> None:
        for writer in tuple(self.writers):
            writer.close()

    def number(self, word: str) -> float:
        found = re.search(rf"-{word}([0-9.]+)", self.tag)
        return float(found[1]) if found else 0.0

    async def answer(self, path: str) -> tuple[int, str]:
        if path == "/metrics":
            return 200, self.metrics()
        started = time.perf_counter()
        if latency := self.number("latency"):
            await asyncio.sleep(latency / 1000)
        status, body = self.judge(path)
        self.count(status, time.perf_counter() - started)
        return status, json.dumps(body) + "\n"

    def judge(self, path: str) -> tuple[int, dict[str, str]]:
        if path == "/healthz":
            if not self.ready or "-unhealthy" in self.tag:
                return 503, {"status": "unhealthy"}
            return 200, {"status": "unhealthy" if "-lying" in self.tag else "ok"}
        if path == "/version":
            return 200, {"version": self.tag}
        if random.random() * 100 < self.number("errors"):
            return 500, {"error": "broken on purpose", "pod": self.name}
        return 200, {"pod": self.name, "version": self.tag}

    def count(self, status: int, seconds: float) -> None:
        self.requests[status] = self.requests.get(status, 0) + 1
        self.buckets[sum(seconds > bound for bound in BOUNDS)] += 1
        self.seconds += seconds

    def metrics(self) -> str:
        lines = ["# TYPE http_requests_total counter"]
        lines += [f'http_requests_total{{code="{code}"}} {n}' for code, n in sorted(self.requests.items())]
        lines.append("# TYPE http_request_duration_seconds histogram")
        below = 0
        for bound, n in zip((*BOUNDS, "+Inf"), self.buckets, strict=True):
            below += n
            lines.append(f'http_request_duration_seconds_bucket{{le="{bound}"}} {below}')
        lines += [
            f"http_request_duration_seconds_count {below}",
            f"http_request_duration_seconds_sum {self.seconds:.6f}",
        ]
        return "\n".join(lines) + "\n"


class Cluster:
    """The pods by address, kept up to date by a watch."""

    def __init__(self, kubeconfig: str, targets: str) -> None:
        config = json.loads(Path(kubeconfig).read_text())
        cluster = config["clusters"][0]["cluster"]
        self.server, self.token = cluster["server"], config["users"][0]["user"]["token"]
        self.tls = ssl.create_default_context(cadata=b64decode(cluster["certificate-authority-data"]).decode())
        self.tls.check_hostname = False
        self.targets = Path(targets)
        self.pods: dict[str, Pod] = {}
        self.loop: asyncio.AbstractEventLoop | None = None

    def publish(self) -> None:
        groups = [
            {"targets": [f"{ip}:{PORT}"], "labels": {"pod": pod.name} | pod.labels} for ip, pod in self.pods.items()
        ]
        draft = self.targets.with_suffix(".draft")
        draft.write_text(json.dumps(groups))
        draft.replace(self.targets)

    def follow(self) -> None:
        while True:
            try:
                listing = json.load(self.open("/api/v1/pods"))
                self.replace({ip: pod for item in listing["items"] for ip, pod in [self.read(item)] if ip})
                self.publish()
                with self.open(
                    f"/api/v1/pods?watch=1&resourceVersion={listing['metadata']['resourceVersion']}"
                ) as events:
                    for line in events:
                        event = json.loads(line)
                        if event["type"] == "ERROR":
                            break
                        ip, pod = self.read(event["object"])
                        if event["type"] == "DELETED":
                            if (
                                ip in self.pods and self.pods[ip].name == pod.name
                            ):  # else the address is another pod's by now
                                self.replace({k: v for k, v in self.pods.items() if k != ip})
                        elif ip:
                            self.replace(self.pods | {ip: pod})
                        self.publish()
            except (OSError, ValueError):
                time.sleep(0.5)

    def replace(self, pods: dict[str, Pod]) -> None:
        """A pod that is gone, or whose container crashed, closes its connections; its address may be another pod's a moment later."""
        before, self.pods = self.pods, pods
        for ip, pod in before.items():
            if (pods.get(ip) is not pod or not pod.running) and self.loop:
                self.loop.call_soon_threadsafe(pod.hang_up)

    def read(self, item: dict) -> tuple[str, Pod]:
        ip = item.get("status", {}).get("podIP", "")
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in item["status"].get("conditions", []))
        running = all("running" in c.get("state", {}) for c in item["status"].get("containerStatuses", []))
        known = self.pods.get(ip)
        if known and known.name == item["metadata"]["name"]:
            known.ready, known.running = ready, running
            return ip, known
        labels = {re.sub(r"\W", "_", key): value for key, value in item["metadata"].get("labels", {}).items()}
        labels["namespace"] = item["metadata"]["namespace"]
        return ip, Pod(
            item["metadata"]["name"], item["spec"]["containers"][0]["image"].rpartition(":")[2], ready, running, labels
        )

    def open(self, path: str):
        request = urllib.request.Request(self.server + path, headers={"Authorization": f"Bearer {self.token}"})
        return urllib.request.urlopen(request, context=self.tls, timeout=300)


async def serve(cluster: Cluster) -> None:
    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pod = cluster.pods.get(writer.get_extra_info("sockname")[0])
        if pod:
            pod.writers.add(writer)
        try:
            while pod and pod.running:
                head = await reader.readuntil(b"\r\n\r\n")
                if length := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
                    await reader.readexactly(int(length[1]))
                status, body = await pod.answer(head.split(b" ", 2)[1].split(b"?")[0].decode("ascii", "replace"))
                writer.write(
                    f"HTTP/1.1 {status} -\r\nContent-Type: {'text/plain' if body[0] == '#' else 'application/json'}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, IndexError):
            pass
        finally:
            if pod:
                pod.writers.discard(writer)
            writer.close()

    cluster.loop = asyncio.get_running_loop()
    async with await asyncio.start_server(connection, "0.0.0.0", PORT, backlog=512) as server:
        await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    cluster = Cluster(sys.argv[1], sys.argv[2])
    threading.Thread(target=cluster.follow, daemon=True).start()
    asyncio.run(serve(cluster))
