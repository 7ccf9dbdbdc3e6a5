"""Who asks, and how: kubeconfig files, credential programs, the account of a pod; and what is refused of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deliverygate.cluster.access import Access, Opener
from deliverygate.config.cluster import ClusterSettings
from deliverygate.errors import ConfigError, DeliveryGateError, ToolError
from deliverygate.gate import Cluster, Completed
from deliverygate.testing import FakeClock, FakeShell
from deliverygate.testing.doors import START
from tests.cluster.api_server import TOKEN
from tests.cluster.worlds import Simulated, write_kubeconfig

Connect = Callable[..., Cluster]
SERVER = "https://10.0.0.1:6443"


def opened(folder: Path, *, environ: Mapping[str, str] | None = None, **more: object) -> Access:
    """The way that is found from the checkout ``folder``/checkout."""
    return opener(folder, environ=environ, **more).access()


def opener(folder: Path, *, environ: Mapping[str, str] | None = None, foreign: bool = False, **more: object) -> Opener:
    clock = FakeClock()
    programs = more.pop("programs", {})
    settings = ClusterSettings(**more)  # type: ignore[arg-type]
    return Opener(
        settings,
        environ=environ or {},
        checkout=folder / "checkout",
        shell=FakeShell(programs, clock=clock),  # type: ignore[arg-type]
        clock=clock,
        foreign=foreign,
        account=folder / "account",
    )


def hand_out(**status: str) -> Callable[[tuple[str, ...]], Completed]:
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    return lambda _: Completed(0, json.dumps(answer).encode(), b"", 0.1)


EXEC = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "cloud", "args": ["token"], "installHint": "install cloud"}}  # fmt: skip


def test_kubeconfig_tells_the_way_and_the_credentials(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, namespace="shop")

    for given in ({"kubeconfig": str(path)}, {"environ": {"KUBECONFIG": str(path)}}):
        assert opened(tmp_path, **given) == Access(SERVER, "shop", authorization=f"Bearer {TOKEN}")  # type: ignore[arg-type]


def test_policy_names_context_and_namespace(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER)
    config = json.loads(path.read_text())
    config["clusters"].append({"name": "far", "cluster": {"server": "https://far"}})
    config["contexts"].append({"name": "production", "context": {"cluster": "far", "user": "tester"}})
    path.write_text(json.dumps(config))

    found = opened(tmp_path, kubeconfig=str(path), context="production", namespace="shop")

    assert found == Access("https://far", "shop", authorization=f"Bearer {TOKEN}")


def test_file_at_home_is_found_as_kubectl_finds_it(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    write_kubeconfig(tmp_path / ".kube" / "config", SERVER)

    assert opened(tmp_path, environ={"HOME": str(tmp_path)}).server == SERVER


def test_several_files_are_laid_over_each_other_and_the_first_context_counts(tmp_path: Path) -> None:
    first = write_kubeconfig(tmp_path / "one", SERVER)
    second = write_kubeconfig(tmp_path / "two", "https://other")
    second.write_text(second.read_text().replace('"here"', '"there"'))
    (tmp_path / "one").write_text(first.read_text())

    both = {"KUBECONFIG": f"{first}:{tmp_path / 'missing'}:{second}"}

    assert opened(tmp_path, environ=both).server == SERVER
    assert opened(tmp_path, environ=both, context="there").server == "https://other"


def test_account_of_a_pod_is_used_where_there_is_no_kubeconfig(tmp_path: Path) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text("of-the-pod\n")
    (account / "namespace").write_text("ci")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}

    found = opened(tmp_path, environ=environ)

    assert found == Access(
        "https://[fd00::1]:443",
        "ci",
        authorities=str(account / "ca.crt"),
        authorization="Bearer of-the-pod",
        expires=found.expires,
    )


def test_token_of_a_pod_is_read_again_after_a_minute(tmp_path: Path) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text("first")
    (account / "namespace").write_text("ci")
    found = opener(tmp_path, environ={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    found.access()
    (account / "token").write_text("second")

    before = found.access().authorization
    found._clock.sleep(61)

    assert (before, found.access().authorization) == ("Bearer first", "Bearer second")


def test_program_hands_out_a_token(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)

    found = opened(tmp_path, kubeconfig=str(path), programs={"cloud": hand_out(token="fresh")})

    assert found == Access(SERVER, "default", authorization="Bearer fresh")


def test_program_hands_out_a_certificate(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)
    given = hand_out(clientCertificateData="-----CERT-----", clientKeyData="-----KEY-----")

    found = opened(tmp_path, kubeconfig=str(path), programs={"cloud": given})

    assert found.certificate is not None
    assert [Path(each).read_text() for each in found.certificate] == ["-----CERT-----", "-----KEY-----"]


def test_program_is_asked_again_before_its_token_ends(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)
    tokens = iter(("first", "second"))
    end = (START + timedelta(minutes=10)).astimezone(UTC).isoformat()

    def renew(command: tuple[str, ...]) -> Completed:
        return hand_out(token=next(tokens), expirationTimestamp=end)(command)

    found = opener(tmp_path, kubeconfig=str(path), programs={"cloud": renew})

    told = [found.access().authorization]
    for seconds in (500, 80):
        found._clock.sleep(seconds)
        told.append(found.access().authorization)

    assert told == ["Bearer first", "Bearer first", "Bearer second"]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (
            lambda _: Completed(1, b"", b"the password is hunter2", 0.1),
            "cloud (of the kubeconfig): handed out no credentials: exit status 1; run it by hand: "
            "`kubectl get --raw /version` does the same",
        ),
        (
            lambda _: Completed(0, b'{"token": "hunter2"', b"", 0.1),
            "cloud (of the kubeconfig): handed out no credentials: its answer is no ExecCredential; run it by hand: "
            "`kubectl get --raw /version` does the same",
        ),
        (
            hand_out(),
            "cloud (of the kubeconfig): handed out neither a token nor a certificate with its key; run it by hand: "
            "`kubectl get --raw /version` does the same",
        ),
        (None, "cloud (of the kubeconfig): no such program; install cloud"),
    ],
    ids=["it fails", "it writes something else", "it hands out nothing", "it is not there"],
)
def test_program_that_hands_out_nothing_is_a_fault_without_what_it_wrote(
    tmp_path: Path, program: object, told: str
) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)

    with pytest.raises(ToolError) as error:
        opened(tmp_path, kubeconfig=str(path), programs={"cloud": program} if program else {})

    assert str(error.value) == told


def test_program_is_not_started_on_a_forks_change(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)

    with pytest.raises(ConfigError) as error:
        opened(tmp_path, kubeconfig=str(path), foreign=True, programs={"cloud": hand_out(token="fresh")})

    assert str(error.value) == (
        "kubeconfig: its credentials come from a program (cloud), and none is started on a fork's change; "
        "give such jobs a kubeconfig with a token, or none"
    )


def test_real_program_is_told_what_it_is_for(simulated: Simulated, connect: Connect, tmp_path: Path) -> None:
    program = tmp_path / "outside" / "hand-out"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os\n"
        "asked = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "assert asked['spec']['cluster']['server'].startswith('http://127.0.0.1'), asked\n"
        "print(json.dumps({'apiVersion': asked['apiVersion'], 'kind': asked['kind'],\n"
        "                  'status': {'token': os.environ['GIVEN']}}))\n"
    )
    program.chmod(0o700)
    exec_ = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./hand-out",
        "env": [{"name": "GIVEN", "value": TOKEN}],
        "provideClusterInfo": True,
    }
    write_kubeconfig(simulated.kubeconfig, simulated.api.url, user={"exec": exec_})
    simulated.deploy("shop", "v1", replicas=1)

    assert len(connect(simulated.kubeconfig).pods("app=shop")) == 1


def test_credentials_that_were_replaced_are_got_anew(simulated: Simulated, connect: Connect) -> None:
    simulated.deploy("shop", "v1", replicas=1)
    cluster = connect(simulated.kubeconfig)
    cluster.pods("app=shop")
    simulated.api.tokens = {"another": "tester"}
    write_kubeconfig(simulated.kubeconfig, simulated.api.url, user={"token": "another"})

    assert len(cluster.pods("app=shop")) == 1


@pytest.mark.parametrize("linked", [False, True], ids=["a file", "a link to one"])
def test_kubeconfig_in_the_checkout_is_refused(tmp_path: Path, linked: bool) -> None:
    (tmp_path / "checkout").mkdir()
    path = write_kubeconfig(tmp_path / "checkout" / "kubeconfig", SERVER)
    if linked:
        path = tmp_path / "kubeconfig"
        path.symlink_to(tmp_path / "checkout" / "kubeconfig")

    with pytest.raises(ConfigError) as error:
        opened(tmp_path, environ={"KUBECONFIG": str(path)})

    assert str(error.value) == (
        f"KUBECONFIG: {path} lies in the checkout, where a change could rewrite it; "
        "keep the kubeconfig outside of it, e.g. as a secret file"
    )


def test_relative_kubeconfig_in_the_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="is relative, and so in the checkout"):
        ClusterSettings(kubeconfig="kube/config")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "cluster: no cluster is known; set KUBECONFIG, or name a `kubeconfig` under `cluster:` in the policy"),
        (
            {"KUBECONFIG": "/nowhere/config"},
            "KUBECONFIG: /nowhere/config: no such file; name a kubeconfig that is there",
        ),
    ],
    ids=["nothing is said", "it is not there"],
)
def test_cluster_that_nobody_knows_is_a_fault(tmp_path: Path, environ: Mapping[str, str], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        opened(tmp_path, environ=environ)

    assert str(error.value) == told


def config_with(**more: object) -> str:
    whole = {
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": SERVER}}],
        "users": [{"name": "tester", "user": {"token": "hunter2"}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "tester"}}],
    }
    return json.dumps({**whole, **more})


BAD: Mapping[str, tuple[str, str]] = {
    "empty": ("", "lacks what every kubeconfig has"),
    "no YAML": ("{hunter2: [", "is no kubeconfig ("),
    "a list": ("[hunter2]", "is no kubeconfig ("),
    "a word": ("hunter2", "is no kubeconfig ("),
    "a number": ("7", "is no kubeconfig ("),
    "no context": (config_with(**{"current-context": ""}), "says no context; use one of here"),
    "another context": (config_with(**{"current-context": "far"}), "has no context 'far'; use one of here"),
    "no cluster": (config_with(clusters=[]), "has no cluster 'here'; correct the kubeconfig"),
    "another user": (config_with(users=[]), "has no user 'tester'; correct the kubeconfig"),
    "null user": (config_with(users=[{"name": "tester", "user": {"exec": {"command": 7, "apiVersion": "hunter2"}}}]), "is no kubeconfig ("),
    "no server": (config_with(clusters=[{"name": "here", "cluster": {"hunter2": 1}}]), "has a `server` that is no http(s) address"),
    "a strange server": (config_with(clusters=[{"name": "here", "cluster": {"server": "ftp://hunter2"}}]), "has a `server` that is no http(s) address"),
    "a missing authority": (
        config_with(clusters=[{"name": "here", "cluster": {"server": SERVER, "certificate-authority": "/nowhere/ca.pem"}}]),
        "/nowhere/ca.pem, which it names, is not there",
    ),
    "a provider": (config_with(users=[{"name": "tester", "user": {"auth-provider": {"name": "oidc"}}}]), "has an `auth-provider`, which Kubernetes"),
    "a proxy": (config_with(clusters=[{"name": "here", "cluster": {"server": SERVER, "proxy-url": "http://proxy"}}]), "names a `proxy-url`, which"),
    "contexts of nothing": (config_with(contexts=None), "has no context 'here'"),
    "entries without names": (config_with(users=[{}]), "is no kubeconfig ("),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_file_that_is_no_kubeconfig_is_a_fault_that_does_not_show_it(tmp_path: Path, case: str) -> None:
    text, told = BAD[case]
    path = tmp_path / "kubeconfig"
    path.write_text(text)

    with pytest.raises(DeliveryGateError) as error:
        opened(tmp_path, kubeconfig=str(path))

    assert str(error.value).startswith(f"{path}: {told}")
    assert "hunter2" not in str(error.value)


def test_way_with_authorities_and_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("authorities")
    cluster = {"server": SERVER, "certificate-authority": "ca.pem", "tls-server-name": "kubernetes"}
    path = tmp_path / "kubeconfig"
    path.write_text(config_with(clusters=[{"name": "here", "cluster": cluster}]))

    found = opened(tmp_path, kubeconfig=str(path))

    told = (found.authorities, found.server_name, found.verify)
    assert told == (str(tmp_path / "ca.pem"), "kubernetes", True)


def test_end_of_credentials_is_in_utc(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "kubeconfig", SERVER, user=EXEC)
    given = hand_out(token="fresh", expirationTimestamp="2026-01-02T05:00:00+02:00")

    found = opened(tmp_path, kubeconfig=str(path), programs={"cloud": given})

    assert found.expires == datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
