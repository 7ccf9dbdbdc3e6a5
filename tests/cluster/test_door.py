"""What the door shows of a cluster: the same of a simulated and of a real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from deliverygate.errors import ConfigError, TransportError
from deliverygate.gate import Cluster, Container, Pod, Workload
from tests.cluster.worlds import World, digest_of

Connect = Callable[..., Cluster]


def test_every_address_of_a_service_is_told_with_its_pod(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1")
    world.expose("shop")

    cluster = connect(world.kubeconfig)
    replicas = cluster.endpoints("shop", port="http")
    pods = cluster.pods("app=shop")

    assert [(each.ready, each.serving, each.terminating) for each in replicas] == [(True, True, False)] * 3
    assert {(each.pod, each.address) for each in replicas} == {(each.name, each.address) for each in pods}
    assert len({each.port for each in replicas}) == 1
    assert cluster.endpoints("shop") == cluster.endpoints("shop", port=replicas[0].port) == replicas


def test_replica_that_is_not_ready_is_told_as_that(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1-unready", replicas=1)
    world.expose("shop")

    (replica,) = connect(world.kubeconfig).endpoints("shop")

    assert (replica.ready, replica.serving, replica.terminating) == (False, False, False)


def test_pods_tell_their_images_and_who_answers_for_them(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1", replicas=1)

    (pod,) = connect(world.kubeconfig).pods("app=shop")

    image = Container("app", "app:v1", digest=digest_of("v1"), ready=True)
    assert pod.template_hash
    assert pod == Pod(
        name=pod.name,
        ready=True,
        phase="Running",
        address=pod.address,
        terminating=False,
        containers=(image,),
        owner=f"ReplicaSet/shop-{pod.template_hash}",
        template_hash=pod.template_hash,
        created=pod.created,
    )


def test_container_that_does_not_run_tells_why(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1-pull-error", replicas=1)

    (pod,) = connect(world.kubeconfig).pods("app=shop")

    assert (pod.ready, pod.containers[0].ready) == (False, False)
    assert pod.containers[0].waiting in {"ErrImagePull", "ImagePullBackOff"}


def test_workload_tells_how_far_its_rollout_came(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1")

    found = connect(world.kubeconfig).workload("Deployment", "shop")

    assert found == Workload(
        kind="Deployment",
        name="shop",
        namespace=world.namespace,
        generation=1,
        observed_generation=1,
        wanted=3,
        replicas=3,
        updated=3,
        ready=3,
        available=3,
        selector="app=shop",
        progressing="NewReplicaSetAvailable",
    )


def test_rollout_in_the_middle_shows_old_and_new_pods(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1")
    world.deploy("shop", "v2-unready")

    cluster = connect(world.kubeconfig)
    found = cluster.workload("Deployment", "shop")
    pods = cluster.pods(found.selector)

    counts = (found.generation, found.observed_generation, found.replicas, found.updated, found.available)
    assert counts == (2, 2, 4, 1, 3)
    assert found.progressing in (
        "NewReplicaSetCreated",
        "ReplicaSetUpdated",
    )  # the one follows the other within moments
    assert Counter((each.containers[0].image, each.ready) for each in pods) == {
        ("app:v1", True): 3,
        ("app:v2-unready", False): 1,
    }


def test_selector_tells_pods_apart(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1", replicas=1)
    world.deploy("cart", "v1", replicas=2)

    cluster = connect(world.kubeconfig)

    found = {
        selector: len(cluster.pods(selector))
        for selector in ("app=shop", "app in (shop,cart)", "app notin (shop)", "app", "!app", "app=shop,app!=cart")
    }
    assert found == {
        "app=shop": 1, "app in (shop,cart)": 3, "app notin (shop)": 2, "app": 3, "!app": 0, "app=shop,app!=cart": 1,
    }  # fmt: skip


def test_service_without_pods_has_no_addresses(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1", replicas=0)
    world.route("shop", ("shop.example",))  # something else of that name

    with pytest.raises(TransportError) as error:
        connect(world.kubeconfig).endpoints("shop")

    assert (error.value.kind, error.value.where) == ("http_404", f"service {world.namespace}/shop")


@pytest.mark.parametrize(
    ("ask", "where", "words"),
    [
        (lambda cluster: cluster.workload("Deployment", "nope"), "deployment {}/nope", 'deployments.apps "nope" not found'),
        (lambda cluster: cluster.workload("StatefulSet", "nope"), "statefulset {}/nope", 'statefulsets.apps "nope" not found'),
        (lambda cluster: cluster.urls("Service", "nope"), "service {}/nope", 'services "nope" not found'),
        (lambda cluster: cluster.urls("Ingress", "nope"), "ingress {}/nope", 'ingresses.networking.k8s.io "nope" not found'),
        (lambda cluster: cluster.endpoints("nope"), "service {}/nope", 'services "nope" not found'),
    ],
    ids=["deployment", "stateful set", "service", "ingress", "addresses"],
)  # fmt: skip
def test_what_is_not_there_is_told_by_name(
    world: World, connect: Connect, ask: Callable[[Cluster], object], where: str, words: str
) -> None:
    with pytest.raises(TransportError) as error:
        ask(connect(world.kubeconfig))

    told = (error.value.kind, error.value.where, error.value.what)
    assert told == ("http_404", where.format(world.namespace), f"is not there (status 404: {words})")


def test_namespace_that_is_not_there_has_no_pods(world: World, connect: Connect) -> None:
    assert connect(world.kubeconfig).pods("app=shop", namespace="nowhere") == ()


def test_port_that_a_service_does_not_have_is_told_with_those_it_has(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1", replicas=1)
    world.expose("shop")
    cluster = connect(world.kubeconfig)
    (replica,) = cluster.endpoints("shop")

    with pytest.raises(ConfigError) as error:
        cluster.endpoints("shop", port="grpc")

    assert str(error.value) == (
        f"service {world.namespace}/shop: has no port grpc: http ({replica.port}); correct `port`"
    )


def test_addresses_of_a_service_and_of_an_ingress(world: World, connect: Connect) -> None:
    world.deploy("shop", "v1", replicas=1)
    world.expose("shop")
    world.route("shop", ("shop.example", "*.shop.example", "www.shop.example"), tls=("*.shop.example",))

    cluster = connect(world.kubeconfig)

    assert cluster.urls("Service", "shop") == (f"http://shop.{world.namespace}.svc",)
    assert cluster.urls("Ingress", "shop") == ("http://shop.example", "https://www.shop.example")


def test_ingress_of_stars_only_names_no_address(world: World, connect: Connect) -> None:
    world.route("shop", ("*.shop.example",))

    with pytest.raises(ConfigError, match="names no address"):
        connect(world.kubeconfig).urls("Ingress", "shop")


def test_who_is_not_known_is_told_to_renew_the_credentials(world: World, connect: Connect) -> None:
    text = world.kubeconfig.read_text()
    token = text.partition('"token": "')[2].partition('"')[0]
    world.kubeconfig.write_text(text.replace(token, "another-token"))

    with pytest.raises(TransportError) as error:
        connect(world.kubeconfig).workload("Deployment", "shop")

    assert str(error.value) == (
        f"deployment {world.namespace}/shop: the API server wants to know who asks (status 401: Unauthorized); "
        "the API server does not know these credentials: renew those of the kubeconfig"
    )
    assert error.value.kind == "http_401"
