"""The table of formats: found by name, imported late, open to others."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deliverygate.errors import UsageError
from deliverygate.renderers import RENDERERS, formats, output_files, render
from tests.renderers.sample_report import REPORT


def test_a_run_writes_five_files() -> None:
    assert output_files() == {
        "junit.xml": "junit",
        "report.json": "json",
        "report.md": "markdown",
        "sarif.json": "sarif",
        "codequality.json": "codequality",
    }


def test_our_formats_stand_first() -> None:
    assert formats()[: len(RENDERERS)] == ("junit", "json", "markdown", "sarif", "codequality", "text")


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("juint", "did you mean 'junit'?"),
        ("pdf", "use one of junit, json, markdown, sarif, codequality, text"),
    ],
    ids=["a slip of the pen", "unknown"],
)
def test_an_unknown_format_is_answered_with_what_was_probably_meant(name: str, mend: str) -> None:
    with pytest.raises(UsageError) as caught:
        render(REPORT, name)

    assert str(caught.value) == f"{name!r} is not a format of a report; {mend}"


def test_what_is_not_asked_for_is_not_imported() -> None:
    program = (
        "import sys, deliverygate.renderers, deliverygate.renderers.terminal;"
        "print(sorted({'rich', 'junit_xml', 'deliverygate.renderers.sarif'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
