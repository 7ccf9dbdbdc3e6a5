"""The fake cluster of gates' tests behaves as a cluster does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Cluster, Replica
from deliverygate.testing import FakeCluster

ONE = Replica("10.0.0.1", 8080, ready=True, serving=True, terminating=False)


def test_states_of_a_list_are_answered_in_turn_and_the_last_one_stays() -> None:
    cluster = FakeCluster(services={"shop": [(), (ONE,)]})

    assert [cluster.endpoints("shop", namespace="web") for _ in range(3)] == [(), (ONE,), (ONE,)]
    assert cluster.asked == [("endpoints", "shop", "web")] * 3


@pytest.mark.parametrize(
    ("ask", "where"),
    [
        (lambda cluster: cluster.endpoints("shop"), "service shop"),
        (lambda cluster: cluster.workload("Deployment", "shop"), "deployment shop"),
        (lambda cluster: cluster.urls("Ingress", "shop"), "ingress shop"),
    ],
    ids=["service", "workload", "ingress"],
)
def test_what_is_not_there_is_refused_as_the_real_one_does(ask: Callable[[Cluster], object], where: str) -> None:
    with pytest.raises(TransportError) as error:
        ask(FakeCluster())

    assert (error.value.kind, error.value.where) == ("http_404", where)


def test_selector_that_nothing_fits_has_no_pods() -> None:
    assert FakeCluster().pods("app=shop") == ()
