"""A cluster with a workload in it, simulated or real: the same orders, and the same tests, for both.

What a pod does follows from its image's tag, as in tests/kube/stages.yaml and tests/kube/pods.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from plumbum import local

from tests.cluster.api_server import TOKEN, ApiServer, Object, serve_api
from tests.kube.pods import Pod as KubePod

PATIENCE_SECONDS = 30.0


def digest_of(tag: str) -> str:
    """As tests/kube/stages.yaml makes it."""
    return "sha256:" + hashlib.sha256(f"app:{tag}".encode()).hexdigest()


class World(Protocol):
    """A namespace of its own in a cluster."""

    namespace: str
    kubeconfig: Path

    def deploy(self, name: str, tag: str, *, replicas: int = 3) -> None:
        """Create a Deployment, or change it, and wait until nothing more will happen by itself."""

    def expose(self, name: str) -> None:
        """Give a Service of this name to the Deployment of this name, and wait until it has its addresses."""

    def route(self, name: str, hosts: tuple[str, ...], *, tls: tuple[str, ...] = ()) -> None:
        """Create an Ingress."""


def write_kubeconfig(
    path: Path, server: str, *, user: dict[str, Any] | None = None, namespace: str = "default"
) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "tester", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "tester", "namespace": namespace}}],
    }
    path.write_text(json.dumps(config))
    return path


def ingress(name: str, hosts: tuple[str, ...], tls: tuple[str, ...]) -> Object:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {"rules": [{"host": host, "http": {"paths": paths}} for host in hosts], "tls": [{"hosts": list(tls)}] if tls else []},
    }  # fmt: skip


# --- simulated -----------------------------------------------------------------------------------------------------


@dataclass
class FakePod:
    """A pod that answers on an address of the loopback network."""

    name: str
    tag: str
    template: str
    ready: bool
    address: str
    server: ThreadingHTTPServer | None = None


@dataclass
class Simulated:
    """The controllers' steady states, worked out at once."""

    api: ApiServer
    kubeconfig: Path
    namespace: str = "default"
    pods: dict[str, list[FakePod]] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    port: int = 0
    addresses: Iterator[int] = field(default_factory=lambda: itertools.count(2))

    def deploy(self, name: str, tag: str, *, replicas: int = 3) -> None:
        template = hashlib.sha256(tag.encode()).hexdigest()[:10]
        old = [pod for pod in self.pods.get(name, []) if pod.template != template]
        ready = not tag.endswith(("-unready", "-pull-error", "-crash"))
        # maxSurge 25 %: one more than wanted; a new pod that does not become ready stops the rollout.
        count = replicas if ready or not old else 1
        new = [self._start(f"{name}-{template}-{each}", tag, template, ready) for each in range(count)]
        for pod in old if ready else ():
            self._stop(pod)
        self.pods[name] = new if ready else [*old, *new]
        self.generations[name] = self.generations.get(name, 0) + 1
        self._publish(name, template, replicas)

    def expose(self, name: str) -> None:
        ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
        self.api.put("services", {"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": ports}})
        self._slice(name)

    def route(self, name: str, hosts: tuple[str, ...], *, tls: tuple[str, ...] = ()) -> None:
        self.api.put("ingresses", ingress(name, hosts, tls))

    def close(self) -> None:
        for pod in itertools.chain(*self.pods.values()):
            self._stop(pod)

    def _start(self, name: str, tag: str, template: str, ready: bool) -> FakePod:
        pod = FakePod(name, tag, template, ready, f"127.77.0.{next(self.addresses)}")
        pod.server = PodServer((pod.address, self.port), KubePod(name, tag, ready, running=True, labels={}))
        self.port = pod.server.server_port
        return pod

    def _stop(self, pod: FakePod) -> None:
        if pod.server:
            pod.server.close()
            self.api.objects.get(("pods", self.namespace), {}).pop(pod.name, None)

    def _publish(self, name: str, template: str, replicas: int) -> None:
        pods = self.pods[name]
        ready, new = [pod for pod in pods if pod.ready], [pod for pod in pods if pod.template == template]
        for pod in pods:
            self.api.put("pods", _pod(pod, app=name))
        done = len(new) == len(pods) == len(ready)
        reason = "NewReplicaSetAvailable" if done else "ReplicaSetUpdated"
        status = {
            "observedGeneration": self.generations[name],
            "replicas": len(pods), "updatedReplicas": len(new), "readyReplicas": len(ready), "availableReplicas": len(ready),
            "conditions": [{"type": "Progressing", "status": "True", "reason": reason}],
        }  # fmt: skip
        metadata = {"name": name, "generation": self.generations[name]}
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}}
        self.api.put("deployments", {"metadata": metadata, "spec": spec, "status": status})
        if name in self.api.objects.get(("services", self.namespace), {}):
            self._slice(name)

    def _slice(self, name: str) -> None:
        endpoints = [
            {
                "addresses": [pod.address],
                "conditions": {"ready": pod.ready, "serving": pod.ready, "terminating": False},
                "targetRef": {"kind": "Pod", "name": pod.name},
                "nodeName": "node-a",
            }
            for pod in self.pods.get(name, [])
        ]
        self.api.put(
            "endpointslices",
            {
                "metadata": {"name": f"{name}-x1", "labels": {"kubernetes.io/service-name": name}},
                "addressType": "IPv4",
                "ports": [{"name": "http", "port": self.port, "protocol": "TCP"}],
                "endpoints": endpoints,
            },
        )


