"""Lists in pages, an API server that is busy or refuses, answers that are none."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from deliverygate.cluster.access import Opener
from deliverygate.cluster.asking import Asking
from deliverygate.cluster.reading import KubernetesCluster
from deliverygate.config.cluster import ClusterSettings
from deliverygate.errors import ConfigError, DeadlineExceeded, ReportError, TransportError
from deliverygate.gate import Cluster
from deliverygate.http import RequestsHttp
from deliverygate.testing import FakeClock, FakeNetwork, FakeShell
from tests.cluster.api_server import Object
from tests.cluster.worlds import Simulated, write_kubeconfig
from tests.servers import answer, answers, free_port, hangs, serve

Connect = Callable[..., Cluster]


def add_pods(world: Simulated, count: int) -> tuple[str, ...]:
    names = tuple(f"pod-{each:03}" for each in range(count))
    for name in names:
        world.api.put("pods", {"metadata": {"name": name, "labels": {"app": "shop"}}})
    return names


def by_fake_clock(world: Simulated, clock: FakeClock, **more: float) -> Cluster:
    """The door with time that passes only in ``sleep``."""
    settings = ClusterSettings(kubeconfig=str(world.kubeconfig))
    shell = FakeShell({}, clock=clock)
    opener = Opener(settings, environ={}, checkout=world.kubeconfig.parent / "none", shell=shell, clock=clock)
    return KubernetesCluster(Asking(opener, http=RequestsHttp(clock), network=FakeNetwork(), clock=clock, **more))  # type: ignore[arg-type]


def test_list_is_read_page_by_page(simulated: Simulated, connect: Connect) -> None:
    names = add_pods(simulated, 25)
    simulated.api.most_items = 10

    found = connect(simulated.kubeconfig).pods("app=shop")

    assert tuple(each.name for each in found) == names
    assert len(simulated.api.asked) == 3


def test_list_whose_place_is_forgotten_is_read_from_its_beginning(simulated: Simulated, connect: Connect) -> None:
    names = add_pods(simulated, 25)
    simulated.api.most_items, simulated.api.expires = 10, 1

    found = connect(simulated.kubeconfig).pods("app=shop")

    assert tuple(each.name for each in found) == names


def test_list_that_is_forgotten_again_and_again_is_no_evidence(simulated: Simulated, connect: Connect) -> None:
    add_pods(simulated, 25)
    simulated.api.most_items, simulated.api.expires = 10, 2

    with pytest.raises(TransportError) as error:
        connect(simulated.kubeconfig).pods("app=shop")

    assert (error.value.kind, error.value.where) == ("http_410", "pods of default")


def test_address_that_two_slices_show_is_told_once_and_as_ready(simulated: Simulated, connect: Connect) -> None:
    def slice_of(name: str, *endpoints: Object, kind: str = "IPv4") -> Object:
        labels = {"kubernetes.io/service-name": "shop"}
        ports = [{"name": "http", "port": 8080}]
        return {"metadata": {"name": name, "labels": labels}, "addressType": kind, "ports": ports, "endpoints": endpoints}  # fmt: skip

    moving = {"addresses": ["10.0.0.9"], "conditions": {"ready": False}}
    moved = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}}
    ending = {"addresses": ["10.0.0.1"], "conditions": {"ready": False, "serving": True, "terminating": True}}
    simulated.api.put("endpointslices", slice_of("shop-a", moving, ending))
    simulated.api.put("endpointslices", slice_of("shop-b", moved))
    simulated.api.put("endpointslices", slice_of("shop-c", {"addresses": ["fd00::1"]}, kind="IPv6"))
    simulated.api.put("endpointslices", slice_of("shop-d", {"addresses": ["shop.example"]}, kind="FQDN"))

    found = connect(simulated.kubeconfig).endpoints("shop")

    assert [(each.address, each.ready, each.serving, each.terminating) for each in found] == [
        ("10.0.0.1", False, True, True),
        ("10.0.0.9", True, True, False),
        ("fd00::1", True, True, False),  # what is not said counts as ready
    ]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_server_is_asked_again(simulated: Simulated, status: int) -> None:
    add_pods(simulated, 1)
    simulated.api.faults = [(status, {})] * 4
    clock = FakeClock()

    found = by_fake_clock(simulated, clock).pods("app=shop")

    assert len(found) == 1
    assert clock.monotonic() == 0.5 + 1 + 2 + 4


def test_server_says_when_to_ask_again(simulated: Simulated) -> None:
    add_pods(simulated, 1)
    simulated.api.faults = [(429, {"Retry-After": "7"})]
    clock = FakeClock()

    by_fake_clock(simulated, clock).pods("app=shop")

    assert clock.monotonic() == 7


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ([(503, {})] * 5, "http_503"),
        ([(429, {"Retry-After": "3600"})], "http_429"),
    ],
    ids=["five times", "an hour from now"],
)
def test_server_that_stays_busy_is_no_evidence(
    simulated: Simulated, faults: list[tuple[int, dict[str, str]]], told: str
) -> None:
    add_pods(simulated, 1)
    simulated.api.faults = faults

    with pytest.raises(TransportError) as error:
        by_fake_clock(simulated, FakeClock()).pods("app=shop")

    assert (error.value.kind, error.value.where) == (told, "pods of default")


def test_gates_time_ends_the_patience(simulated: Simulated) -> None:
    simulated.api.faults = [(503, {"Retry-After": "20"})] * 5

    with pytest.raises(DeadlineExceeded):
        by_fake_clock(simulated, FakeClock(timeout_seconds=30)).pods("app=shop")


@pytest.mark.parametrize(
    ("forbidden", "ask", "told"),
    [
        (
            ("list", "pods"),
            lambda cluster: cluster.pods("app=shop"),
            'pods of default: may not list pods in default (status 403: pods is forbidden: User "tester" cannot list '
            'resource "pods" in API group "" in the namespace "default"); allow who asks to list pods in default: see '
            "docs/kubernetes.md#permissions",
        ),
        (
            ("list", "endpointslices"),
            lambda cluster: cluster.endpoints("shop"),
            "service default/shop: may not list endpointslices.discovery.k8s.io in default (status 403: "
            'endpointslices.discovery.k8s.io is forbidden: User "tester" cannot list resource "endpointslices" in API '
            'group "discovery.k8s.io" in the namespace "default"); allow who asks to list '
            "endpointslices.discovery.k8s.io in default: see docs/kubernetes.md#permissions",
        ),
    ],
    ids=["pods", "addresses"],
)
def test_permission_that_is_missing_is_named(
    simulated: Simulated, connect: Connect, forbidden: tuple[str, str], ask: Callable[[Cluster], object], told: str
) -> None:
    simulated.api.forbidden.add(forbidden)

    with pytest.raises(TransportError) as error:
        ask(connect(simulated.kubeconfig))

    assert (str(error.value), error.value.kind) == (told, "http_403")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>sign in</html>", b"[]", b'{"items": 7}', b'{"items": [{"metadata": {}}]}', b'{"items": [', b"[" * 100_000],
    ids=["empty", "a page", "a list", "a number", "a pod without a name", "half", "deep"],
)  # fmt: skip
def test_answer_that_is_no_list_of_pods_is_no_evidence(simulated: Simulated, connect: Connect, body: bytes) -> None:
    with serve(answers(answer(body))) as server:
        write_kubeconfig(simulated.kubeconfig, server.url)

        with pytest.raises(ReportError, match="pods of default: the answer is no such object of Kubernetes"):
            connect(simulated.kubeconfig).pods("app=shop")


def test_redirect_is_not_followed_with_the_token(simulated: Simulated, connect: Connect) -> None:
    with (
        serve(answers(answer())) as elsewhere,
        serve(answers(answer(status="302 Found", location=elsewhere.url))) as server,
    ):
        write_kubeconfig(simulated.kubeconfig, server.url)

        with pytest.raises(TransportError) as error:
            connect(simulated.kubeconfig).pods("app=shop")

    assert (error.value.kind, elsewhere.requests) == ("http_302", [])


def test_server_that_never_answers_is_given_up(simulated: Simulated) -> None:
    with serve(hangs) as server:
        write_kubeconfig(simulated.kubeconfig, server.url)
        began = time.monotonic()

        with pytest.raises(TransportError) as error:
            by_fake_clock(simulated, FakeClock(), timeout_seconds=0.05).pods("app=shop")

    assert error.value.kind == "read_timeout"
    assert time.monotonic() - began < 5


def test_server_that_is_not_there_is_told_with_a_way_out(simulated: Simulated) -> None:
    write_kubeconfig(simulated.kubeconfig, f"http://127.0.0.1:{free_port()}")

    with pytest.raises(TransportError) as error:
        by_fake_clock(simulated, FakeClock()).pods("app=shop")

    assert (error.value.kind, error.value.mend) == (
        "connect_refused",
        "see that the API server is up, and that this machine may reach it",
    )


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a?b", "A", "a,b=c", "a b"])
def test_name_that_would_lead_elsewhere_is_not_asked_for(simulated: Simulated, connect: Connect, name: str) -> None:
    cluster = connect(simulated.kubeconfig)

    for ask in (cluster.endpoints, lambda each: cluster.urls("Service", each)):
        with pytest.raises(ConfigError, match="is no name of an object of Kubernetes"):
            ask(name)

    assert simulated.api.asked == []


def test_endless_list_is_given_up(simulated: Simulated) -> None:
    add_pods(simulated, 30)
    simulated.api.most_items = 5

    with pytest.raises(ReportError, match="the list is longer than 20"):
        by_fake_clock(simulated, FakeClock(), most_objects=20).pods("app=shop")

    assert len(simulated.api.asked) == 5


def test_list_that_ends_before_its_end_is_no_evidence(simulated: Simulated, connect: Connect) -> None:
    body = b'{"kind": "PodList", "items": [], "metadata": {"continue": "", "remainingItemCount": 3}}'
    with serve(answers(answer(body))) as server:
        write_kubeconfig(simulated.kubeconfig, server.url)

        with pytest.raises(TransportError, match="the list ends although 3 objects more are there"):
            connect(simulated.kubeconfig).pods("app=shop")


def test_null_is_a_key_that_is_not_there(simulated: Simulated, connect: Connect) -> None:
    body = b'{"items": [{"metadata": {"name": "a", "labels": null, "ownerReferences": null}, "spec": {"containers": null}}]}'
    with serve(answers(answer(body))) as server:
        write_kubeconfig(simulated.kubeconfig, server.url)

        assert [each.name for each in connect(simulated.kubeconfig).pods("app=shop")] == ["a"]
