"""What the policy says of the cluster."""

from __future__ import annotations

import pytest

from deliverygate.config.cluster import ClusterSettings


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kubeconfig": "kube/config"}, "`kubeconfig` is relative, and so in the checkout, where a change could rewrite it; write an absolute path, or a variable that holds one"),
        ({"namespace": "Shop"}, "'Shop' is not the name of a namespace; write e.g. shop"),
        ({"namespace": "a/b"}, "'a/b' is not the name of a namespace; write e.g. shop"),
        ({"timeout": 0.0}, "`timeout` of 0s leaves no time; write a span such as 10s"),
    ],
    ids=["relative", "capitals", "a path", "no time"],
)  # fmt: skip
def test_wrong_settings_are_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  the whole text is compared
        ClusterSettings(**given)  # type: ignore[arg-type]

    assert str(error.value) == told
