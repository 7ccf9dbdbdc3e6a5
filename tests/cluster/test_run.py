"""The whole command and a cluster: a policy, a kubeconfig outside of the checkout, pods that answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.api_server import TOKEN
from tests.cluster.worlds import Simulated, digest_of, write_kubeconfig
from tests.command import Ran, deliverygate

POLICY = """
version: 1
cluster: {{ namespace: default }}
stages:
  post-deploy:
    - gate: health
      endpoints:
        - name: shop
          url: http://{address}/healthz
          allow_private: true
          version: {{ expect: v2, json: version, path: /version }}
          kubernetes: {{ service: shop, workload: deployment/shop, digest: "{digest}" }}
"""


@pytest.fixture
def checkout(simulated: Simulated, tmp_path: Path) -> Path:
    """A policy for a shop of three pods, which the first of them stands for."""
    simulated.deploy("shop", "v2")
    simulated.expose("shop")
    folder = tmp_path / "checkout"
    folder.mkdir()
    address = f"{simulated.pods['shop'][0].address}:{simulated.port}"
    (folder / ".deliverygate.yml").write_text(POLICY.format(address=address, digest=digest_of("v2")))
    return folder


def run(checkout: Path, kubeconfig: Path) -> Ran:
    return deliverygate("run", "post-deploy", folder=checkout, environ={"KUBECONFIG": str(kubeconfig)})


def test_deployment_that_is_whole_is_allowed(simulated: Simulated, checkout: Path) -> None:
    ran = run(checkout, simulated.kubeconfig)

    assert (ran.status, "PASSED        health  4 checks" in ran.stdout) == (0, True), ran


def test_rollout_in_the_middle_blocks(simulated: Simulated, checkout: Path) -> None:
    simulated.deploy("shop", "v3-unready")

    ran = run(checkout, simulated.kubeconfig)

    assert (ran.status, "shop: rollout  1 of 3 pods are new" in ran.stdout) == (1, True), ran


def test_refused_token_is_shown_nowhere(simulated: Simulated, checkout: Path) -> None:
    simulated.api.tokens = {}

    ran = run(checkout, simulated.kubeconfig)

    written = "".join(path.read_text() for path in (checkout / ".deliverygate" / "out").rglob("*") if path.is_file())
    assert (ran.status, TOKEN in ran.stdout + ran.stderr + written) == (3, False)
    assert "renew those of the kubeconfig" in ran.stdout


def test_kubeconfig_in_the_checkout_starts_no_program(simulated: Simulated, checkout: Path) -> None:
    (checkout / "steal").write_text("#!/bin/sh\ntouch stolen\n")
    (checkout / "steal").chmod(0o700)
    command = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./steal"}
    kubeconfig = write_kubeconfig(checkout / "kubeconfig", simulated.api.url, user={"exec": command})

    ran = run(checkout, kubeconfig)

    assert (ran.status, (checkout / "stolen").exists()) == (3, False)
    assert "lies in the checkout, where a change could rewrite it" in ran.stdout
