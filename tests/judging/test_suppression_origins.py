"""Whose a suppression is: the target branch's, or the change's."""

from __future__ import annotations

import json
from datetime import date

import pytest

from deliverygate.change import ChangedFile
from deliverygate.errors import ReportError
from deliverygate.judging.foreign.history import let_through
from deliverygate.judging.suppression_origins import Origins
from deliverygate.model import Location, Waiver
from deliverygate.testing import finding

TODAY = date(2026, 12, 1)


def doubt(source, changed, *, now=None, before=None, links=None, **fields):
    """What is said of a finding that ``source`` suppresses, in a change of the files ``changed``."""
    there = {**(before or {}), **(now or {})}
    origins = Origins(
        tuple(changed),
        now=there.get,
        before=(before or {}).get,
        real=lambda path: (links or {}).get(path, path if path in there else None),
        is_known=lambda path, then, today, found: let_through(path, then, today, found, TODAY),
    )
    return origins.doubt(finding(waiver=Waiver(id="s", reason="", source=source), **{"rule": "no-eval"} | fields))


def edited(path, *lines, status="modified", **more):
    return ChangedFile(path=path, status=status, lines=tuple(lines) if lines else (), **more)


OLD = {"src/a.js": "// one\neval(x) // eslint-disable-line\nlast\n"}


@pytest.mark.parametrize(
    ("source", "line", "changed", "now", "said"),
    [
        ("eslint directive", 2, [], OLD, None),
        ("eslint directive", 2, [edited("src/b.js", (1, 9))], OLD, None),
        ("eslint directive", 2, [edited("src/a.js", (3, 3))], OLD, None),
        ("eslint directive", 2, [edited("src/a.js", (2, 2))], OLD, "the change adds or edits these lines"),
        ("eslint directive", 2, [edited("src/a.js", (1, 3), status="added")], OLD, "the change adds or edits these lines"),
        ("eslint directive", None, [edited("src/a.js", (3, 3))], OLD, "the change edits src/a.js"),
        ("eslint directive", 2, [ChangedFile(path="src/a.js")], OLD, "the change edits src/a.js"),
        ("eslint directive", 2, [edited("src/b.js", (1, 1))], {}, "where that is written is not known"),
        ("eslint directive", 2, [edited("src/a.js", (1, 1))],
         {"src/a.js": "/* eslint-disable */\neval(x)\nlast\n"}, "the change adds line 1"),
        ("eslint directive", 2, [edited("src/a.js", (1, 1))],
         {"src/a.js": "/* eslint-disable no-eval */\neval(x) // eslint-disable-line no-console\n"}, "the change adds line 1"),
        ("eslint directive", 2, [edited("src/a.js", (3, 3))],
         {"src/a.js": "// one\neval(x) // eslint-disable-line no-eval -- old\nlog() // eslint-disable-line\n"}, None),
        ("eslint directive", 2, [edited("src/a.js", (3, 3))],
         {"src/a.js": "// eslint-disable-next-line no-eval\neval(x)\nlog() // eslint-disable-line\n"}, None),
        ("sarif inSource", 2, [edited("src/a.js", (1, 1))],
         {"src/a.js": "# ruff: disable\neval(x)\n"}, "the change adds line 1"),
        ("semgrep nosem", 2, [edited("src/a.js", (3, 3))],
         {"src/a.js": "x\neval(x)  # nosemgrep\ny\n"}, None),
        ("a tool nobody knows", 2, [edited("src/a.js", (2, 2))], OLD, "the change adds or edits these lines"),
        ("", 2, [edited("src/a.js", (2, 2))], OLD, "the change adds or edits these lines"),
    ],
    ids=[
        "no change", "another file", "another line", "the line itself", "a new file", "no line", "lines not known",
        "file not known", "comment above", "comment for another rule beside", "comment beside", "comment in front",
        "any tool's comment", "comment of a tool beside", "unknown tool", "no source",
    ],
)  # fmt: skip
def test_comment_is_the_changes_where_it_adds_the_comment_or_edits_the_line(source, line, changed, now, said):
    found = doubt(
        source, changed, now=now, before=OLD, location=Location("src/a.js", line) if now else Location("x.js", 2)
    )

    assert found == (said and f"suppressed by {source or 'its tool'}: {said}")


def test_comment_whose_end_the_change_takes_out_reaches_further():
    before = {"a.js": "/* eslint-disable */\nold()\n/* eslint-enable */\neval(x)\n"}
    now = {"a.js": "/* eslint-disable */\nold()\neval(x)\n"}

    said = doubt("eslint directive", [edited("a.js")], now=now, before=before, location=Location("a.js", 3))

    assert said == "suppressed by eslint directive: the change takes the end of a suppression out of a.js"


def test_link_is_the_file_that_it_leads_to():
    changed = [edited("real.js", (2, 2))]

    said = doubt(
        "pylint comment",
        changed,
        now={"real.js": "a\nb\n"},
        links={"link.js": "real.js"},
        location=Location("link.js", 2),
    )

    assert said == "suppressed by pylint comment: the change adds or edits these lines"


