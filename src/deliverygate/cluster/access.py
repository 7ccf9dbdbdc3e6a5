"""The way to a cluster and the credentials for it, as kubectl finds them: a kubeconfig, or the pod's own account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from deliverygate.cluster.programs import Credentials, Program, ask_program
from deliverygate.config.cluster import ClusterSettings
from deliverygate.errors import ConfigError
from deliverygate.gate import Clock, Shell
from deliverygate.redaction import outlet

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
EARLY = timedelta(seconds=30)  # before its end credentials are renewed
TOKEN_KEPT = timedelta(minutes=1)  # of a pod's own account, as client-go has it
LARGEST_KUBECONFIG = 10 << 20  # bytes


@dataclass(frozen=True)
class Access:
    """Where the API server is, and who asks it."""

    server: str  #: e.g. "https://10.0.0.1:6443", without a slash at the end
    namespace: str
    authorities: str = ""  #: a PEM file; "" for the usual ones
    verify: bool = True
    server_name: str = ""  #: that the certificate must hold; "" for the server's own
    authorization: str = ""  #: the header's value; "" for none
    certificate: tuple[str, str] | None = None  #: PEM files that show who asks
    expires: datetime | None = None  #: when the credentials end; None: it is not told


class Opener:
    """Finds the way once, and renews credentials that come to their end."""

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        environ: Mapping[str, str],
        checkout: Path,
        shell: Shell,
        clock: Clock,
        foreign: bool = False,
        account: Path = ACCOUNT,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._checkout = checkout.resolve()
        self._shell = shell
        self._clock = clock
        self._foreign = foreign
        self._account = account
        self._lock = Lock()
        self._known: Access | None = None

    def access(self, *, anew: bool = False) -> Access:
        """The way to the cluster. Raises ConfigError and ToolError. ``anew`` forgets what is known."""
        with self._lock:
            if anew or self._known is None or self._is_over(self._known):
                self._known = self._open()
                outlet.learn((self._known.authorization,))
            return self._known

    def _is_over(self, known: Access) -> bool:
        return known.expires is not None and known.expires - EARLY <= self._clock.now()

    def _open(self) -> Access:
        files = self._files()
        if files:
            return self._from_files(files)
        if self._environ.get("KUBERNETES_SERVICE_HOST"):
            return self._from_account()
        raise ConfigError(
            "no cluster is known",
            where="cluster",
            mend="set KUBECONFIG, or name a `kubeconfig` under `cluster:` in the policy",
        )

    def _files(self) -> tuple[Path, ...]:
        """The kubeconfig files that are there, in kubectl's order. What is named and is not there is a fault."""
        if self._settings.kubeconfig:
            named, where = self._settings.kubeconfig, "cluster.kubeconfig"
        else:
            named, where = self._environ.get("KUBECONFIG", ""), "KUBECONFIG"
        paths = tuple(self._at_home(each) for each in named.split(":") if each)
        if not paths:
            default = self._at_home("~/.kube/config")
            return (self._demand_outside(default, where="~/.kube/config"),) if default.is_file() else ()
        present = tuple(self._demand_outside(path, where=where) for path in paths if path.is_file())
        if not present:
            raise ConfigError(f"{paths[0]}: no such file", where=where, mend="name a kubeconfig that is there")
        return present

    def _at_home(self, path: str) -> Path:
        return Path(self._environ.get("HOME", "/"), path[2:]) if path.startswith("~/") else Path(path)

    def _demand_outside(self, path: Path, *, where: str) -> Path:
        """A kubeconfig may name a program that is started, and the change could have written it."""
        whole = path.resolve()
        if whole.is_relative_to(self._checkout):
            what = f"{path} lies in the checkout, where a change could rewrite it"
            raise ConfigError(what, where=where, mend="keep the kubeconfig outside of it, e.g. as a secret file")
        if whole.stat().st_size > LARGEST_KUBECONFIG:
            raise ConfigError(f"{path} is bigger than any kubeconfig", where=where, mend="name a kubeconfig")
        return whole

    def _from_files(self, files: tuple[Path, ...]) -> Access:
        from deliverygate.cluster.kubeconfig import read_kubeconfig

        return read_kubeconfig(files, self._settings, hand_out=self._hand_out)

    def _hand_out(self, program: Program, cluster: Mapping[str, object], folder: Path) -> Credentials:
        if self._foreign:
            what = f"its credentials come from a program ({program.command}), and none is started on a fork's change"
            raise ConfigError(what, where="kubeconfig", mend="give such jobs a kubeconfig with a token, or none")
        return ask_program(program, self._shell, cluster=cluster, folder=folder)

    def _from_account(self) -> Access:
        """The account that every pod is given; its token is renewed in its file within the hour."""
        host, port = self._environ["KUBERNETES_SERVICE_HOST"], self._environ.get("KUBERNETES_SERVICE_PORT", "443")
        try:
            token = (self._account / "token").read_text().strip()
            namespace = (self._account / "namespace").read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            what = "this pod has no account: its token cannot be read"
            mend = "let the pod have one (`automountServiceAccountToken`), or set KUBECONFIG"
            raise ConfigError(what, where=str(self._account), mend=mend) from error
        return Access(
            server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
            namespace=self._settings.namespace or namespace,
            authorities=str(self._account / "ca.crt"),
            authorization=f"Bearer {token}",
            expires=self._clock.now() + EARLY + TOKEN_KEPT,
        )
