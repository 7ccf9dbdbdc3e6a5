"""Checkstyle's XML: its writers, the files they name, and what they could not check."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity
from deliverygate.scans import read
from tests.scans.samples import read_sample

JAVA = "com.puppycrawl.tools.checkstyle.checks.sizes.LineLengthCheck"


def read_xml(body, *, version="5.0", root="/repo", head=""):
    document = f'<?xml version="1.0" encoding="UTF-8"?>{head}<checkstyle version="{version}">{body}</checkstyle>'
    return read(document.encode(), path="checkstyle.xml", root=root)


def a_file(*errors, name="/repo/src/a.java"):
    return f'<file name="{name}">{"".join(errors)}</file>'


def error(source=JAVA, severity="error", message="Too long.", **more):
    attributes = {"line": 3, "column": 5, "severity": severity, "message": message, "source": source} | more
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items() if value is not None)
    return f"<error {written}/>"


def test_an_error_becomes_a_finding_with_its_place_below_the_checkout():
    scan = read_xml(a_file(error(message="a &lt; b&#10;c")), version="10.21.4")

    assert (scan.tool, scan.version, scan.analysed, scan.findings) == (
        "Checkstyle",
        "10.21.4",
        ("src/a.java",),
        (
            Finding(
                rule=JAVA,
                message="a < b\nc",
                severity=Severity.HIGH,
                tool="Checkstyle",
                location=Location("src/a.java", 3, 5),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("blocker", Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_severities_are_those_of_the_errors(word, severity):
    assert [each.severity for each in read_xml(a_file(error(severity=word))).findings] == [severity]


def test_what_is_to_be_ignored_is_no_finding_and_is_told():
    scan = read_xml(a_file(error(severity="ignore")) + a_file(name="b.java"))

    assert (scan.findings, scan.analysed, scan.notes) == (
        (),
        ("src/a.java", "b.java"),
        ("1 entries of the severity 'ignore' are no findings.",),
    )


@pytest.mark.parametrize(
    ("source", "tool", "rule"),
    [
        (JAVA, "Checkstyle", JAVA),
        ("eslint.rules.no-eval", "ESLint", "no-eval"),
        ("eslint.rules.@scope/plugin/rule", "ESLint", "@scope/plugin/rule"),
        ("ShellCheck.SC2086", "ShellCheck", "SC2086"),
        ("DL3008", "hadolint", "DL3008"),
        ("SC2086", "hadolint", "SC2086"),
        ("PSR12.Files.FileHeader.SpacingAfterBlock", "PHP_CodeSniffer", "PSR12.Files.FileHeader.SpacingAfterBlock"),
        ("Internal.LineEndings.Mixed", "PHP_CodeSniffer", "Internal.LineEndings.Mixed"),
        ("org.scalastyle.scalariform.NullChecker", "Scalastyle", "org.scalastyle.scalariform.NullChecker"),
        ("errcheck", "Checkstyle", "errcheck"),
        ("", "Checkstyle", "checkstyle"),
    ],
)
def test_the_writer_is_known_by_its_sources(source, tool, rule):
    scan = read_xml(a_file(error(source=source)))

    assert (scan.tool, [(each.tool, each.rule) for each in scan.findings]) == (tool, [(tool, rule)])


def test_eslints_findings_are_those_of_its_json():
    scan = read_sample("checkstyle/eslint-8.xml", root="/builds/shop")

    assert [(each.rule, each.message, each.severity) for each in scan.findings] == [
        ("no-eval", "eval can be harmful.", Severity.MEDIUM),
        ("use-isnan", "Use the isNaN function to compare with NaN.", Severity.HIGH),
        ("no-empty", "Empty block statement.", Severity.HIGH),
        ("fatal", "Parsing error: Unexpected token =", Severity.CRITICAL),
    ]


def test_what_has_no_source_is_of_the_only_writer():
    scan = read_xml(a_file(error(source=""), error(source="eslint.rules.no-eval")))

    assert [(each.tool, each.rule) for each in scan.findings] == [("ESLint", "eslint"), ("ESLint", "no-eval")]


def test_several_writers_in_one_file_are_all_named():
    scan = read_xml(a_file(error(), error(source="DL3008"), error(source="odd")))

    assert (scan.tool, scan.version, [each.tool for each in scan.findings]) == (
        "Checkstyle, hadolint",
        None,
        ["Checkstyle", "hadolint", "Checkstyle"],
    )


ONLY_BAD = "Only files with an error are named: how many were looked at is not known."


@pytest.mark.parametrize(
    ("body", "analysed", "notes"),
    [
        (a_file(error()), ("src/a.java",), ()),
        (a_file(error(source="errcheck")), None, (ONLY_BAD,)),
        (a_file(error(source="errcheck")) + a_file(name="b.go"), ("src/a.java", "b.go"), ()),
        (a_file(error(source="Generic.Files.LineLength.TooLong")), None, (ONLY_BAD,)),
        (a_file(error(source="org.scalastyle.file.Tabs")) + a_file(name="b.scala"), None, (ONLY_BAD,)),
        (a_file(name="b.java") + a_file(name="b.java"), ("b.java",), ()),
    ],
    ids=["Checkstyle", "unknown", "unknown with a clean file", "PHP", "Scala", "clean, twice"],
)
def test_the_files_named_are_all_only_where_the_writer_names_clean_ones(body, analysed, notes):
    scan = read_xml(body)

    assert (scan.analysed, scan.notes) == (analysed, notes)


@pytest.mark.parametrize(
    "body",
    [
        a_file(error(source="com.puppycrawl.tools.checkstyle.TreeWalker")),
        a_file("<exception>java.lang.IllegalStateException</exception>"),
        a_file(error(source="", message="Parsing error: Unexpected token")),
        a_file(error(source=None, line=None, column=None)),
        a_file(error(source="Internal.Exception")),
        a_file(error(source="ShellCheck")),
        a_file(error(source="ShellCheck.SC1072")),
        a_file(error(source="DL1000")),
        "<file>" + error(source=None, line=None) + "</file>",
    ],
    ids=["Java", "exception", "ESLint", "Scala", "PHP", "unread script", "script", "Dockerfile", "the run itself"],
)
def test_a_file_that_could_not_be_checked_leaves_the_run_incomplete(body):
    scan = read_xml(body + a_file(name="b"))

    assert (scan.complete, scan.notes[0]) == (False, "The tool could not check 1 file(s).")


@pytest.mark.parametrize(
    "document",
    [
        "<checkstyle/>",
        '<checkstyle version="4.3"><file name="a"/>',
        '<checkstyle><file name="a"><error line="x"/></file></checkstyle>',
        '<checkstyle><file name="a"><error line="-1"/></file></checkstyle>',
        "<testsuites/>",
        '<!DOCTYPE c [<!ENTITY a "b">]><checkstyle><file name="&a;"/></checkstyle>',
        "{}",
    ],
    ids=["no file", "cut", "line as text", "line below zero", "other report", "entity", "JSON"],
)
def test_what_is_no_evidence_is_an_error(document):
    with pytest.raises(ReportError):
        read(document.encode(), path="checkstyle.xml", format="checkstyle")


def test_no_file_says_what_to_do():
    with pytest.raises(ReportError) as caught:
        read_sample("checkstyle/php-clean.xml")

    assert str(caught.value) == (
        "checkstyle/php-clean.xml: names no file: nothing shows that one was looked at; "
        "check the paths given to the tool; where it leaves clean files out (PHP_CodeSniffer, Scalastyle), "
        "let it write a form that names them, e.g. `phpcs --report=junit`"
    )
