"""How a report finds its reader: by name, by content, and from other packages."""

from __future__ import annotations

import sys
import textwrap

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans import READERS, find_reader, read
from tests.scans.samples import SAMPLES, read_sample

CLEAN_SARIF = b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}'


@pytest.mark.parametrize("name", READERS)
def test_every_reader_of_the_table_is_there_and_knows_its_name(name):
    assert find_reader(name).name == name


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("sarif/codeQL-output.sarif", "sarif"),
        ("trivy/alpine-310.sarif", "sarif"),
        ("trivy/secrets.json", "trivy"),
        ("trivy/kubernetes.json", "trivy"),
        ("eslint/scan.json", "eslint"),
    ],
)
def test_a_report_is_recognised_by_what_is_in_it(name, format):  # noqa: A002
    assert read_sample(name).format == format


@pytest.mark.parametrize(
    ("format", "mend"),
    [
        ("sarfi", "did you mean 'sarif'?"),
        ("Trivy", "did you mean 'trivy'?"),
        ("xlsx", f"use one of {', '.join(READERS)}"),
    ],
    ids=["swapped letters", "capital", "unknown"],
)
def test_a_format_that_nobody_reads_is_answered_with_the_nearest_name(format, mend):  # noqa: A002
    with pytest.raises(ReportError) as caught:
        read(CLEAN_SARIF, path="x.sarif", format=format)

    assert (caught.value.where, caught.value.what, caught.value.mend) == (
        "x.sarif",
        f"{format!r} is not a format that can be read",
        mend,
    )


@pytest.mark.parametrize(
    "document", [b"{}", b"[]", b"[1]", b"12", b"true", b"<a/>", b"hello", b'{"results": []}', b'[{"a": 1}]']
)
def test_a_document_that_nobody_knows_is_an_error_and_no_pass(document):
    with pytest.raises(ReportError, match=r"^out\.json: no reader recognises this document"):
        read(document, path="out.json")


@pytest.mark.parametrize("format", ["trivy", "eslint", "sarif"])
@pytest.mark.parametrize("name", ["sarif/spotbugs.sarif", "trivy/pip.json", "eslint/scan.json"])
def test_a_report_read_under_the_name_of_another_format_is_an_error(name, format):  # noqa: A002
    if read_sample(name).format == format:
        return

    with pytest.raises(ReportError):
        read_sample(name, format=format)


def test_utf16_with_a_mark_is_the_same_report_with_a_note():
    text = (SAMPLES / "eslint/scan.json").read_text()

    scan = read(text.encode("utf-16"), path="scan.json")

    assert (len(scan.findings), scan.notes) == (2, ("The report is UTF-16 with a byte order mark.",))


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package that brings readers: its module, and the entry points in its metadata."""

    def write(module: str, entry_points: str) -> None:
        (tmp_path / "thirdparty.py").write_text(textwrap.dedent(module))
        info = tmp_path / "thirdparty-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[deliverygate.scans]\n{entry_points}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "thirdparty", raising=False)

    return write


READER = """
    from deliverygate.model import Scan
    from deliverygate.scans.reader import Reader

    def read(data, *, root):
        return Scan(tool="mine", version="1", format="mine", findings=())

    reader = Reader(name="mine", summary="Mine", recognises=lambda outline: "mine" in outline.keys, read=read)
"""


@pytest.mark.parametrize("format", ["mine", None], ids=["by name", "by content"])
def test_a_reader_of_another_package_is_found(install, format):  # noqa: A002
    install(READER, "mine = thirdparty:reader")

    scan = read(b'{"mine": 1}', path="x", format=format)

    assert scan.tool == "mine"


def test_a_reader_of_another_package_does_not_take_the_name_of_a_built_in_one(install):
    install(READER, "sarif = thirdparty:reader")

    assert read(CLEAN_SARIF, path="x", format="sarif").tool == "x"


@pytest.mark.parametrize("place", ["thirdparty:absent", "absent_module:reader", "thirdparty:READER"])
def test_a_reader_that_cannot_be_loaded_is_an_error_that_names_it(install, place):
    install("READER = 1", f"mine = {place}")

    with pytest.raises(ReportError, match=place):
        read(b'{"mine": 1}', path="x")
