"""What a tool says it did not look at is not clean: a row for each word of each format, as docs/formats.md has them."""

from __future__ import annotations

import json
import re

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans import READERS, read
from tests.architecture.markdown import page
from tests.scans.samples import sarif_log

INCOMPLETE, LEFT_OUT, ERROR = "incomplete", "left out", "error"

# Formats that have no word for it: they list what was executed, and what is not listed is in no report.
WITHOUT_A_WORD = {"clover", "cobertura", "coverage-py", "go-cover", "jacoco", "lcov"}

SEEN = "src/seen.x"  #: a clean file beside the one that was not looked at
UNSEEN = "src/unseen.x"


def eslint(message, **more):
    broken = {"filePath": UNSEEN, "messages": [message] if message else [], **more}
    return [{"filePath": SEEN, "messages": []}, broken]


def checkstyle(error):
    return f'<checkstyle><file name="{SEEN}"/><file name="{UNSEEN}">{error}</file></checkstyle>'


def said_by(source, message="no", line="1"):
    return checkstyle(f'<error line="{line}" severity="error" source="{source}" message="{message}"/>')


def codequality(check, description="no"):
    entry = {"description": description, "fingerprint": "a", "check_name": check, "severity": "major"}
    other = {**entry, "check_name": "other", "description": "other", "location": {"path": SEEN}}
    return [{**entry, "location": {"path": UNSEEN}}, other]


def stylelint(**more):
    clean = {"source": SEEN, "warnings": [], "parseErrors": []}
    return [clean, {**clean, "source": UNSEEN, **more}]


def sarif(notification=None, results=(), **invocation):
    if notification:
        place = {"physicalLocation": {"artifactLocation": {"uri": UNSEEN}}}
        invocation = {
            "executionSuccessful": True,
            "toolExecutionNotifications": [{**notification, "locations": [place]}],
        }
    artifacts = [{"location": {"uri": uri}, "roles": ["analysisTarget"]} for uri in (SEEN, UNSEEN)]
    return sarif_log(*results, artifacts=artifacts, invocations=[invocation])


def semgrep(errors=(), skipped=None, skipped_rules=()):
    paths = {"scanned": [SEEN, UNSEEN], **({"skipped": skipped} if skipped else {})}
    return {"results": [], "errors": list(errors), "paths": paths, "skipped_rules": list(skipped_rules)}


def trivy(metadata=None, **result):
    return {
        "SchemaVersion": 2,
        "ArtifactName": "shop",
        "Metadata": metadata,
        "Results": [{"Target": "shop", "Class": "lang-pkgs", **result}],
    }


