"""Reports of another checkout: their paths are joined with this one, or left alone where that would be a guess."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from deliverygate.judging.homing import bring_home, find_prefix
from deliverygate.model import Location, Scan
from deliverygate.testing import finding

FILES = {"src/app.js", "src/lib/app.js", "lib/app.js", "README.md", "tests/__init__.py"}


@pytest.mark.parametrize(
    ("paths", "prefix"),
    [
        (["/builds/g/shop/src/app.js", "/builds/g/shop/README.md"], "/builds/g/shop/"),
        (["C:/agent/1/s/src/app.js"], "C:/agent/1/s/"),
        (["/x/src/lib/app.js"], "/x/"),
        (["/x/src/app.js", "/x/gone.js"], None),
        (["/x/src/app.js", "/y/src/app.js"], None),
        (["/x/README.md"], None),
        (["/x/shop/README.md"], "/x/shop/"),
        (["/x/workshop/README.md"], None),
        (["/usr/src/shop/src/app.js"], "/usr/src/shop/"),
        (["/usr/lib/python3/dist-packages/tests/__init__.py"], None),
        (["/x/node_modules/y/src/app.js"], None),
        ([], None),
    ],
    ids=[
        "two files",
        "Windows",
        "the longest rest",
        "a file that is not here",
        "two checkouts",
        "a bare name",
        "a bare name in a folder like ours",
        "a folder that ends like ours",
        "a container",
        "system package",
        "npm package",
        "nothing absolute",
    ],
)
def test_a_prefix_is_one_that_fits_every_path(paths: list[str], prefix: str | None) -> None:
    assert find_prefix(paths, FILES.__contains__, folder="shop") == prefix


def test_findings_and_analysed_files_of_another_checkout_come_home_and_a_note_says_so() -> None:
    here, there = finding(location=Location("src/app.js", 3)), finding(location=Location("/ci/src/app.js", 3))
    bare = finding("image")
    run = Scan(tool="t", version=None, format="f", findings=(there, bare), analysed=("/ci/src/app.js", "/etc/x"))

    scan = bring_home(replace(run, suppressed=(there,), runs=(run,)), FILES.__contains__, folder="shop")

    home = replace(run, findings=(here, bare), analysed=("src/app.js", "/etc/x"))
    note = "Paths below /ci are those of this checkout: each finding names a file that it has."
    assert scan == replace(home, suppressed=(here,), runs=(home,), notes=(note,))


def test_a_scan_of_this_checkout_stays_the_same_object() -> None:
    scan = Scan(tool="t", version=None, format="f", findings=(finding(location=Location("src/app.js")),))

    assert bring_home(scan, FILES.__contains__, folder="shop") is scan
