"""The same small world for every test: our tests run inside the very CI systems that they imitate."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping

import pytest

from deliverygate.redaction.outlet import everything

# What would change a verdict, an output or git's mind. DELIVERYGATE_TOOLS and DELIVERYGATE_CI_TOOLS are no settings: there
# lie the tools that `scripts/test` built and installed.
FOREIGN = re.compile(
    r"CI|CI_.*|GITLAB_.*|GITHUB_.*|RUNNER_.*|KUBECONFIG|KUBERNETES_.*|TRIVY_.*|GIT_.*"
    r"|DELIVERYGATE_(?!(?:CI_)?TOOLS$).*"
    r"|(?i:(https?|all|no|ftp)_proxy)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|NETRC"
    r"|NO_COLOR|FORCE_COLOR|CLICOLOR.*|COLUMNS|LINES"
)
OURS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada Author",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Carl Committer",
    "GIT_COMMITTER_EMAIL": "carl@example.com",
}


def tidy(environ: MutableMapping[str, str]) -> Mapping[str, str]:
    """Make ``environ`` the one that tests run in; what it was before is given back."""
    before = dict(environ)
    for name in before:
        if FOREIGN.fullmatch(name):
            del environ[name]
    environ.update(OURS)
    return before


# Here and not in a fixture: some libraries (plumbum) copy the environment when they are imported.
BEFORE = tidy(os.environ)


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """What one test has met as a secret is none to the next."""
    everything.cache_clear()


@pytest.fixture(scope="session")
def outer_environ() -> Mapping[str, str]:
    """The environment that the tests were started in, for what must reach a package registry through a proxy."""
    return BEFORE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the real tools, or a real cluster, the tests that need them say so."""
    for item in items:
        # KUBECONFIG alone would do for somebody's own cluster, in which tests have no business.
        if item.get_closest_marker("cluster") and "CLUSTER_ASSETS" not in BEFORE:
            item.add_marker(pytest.mark.skip(reason="scripts/test --real starts the cluster that this test asks"))
    if "DELIVERYGATE_TOOLS" in os.environ:
        return
    for item in items:
        if item.get_closest_marker("real"):
            item.add_marker(pytest.mark.skip(reason="scripts/test --real builds the tools that this test runs"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    """With the real tools, a test that skips itself all the same is a failure: it would show nothing."""
    report = yield
    if report.skipped and item.get_closest_marker("real") and "DELIVERYGATE_TOOLS" in os.environ:
        report.outcome = "failed"
        report.longrepr = f"skipped although the real tools were promised: {report.longrepr}"
    return report