def operator(kind="VulnerabilityReport", **more):
    return {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": kind, "metadata": {"name": "web"}, **more}


def junit(inside, counters=""):
    return f"<testsuite {counters}><testcase name='seen'/><testcase name='unseen'>{inside}</testcase></testsuite>"


def pylint(symbol, type_="error"):
    message = {"type": type_, "symbol": symbol, "message": "no", "message-id": "X", "path": UNSEEN}
    return [message]


def checkov(summary=None, passed="PASSED", **results):
    check = {"check_id": "A", "check_result": {"result": passed}, "file_path": f"/{SEEN}"}
    whole = {"failed_checks": [], "passed_checks": [check], **results}
    return {"check_type": "terraform", "results": whole, "summary": {"passed": 1, **(summary or {})}}


def golangci(*issues, **run):
    return {"Issues": list(issues), "Report": {"Linters": [{"Name": "govet", "Enabled": True}], **run}}


def grype(**descriptor):
    alerts = descriptor.pop("alertsByPackage", None)
    return {
        "matches": [],
        "descriptor": {"name": "grype", **descriptor},
        **({"alertsByPackage": alerts} if alerts else {}),
    }


def gitlab(status="success", *messages):
    scan = {"scanner": {"name": "S"}, "type": "sast", "status": status, "messages": list(messages)}
    return {"version": "15.0.0", "vulnerabilities": [], "scan": scan}


def pyright(*diagnostics, **counts):
    return {"generalDiagnostics": list(diagnostics), "summary": {"filesAnalyzed": 2, **counts}}


def ruff(code):
    place = {"row": 1, "column": 1}
    return [{"code": code, "message": "no", "filename": UNSEEN, "location": place, "end_location": place}]


def hadolint(code, **more):
    return [{"file": UNSEEN, "line": 1, "column": 1, "level": "error", "code": code, "message": "no", **more}]


def cyclonedx(*names, **more):
    return {"bomFormat": "CycloneDX", "metadata": {"tools": [{"name": name} for name in names]}, **more}


MYPY = json.dumps(
    {"file": UNSEEN, "line": 1, "column": 0, "message": "no", "hint": None, "code": "syntax", "severity": "error"}
)
NPM = {"auditReportVersion": 2, "vulnerabilities": {}}
SNYK = {"ok": True, "vulnerabilities": [], "dependencyCount": 3, "packageManager": "npm", "projectName": "shop"}
PIP = {"name": "flask", "version": "3", "vulns": []}
CONTROLS = {"status": {"detailReport": {"results": [{"id": "1.1", "checks": []}]}}}

ROWS = [
    ("bandit", "errors", INCOMPLETE, {
        "results": [], "metrics": {SEEN: {}, UNSEEN: {}}, "errors": [{"filename": UNSEEN, "reason": "syntax error"}],
    }),
    ("checkov", "parsing_errors", INCOMPLETE, checkov(parsing_errors=[UNSEEN])),
    ("checkov", "summary.parsing_errors", INCOMPLETE, checkov({"parsing_errors": 1})),
    ("checkov", "summary.failed", INCOMPLETE, checkov({"failed": 1})),
    ("checkov", "UNKNOWN", INCOMPLETE, checkov(passed="UNKNOWN")),
    ("checkstyle", "<exception>", INCOMPLETE, checkstyle("<exception>no</exception>")),
    *(("checkstyle", source, INCOMPLETE, said_by(source)) for source in (
        "com.puppycrawl.tools.checkstyle.TreeWalker", "com.puppycrawl.tools.checkstyle.Checker", "Internal.Exception",
        "Internal.LocalFile", "Internal.Tokenizer.Exception", "ShellCheck", "ShellCheck.SC1072", "DL1000", "typecheck",
        "stylelint.rules.CssSyntaxError", "E902", "E999", "syntax-error", "parse", "Lint/Syntax",
    )),
    ("checkstyle", "Parsing error", INCOMPLETE, said_by("", "Parsing error: Unexpected token")),
    ("checkstyle", "Internal.NoCodeFound", LEFT_OUT, said_by("Internal.NoCodeFound")),
    ("checkstyle", "File ignored", LEFT_OUT, said_by("", "File ignored by default.", line="0")),
    *(("codequality", check, INCOMPLETE, codequality(check)) for check in (
        "DL1000", "SC1072", "typecheck", "E902", "E999", "invalid-syntax", "syntax-error", "CssSyntaxError", "fatal",
    )),
    ("codequality", "File ignored", LEFT_OUT, codequality("", "File ignored because of a matching ignore pattern.")),
    ("cyclonedx", "vulnerabilities", ERROR, cyclonedx("grype")),
    ("cyclonedx", "[]", ERROR, cyclonedx("syft", vulnerabilities=[])),
    ("cyclonedx", "trivy", ERROR, cyclonedx("trivy", vulnerabilities=[])),
    ("eslint", "File ignored", LEFT_OUT, eslint({"ruleId": None, "severity": 1, "message": "File ignored by default."})),
    ("eslint", "fatal", INCOMPLETE, eslint({"ruleId": None, "severity": 2, "fatal": True, "message": "Parsing error"})),
    ("eslint", "Definition for rule", INCOMPLETE,
     eslint({"ruleId": "x/y", "severity": 2, "message": "Definition for rule 'x/y' not found."})),
    ("eslint", "errorCount", INCOMPLETE, eslint(None, errorCount=1)),
    ("gitlab-security", "scan.status", INCOMPLETE, gitlab("failure")),
    ("gitlab-security", "fatal", INCOMPLETE, gitlab("success", {"level": "fatal", "value": "disk full"})),
    ("gitlab-security", "error", INCOMPLETE, gitlab("success", {"level": "error", "value": "disk full"})),
    ("gitlab-security", "warn", INCOMPLETE, gitlab("success", {"level": "warn", "value": "could not parse a.py"})),
    ("gitlab-security", "scan", ERROR, {"version": "15.0.0", "vulnerabilities": []}),
    ("golangci", "Report.Error", INCOMPLETE, golangci(Error="no such file")),
    ("golangci", "Report.Warnings", INCOMPLETE, golangci(Warnings=[{"Text": "Can't run linter govet: it timed out"}])),
    ("golangci", "typecheck", INCOMPLETE,
     golangci({"FromLinter": "typecheck", "Text": "undefined: b", "Pos": {"Filename": UNSEEN}})),
    ("gosec", "Golang errors", INCOMPLETE,
     {"Stats": {"files": 1}, "Issues": [], "Golang errors": {UNSEEN: [{"error": "no"}]}}),
    ("gosec", "Stats.found", INCOMPLETE, {"Stats": {"files": 1, "found": 1}, "Issues": []}),
    ("grype", "descriptor.db.error", INCOMPLETE, grype(db={"error": "database is too old"})),
    ("grype", "descriptor.db.status.valid", INCOMPLETE, grype(db={"status": {"valid": False}})),
    *(("grype", word, INCOMPLETE,
       grype(alertsByPackage=[{"package": {"name": "openssl"}, "alerts": [{"type": word, "message": "unknown distro"}]}]))
      for word in ("distro-unknown", "distro-disabled")),
    ("hadolint", "DL1000", INCOMPLETE, hadolint("DL1000")),
    ("junit", "<error>", INCOMPLETE, "<testsuite><testcase name='seen'/><error/></testsuite>"),
    ("junit", "tests", INCOMPLETE, junit("", "tests='3'")),
    ("junit", "failures", INCOMPLETE, junit("", "tests='2' failures='1'")),
    ("junit", "errors", INCOMPLETE, junit("", "tests='2' errors='1'")),
    ("junit", "<anything>", INCOMPLETE, junit("<anything/>")),
    ("kics", "files_failed_to_scan", INCOMPLETE, {"queries": [], "files_scanned": 2, "files_failed_to_scan": 1}),
    ("kics", "files_parsed", INCOMPLETE, {"queries": [], "files_scanned": 2, "files_parsed": 1}),
    ("kics", "queries_failed_to_execute", INCOMPLETE, {"queries": [], "files_scanned": 2, "queries_failed_to_execute": 1}),
    ("kics", "total_counter", INCOMPLETE, {"queries": [], "files_scanned": 2, "total_counter": 1}),
    ("mypy", "syntax", INCOMPLETE, MYPY),
    ("mypy", "errors prevented further checking", INCOMPLETE,
     MYPY.replace('"syntax"', '"attr"') + "\nFound 1 error in 1 file (errors prevented further checking)\n"),
    ("mypy", "Found 2 errors", INCOMPLETE,
     MYPY.replace('"syntax"', '"attr"') + "\nFound 2 errors in 1 file (checked 2 source files)\n"),
    ("npm-audit", "error", ERROR, {"error": {"code": "ENOLOCK", "summary": "no lock file"}}),
    ("npm-audit", "metadata.vulnerabilities", INCOMPLETE, {**NPM, "metadata": {"vulnerabilities": {"total": 1}}}),
    ("npm-audit", "via", INCOMPLETE, {**NPM, "vulnerabilities": {"left": {"severity": "high", "via": []}}}),
    ("osv", "packages", INCOMPLETE, {"results": [{"source": {"path": "a.lock"}, "packages": []}]}),
    ("pip-audit", "skip_reason", INCOMPLETE,
     {"dependencies": [PIP, {"name": "shop", "skip_reason": "Dependency not found on PyPI"}], "fixes": []}),
    *(("pylint", symbol, INCOMPLETE, pylint(symbol)) for symbol in (
        "syntax-error", "parse-error", "astroid-error", "bad-plugin-value",
    )),
    ("pylint", "fatal", INCOMPLETE, pylint("method-check-failed", "fatal")),
    ("pylint", "messageTypeCount", INCOMPLETE,
     {"messages": [], "statistics": {"messageTypeCount": {"error": 1}, "modulesLinted": 4}}),
    ("pylint", "file-ignored", LEFT_OUT, pylint("file-ignored", "info")),
    *(("pyright", said, INCOMPLETE, pyright({"file": UNSEEN, "severity": "error", "message": said})) for said in (
        "Code is too complex", "Maximum parse depth", "An internal error",
    )),
    ("pyright", "errorCount", INCOMPLETE, pyright(errorCount=1)),
    ("pyright", "filesAnalyzed", ERROR, pyright(filesAnalyzed=0)),
    *(("ruff", code, INCOMPLETE, ruff(code)) for code in ("E902", "E999", "invalid-syntax")),
    ("sarif", "executionSuccessful", INCOMPLETE, sarif(executionSuccessful=False)),
    ("sarif", "exitSignalName", INCOMPLETE, sarif(executionSuccessful=True, exitSignalName="SIGKILL")),
    ("sarif", "processStartFailureMessage", INCOMPLETE,
     sarif(executionSuccessful=True, processStartFailureMessage="not found")),
    ("sarif", "exitCode", INCOMPLETE, sarif(exitCode=2)),
    ("sarif", "error", INCOMPLETE, sarif({"level": "error", "message": {"text": "rule crashed"}})),
    ("sarif", "exception", INCOMPLETE, sarif({"message": {"text": "odd"}, "exception": {"kind": "E"}})),
    *(("sarif", said, INCOMPLETE, sarif({"level": "warning", "message": {"text": f"{said} at line 1"}})) for said in (
        "Syntax error", "Timeout", "Out of memory", "could not parse", "skipped",
    )),
    ("sarif", "extraction-errors", INCOMPLETE, sarif({"descriptor": {"id": "js/diagnostics/extraction-errors"}})),
    ("sarif", "File ignored", LEFT_OUT, sarif({"level": "warning", "message": {"text": "File ignored by default."}})),
    *(("sarif", rule, INCOMPLETE, sarif(
        results=[{
            "ruleId": rule,
            "message": {"text": "no"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": UNSEEN}}}],
        }],
        executionSuccessful=True,
    )) for rule in ("invalid-syntax", "DL1000", "typecheck")),
    ("sarif", "results", ERROR, {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}),
    *(("semgrep", kind, INCOMPLETE, semgrep([{"level": "warn", "type": kind, "message": kind, "path": UNSEEN}])) for kind in (
        "Syntax error", "Other syntax error", "Lexical error", "Timeout", "OutOfMemory", "Fatal error",
    )),
    ("semgrep", "PartialParsing", INCOMPLETE,
     semgrep([{"level": "warn", "type": ["PartialParsing", []], "message": "no", "location": {"path": UNSEEN}}])),
    *(("semgrep", reason, INCOMPLETE, semgrep(skipped=[{"path": UNSEEN, "reason": reason}])) for reason in (
        "exceeded_size_limit", "analysis_failed_parser_or_internal_error", "too_many_matches",
    )),
    ("semgrep", "cli_exclude_flags_match", LEFT_OUT,
     semgrep(skipped=[{"path": UNSEEN, "reason": "cli_exclude_flags_match"}])),
    ("semgrep", "skipped_rules", INCOMPLETE, semgrep(skipped_rules=[{"rule_id": "r", "details": "too new"}])),
    *(("shellcheck", f"SC{code}", INCOMPLETE, hadolint(code, endLine=1)) for code in (1070, 1071, 1072, 1073, 1088, 1089)),
    ("snyk", "error", INCOMPLETE, [SNYK, {"ok": False, "error": "no lock file"}]),
    ("snyk", "uniqueCount", INCOMPLETE, {**SNYK, "ok": False, "uniqueCount": 1}),
    ("snyk", "ok", INCOMPLETE, {**SNYK, "ok": False}),
    ("stylelint", "ignored", LEFT_OUT, stylelint(ignored=True)),
    ("stylelint", "parseErrors", INCOMPLETE, stylelint(parseErrors=[{"text": "odd"}])),
    ("stylelint", "CssSyntaxError", INCOMPLETE,
     stylelint(warnings=[{"text": "no", "severity": "error", "rule": "CssSyntaxError"}])),
    ("stylelint", "invalidOptionWarnings", INCOMPLETE, stylelint(invalidOptionWarnings=[{"text": "no"}])),
    ("stylelint", "Unknown rule", INCOMPLETE,
     stylelint(warnings=[{"text": "Unknown rule x.", "severity": "error", "rule": "x"}])),
    ("stylelint", "errored", INCOMPLETE, stylelint(errored=True)),
    ("trivy", "Results", ERROR, {"SchemaVersion": 2, "ArtifactName": "shop"}),
    ("trivy", "Metadata.OS", INCOMPLETE, trivy({"OS": {"Family": "fedora", "Name": "40"}})),
    ("trivy", "MisconfSummary", INCOMPLETE, trivy(MisconfSummary={"Failures": 1})),
    ("trivy", "Error", INCOMPLETE, {"ClusterName": "c", "Resources": [
        {"Kind": "Pod", "Name": "a", "Results": [{"Target": "a"}]}, {"Kind": "Pod", "Name": "b", "Error": "no pull"},
    ]}),
    ("trivy-operator", "report.os", INCOMPLETE,
     operator(report={"vulnerabilities": [], "os": {"family": "fedora", "name": "40"}})),
    ("trivy-operator", "summary", INCOMPLETE, operator(report={"vulnerabilities": [], "summary": {"highCount": 1}})),
    ("trivy-operator", "report", INCOMPLETE, [operator(report={"vulnerabilities": []}), operator(report={})]),
    ("trivy-operator", "checks", INCOMPLETE, operator("ClusterComplianceReport", **CONTROLS)),
]  # fmt: skip


def read_row(format, document):  # noqa: A002
    data = document if isinstance(document, str) else json.dumps(document)
    return read(data.encode(), path="report", format=format, root="/repo")


@pytest.mark.parametrize(("format", "word", "becomes", "document"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_what_a_tool_did_not_look_at_is_not_clean(format, word, becomes, document):  # noqa: A002
    if becomes == ERROR:
        with pytest.raises(ReportError):
            read_row(format, document)
        return
    scan = read_row(format, document)

    assert (scan.complete, bool(scan.notes)) == (becomes == LEFT_OUT, True)
    assert not set(scan.not_analysed) & set(scan.analysed if isinstance(scan.analysed, tuple) else ())
    assert becomes == INCOMPLETE or scan.not_analysed == (UNSEEN,)


def test_every_reader_has_a_row():
    assert {row[0] for row in ROWS} | WITHOUT_A_WORD == set(READERS)


def test_the_docs_have_the_same_rows():
    text = page("docs/formats.md").path.read_text()
    section = text.partition("## What a tool did not look at")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]

    written = {
        (row[0].strip("` "), word, row[2].strip("* ")) for row in rows for word in re.findall(r"`([^`]+)`", row[1])
    }

    assert written == {(format, word, becomes) for format, word, becomes, _ in ROWS}  # noqa: A001
    assert {row[0].strip("` ") for row in rows if not re.findall(r"`", row[1])} == WITHOUT_A_WORD


HARMLESS = [
    ("junit", "<testsuite tests='3'><testcase name='a'/><testcase name='b'><flakyFailure/></testcase></testsuite>"),
    ("semgrep", semgrep([{"level": "info", "type": "IncompatibleRule", "message": "needs Pro"}])),
    ("sarif", sarif({"level": "warning", "message": {"text": "The configuration file is deprecated."}})),
    ("sarif", sarif({"level": "note", "descriptor": {"id": "cpp/diagnostics/extraction-errors"}})),
    ("sarif", sarif(executionSuccessful=True, exitCode=1)),
    ("sarif", sarif(executionSuccessful=True, exitCode=1, exitSignalName="BUGS FOUND")),
    ("golangci", golangci(Warnings=[{"Text": "The linter 'golint' is deprecated"}])),
    ("gitlab-security", gitlab("success", {"level": "info", "value": "files skipped: 0"})),
    ("trivy", trivy({"OS": {"Family": "none"}})),
    ("trivy", trivy({"OS": {"Family": "alpine", "Name": "3.20"}})),
    ("pip-audit", {"dependencies": [PIP, {"name": "a", "skip_reason": "distribution marked as editable"}], "fixes": []}),
    ("stylelint", stylelint(deprecations=[{"text": "rule x is deprecated"}])),
    ("grype", grype(alertsByPackage=[{"package": {"name": "a"}, "alerts": [{"type": "distro-eol"}]}])),
]  # fmt: skip


@pytest.mark.parametrize(("format", "document"), HARMLESS, ids=[f"{row[0]} {n}" for n, row in enumerate(HARMLESS)])
def test_a_harmless_word_leaves_the_scan_complete(format, document):  # noqa: A002
    assert read_row(format, document).complete
