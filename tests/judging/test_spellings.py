"""Every reader, and every way to write a path: what comes out is the same tracked file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import PurePosixPath
from xml.sax.saxutils import quoteattr

import pytest

from deliverygate.judging.placing import Sight, Tree, place_scan
from deliverygate.judging.placing.moving import places_of
from deliverygate.model import Scan
from deliverygate.scans import READERS, read
from tests.scans.samples import SAMPLES

ROOT = "/builds/shop"

# Of each format a real report, and a path in it as it is written there.
REPORTS = {
    "bandit": ("bandit/bad-1.9.json", "src/app.py"),
    "checkov": ("checkov/list.json", "/repo/infra/s3.tf"),
    "checkstyle": ("checkstyle/java.xml", "/builds/shop/java/Total.java"),
    "clover": ("coverage/clover.xml", "/home/jenkins/agent/workspace/dir/src/js/actions/File1.js"),
    "cobertura": ("coverage/cobertura-ts.xml", "libs/env/src/env.ts"),
    "codequality": ("codequality/ruff.json", "bad.py"),
    "coverage-py": ("coverage/coverage-py-7.17.json", "src/basket.py"),
    "eslint": ("eslint/scan.json", "/Users/omerlh/dev/juice-shop/routes/basketItems.js"),
    "gitlab-security": ("gitlab-security/gl-dependency-scanning-report-15.json", "src/app.py"),
    "go-cover": ("coverage/go-1.26.out", "shop.test/calc/calc.go"),
    "golangci": ("golangci/bad.json", "shop/bad.go"),
    "gosec": ("gosec/bad.json", "/repo/main.go"),
    "grype": ("grype/ignored.json", "/web/package-lock.json"),
    "hadolint": ("hadolint/bad.json", "Dockerfile"),
    "junit": ("junit/pytest-9.2-xunit1.xml", "tests/test_basket.py"),
    "kics": ("kics/bad.json", "../../path/Dockerfile"),
    "lcov": ("coverage/report.lcov", "src/main.ts"),
    "mypy": ("mypy/bad.jsonl", "bad.py"),
    "osv": ("osv/bad.json", "/repo/package-lock.json"),
    "pylint": ("pylint/bad.json", "bad.py"),
    "pyright": ("pyright/bad.json", "/builds/shop/bad.py"),
    "ruff": ("ruff/bad.json", "/builds/shop/bad.py"),
    "sarif": ("same-scan/secrets.sarif", "deploy.sh"),
    "semgrep": ("semgrep/bad-1.182.json", "src/app.py"),
    "shellcheck": ("shellcheck/bad.json", "bad.sh"),
    "snyk": ("snyk/iac.json", "deploy/main.tf"),
    "stylelint": ("stylelint/stylelint.json", "/var/lib/jenkins/workspace/stylelint/problem.css"),
    "trivy": ("trivy/pip.json", "requirements.txt"),
}
BY_PACKAGE = {"jacoco"}  #: names packages, and no other machine's folders
WITHOUT_PATHS = {"cyclonedx", "npm-audit", "pip-audit", "trivy-operator"}

FILE = "src/wanted/one file.x"  #: the file that each of them is to mean

SPELLINGS = {
    "as it stands": FILE,
    "from the folder itself": f"./{FILE}",
    "with a detour": "src/other/../wanted/one file.x",
    "with backslashes": FILE.replace("/", "\\"),
    "on a drive": "C:\\agent\\1\\s\\" + FILE.replace("/", "\\"),
    "on a drive, with slashes": f"D:/a/shop/shop/{FILE}",
    "in a container": f"/app/{FILE}",
    "of another machine": f"/home/runner/work/shop/shop/{FILE}",
    "in this checkout": f"{ROOT}/{FILE}",
    "as an address": "file:///builds/shop/src/wanted/one%20file.x",
    "as an address on a drive": "file:///C:/agent/src/wanted/one%20file.x",
    "through a link": "current/one file.x",
    "through a link, in a container": "/app/current/one file.x",
    "in other case": FILE.upper(),
    "from the folder of the report": "wanted/one file.x",
    "from below the folder of the report": "../wanted/one file.x",
}
REPORT = {"from the folder of the report": "src/reports/x", "from below the folder of the report": "src/reports/x"}

# Formats in which some spellings mean something else: Grype writes what lies below the folder that it scanned with a
# slash in front, and Checkov writes its whole path and nothing else in the field that is respelled here.
ABSOLUTE = {"in a container", "of another machine", "through a link, in a container"}
ELSEWHERE = {"grype": ABSOLUTE, "checkov": set(SPELLINGS) - {"in this checkout", "as it stands"}}


def rows() -> Iterator[tuple[str, str]]:
    for format_ in REPORTS:
        yield from ((format_, name) for name in SPELLINGS if name not in ELSEWHERE.get(format_, ()))


@pytest.mark.parametrize(("format_", "name"), list(rows()), ids=lambda part: str(part).replace(" ", "-"))
def test_a_path_means_the_same_file_in_every_format_and_every_spelling(format_: str, name: str) -> None:
    sample, written = REPORTS[format_]
    text = (SAMPLES / sample).read_text()
    document = respelled(text, written, SPELLINGS[name])

    scan = read(document.encode(), path="x", format=format_, root=ROOT)
    placed = place_scan(scan, checkout(), report=REPORT.get(name, "reports/x"))

    assert document != text
    assert FILE in paths_of(placed)


def test_packages_are_found_below_their_folder_of_sources() -> None:
    text = (SAMPLES / "coverage/jacoco-codingstyle.xml").read_text()

    scan = read(text.encode(), path="x", root=ROOT)
    seen = checkout("core/src/main/java/edu/hm/hafner/util/Ensure.java")

    assert "core/src/main/java/edu/hm/hafner/util/Ensure.java" in paths_of(place_scan(scan, seen))


def test_every_reader_stands_in_the_table() -> None:
    assert REPORTS.keys() | BY_PACKAGE | WITHOUT_PATHS == READERS.keys()


def checkout(*more: str) -> Sight:
    files = frozenset((FILE, "README.md", *more))

    def real(path: str) -> str | None:
        inside = path.removeprefix("current/") if path.startswith("current/") else None
        return path if path in files else FILE if inside == PurePosixPath(FILE).name else None

    return Sight(Tree(files, {"current": "0"}), real, look_back=lambda: Tree(files, {"current": "0"}), name="shop")


def respelled(text: str, old: str, new: str) -> str:
    """The report with another path, escaped as its format has it."""
    ways: tuple[Callable[[str], str], ...] = (json.dumps, quoteattr)
    for way in ways:
        if way(old) in text:
            return text.replace(way(old), way(new))
    return text.replace(old, new)


def paths_of(scan: Scan) -> set[str]:
    found = {where.path for each in chain(scan.findings, scan.suppressed) for where in places_of(each)}
    found |= {file.path for file in scan.coverage.files} if scan.coverage else set()
    return found | {case.file for case in scan.cases or () if case.file}
