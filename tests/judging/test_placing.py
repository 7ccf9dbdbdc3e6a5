"""Paths of coverage reports, found among the files of a repository."""

from __future__ import annotations

import pytest

from deliverygate.judging.placing import Places, place

TRACKED = (
    "main.go",
    "cmd/main.go",
    "src/a.py",
    "lib/a.py",
    "core/src/main/java/p/A.java",
    "web/src/main/java/p/B.java",
)


@pytest.mark.parametrize(
    ("path", "roots", "found"),
    [
        ("src/a.py", (), "src/a.py"),
        ("p/A.java", (), "core/src/main/java/p/A.java"),
        ("p/B.java", ("web/src/main/java/",), "web/src/main/java/p/B.java"),
        ("a.py", ("lib",), "lib/a.py"),
        ("/builds/7/shop/src/a.py", (), "src/a.py"),
        ("github.com/shop/shop/cmd/main.go", (), "cmd/main.go"),
        ("github.com/shop/shop/main.go", (), "main.go"),
    ],
    ids=["as it is", "package", "package in a root", "root", "another checkout", "module", "top of a module"],
)
def test_a_path_is_found_where_only_one_file_can_be_meant(path, roots, found):
    assert place([path], TRACKED, roots) == Places({path: found})


def test_a_path_that_may_be_several_files_is_told_with_them():
    assert place(["a.py"], TRACKED) == Places({}, {"a.py": ("lib/a.py", "src/a.py")})


def test_a_root_goes_before_the_same_path_without_it():
    assert place(["a.py"], ("a.py", "src/a.py"), ["src"]).found == {"a.py": "src/a.py"}


@pytest.mark.parametrize("path", ["src/b.py", "/builds/xsrc/a.pyc", "xmain.go", ""])
def test_a_path_that_fits_nothing_is_left_out(path):
    assert place([path], TRACKED) == Places({})


def test_a_file_with_the_name_of_one_at_the_top_is_not_taken_for_it():
    paths = ["m.test/shop/main.go", "m.test/shop/gen/main.go"]

    assert place(paths, ("main.go",)).found == {"m.test/shop/main.go": "main.go"}
