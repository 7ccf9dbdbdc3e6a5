"""Addresses in SARIF logs to paths of the repository."""

from __future__ import annotations

import pytest

from deliverygate.model import Location
from tests.scans.samples import read_sample, read_sarif


def place_of(artifact, *, root="/", region=None, **run):
    physical = {"artifactLocation": artifact} | ({"region": region} if region else {})
    found = {"ruleId": "R", "message": {"text": "m"}, "locations": [{"physicalLocation": physical}]}
    (finding,) = read_sarif(found, root=root, **run).findings
    return finding.location


def path_of(uri, base_id=None, *, bases=None, root="/repo"):
    artifact = {"uri": uri} | ({"uriBaseId": base_id} if base_id else {})
    location = place_of(artifact, root=root, originalUriBaseIds=bases or {})
    return location and location.path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/../src/a.py", "src/a.py"),
        ("src/.hidden/a.py", "src/.hidden/a.py"),
        ("..", ".."),
        ("../../etc/passwd", "../../etc/passwd"),
        ("src/a%20b%C3%A9.py", "src/a bé.py"),
        ("%2e%2e/secret", "../secret"),
        ("src\\win\\a.cs", "src/win/a.cs"),
        (" src/a.py ", "src/a.py"),
        ("/repo/src/a.py", "src/a.py"),
        ("file:///repo/src/a.py", "src/a.py"),
        ("file:/repo/src/a.py", "src/a.py"),
        ("FILE://host/repo/src/a.py", "src/a.py"),
        ("file:///repository/a.py", "/repository/a.py"),
        ("file:///repo/../etc/passwd", "/etc/passwd"),
        ("file:///C:/repo/a.cs", "C:/repo/a.cs"),
        ("C:\\repo\\a.cs", "C:/repo/a.cs"),
        ("https://host.test/a.py", "https://host.test/a.py"),
        ("jar:file:/a.jar!/B.class", "jar:file:/a.jar!/B.class"),
        ("chart.tgz:templates/pod.yaml", "chart.tgz:templates/pod.yaml"),
        ("", None),
        ("  ", None),
        (".", "."),
    ],
)
def test_an_address_becomes_a_path_below_the_checkout_where_it_lies_there(uri, path):
    assert path_of(uri) == path


@pytest.mark.parametrize(
    ("base_id", "bases", "path"),
    [
        ("%SRCROOT%", {}, "a.py"),
        ("ANYTHING", {}, "a.py"),
        ("%SRCROOT%", {"%SRCROOT%": {"uri": "file:///repo/"}}, "a.py"),
        ("%SRCROOT%", {"%SRCROOT%": {"uri": "file:///repo/web"}}, "web/a.py"),
        ("%SRCROOT%", {"%SRCROOT%": {"uri": "file:///builds/x/"}}, "a.py"),
        ("ROOTPATH", {"ROOTPATH": {"uri": "file:///"}}, "a.py"),
        ("LOGS", {"LOGS": {"uri": "file:///C:/logs/"}}, "C:/logs/a.py"),
        ("SRC", {"SRC": {"uri": "src/"}}, "src/a.py"),
        ("SRC", {"SRC": {"uri": "src/", "uriBaseId": "REPOROOT"}, "REPOROOT": {}}, "src/a.py"),
        ("SRC", {"SRC": {"uri": "src/", "uriBaseId": "REPOROOT"}}, "src/a.py"),
        (
            "SRCROOT",
            {"SRCROOT": {"uri": "src/", "uriBaseId": "PROJECTROOT"}, "PROJECTROOT": {"uri": "file:///builds/x/"}},
            "src/a.py",
        ),
        ("A", {"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "C"}, "C": {"uri": "/repo/c/"}}, "c/b/a/a.py"),
        ("A", {"A": {"uriBaseId": "B"}, "B": {"uriBaseId": "A"}}, "a.py"),
        ("A", {"A": {"uriBaseId": "A"}}, "a.py"),
    ],
    ids=[
        "not listed",
        "unheard of",
        "our checkout",
        "inside our checkout",
        "another checkout",
        "root of an image",
        "elsewhere",
        "relative",
        "relative to a nameless root",
        "relative to a root that is not listed",
        "root below a root",
        "chain",
        "loop",
        "own tail",
    ],
)  # fmt: skip
def test_base_ids_are_followed_to_the_checkout(base_id, bases, path):
    assert path_of("a.py", base_id, bases=bases) == path


def test_an_absolute_address_is_shortened_by_the_root_that_the_producer_names():
    bases = {"LOGS": {"uri": "file:///builds/"}, "%SRCROOT%": {"uri": "file:///builds/x/"}}

    assert path_of("file:///builds/x/src/a.py", bases=bases) == "src/a.py"


def test_a_loop_that_grows_ends():
    bases = {"A": {"uri": "a/", "uriBaseId": "A"}}

    assert len(path_of("x.py", "A", bases=bases)) < 100


def test_an_index_stands_for_an_address():
    artifacts = [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py", "uriBaseId": "SRC"}}, {}]
    bases = {"SRC": {"uri": "src/"}}

    places = [place_of({"index": index}, artifacts=artifacts, originalUriBaseIds=bases) for index in (0, 1, 2, 3, -1)]

    assert places == [Location("a.py"), Location("src/b.py"), None, None, None]


@pytest.mark.parametrize(
    ("region", "location"),
    [
        ({"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 6}, Location("a.py", 3, 5, 4)),
        ({"charOffset": 12, "charLength": 3}, Location("a.py")),
        ({"byteOffset": 12}, Location("a.py")),
        ({"startLine": 0, "startColumn": -1, "endLine": 0}, Location("a.py")),
        (None, Location("a.py")),
    ],
    ids=["lines", "characters", "bytes", "from zero", "whole file"],
)
def test_a_region_gives_lines_and_columns_where_it_has_them(region, location):
    assert place_of({"uri": "a.py"}, region=region) == location


@pytest.mark.parametrize(
    "locations",
    [None, [], [{}], [{"logicalLocations": [{"name": "main"}]}], [{"physicalLocation": {"address": {"offset": 4}}}]],
    ids=["null", "none", "empty", "logical", "address"],
)
def test_a_result_without_a_file_is_a_finding_without_a_location(locations):
    (finding,) = read_sarif({"message": {"text": "m"}, "locations": locations}).findings

    assert finding.location is None


def test_the_files_that_were_analysed_are_those_with_the_role_of_a_target():
    artifacts = [
        {"location": {"uri": "a.py", "uriBaseId": "SRC"}, "roles": ["analysisTarget", "resultFile"]},
        {"location": {"uri": "config.yml"}, "roles": ["toolSpecifiedConfiguration"]},
        {"location": {"uri": "/repo/b.py"}, "roles": ["analysisTarget"]},
        {"location": {"uri": "b.py"}, "roles": ["analysisTarget"]},
        {"roles": ["analysisTarget"]},
    ]

    scan = read_sarif(artifacts=artifacts, originalUriBaseIds={"SRC": {"uri": "src/"}}, root="/repo")

    assert scan.analysed == ("src/a.py", "b.py")


@pytest.mark.parametrize("artifacts", [None, [], [{"location": {"uri": "a.py"}}]], ids=["null", "none", "no roles"])
def test_without_a_target_nobody_knows_what_was_analysed(artifacts):
    assert read_sarif(artifacts=artifacts).analysed is None


def test_places_of_a_real_log_with_base_ids():
    scan = read_sample("sarif/OriginalUriBaseIds.sarif")

    assert [finding.location.path for finding in scan.findings] == ["README.md", "src/io/kb.c", "."]
