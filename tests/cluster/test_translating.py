"""Objects of the API that no test cluster shows: other kinds of workloads, ports, images and addresses."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from deliverygate.cluster import translating
from deliverygate.cluster.objects import (
    EndpointSlice,
    IngressObject,
    PodObject,
    Selector,
    ServiceObject,
    WorkloadObject,
)
from deliverygate.gate import Workload

SHA = "sha256:" + "a" * 64
META = {"name": "shop", "namespace": "web", "generation": 4}
LABELS = {"matchLabels": {"app": "shop"}}


@pytest.mark.parametrize(
    ("kind", "spec", "status", "counts"),
    [
        ("Deployment", {}, {"observedGeneration": 4, "replicas": 1, "updatedReplicas": 1}, (1, 1, 1, 0, 0)),
        ("Deployment", {"replicas": 0}, {}, (0, 0, 0, 0, 0)),
        (
            "StatefulSet",
            {"replicas": 3},
            {"observedGeneration": 4, "replicas": 3, "updatedReplicas": 2, "readyReplicas": 3, "availableReplicas": 3},
            (3, 3, 2, 3, 3),
        ),
        (
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 5, "currentNumberScheduled": 4, "updatedNumberScheduled": 3, "numberReady": 2, "numberAvailable": 1},
            (5, 4, 3, 2, 1),
        ),
    ],
    ids=["one unless it says more", "scaled to nothing", "stateful set", "daemon set"],
)  # fmt: skip
def test_each_kind_of_workload_counts_in_its_own_way(
    kind: str, spec: Mapping[str, object], status: Mapping[str, object], counts: tuple[int, ...]
) -> None:
    written = {"metadata": META, "spec": {"selector": LABELS, **spec}, "status": status}

    found = translating.workload(kind, msgspec.convert(written, WorkloadObject))

    wanted, replicas, updated, ready, available = counts
    assert found == Workload(
        kind, "shop", "web", 4, found.observed_generation, wanted, replicas, updated, ready, available, "app=shop"
    )


def test_selector_with_expressions_is_written_as_a_query() -> None:
    written = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["x", "y"]},
            {"key": "tier", "operator": "NotIn", "values": ["z"]},
            {"key": "app", "operator": "Exists"},
            {"key": "canary", "operator": "DoesNotExist"},
        ],
    }

    found = translating.selector(msgspec.convert(written, Selector))

    assert found == "a=1,b=2,tier in (x,y),tier notin (z),app,!canary"


@pytest.mark.parametrize(
    ("written", "told"),
    [({}, "selects all pods"), ({"matchExpressions": [{"key": "a", "operator": "Gt"}]}, "which is no known operator")],
    ids=["empty", "unknown operator"],
)
def test_selector_that_could_fit_anything_is_refused(written: Mapping[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        translating.selector(msgspec.convert(written, Selector))


@pytest.mark.parametrize(
    ("image_id", "digest"),
    [
        (f"docker.io/library/shop@{SHA}", SHA),
        (f"docker-pullable://registry:5000/shop@{SHA}", SHA),
        (SHA, None),
        (f"docker://{SHA}", None),
        ("", None),
        ("shop@sha256:abc", None),
    ],
    ids=["containerd", "old Docker", "an image of the node", "an old one of the node", "not pulled yet", "half"],
)
def test_digest_is_that_of_the_registry_or_none(image_id: str, digest: str | None) -> None:
    written = {
        "metadata": {"name": "shop-1"},
        "spec": {"containers": [{"name": "app", "image": "shop:2"}]},
        "status": {"containerStatuses": [{"name": "app", "imageID": image_id}]},
    }

    (container,) = translating.pod(msgspec.convert(written, PodObject)).containers

    assert container.digest == digest


def test_container_that_was_not_started_is_told() -> None:
    written = {"metadata": {"name": "shop-1"}, "spec": {"containers": [{"name": "app", "image": "shop:2"}]}}

    (container,) = translating.pod(msgspec.convert(written, PodObject)).containers

    assert (container.ready, container.digest, container.waiting) == (False, None, "not started")


@pytest.mark.parametrize(
    ("ports", "wanted", "told"),
    [
        ([{"name": "http", "port": 8080}], None, 8080),
        ([{"port": 8080}], None, 8080),
        ([{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}], "metrics", 9090),
        ([{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}], 9090, 9090),
        (None, None, None),
        (None, 8080, 8080),
        ([{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}], None, "has several ports: http (8080), metrics (9090)"),
        ([{"name": "http", "port": 8080}], 80, "has no port 80: http (8080)"),
        (None, "http", "has no port http: none"),
    ],
    ids=["the only one", "without a name", "by name", "by number", "headless", "headless, by number", "which?", "the service's own number", "no ports"],
)  # fmt: skip
def test_port_is_chosen_by_name_or_by_the_pods_number(ports: object, wanted: str | int | None, told: object) -> None:
    written = {"addressType": "IPv4", "ports": ports, "endpoints": [{"addresses": ["10.0.0.1"]}]}
    slices = [msgspec.convert(written, EndpointSlice)]

    try:
        found: object = translating.replicas(slices, wanted)[0].port
    except ValueError as error:
        found = str(error)

    assert found == told


@pytest.mark.parametrize(
    ("spec", "balancer", "port", "urls"),
    [
        ({"ports": [{"port": 80}]}, [], None, ("http://shop.web.svc",)),
        ({"ports": [{"port": 443}]}, [], None, ("https://shop.web.svc",)),
        ({"ports": [{"port": 8443, "appProtocol": "HTTPS"}]}, [], None, ("https://shop.web.svc:8443",)),
        ({"ports": [{"port": 80}]}, [{"ip": "203.0.113.7"}, {"hostname": "lb.example"}], None, ("http://203.0.113.7", "http://lb.example")),
        ({"ports": [{"port": 8080}]}, [{"ip": "2001:db8::1"}], None, ("http://[2001:db8::1]:8080",)),
        ({"ports": [{"name": "web", "port": 80}, {"name": "admin", "port": 9000}]}, [], "admin", ("http://shop.web.svc:9000",)),
        ({"ports": [{"port": 80}], "externalName": "shop.example"}, [], None, ("http://shop.example",)),
        ({"ports": [{"name": "web", "port": 80}, {"name": "admin", "port": 9000}]}, [], None, "has several ports: web (80), admin (9000)"),
        ({"ports": [{"name": "web", "port": 80}]}, [], "admin", "has no port admin: web (80)"),
        ({}, [], None, "has no port: none"),
    ],
    ids=["cluster", "443", "protocol", "balancers", "IPv6", "by name", "external", "which?", "not there", "no port"],
)  # fmt: skip
def test_addresses_of_a_service(spec: object, balancer: object, port: str | None, urls: object) -> None:
    written = {"metadata": {"name": "shop"}, "spec": spec, "status": {"loadBalancer": {"ingress": balancer}}}

    try:
        found: object = translating.urls_of_service(msgspec.convert(written, ServiceObject), "web", port)
    except ValueError as error:
        found = str(error)

    assert found == urls


@pytest.mark.parametrize(
    ("rules", "tls", "balancer", "urls"),
    [
        ([{"host": "a.example", "http": {"paths": [{"path": "/"}, {"path": "/api/"}]}}], [], [], ("http://a.example", "http://a.example/api")),
        ([{"host": "a.example", "http": {"paths": [{"path": "/"}]}}], [{"hosts": ["a.example"]}], [], ("https://a.example",)),
        ([{"host": "a.b.example", "http": {"paths": [{"path": "/"}]}}], [{"hosts": ["*.example"]}], [], ("http://a.b.example",)),
        ([{"host": "a.example", "http": {"paths": [{"path": "/"}]}}], [{}], [], ("https://a.example",)),
        ([{"http": {"paths": [{"path": "/"}]}}], [], [{"ip": "203.0.113.7"}], ("http://203.0.113.7",)),
        ([{"host": "a.example", "http": {"paths": [{"path": "/(.*)"}, {"path": "/ok"}]}}], [], [], ("http://a.example/ok",)),
        ([{"http": {"paths": [{"path": "/"}]}}], [], [], "names no address: no host without a star, and no path that is no pattern"),
    ],
    ids=["paths", "tls", "a star stands for one label", "tls of all", "of the balancer", "a pattern", "no host"],
)  # fmt: skip
def test_addresses_of_an_ingress(rules: object, tls: object, balancer: object, urls: object) -> None:
    written = {
        "metadata": {"name": "shop"},
        "spec": {"rules": rules, "tls": tls},
        "status": {"loadBalancer": {"ingress": balancer}},
    }

    try:
        found: object = translating.urls_of_ingress(msgspec.convert(written, IngressObject))
    except ValueError as error:
        found = str(error)

    assert found == urls
