"""Names of packages, compared between forms that write them differently."""

from __future__ import annotations

import pytest

from deliverygate.judging.purl import common_name, without_version


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("pkg:apk/alpine/libssl1.1@1.1.1c-r0?arch=x86_64&distro=3.10.2", "libssl1.1"),
        ("libssl1.1@1.1.1c-r0", "libssl1.1"),
        ("libssl1.1", "libssl1.1"),
        ("pkg:maven/org.apache/xmlsec@2.1.1", "org.apache:xmlsec"),
        ("org.apache:xmlsec@2.1.1", "org.apache:xmlsec"),
        ("pkg:npm/%40scope/name@1.0", "@scope/name"),
        ("@scope/name@1.0", "@scope/name"),
        ("pkg:golang/github.com/acme/shop@v1.0", "github.com/acme/shop"),
        ("pkg:pypi/typing-extensions@4", "typing-extensions"),
        ("Typing_Extensions@4", "typing-extensions"),
        ("pkg:", ""),
        ("", ""),
    ],
)
def test_a_package_has_one_name_whether_written_as_a_package_url_or_not(package, name):
    assert common_name(package) == name


@pytest.mark.parametrize(
    ("path", "package", "lasting"),
    [
        ("lib/redis-4.0.2.dist-info/METADATA", "pkg:pypi/redis@4.0.2", "lib/redis-.dist-info/METADATA"),
        ("lib/a-1.0+x.jar", "pkg:maven/org.acme/a@1.0%2Bx?type=jar", "lib/a-.jar"),
        ("lib/redis-4.0.2.dist-info/METADATA", "redis@4.0.2", "lib/redis-.dist-info/METADATA"),
        ("service1/package-lock.json", "pkg:npm/left@1", "service1/package-lock.json"),
        ("service1/package-lock.json", "pkg:npm/left", "service1/package-lock.json"),
        ("", "pkg:npm/left@1.0.0", ""),
    ],
)
def test_the_path_of_a_package_is_compared_without_its_version(path, package, lasting):
    assert without_version(path, package) == lasting
