import json

import pytest

from deliverygate_gates.trivy.paths import rebase


@pytest.fixture
def root(tmp_path):
    (tmp_path / "app/lib").mkdir(parents=True)
    for name in ("deploy.sh", "lib/a.jar", "Dockerfile"):
        (tmp_path / "app" / name).write_text("")
    return tmp_path


def report(*results):
    return json.dumps({"SchemaVersion": 2, "Results": results}).encode()


def test_files_are_named_from_the_top_of_the_repository(root):
    results = (
        {"Target": "deploy.sh", "Class": "secret"},
        {"Target": "Java", "Class": "lang-pkgs", "Vulnerabilities": [{"PkgPath": "lib/a.jar"}, {"PkgName": "b"}]},
        {"Target": "Loose File License(s)", "Licenses": [{"FilePath": "Dockerfile"}, {"FilePath": ""}]},
    )

    rebased = rebase(report(*results), folder=root / "app", root=root)

    assert json.loads(rebased)["Results"] == [
        {"Target": "app/deploy.sh", "Class": "secret"},
        {"Target": "Java", "Class": "lang-pkgs", "Vulnerabilities": [{"PkgPath": "app/lib/a.jar"}, {"PkgName": "b"}]},
        {"Target": "Loose File License(s)", "Licenses": [{"FilePath": "app/Dockerfile"}, {"FilePath": ""}]},
    ]


@pytest.mark.parametrize("name", ["/etc/passwd", "../app/deploy.sh", "gone.sh", "a\0b", "x" * 5000, "lib"])
def test_name_of_no_file_below_the_target_stays_as_it_is(root, name):
    rebased = rebase(report({"Target": name}), folder=root / "app", root=root)

    assert json.loads(rebased)["Results"] == [{"Target": name}]


@pytest.mark.parametrize(
    "document",
    [b"", b"null", b"[1]", b'{"Results": 1}', b'{"Results": [1, {"Target": 2, "Licenses": [3]}]}', b"{", b"\xff"],
)
def test_what_is_no_report_is_left_to_its_reader(root, document):
    rebased = rebase(document, folder=root / "app", root=root)

    assert rebased.replace(b" ", b"") == document.replace(b" ", b"")


def test_report_of_the_whole_repository_is_not_touched(root):
    assert rebase(b"{ }", folder=root, root=root) == b"{ }"
