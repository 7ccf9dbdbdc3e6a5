"""The operating systems of whose packages Trivy knows vulnerabilities. https://trivy.dev/latest/docs/coverage/os/"""

from __future__ import annotations

SUPPORTED = frozenset((
    "alma", "alpine", "amazon", "azurelinux", "bottlerocket", "cbl-mariner", "centos", "chainguard", "coreos", "debian",
    "echo", "minimos", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "opensuse.leap", "opensuse.tumbleweed",
    "oracle", "photon", "redhat", "rocky", "sles", "slem", "suse linux enterprise micro",
    "suse linux enterprise server", "ubuntu", "wolfi",
))  # fmt: skip
NO_SYSTEM = frozenset(("", "none"))  #: what Trivy writes for an image without an operating system


def is_supported(family: str) -> bool:
    """Whether Trivy has advisories for it; an image without a system has no packages of one."""
    return family.strip().lower() in SUPPORTED | NO_SYSTEM