VEX = {"@context": "https://openvex.dev/ns/v0.2.0", "statements": [
    {"vulnerability": {"name": "CVE-1"}, "status": "fixed", "products": [{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:npm/a"}]}]},
]}  # fmt: skip
MORE = VEX | {
    "timestamp": "2026-11-01T00:00:00Z",
    "statements": [*VEX["statements"], {"vulnerability": {"name": "CVE-2"}, "status": "fixed"}],
}
WIDER = VEX | {"statements": [VEX["statements"][0] | {"products": [{"@id": "pkg:oci/other"}]}]}


@pytest.mark.parametrize(
    ("source", "path", "before", "now", "said"),
    [
        ("trivy .trivyignore", ".trivyignore", "CVE-1\n", "CVE-1\nCVE-2\n", None),
        ("trivy .trivyignore", ".trivyignore", "CVE-2\n", "CVE-1\nCVE-2\n", "the change edits .trivyignore"),
        ("trivy .trivyignore", ".trivyignore", None, "CVE-1\n", "the change adds .trivyignore"),
        ("trivy .trivyignore", ".trivyignore", "CVE-1 exp:2026-11-01\n", "CVE-1\n", "the change edits .trivyignore"),
        ("trivy .trivyignore", "sub/.trivyignore", None, "CVE-1\n", "the change adds sub/.trivyignore"),
        ("trivy .trivyignore", "README.md", "x", "CVE-1", None),
        ("trivy ./vex.json", "vex.json", json.dumps(VEX), json.dumps(MORE), None),
        ("trivy ./vex.json", "vex.json", json.dumps(WIDER), json.dumps(VEX), "the change edits vex.json"),
        ("trivy OpenVEX", "docs/shop.json", None, json.dumps(VEX), "the change adds docs/shop.json"),
        ("trivy OpenVEX", "package.json", None, "{}", None),
        ("grype vex", "shop.json", None, json.dumps(VEX), "the change adds shop.json"),
        ("grype ignore", ".grype.yaml", "ignore: [{vulnerability: CVE-1}]", "ignore: []", None),
        ("grype ignore", ".grype.yaml", "ignore: [{fix-state: x}]", "ignore: [{fix-state: x}]\noutput: [json]\n", None),
        (
            "grype ignore",
            ".grype.yaml",
            "ignore: []",
            "ignore: [{vulnerability: CVE-1}]",
            "the change edits .grype.yaml",
        ),
        ("snyk ignore", ".snyk", "ignore: {}", "ignore: {CVE-1: [{'*': {}}]}", "the change edits .snyk"),
        ("snyk ignore api", ".snyk", "ignore: {}", "ignore: {CVE-1: [{'*': {}}]}", None),
        ("sarif external", "lint.suppressions.json", "{}", "{ }", "the change edits lint.suppressions.json"),
        ("sarif external", "src/app.py", "x", "y", None),
        ("eslint file", "eslint-suppressions.json", "{}", "{ }", "the change edits eslint-suppressions.json"),
        ("cyclonedx analysis resolved", "bom.json", None, '{"bomFormat": "CycloneDX"}', "the change adds bom.json"),
        ("gitlab flag vet", ".gitlab-ci.yml", "x", "y", None),
    ],
)
def test_file_of_exceptions_is_the_changes_unless_the_target_lets_the_same_through(source, path, before, now, said):
    changed = [edited(path, (1, 1), status="modified" if before else "added")]
    texts = {"now": {path: now}, "before": {path: before} if before else {}}

    tool = {"trivy": "Trivy", "grype": "Grype", "snyk": "Snyk"}.get(source.split()[0], "demo")
    found = doubt(source, changed, **texts, rule="CVE-1", tool=tool, package="pkg:npm/a@1")

    assert found == (said and f"suppressed by {source}: {said}")


def test_target_branch_that_cannot_be_read_is_no_excuse():
    def refuse(path):
        raise ReportError("is no text file", where=path)

    origins = Origins(
        (edited(".trivyignore", (1, 1)),),
        now=lambda _: "",
        before=refuse,
        real=lambda _: None,
        is_known=lambda *_: True,
    )
    hidden = finding(waiver=Waiver(id="s", reason="", source="trivy .trivyignore"))

    assert origins.doubt(hidden) == "suppressed by trivy .trivyignore: the change edits .trivyignore"


def test_ignore_file_that_the_change_moves_into_its_place_is_the_changes():
    moved = ChangedFile(path=".trivyignore", status="renamed", previous_path="old/list", lines=())

    said = doubt(
        "trivy .trivyignore", [moved], now={".trivyignore": "CVE-1"}, before={"old/list": "CVE-1"}, rule="CVE-1"
    )

    assert said == "suppressed by trivy .trivyignore: the change adds .trivyignore"


def test_comment_that_came_along_with_a_renamed_file_is_the_targets():
    moved = ChangedFile(path="b.js", status="renamed", previous_path="a.js", lines=())
    text = "eval(x) // eslint-disable-line\n"

    said = doubt("eslint directive", [moved], now={"b.js": text}, before={"a.js": text}, location=Location("b.js", 1))

    assert said is None


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("checkov skip", "    checkov.io/skip1: CKV_K8S_20"),
        ("checkov skip", "# checkov:skip=CKV_AWS_20:public"),
        ("gosec inSource", "x() //#nosec G104"),
        ("pylint comment", "# pylint: disable=eval-used"),
        ("pylint comment", "# pylint: skip-file"),
        ("semgrep nosem", "# nosemgrep: no-eval"),
        ("sarif inSource", '@SuppressWarnings("all")'),
        ("sarif inSource", "#pragma warning disable"),
        ("sarif inSource", "// NOSONAR"),
        ("sarif inSource", "//nolint:all"),
        ("sarif inSource", "# type: ignore"),
    ],
)
def test_comment_of_a_tool_is_seen_on_a_line_that_the_change_adds(source, line):
    text = f"{line}\nother\neval(x)\n"

    said = doubt(
        source, [edited("a", (1, 1))], now={"a": text}, before={"a": "other\neval(x)\n"}, location=Location("a", 3)
    )

    assert said == f"suppressed by {source}: the change adds line 1"
