"""The health gate and the replicas of a cluster: pods that answer on their own addresses, behind a front that is well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deliverygate.clock import SystemClock
from deliverygate.gate import Cluster, Response
from deliverygate.http import RequestsHttp
from deliverygate.model import CheckResult, Verdict
from deliverygate.network import SystemNetwork
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.health import gate
from tests.cluster.worlds import World, digest_of
from tests.servers import Client, answer, serve

Connect = Callable[..., Cluster]
Look = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def look(world: World, connect: Connect, tmp_path: Path) -> Iterator[Look]:
    """Runs the gate on a shop whose balancer always shows a healthy replica of version v2."""

    def front(client: Client) -> None:
        wants_version = client.request.startswith(b"GET /version")
        client.send(answer(json.dumps({"version": "v2"} if wants_version else {"status": "ok"})))

    with serve(front) as server:

        def run(*, expect: str = "v2", wait: str = "0s", **kubernetes: object) -> dict[str, CheckResult]:
            clock = SystemClock(timeout_seconds=60)
            context = make_context(
                tmp_path / "checkout",
                clock=clock,
                http=RequestsHttp(clock),
                network=SystemNetwork(clock),
                cluster=connect(world.kubeconfig),
            )
            endpoint = {
                "name": "shop",
                "url": f"{server.url}/healthz",
                "allow_private": True,
                "every": "200ms",
                "wait": wait,
                "control": False,
                "version": {"expect": expect, "json": "version", "path": "/version"},
                "kubernetes": {"service": "shop", "workload": "deployment/shop", "port": "http", **kubernetes},
            }
            return {
                check.name.removeprefix("shop: "): check for check in run_gate(gate, {"endpoints": [endpoint]}, context)
            }

        yield run


def verdicts(checks: dict[str, CheckResult]) -> dict[str, Verdict]:
    return {name: check.verdict for name, check in checks.items()}


def test_one_version_on_every_replica_passes(world: World, look: Look) -> None:
    world.deploy("shop", "v2")
    world.expose("shop")

    checks = look(digest=digest_of("v2"))

    assert verdicts(checks) == dict.fromkeys(("shop", "rollout", "replicas", "version"), Verdict.PASSED)
    assert checks["rollout"].summary == f"all 3 pods are new and available, of {digest_of('v2')}"
    assert checks["replicas"].summary == "each of 3 replicas answers in health"


def test_old_version_behind_a_front_of_the_new_one_is_mixed(world: World, look: Look) -> None:
    world.deploy("shop", "v1")
    world.expose("shop")

    checks = look(digest=digest_of("v2"))

    assert checks["version"].verdict is Verdict.FAILED
    assert checks["version"].summary == "mixed: v1 (3 of 4), v2 (1 of 4), wanted v2 everywhere (version_mixed)"
    assert checks["rollout"].summary == (
        f"all 3 pods run {digest_of('v1')}, wanted {digest_of('v2')} (version_mismatch)"
    )


def test_rollout_that_stops_in_the_middle_is_told_with_the_replica_that_is_not_ready(world: World, look: Look) -> None:
    world.deploy("shop", "v1")
    world.expose("shop")
    world.deploy("shop", "v2-unready")

    checks = look()

    assert verdicts(checks) == {
        "shop": Verdict.PASSED,
        "rollout": Verdict.FAILED,
        "replicas": Verdict.FAILED,
        "version": Verdict.FAILED,
    }
    assert checks["rollout"].summary == "1 of 3 pods are new"
    assert checks["replicas"].summary.startswith("1 of 4 replicas are not ready: shop-")


def test_image_that_cannot_be_pulled_is_named(world: World, look: Look) -> None:
    world.deploy("shop", "v1")
    world.expose("shop")
    world.deploy("shop", "v2-pull-error")

    summary = look()["rollout"].summary

    assert summary in {"1 of 3 pods are new: ErrImagePull", "1 of 3 pods are new: ImagePullBackOff"}


def test_replica_that_lies_about_its_health_is_found_behind_a_front_that_is_well(world: World, look: Look) -> None:
    world.deploy("shop", "v2-lying")
    world.expose("shop")

    checks = look(expect="v2-lying")

    assert (checks["shop"].verdict, checks["rollout"].verdict) == (Verdict.PASSED, Verdict.PASSED)
    assert checks["replicas"].verdict is Verdict.FAILED
    assert checks["replicas"].summary.startswith("3 of 3 replicas do not answer in health; shop-")
    assert "unhealthy" in checks["replicas"].summary


def test_replica_that_answers_with_the_wrong_version_is_found(world: World, look: Look) -> None:
    world.deploy("shop", "v3")
    world.expose("shop")

    checks = look()

    assert (checks["rollout"].verdict, checks["replicas"].verdict) == (Verdict.PASSED, Verdict.PASSED)
    assert checks["version"].summary == "mixed: v3 (3 of 4), v2 (1 of 4), wanted v2 everywhere (version_mixed)"


def test_service_that_leads_past_the_new_pods_fails_the_rollout(world: World, look: Look) -> None:
    world.deploy("cart", "v2", replicas=1)
    world.expose("cart")
    world.deploy("shop", "v2", replicas=1)

    check = look(service="cart")["rollout"]

    assert check.verdict is Verdict.FAILED
    assert check.summary.startswith("the service does not lead to 1 of its pods: shop-")


def test_private_addresses_of_pods_are_not_asked_without_leave(world: World, connect: Connect, tmp_path: Path) -> None:
    world.deploy("shop", "v2", replicas=1)
    world.expose("shop")
    clock = SystemClock(timeout_seconds=60)
    front = "http://shop.example/healthz"

    class Front(RequestsHttp):
        """The public address answers; everything else is asked as ever."""

        def request(self, method: str, url: str, **more: object) -> object:  # type: ignore[override]
            if more.get("address") is None:
                return Response(200, {}, b"ok", 0.01, url)
            return super().request(method, url, **more)  # type: ignore[arg-type]

    context = make_context(tmp_path / "checkout", clock=clock, http=Front(clock), cluster=connect(world.kubeconfig))
    endpoint = {"name": "shop", "url": front, "control": False, "kubernetes": {"service": "shop"}}

    _, replicas = run_gate(gate, {"endpoints": [endpoint]}, context)

    assert replicas.verdict is Verdict.ERROR
    assert "allow_private" in f"{replicas.summary} {replicas.mend}"
