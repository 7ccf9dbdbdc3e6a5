"""Rollouts judged by what a cluster tells, and replicas asked one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.config.values import convert
from deliverygate.errors import ConfigError, ReportError, TransportError
from deliverygate.gate import Cluster, Container, Pod, Replica, Response, Workload
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import Asked, FakeClock, FakeCluster, FakeHttp, make_context, run_gate
from deliverygate_gates.health import gate
from deliverygate_gates.health.placement import Fronts, Kubernetes
from deliverygate_gates.health.rollout import judge_rollout, own_pods
from tests.gates.health.asking import DOWN, OK

NEW = "sha256:" + "1" * 64
OLD = "sha256:" + "2" * 64
SINCE = datetime(2026, 1, 2, tzinfo=UTC)
DONE = Workload("Deployment", "shop", "default", 2, 2, 3, 3, 3, 3, 3, "app=shop", progressing="NewReplicaSetAvailable")
FRONT = "https://shop.example/ready"


def pod(number: int, *, digest: str | None = NEW, waiting: str = "", **more: object) -> Pod:
    container = Container("app", "shop:2", digest, ready=not waiting, waiting=waiting)
    made = Pod(
        name=f"shop-{number}",
        ready=not waiting,
        phase="Running",
        address=f"10.0.0.{number}",
        terminating=False,
        containers=(container,),
        owner="ReplicaSet/shop-new",
        template_hash="new",
        created=SINCE,
    )
    return replace(made, **more)  # type: ignore[arg-type]


PODS = (pod(1), pod(2), pod(3))


def replica(number: int, **more: object) -> Replica:
    made = Replica(f"10.0.0.{number}", 8080, ready=True, serving=True, terminating=False, pod=f"shop-{number}")
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("workload", "pods", "verdict", "summary"),
    [
        (DONE, PODS, Verdict.PASSED, f"all 3 pods are new and available, of {NEW}"),
        (DONE, (*PODS, pod(4, digest=OLD, terminating=True)), Verdict.PASSED, f"all 3 pods are new and available, of {NEW}"),
        (
            replace(DONE, generation=3),
            PODS,
            Verdict.FAILED,
            "the last change is not rolled out yet: its controller has seen generation 2 of 3",
        ),
        (
            replace(DONE, progressing="ProgressDeadlineExceeded", updated=1),
            (pod(1, waiting="ImagePullBackOff"), pod(2), pod(3)),
            Verdict.FAILED,
            "the rollout is stuck (ProgressDeadlineExceeded): ImagePullBackOff",
        ),
        (replace(DONE, wanted=0, replicas=0, updated=0, available=0), (), Verdict.INCONCLUSIVE, "it wants no pods, and none prove nothing"),
        (replace(DONE, updated=1), PODS, Verdict.FAILED, "1 of 3 pods are new"),
        (replace(DONE, updated=1, paused=True), PODS, Verdict.FAILED, "1 of 3 pods are new, and the rollout is paused"),
        (replace(DONE, replicas=4), PODS, Verdict.FAILED, "1 old pod is still there"),
        (replace(DONE, available=1), (*PODS[:2], pod(3, waiting="CrashLoopBackOff")), Verdict.FAILED, "1 of 3 pods are available: CrashLoopBackOff"),
        (
            DONE,
            (*PODS[:2], pod(3, template_hash="old")),
            Verdict.FAILED,
            "mixed: its pods are of several templates: new (2), old (1)",
        ),
        (DONE, PODS[:2], Verdict.FAILED, "2 pods are there, wanted 3"),
        (DONE, (*PODS[:2], pod(3, ready=False)), Verdict.FAILED, "1 pod is not ready"),
        (DONE, (*PODS[:2], pod(3, digest=OLD)), Verdict.FAILED, f"mixed: 1 of 3 pods run another image: {OLD} (version_mixed)"),
        (DONE, tuple(pod(each, digest=OLD) for each in (1, 2, 3)), Verdict.FAILED, f"all 3 pods run {OLD}, wanted {NEW} (version_mismatch)"),
        (DONE, (*PODS[:2], pod(3, digest=None)), Verdict.INCONCLUSIVE, "unknown: 1 of 3 pods tell no digest of an image (version_unknown)"),
    ],
    ids=[
        *("done", "an old one terminating", "not seen yet", "stuck", "scaled to nothing", "in the middle", "paused"),
        *("an old one", "not available", "templates", "too few", "not ready", "another image", "old images", "no digest"),
    ],
)  # fmt: skip
def test_rollout_is_judged_by_counts_and_by_pods(
    workload: Workload, pods: tuple[Pod, ...], verdict: Verdict, summary: str
) -> None:
    check = judge_rollout(workload, pods, Kubernetes(workload="deployment/shop", digest=NEW), name="rollout")

    assert (check.verdict, check.summary) == (verdict, summary)
    assert bool(check.mend) == (verdict is not Verdict.PASSED)


def test_rollout_shows_what_it_was_judged_by() -> None:
    check = judge_rollout(DONE, PODS[:1], Kubernetes(workload="deployment/shop", digest=(OLD, NEW)), name="rollout")

    assert check.measurements == (
        Measurement(name="observed generation", value=2, wanted="at least 2"),
        Measurement(name="new pods", value=3, wanted="3"),
        Measurement(name="all pods", value=3, wanted="3"),
        Measurement(name="available pods", value=3, wanted="3"),
        Measurement(name="pods with the image", value=1, wanted="3"),
    )
    assert check.details == f"shop-1: ready, shop:2 ({NEW})"


def test_image_of_a_container_beside_does_not_count() -> None:
    beside = Container("proxy", "proxy:1", NEW, ready=True)
    pods = tuple(
        replace(pod(each, digest=OLD), containers=(*pod(each, digest=OLD).containers, beside)) for each in (1, 2, 3)
    )

    of_any = judge_rollout(DONE, pods, Kubernetes(workload="deployment/shop", digest=NEW), name="rollout")
    of_one = judge_rollout(
        DONE, pods, Kubernetes(workload="deployment/shop", digest=NEW, container="app"), name="rollout"
    )
    of_none = judge_rollout(
        DONE, pods, Kubernetes(workload="deployment/shop", digest=NEW, container="ap"), name="rollout"
    )

    assert [each.verdict for each in (of_any, of_one, of_none)] == [
        Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE,
    ]  # fmt: skip


def test_pods_of_others_and_those_that_ended_are_left_out() -> None:
    others = (pod(4, owner="ReplicaSet/shop-canary-new"), pod(5, owner=""), pod(6, phase="Failed"))

    assert own_pods(DONE, (*PODS, *others)) == PODS
    assert own_pods(replace(DONE, kind="StatefulSet"), (pod(1, owner="StatefulSet/shop"), *PODS)) == (
        pod(1, owner="StatefulSet/shop"),
    )


def looked(
    tmp_path: Path,
    cluster: Cluster,
    *,
    answers: dict[str, object] | None = None,
    **more: object,
) -> tuple[dict[str, CheckResult], FakeHttp, FakeClock]:
    """The checks beside that of health itself."""
    clock = FakeClock()
    http = FakeHttp({FRONT: OK, "http://shop.example:8080/ready": OK, **(answers or {})}, clock=clock)
    context = make_context(tmp_path, clock=clock, http=http, cluster=cluster)
    endpoint = {"name": "shop", "url": FRONT, "control": False, "kubernetes": {"service": "shop"}, **more}
    first, *others = run_gate(gate, {"endpoints": [endpoint], "allow_private": True}, context)
    assert first.verdict is Verdict.PASSED
    return {check.name.removeprefix("shop: "): check for check in others}, http, clock


def test_each_ready_replica_is_asked_at_its_own_address(tmp_path: Path) -> None:
    replicas = (
        replica(1),
        replica(2),
        replica(3, ready=False, terminating=True),
        replica(4, address="fd00::2", pod="shop-2"),
    )

    checks, http, _ = looked(tmp_path, FakeCluster(services={"shop": replicas}), headers={"X-Tenant": "a"})

    assert checks["replicas"].summary == "each of 2 replicas answers in health"
    assert http.requests[1:] == [
        Asked("GET", "http://shop.example:8080/ready", {"X-Tenant": "a"}, None, address, True)
        for address in ("10.0.0.1", "10.0.0.2")
    ]


def at(**told: object) -> Callable[[Asked], object]:
    return lambda asked: told.get(str(asked.address).replace(".", "_").replace("10_0_0_", "n"), OK)


@pytest.mark.parametrize(
    ("replicas", "answer", "verdict", "summary"),
    [
        ((replica(1), replica(2)), at(n2=DOWN), Verdict.FAILED, "1 of 2 replicas do not answer in health; shop-2 (10.0.0.2): status 503, wanted 200-299"),
        ((replica(1), replica(2, ready=False)), OK, Verdict.FAILED, "1 of 2 replicas are not ready: shop-2 (10.0.0.2)"),
        ((), OK, Verdict.INCONCLUSIVE, "the service has no replica, so nothing is proven"),
        ((replica(1, terminating=True, ready=False),), OK, Verdict.INCONCLUSIVE, "the service has no replica, so nothing is proven"),
        (
            (replica(1), replica(2, pod=None)),
            at(n2=TransportError("no way there", kind="connect_unreachable")),
            Verdict.INCONCLUSIVE,
            "1 of 2 replicas do not answer in health; 10.0.0.2: no way there (connect_unreachable)",
        ),
    ],
    ids=["one is ill", "one is not ready", "none", "one that ends", "no way there"],
)  # fmt: skip
def test_replicas_are_told_apart(
    tmp_path: Path, replicas: tuple[Replica, ...], answer: object, verdict: Verdict, summary: str
) -> None:
    cluster = FakeCluster(services={"shop": replicas})

    checks, _, _ = looked(tmp_path, cluster, answers={"http://shop.example:8080/ready": answer})

    assert (checks["replicas"].verdict, checks["replicas"].summary) == (verdict, summary)
    assert checks["replicas"].mend


def test_replica_that_went_away_meanwhile_is_left_out(tmp_path: Path) -> None:
    cluster = FakeCluster(services={"shop": [(replica(1), replica(2)), (replica(1),)]})
    gone = TransportError("connection refused", kind="connect_refused")

    checks, _, _ = looked(tmp_path, cluster, answers={"http://shop.example:8080/ready": at(n2=gone)})

    assert (checks["replicas"].verdict, checks["replicas"].summary) == (
        Verdict.PASSED,
        "each of 1 replicas answers in health",
    )


def test_rollout_is_waited_for(tmp_path: Path) -> None:
    workloads = {"Deployment/shop": [replace(DONE, updated=1), replace(DONE, available=2), DONE]}
    cluster = FakeCluster(workloads=workloads, pods={"app=shop": PODS})

    checks, _, clock = looked(tmp_path, cluster, kubernetes={"workload": "deployment/shop"}, wait="60s")

    assert checks["rollout"].verdict is Verdict.PASSED
    assert clock.monotonic() == pytest.approx(4.012)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (TransportError("is busy", kind="http_503", where="deployment shop"), Verdict.INCONCLUSIVE),
        (TransportError("is silent", kind="read_timeout", where="deployment shop"), Verdict.INCONCLUSIVE),
        (TransportError("is not there", kind="http_404", where="deployment shop"), Verdict.ERROR),
        (TransportError("may not", kind="http_403", where="deployment shop"), Verdict.ERROR),
        (ReportError("is none", where="deployment shop"), Verdict.ERROR),
        (ConfigError("no cluster", where="deployment shop"), Verdict.ERROR),
    ],
    ids=["busy", "silent", "not there", "forbidden", "no answer of a cluster", "no cluster"],
)
def test_cluster_that_cannot_be_asked_never_passes(tmp_path: Path, error: Exception, verdict: Verdict) -> None:
    cluster = FakeCluster(workloads={"Deployment/shop": error})

    checks, _, _ = looked(tmp_path, cluster, kubernetes={"workload": "deployment/shop"})

    assert (checks["rollout"].verdict, checks["rollout"].summary) == (verdict, f"deployment shop: {error}".replace("deployment shop: deployment shop", "deployment shop"))  # fmt: skip


def test_version_is_read_at_every_replica_too(tmp_path: Path) -> None:
    def tells(asked: Asked) -> Response:
        version = "old" if asked.address == "10.0.0.2" else "new"
        return Response(200, {"x-version": version}, b"ok", 0.01, asked.url)

    cluster = FakeCluster(services={"shop": (replica(1), replica(2), replica(3, ready=False))})
    version = {"expect": "new", "header": "X-Version", "addresses": "one"}

    checks, _, _ = looked(
        tmp_path, cluster, answers={FRONT: tells, "http://shop.example:8080/ready": tells}, version=version
    )

    assert checks["version"].summary == "mixed: new (2 of 3), old (1 of 3), wanted new everywhere (version_mixed)"


def test_endpoints_of_an_ingress_are_asked(tmp_path: Path) -> None:
    http = FakeHttp({"https://a.example/ready": OK, "https://b.example/ready": DOWN})
    cluster = FakeCluster(urls={"Ingress/shop": ("https://a.example", "https://b.example/")})
    settings = {"endpoints_from": {"kubernetes": {"ingress": "shop", "namespace": "web", "path": "/ready"}}}

    checks = run_gate(gate, settings, make_context(tmp_path, http=http, cluster=cluster))

    assert [(each.name, each.verdict) for each in checks] == [
        ("a.example/ready", Verdict.PASSED),
        ("b.example/ready", Verdict.FAILED),
    ]
    assert cluster.asked == [("urls", "Ingress/shop", "web")]


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        (Kubernetes, {}, "`kubernetes` says what is looked at: `service`, `workload`, or both"),
        (Kubernetes, {"service": "Shop"}, "`service` 'Shop' is no name of an object of Kubernetes"),
        (Kubernetes, {"service": "shop", "namespace": "a/b"}, "`namespace` 'a/b' is no name of an object of Kubernetes"),
        (Kubernetes, {"workload": "pod/shop"}, "`workload` 'pod/shop' is not e.g. deployment/shop; kinds: deployment, statefulset, daemonset"),
        (Kubernetes, {"service": "shop", "port": 0}, "`port` is a name, or a number from 1 to 65535"),
        (Kubernetes, {"service": "shop", "digest": NEW}, "`digest` and `container` go with `workload`, whose pods tell their images"),
        (Kubernetes, {"workload": "deployment/shop", "container": "app"}, "`container` without `digest` would prove nothing; name the digest"),
        (Kubernetes, {"workload": "deployment/shop", "digest": "v2"}, "'v2' is not the digest of an image; write e.g. sha256:9f86d0..."),
        (Fronts, {}, "`kubernetes` names either a `service` or an `ingress`"),
        (Fronts, {"service": "a", "ingress": "a"}, "`kubernetes` names either a `service` or an `ingress`"),
        (Fronts, {"ingress": "a", "port": 80}, "`port` goes with `service`; an Ingress has none"),
        (Fronts, {"ingress": "a", "path": "ready"}, "`path` begins with a slash, e.g. /healthz"),
    ],
    ids=[
        *("nothing", "name", "namespace", "workload", "port", "digest alone", "container alone", "digest"),
        *("neither", "both", "port of an ingress", "path"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused(kind: type, given: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  of msgspec and of ours
        convert(given, kind)

    assert told in str(error.value)


def test_file_of_the_change_may_not_name_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "list.yml").write_text("endpoints: [{url: 'http://a/', kubernetes: {service: shop}}]")

    with pytest.raises(ConfigError, match="`kubernetes` stands in a file that a change may edit"):
        run_gate(gate, {"endpoints_from": "list.yml"}, make_context(tmp_path))
