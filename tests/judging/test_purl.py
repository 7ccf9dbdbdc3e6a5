"""Names of packages, compared between forms that write them differently."""

from __future__ import annotations

import pytest

from deliverygate.judging.purl import common_name, covers, is_named, overlap, read, with_version, without_version


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


# From the tests that the specification publishes: two spellings of one package URL.
@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1"),
        ("pkg:github/Package-url/purl-Spec@244fd47e07d1004f0aed9c", "pkg:github/package-url/purl-spec@244fd47e07d1004f0aed9c"),
        ("pkg:bitbucket/birKenfeld/pyGments-main@244fd4", "pkg:bitbucket/birkenfeld/pygments-main@244fd4"),
        ("pkg:composer/Laravel/Laravel@5.5.0", "pkg:composer/laravel/laravel@5.5.0"),
        ("pkg:brew/Homebrew/Core/SQLite@3.43.2", "pkg:brew/homebrew/core/sqlite@3.43.2"),
        ("pkg:Nuget/EnterpriseLibrary.Common@6.0.1304", "pkg:nuget/EnterpriseLibrary.Common@6.0.1304"),
        ("pkg:npm/@babel/core#/googleapis/api/", "pkg:npm/%40babel/core#googleapis/api"),
        ("pkg:///maven/org.apache.commons/io", "pkg:maven/org.apache.commons/io"),
        ("pkg:Maven/a/b@1?classifier=x&repositorY_url=y", "pkg:maven/a/b@1?repository_url=y&classifier=x"),
        ("pkg:GOLANG/google.golang.org/genproto@abc#/a/./b/", "pkg:golang/google.golang.org/genproto@abc#a/b"),
        ("pkg:huggingface/EleutherAI/gpt-neo-1.3B@797174552AE47F44", "pkg:huggingface/EleutherAI/gpt-neo-1.3B@797174552ae47f44"),
        ("pkg:oci/Debian@SHA256%3A244FD4?tag=latest", "pkg:oci/debian@sha256:244fd4?tag=latest"),
        ("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", "pkg:deb/debian/attr@1%3A2.4.47-2+b1?arch=amd64"),
        ("pkg:maven/g/a@1.0.0%20Final?mykey=my%20value", "pkg:maven/g/a@1.0.0%20Final?mykey=my value"),
        ("pkg:mlflow/CreditFraud@3?repository_url=https://x.azuredatabricks.net/a", "pkg:mlflow/creditfraud@3?repository_url=https://x.azuredatabricks.net/a"),
        ("pkg:npm/foobar@12.3.1?a=", "pkg:npm/foobar@12.3.1"),
        ("pkg:pypi/zope.interface@5", "pkg:pypi/zope-interface@5"),
        ("pkg:golang/github.com/BurntSushi/toml@v1.0", "pkg:golang/github.com/burntsushi/toml@1.0"),
    ],
)  # fmt: skip
def test_spellings_of_one_package_url_are_equal(written, canonical):
    assert read(written) == read(canonical) is not None
    assert (covers(written, canonical), covers(canonical, written)) == (True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pkg:npm/JSONStream", "pkg:npm/jsonstream"),
        ("pkg:maven/HTTPClient/HTTPClient", "pkg:maven/httpclient/httpclient"),
        ("pkg:cargo/rand", "pkg:npm/rand"),
        ("pkg:npm/%40a/b", "pkg:npm/b"),
        ("pkg:deb/debian/curl", "pkg:deb/ubuntu/curl"),
        ("pkg:cran/A3", "pkg:cran/a3"),
        ("pkg:hackage/AC-Half", "pkg:hackage/ac-half"),
    ],
)
def test_packages_that_their_type_tells_apart_are_not_one(one, other):
    assert (covers(one, other), overlap(one, other)) == (False, False)


@pytest.mark.parametrize(
    "text", ["", "pkg:", "pkg:npm", "pkg:npm/", "npm/a", "lodash@1", "pkg:/", "pkg: /a", "pkg:n%70m/a"]
)
def test_what_is_no_package_url_covers_nothing(text):
    assert (read(text), covers(text, "pkg:npm/a"), covers("pkg:npm/a", text)) == (None, False, False)


@pytest.mark.parametrize(
    ("statement", "package", "holds", "may"),
    [
        ("pkg:npm/a", "pkg:npm/a@1", True, True),
        ("pkg:npm/a@1", "pkg:npm/a@1", True, True),
        ("pkg:npm/a@1", "pkg:npm/a@2", False, False),
        ("pkg:npm/a@1", "pkg:npm/a", False, True),
        ("pkg:npm/a?arch=x", "pkg:npm/a@1?arch=x&os=y", True, True),
        ("pkg:npm/a?arch=x", "pkg:npm/a@1", False, True),
        ("pkg:npm/a?arch=x", "pkg:npm/a@1?arch=y", False, False),
        ("pkg:npm/a@1", "pkg:npm/a@1?arch=x", True, True),
        ("pkg:golang/a.org/b#c", "pkg:golang/a.org/b@1", False, True),
        ("pkg:golang/a.org/b", "pkg:golang/a.org/b@1#c", True, True),
        ("pkg:oci/a@sha256:1", "pkg:oci/a@sha256%3A2", False, False),
    ],
)
def test_statement_is_the_pattern_and_the_package_the_thing(statement, package, holds, may):
    assert (covers(statement, package), overlap(statement, package), overlap(package, statement)) == (holds, may, may)


@pytest.mark.parametrize(
    ("purl", "version", "whole"),
    [
        ("pkg:npm/%40a/b", "1+x y", "pkg:npm/%40a/b@1+x%20y"),
        ("pkg:npm/@a/b?x=1#c", "2", "pkg:npm/@a/b@2?x=1#c"),
        ("pkg:npm/a@1", "2", "pkg:npm/a@1"),
        ("pkg:npm/a", "", "pkg:npm/a"),
        ("a", "1", "a"),
    ],
)
def test_package_url_gets_a_version_where_it_has_none(purl, version, whole):
    assert with_version(purl, version) == whole


@pytest.mark.parametrize(
    ("name", "package", "named"),
    [
        ("Typing_Extensions", "pkg:pypi/typing-extensions@4", True),
        ("typing.extensions@4", "pkg:pypi/typing-extensions@4", True),
        ("typing-extensions@5", "pkg:pypi/typing-extensions@4", False),
        ("org.acme:a", "pkg:maven/org.acme/a@1", True),
        ("a", "pkg:maven/org.acme/a@1", True),
        ("A", "pkg:maven/org.acme/a@1", False),
        ("openssl", "pkg:deb/debian/openssl@3", True),
        ("@Scope/a", "pkg:npm/%40scope/a@1", False),
    ],
)
def test_package_is_called_by_its_name_in_the_spelling_of_its_type(name, package, named):
    assert is_named(name, package) is named