def _pod(pod: FakePod, *, app: str) -> Object:
    image = f"app:{pod.tag}"
    owner = {"kind": "ReplicaSet", "name": f"{app}-{pod.template}", "controller": True}
    running = (
        {"running": {}} if pod.ready or pod.tag.endswith("-unready") else {"waiting": {"reason": "ImagePullBackOff"}}
    )
    return {
        "metadata": {
            "name": pod.name,
            "labels": {"app": app, "pod-template-hash": pod.template},
            "ownerReferences": [owner],
            "creationTimestamp": "2026-01-02T03:04:05Z",
        },
        "spec": {"containers": [{"name": "app", "image": image}]},
        "status": {
            "phase": "Running",
            "podIP": pod.address,
            "conditions": [{"type": "Ready", "status": str(pod.ready)}],
            "containerStatuses": [
                {"name": "app", "ready": pod.ready, "restartCount": 0, "state": running, "image": image,
                 "imageID": f"app@{digest_of(pod.tag)}"},
            ],
        },
    }  # fmt: skip


class PodServer(ThreadingHTTPServer):
    """What a pod answers is what tests/kube/pods.py would."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, place: tuple[str, int], pod: KubePod) -> None:
        super().__init__(place, PodHandler)
        self.pod = pod
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join(5)
        self.server_close()


class PodHandler(BaseHTTPRequestHandler):
    server: PodServer

    def do_GET(self) -> None:
        status, body = self.server.pod.judge(self.path)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def simulate(folder: Path) -> Iterator[Simulated]:
    with serve_api() as api:
        world = Simulated(api, write_kubeconfig(folder / "kubeconfig", api.url))
        try:
            yield world
        finally:
            world.close()


# --- real ----------------------------------------------------------------------------------------------------------


@dataclass
class Real:
    """A namespace of the control plane that `scripts/cluster run` started."""

    kubeconfig: Path
    namespace: str
    exposed: set[str] = field(default_factory=set)

    def deploy(self, name: str, tag: str, *, replicas: int = 3) -> None:
        labels = {"app": name}
        container = {"name": "app", "image": f"app:{tag}", "ports": [{"name": "http", "containerPort": 8080}]}
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        }
        self._apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})
        fails = tag.endswith(("-unready", "-pull-error", "-crash"))
        _wait(lambda: self._is_settled(name, tag, replicas, fails=fails))
        if name in self.exposed:
            self._await_addresses(name)

    def _is_settled(self, name: str, tag: str, replicas: int, *, fails: bool) -> bool:
        found = self._get("deployment", name)
        status, generation = found.get("status", {}), found["metadata"]["generation"]
        if status.get("observedGeneration") != generation:
            return False
        if fails:
            statuses = [
                each
                for pod in self._get("pods")["items"]
                for each in pod.get("status", {}).get("containerStatuses", [])
                if each["image"] == f"app:{tag}"
            ]
            return bool(statuses) and status.get("updatedReplicas", 0) > 0
        pods = [pod for pod in self._get("pods")["items"] if pod["metadata"]["labels"].get("app") == name]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return counts == [replicas] * 3 and len(pods) == replicas

    def expose(self, name: str) -> None:
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        spec = {"selector": {"app": name}, "ports": ports}
        self._apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
        self.exposed.add(name)
        self._await_addresses(name)

    def _await_addresses(self, name: str) -> None:
        """Until the slices show the pods as they are."""
        _wait(lambda: self._addresses(name) == self._pod_addresses(name) != set())

    def _addresses(self, name: str) -> set[tuple[str, bool]]:
        slices = self._kubectl("get", "endpointslices", "-l", f"kubernetes.io/service-name={name}", "-o", "json")
        found = [each for one in json.loads(slices)["items"] for each in one.get("endpoints") or []]
        return {(each["addresses"][0], each["conditions"]["ready"]) for each in found}

    def _pod_addresses(self, name: str) -> set[tuple[str, bool]]:
        return {
            (
                pod["status"].get("podIP", ""),
                any(
                    each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", [])
                ),
            )
            for pod in self._get("pods")["items"]
            if pod["metadata"]["labels"].get("app") == name
        }

    def route(self, name: str, hosts: tuple[str, ...], *, tls: tuple[str, ...] = ()) -> None:
        self._apply(ingress(name, hosts, tls))

    def _get(self, *what: str) -> Any:
        return json.loads(self._kubectl("get", *what, "-o", "json"))

    def _apply(self, written: Object) -> None:
        (local["kubectl"][*self._options, "apply", "-f", "-"] << json.dumps(written))()

    def _kubectl(self, *arguments: str) -> str:
        return str(local["kubectl"][(*self._options, *arguments)]())

    @property
    def _options(self) -> tuple[str, ...]:
        return (f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}")


@contextlib.contextmanager
def open_real(folder: Path, kubeconfig: str) -> Iterator[Real]:
    """The kubeconfig's context has the namespace for its own."""
    namespace = f"test-{uuid.uuid4().hex[:8]}"
    config = json.loads(Path(kubeconfig).read_text())
    config["contexts"][0]["context"]["namespace"] = namespace
    own = folder / "kubeconfig"
    own.write_text(json.dumps(config))
    world = Real(own, namespace)
    local["kubectl"](f"--kubeconfig={kubeconfig}", "create", "namespace", namespace)
    try:
        yield world
    finally:
        local["kubectl"](f"--kubeconfig={kubeconfig}", "delete", "namespace", namespace, "--wait=false")


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("the cluster did not come to the state that the test wants")
        time.sleep(0.1)
