"""The gate pr-checklist: what a description must show, and what never passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult, GateResult, Location, Verdict
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.pr_checklist import gate

SAMPLES = Path(__file__).parents[1] / "samples" / "checklists"
TEMPLATE = (SAMPLES / "trivy.md").read_text(encoding="utf-8")
FILLED = """\
## Description
The basket forgot its last item.

## Related issues
- Close #12

## Checklist
- [x] I've read the [guidelines for contributing](https://trivy.dev/docs/latest/community/contribute/pr/) to this repository.
- [X] I've followed the conventions in the PR title.
- [x] I've added tests that prove my fix is effective or that my feature works. (tests/test_basket.py)
- [~] I've updated the documentation with the relevant information (if needed) - nothing that a user sees
- [ ] ~~I've added usage information (if the PR introduces new options)~~ no new option
- [ ] N/A: I've included a "before" and "after" example to the description (if the PR is a user interface change). \
Because there is no interface.
"""
TRIVY = {
    "template": "t.md",
    "groups": [{"section": "Related PRs", "rule": "optional"}],
    "sections": ["Description", "Checklist"],
    "linked_issue": True,
    "title": "conventional",
}


def describe(description: str, **more: Any) -> ChangeRequest:
    return ChangeRequest(**{"title": "fix: keep it", "description": description, "source": "commits", **more})


def judge(settings: dict[str, Any], description: str, **doors: Any) -> dict[str, CheckResult]:
    change = doors.pop("change", describe(description))
    checks = run_gate(gate, settings, make_context(Path("/nowhere"), change=change, **doors))
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def verdicts(checks: dict[str, CheckResult]) -> dict[str, str]:
    return {name: check.verdict.value for name, check in checks.items()}


def said(check: CheckResult) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in check.findings]


def test_a_filled_in_template_passes():
    checks = judge(TRIVY, FILLED, base_files={"t.md": TEMPLATE})

    assert verdicts(checks) == {
        "description": "passed", "template": "passed", "group: Related PRs": "skipped", "items": "passed",
        "nested items": "skipped", "section: Description": "passed", "section: Checklist": "passed",
        "linked issue": "passed", "title": "passed", "placeholders": "passed",
    }  # fmt: skip
    assert checks["items"].summary == "6 items: 3 ticked, 0 open, 3 not applicable"
    assert [finding.message.split('": ')[1] for finding in checks["items"].noted] == [
        "not applicable: nothing that a user sees (line 11)",
        "not applicable: no new option (line 12)",
        "not applicable: Because there is no interface (line 13)",
    ]


def test_the_template_as_it_is_fails_everywhere():
    checks = judge(TRIVY, TEMPLATE, base_files={"t.md": TEMPLATE})

    assert verdicts(checks) == {
        "description": "failed", "template": "passed", "group: Related PRs": "passed", "items": "failed",
        "nested items": "skipped", "section: Description": "failed", "section: Checklist": "failed",
        "linked issue": "failed", "title": "passed", "placeholders": "failed",
    }  # fmt: skip
    assert checks["description"].summary == "what came from the commit messages holds only the template's text"
    assert checks["section: Description"].summary == "is empty"
    assert checks["section: Checklist"].summary == "holds only the template's text"


@pytest.mark.parametrize(("name", "count"), [("attrs", 12), ("gatewayapi-plugin", 13), ("keptn", 21), ("trivy", 8)])
def test_every_open_box_of_a_real_template_counts(name, count):
    template = (SAMPLES / f"{name}.md").read_text(encoding="utf-8")

    checks = judge({"template": "t.md"}, template, base_files={"t.md": template})

    assert (checks["template"].verdict, checks["items"].verdict) == (Verdict.PASSED, Verdict.FAILED)
    assert len(checks["items"].findings) == count


@pytest.mark.parametrize("name", ["attrs", "gatewayapi-plugin", "keptn", "trivy"])
def test_a_real_template_with_every_box_ticked_passes(name):
    template = (SAMPLES / f"{name}.md").read_text(encoding="utf-8")

    checks = judge(
        {"template": "t.md", "placeholders": []}, template.replace("[ ]", "[x]"), base_files={"t.md": template}
    )

    assert {check.verdict for check in checks.values()} <= {Verdict.PASSED, Verdict.SKIPPED}


@pytest.mark.parametrize("description", ["", "  \n", "<!-- - [x] a -->", "```\n```", "<br>\n"])
@pytest.mark.parametrize(
    "settings", [{}, {"min_items": 0}, {"unlisted": "note"}, {"title": "conventional", "min_items": 0}]
)
def test_an_empty_description_never_passes(description, settings):
    checks = judge(settings, description)

    assert said(checks["description"]) == [("description-empty", "the description is empty")]


@pytest.mark.parametrize("settings", [{}, {"unlisted": "note"}, {"not_applicable": "allowed"}])
def test_a_description_without_items_does_not_pass_when_items_are_demanded(settings):
    checks = judge(settings, "Words\n\n```\n- [x] a\n```")

    assert said(checks["items"]) == [("description-empty", "0 of at least 1 items in the description")]


def test_a_description_without_items_passes_when_none_are_demanded():
    assert judge({"min_items": 0}, "Words")["items"].verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("- [ ] a", "failed"), ("* [ ] a", "failed"), ("+ [ ] a", "failed"), ("1. [ ] a", "failed"), ("1) [ ] a", "failed"),
        ("> - [ ] a", "failed"), ("- [X] a", "passed"), ("```\n- [ ] a\n```", "passed"), ("`- [ ] a`", "passed"),
        ("<!-- - [ ] a -->", "passed"), ("a <!-- b --> c\n- [ ] d", "failed"), ("- [ ]a", "passed"), ("- [~] a", "failed"),
        ("- [~] a - b", "passed"), ("- [ ] POST-MERGE: a", "passed"), ("- [ ] Optional: a", "passed"),
    ],
)  # fmt: skip
def test_what_other_checkers_count_wrongly_is_counted_as_it_is_shown(line, verdict):
    checks = judge({}, f"- [x] first\n\n{line}\n")

    assert checks["items"].verdict.value == verdict


def test_what_was_probably_meant_as_a_box_is_told():
    assert judge({}, "- [x] a\n- [y] b")["items"].details == (
        "Line 2 begins with [y], which is no box of a task list: write [ ] or [x], a space, and the text."
    )


def test_open_items_can_be_only_noted():
    check = judge({"unlisted": "note"}, "- [x] a\n- [ ] b")["items"]

    assert (check.verdict, said(check)) == (Verdict.PASSED, [])
    assert [finding.message for finding in check.noted] == ['"b": not ticked (line 2)']


def test_a_removed_item_fails_with_its_line_in_the_template():
    checks = judge({"template": "t.md"}, "- [x] a", base_files={"t.md": "Hello\n\n- [ ] a\n- [ ] b"})

    assert checks["template"].summary == "1 of the 2 items of t.md removed, 0 allowed"
    assert said(checks["template"]) == [("item-removed", 'removed: "b" (line 4 of t.md)')]


def test_an_item_cannot_be_moved_to_where_it_may_stay_open():
    settings = {"template": "t.md", "groups": [{"section": "Later", "rule": "post-merge"}]}

    checks = judge(settings, "# Later\n- [ ] a\n- [ ] b", base_files={"t.md": "- [ ] a\n# Later\n- [ ] b"})

    assert said(checks["items"]) == [("item-open", '"a": not ticked (line 2)')]


def test_an_item_with_an_id_cannot_be_called_optional_by_its_author():
    checks = judge(
        {"template": "t.md"}, "- [ ] Optional: b <!-- dg:x -->", base_files={"t.md": "- [ ] a <!-- dg:x -->"}
    )

    assert said(checks["items"]) == [("item-open", '"Optional: b": not ticked (line 1)')]


def test_the_words_of_the_template_are_no_answer():
    template = "- [ ] Docs (N/A: internal code)\n- [~] Tests (if needed)\n"

    checks = judge({"template": "t.md"}, template, base_files={"t.md": template})

    assert said(checks["items"]) == [
        ("item-open", '"Docs (N/A: internal code)": not ticked (line 1)'),
        ("item-without-reason", '"Tests (if needed)": marked as not applicable ([~]), but without a reason (line 2)'),
    ]


def test_of_several_templates_the_one_that_fits_counts():
    settings = {"template": ["code.md", "docs.md"]}
    base_files = {"code.md": "- [ ] Tests\n- [ ] Style", "docs.md": "- [ ] Spelling"}

    assert (
        judge(settings, "- [x] Spelling", base_files=base_files)["template"].summary == "every item of docs.md is there"
    )
    assert judge(settings, "Words", base_files=base_files)["template"].verdict is Verdict.FAILED


def test_a_template_that_the_target_branch_lacks_is_an_error():
    check = judge({"template": "t.md"}, "- [x] a")["template"]

    assert (check.verdict, check.summary) == (Verdict.ERROR, "t.md: the target branch has no such template")
    assert check.mend == "bring it there first, or correct `template:`"


def test_a_target_branch_that_is_not_known_is_an_error(tmp_path):
    def base_text(_: str) -> str | None:
        raise ReportError("the clone is too shallow", where="git", mend="run `git fetch --unshallow`")

    context = open_context(tmp_path, describe("- [x] a"), base_text=base_text)

    checks = {check.name: check for check in run_gate(gate, {"template": "t.md"}, context)}

    assert (checks["template"].verdict, checks["items"].verdict) == (Verdict.ERROR, Verdict.PASSED)
    assert checks["template"].mend == "run `git fetch --unshallow`"


def open_context(workspace: Path, change: ChangeRequest | Exception, **doors: Any) -> GateContext:
    def find_change() -> ChangeRequest:
        if isinstance(change, Exception):
            raise change
        return change

    return replace(make_context(workspace), change=find_change, **doors)


@pytest.mark.parametrize(
    ("description", "findings"),
    [
        ("- [x] I added **tests**", []),
        ("- [X] i added tests: see a.py", []),
        ("- [x] <!-- dg:tests --> Tested", []),
        ("- [~] I added tests - nothing to test", []),
        ("- [ ] I added tests", [("item-open", '"I added tests": not ticked (line 1)')]),
        ("- [x] I added tests\n- [ ] I added tests", [("item-open", '"I added tests": not ticked (line 2)')]),
        ("- [x] I added tests and docs", [("item-missing", 'missing: "I added tests"')]),
        ("- [~] I added tests", [("item-without-reason", '"I added tests": marked as not applicable ([~]), but without a reason (line 1)')]),
        ("Words", [("item-missing", 'missing: "I added tests"')]),
    ],
)  # fmt: skip
def test_required_items_must_be_there_and_done(description, findings):
    check = judge({"items": [{"text": "I added [tests](https://e.test)", "id": "tests"}]}, description)[
        "required items"
    ]

    assert said(check) == findings


@pytest.mark.parametrize(
    ("mode", "line", "verdict"),
    [
        ("with-reason", "- [~] a - b", "passed"), ("with-reason", "- [~] a", "failed"), ("with-reason", "- [ ] ~~a~~", "failed"),
        ("allowed", "- [~] a", "passed"), ("allowed", "- [ ] a (N/A)", "passed"), ("allowed", "- [ ] a", "failed"),
        ("forbidden", "- [~] a - b", "failed"), ("forbidden", "- [x] ~~a~~ b", "failed"), ("forbidden", "- [x] a", "passed"),
    ],
)  # fmt: skip
def test_not_applicable_is_as_the_policy_says(mode, line, verdict):
    assert judge({"not_applicable": mode}, line)["items"].verdict.value == verdict
    required = judge({"items": [{"text": "a", "not_applicable": mode}], "not_applicable": "allowed"}, line)
    assert required["required items"].verdict.value == verdict


TESTS = {"text": "tests", "evidence": {"gate": "unit", "changed": ["tests/**", "*.spec.ts"], "pattern": r"run \d+"}}
PROOFS = {"results": {"unit": Verdict.PASSED}, "files": ["tests/a.py"], "text": "run 7"}


def judge_evidence(item: str, **changes: Any) -> CheckResult:
    proofs = PROOFS | changes
    files = None if proofs["files"] is None else tuple(ChangedFile(path=path) for path in proofs["files"])
    results = {
        name: GateResult(gate="tests", id=name, checks=(CheckResult(name="a", verdict=verdict, summary=""),))
        for name, verdict in proofs["results"].items()
    }
    change = describe(f"{item}\n\n{proofs['text']}", files=files, notes=() if files else ("No git.",))
    return judge({"items": [TESTS]}, "", change=change, results=results)["required items"]


def test_a_tick_with_all_its_evidence_passes():
    check = judge_evidence("- [x] tests")

    assert (check.verdict, check.summary) == (Verdict.PASSED, "all 1 done")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"results": {"unit": Verdict.FAILED}}, "the gate `unit` failed"),
        ({"files": ["src/a.py", "deep/b.spec.ts"]}, "none of the 2 changed files fits tests/** or *.spec.ts"),
        ({"text": "run"}, r"nothing that the author wrote fits run \d+"),
        ({"text": "<!-- run 7 -->"}, r"nothing that the author wrote fits run \d+"),
    ],
    ids=["gate failed", "no file", "no text", "text in a comment"],
)
def test_a_tick_without_its_evidence_fails(changes, says):
    assert said(judge_evidence("- [x] tests", **changes)) == [
        ("evidence-missing", f'"tests": ticked, but {says} (line 1)')
    ]


@pytest.mark.parametrize(
    ("changes", "verdict", "says"),
    [
        ({"results": {}}, Verdict.ERROR, "this stage has no result of a gate `unit`"),
        ({"results": {"unit": Verdict.SKIPPED}}, Verdict.INCONCLUSIVE, "the gate `unit` was skipped"),
        ({"results": {"unit": Verdict.INCONCLUSIVE}}, Verdict.INCONCLUSIVE, "the gate `unit` was inconclusive"),
        ({"results": {"unit": Verdict.ERROR}}, Verdict.ERROR, "the gate `unit` could not judge"),
        ({"files": None}, Verdict.ERROR, "the changed files are not known. No git."),
    ],
    ids=["not run", "skipped", "inconclusive", "error", "no files"],
)
def test_a_tick_whose_evidence_cannot_be_looked_at_is_not_believed(changes, verdict, says):
    check = judge_evidence("- [x] tests", **changes)

    assert (check.verdict, check.findings, check.details) == (verdict, (), f'"tests": ticked, but {says}')


def test_evidence_is_not_asked_of_what_is_not_applicable():
    assert judge_evidence("- [~] tests - a typo in a comment", results={}).verdict is Verdict.PASSED


def test_the_item_itself_and_the_template_prove_nothing():
    settings = {"template": "t.md", "items": [{"text": "Tested on staging", "evidence": {"pattern": "staging|https"}}]}
    template = "- [ ] Tested on staging\n\nSee [here](https://e.test)"

    check = judge(settings, template.replace("[ ]", "[x]"), base_files={"t.md": template})["required items"]

    assert [rule for rule, _ in said(check)] == ["evidence-missing"]


def test_a_deleted_file_is_no_evidence():
    change = describe("- [x] tests", files=(ChangedFile(path="tests/a.py", status="deleted"),))

    check = judge({"items": [{"text": "tests", "evidence": {"changed": "tests/**"}}]}, "", change=change)[
        "required items"
    ]

    assert check.verdict is Verdict.FAILED


def test_the_gates_named_as_evidence_run_first():
    settings = msgspec.convert({"items": ["a", TESTS, {"text": "b", "evidence": {"changed": "c"}}]}, gate.settings)

    assert list(gate.looks_at(settings)) == ["unit"]


@pytest.mark.parametrize(
    ("rule", "boxes", "verdict", "summary"),
    [
        ("exactly-one", "x  ", "passed", "1 of 3 ticked, exactly 1 wanted"),
        ("exactly-one", "xx ", "failed", "2 of 3 ticked, exactly 1 wanted"),
        ("exactly-one", "   ", "failed", "0 of 3 ticked, exactly 1 wanted"),
        ("any", "xx ", "passed", "2 of 3 ticked, at least 1 wanted"),
        ("any", "~~~", "failed", "0 of 3 ticked, at least 1 wanted"),
        ("all", "xxx", "passed", "3 items: 3 ticked, 0 open, 0 not applicable"),
        ("all", "xx ", "failed", "3 items: 2 ticked, 1 open, 0 not applicable"),
        ("optional", "   ", "passed", "3 items: 0 ticked, 3 open, 0 not applicable"),
        ("post-merge", "x  ", "passed", "3 items: 1 ticked, 2 open, 0 not applicable"),
        ("exactly-one", "", "failed", "no item there"),
        ("any", "", "failed", "no item there"),
        ("all", "", "failed", "no item there"),
        ("optional", "", "skipped", "no item there, and none is demanded"),
        ("post-merge", "", "skipped", "no item there, and none is demanded"),
    ],
)
def test_groups_demand_the_right_number(rule, boxes, verdict, summary):
    listed = "\n".join(f"- [{box}] type {index}" for index, box in enumerate(boxes))
    settings = {"groups": [{"section": "Type of change", "rule": rule}]}

    checks = judge(settings, f"- [x] other\n\n## *Type* of change:\n\n### Sub\n\n{listed}\n\n## Next\n\n- [x] last")

    assert verdicts(checks)["group: Type of change"] == verdict
    assert checks["group: Type of change"].summary == summary
    assert checks["items"].summary == "2 items: 2 ticked, 0 open, 0 not applicable"


def test_details_of_a_choice_that_was_not_made_are_not_asked_for():
    settings = {"groups": [{"section": "Type", "rule": "exactly-one"}]}
    description = "# Other\n- [x] a\n# Type\n- [x] Bug\n  - [ ] test\n- [ ] Feature\n  - [ ] docs"

    checks = judge(settings, description)

    assert checks["group: Type"].verdict is Verdict.PASSED
    assert said(checks["nested items"]) == [("nested-open", '"Bug": ticked, but 1 below it open (line 4)')]


def test_options_that_were_not_chosen_may_be_deleted():
    settings = {"template": "t.md", "groups": [{"section": "Type", "rule": "exactly-one"}]}

    checks = judge(settings, "# Type\n- [x] Bug", base_files={"t.md": "# Type\n- [ ] Bug\n- [ ] Feature"})

    assert verdicts(checks) == {
        "description": "passed", "template": "passed", "group: Type": "passed", "items": "passed",
        "nested items": "skipped", "placeholders": "passed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("nested", "open_", "early"),
    [("complete", ["b", "d"], ["a"]), ("inherit", ["b"], ["a"]), ("independent", ["b", "d"], None)],
)
def test_nested_items_are_as_the_policy_says(nested, open_, early):
    checks = judge({"nested": nested}, "- [x] a\n  - [ ] b\n- [~] c - no data\n  - [ ] d")

    assert [message.split('"')[1] for _, message in said(checks["items"])] == open_
    nested_check = checks.get("nested items")
    assert (nested_check and [message.split('"')[1] for _, message in said(nested_check)]) == early


@pytest.mark.parametrize(
    ("description", "summary"),
    [("# Summary:\nWords", "filled in"), ("## summary\n### What\nWords", "filled in"), ("Summary", "missing"),
     ("# Summary\n<!-- describe -->\n# Next\nWords", "is empty")],
)  # fmt: skip
def test_demanded_sections_must_be_filled_in(description, summary):
    check = judge({"sections": ["Summary"]}, description)["section: Summary"]

    assert (check.summary, check.verdict is Verdict.PASSED) == (summary, summary == "filled in")


def test_a_linked_issue_is_found_in_the_title_as_well():
    linked = describe("- [x] a", title="fix: keep it (#12)")

    assert judge({"linked_issue": True}, "", change=linked)["linked issue"].summary == "names #12"
    assert judge({"linked_issue": True}, "- [x] a")["linked issue"].summary == "no issue named, 1 wanted"
    assert judge({"linked_issue": "SHOP-[0-9]+"}, "- [x] a #12")["linked issue"].verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("form", "title", "fits"),
    [
        ("conventional", "feat: a", True), ("conventional", "feat(shop)!: a", True), ("conventional", "Draft: fix: a", True),
        ("conventional", "feature: a", False), ("conventional", "feat:a", False), ("conventional", "Feat: a", False),
        ("conventional", "feat: ", False), ("conventional", "feat(): a", False), ("conventional", 'Revert "feat: a"', False),
        (r"^[A-Z]+-\d+ ", "SHOP-12 a", True), (r"^[A-Z]+-\d+ ", "a SHOP-12 ", False), ("conventional", "", False),
    ],
)  # fmt: skip
def test_titles_must_have_the_demanded_form(form, title, fits):
    check = judge({"title": form}, "", change=describe("- [x] a", title=title))["title"]

    assert check.verdict is (Verdict.PASSED if fits else Verdict.FAILED)


def test_a_title_that_is_not_known_is_an_error():
    check = judge({"title": "conventional"}, "", change=describe("- [x] a", title="", notes=("No git.",)))["title"]

    assert check == CheckResult(
        name="title", verdict=Verdict.ERROR, summary="there is no title", details="No git.", mend="give --title"
    )


def test_placeholders_fail_with_their_line_and_can_be_replaced():
    assert said(judge({}, "- [x] a\n\nTODO")["placeholders"]) == [("placeholder", 'left standing: "TODO" (line 3)')]
    assert judge({"placeholders": ["^please fill"]}, "TODO\n\n- [x] a")["placeholders"].verdict is Verdict.PASSED
    assert "placeholders" not in judge({"placeholders": []}, "- [x] a")


def test_a_file_of_the_workspace_stands_in_for_the_commit_messages(tmp_path):
    (tmp_path / "CHANGE.md").write_text("- [ ] from the file\n", encoding="utf-8")

    context = make_context(tmp_path, change=describe("- [x] from the commits"))
    check = {check.name: check for check in run_gate(gate, {"description": "CHANGE.md"}, context)}["items"]

    assert [(finding.message, finding.location) for finding in check.findings] == [
        ('"from the file": not ticked', Location("CHANGE.md", 1))
    ]
    assert [read.path for read in context.workspace.inputs] == ["CHANGE.md"]


def test_a_description_of_the_command_line_wins_over_the_file(tmp_path):
    change = describe("- [ ] given", source="--description given.md")

    check = judge({"description": "CHANGE.md"}, "", change=change)["items"]

    assert [(finding.message, finding.location) for finding in check.findings] == [
        ('"given": not ticked', Location("given.md", 1))
    ]


@pytest.mark.parametrize("source", ["--description -", "--description /tmp/d.md", "--description ../d.md", "commits"])
def test_a_description_outside_the_workspace_has_no_location(source):
    check = judge({}, "", change=describe("- [ ] a", source=source))["items"]

    assert [(finding.message, finding.location) for finding in check.findings] == [('"a": not ticked (line 1)', None)]


def test_the_file_is_judged_without_git_as_well(tmp_path):
    (tmp_path / "CHANGE.md").write_text("- [x] tests\n", encoding="utf-8")
    context = open_context(tmp_path, ReportError("this is no git repository", where="git", mend="run in a checkout"))
    settings = {"description": "CHANGE.md", "items": [{"text": "tests", "evidence": {"changed": "tests/**"}}]}

    checks = {check.name: check for check in run_gate(gate, settings, context)}

    assert (checks["items"].verdict, checks["required items"].verdict) == (Verdict.PASSED, Verdict.ERROR)
    assert checks["required items"].details == (
        '"tests": ticked, but the changed files are not known. '
        "The changed files and the title are not known: git: this is no git repository; run in a checkout."
    )


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        (None, "CHANGE.md: no such file"), (b"\xff\xfe", "CHANGE.md: is not UTF-8 (byte 0)"),
        (b"> " * 500 + b"a", "CHANGE.md: is nested deeper than 100 levels"),
        (b"a" * 1_048_577, "CHANGE.md: is longer than 1,048,576 characters"),
    ],
    ids=["missing", "UTF-16", "deep", "long"],
)  # fmt: skip
def test_a_description_that_cannot_be_read_is_an_error(tmp_path, content, summary):
    if content is not None:
        (tmp_path / "CHANGE.md").write_bytes(content)

    checks = run_gate(gate, {"description": "CHANGE.md"}, make_context(tmp_path, change=describe("")))

    assert [(check.name, check.verdict, check.summary) for check in checks] == [("description", Verdict.ERROR, summary)]


def test_a_change_that_cannot_be_known_is_an_error(tmp_path):
    context = open_context(tmp_path, ReportError("this is no git repository", where="git", mend="give --description"))

    (check,) = run_gate(gate, {}, context)

    assert check == CheckResult(
        name="description", verdict=Verdict.ERROR, summary="git: this is no git repository", mend="give --description"
    )


def test_a_description_that_gitlab_has_cut_is_an_error(tmp_path):
    (tmp_path / "CHANGE.md").write_text("- [x] a\n", encoding="utf-8")
    environ = {"CI_MERGE_REQUEST_DESCRIPTION": "- [x] a", "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "true"}

    (check,) = run_gate(
        gate, {"description": "CHANGE.md"}, make_context(tmp_path, change=describe(""), environ=environ)
    )

    assert (check.verdict, check.mend) == (Verdict.ERROR, "fetch the whole description from GitLab's API and give that")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"items": [{"text": "a", "evidence": {}}]}, "names nothing; set `gate`, `changed` or `pattern` - at `$.items[0].evidence`"),
        ({"items": [{"text": "a", "evidence": {"pattern": "("}}]}, "`pattern`: '(' is not a regular expression"),
        ({"items": [{"text": "a", "evidence": {"changed": "/tests"}}]}, "`changed`: '/tests' is not relative to the repository"),
        ({"template": ""}, "`template` is empty; name a file of the target branch"),
        ({"items": ["a", "A"]}, "`items` names 'A' twice"),
        ({"items": [" "]}, "$.items[0]"),
        ({"groups": [{"section": "a"}, {"section": "a"}]}, "`groups` names 'a' twice"),
        ({"groups": [{"section": "a", "rule": "one"}]}, "Invalid enum value 'one' - at `$.groups[0].rule`"),
        ({"linked_issue": "["}, "`linked_issue`: '[' is not a regular expression"),
        ({"title": "*"}, "`title`: '*' is not a regular expression"),
        ({"placeholders": ["("]}, "`placeholders`: '(' is not a regular expression"),
        ({"min_items": -1}, "$.min_items"),
        ({"require": []}, "unknown field `require`"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_with_its_place(settings, says):
    with pytest.raises(msgspec.ValidationError) as caught:
        run_gate(gate, settings, make_context(Path("/nowhere")))

    assert says in str(caught.value)


def test_findings_keep_their_identity_when_lines_shift():
    before = judge({}, "- [ ] a\n- [ ] b")["items"].findings
    after = judge({}, "Words\n\n- [ ] a\n- [ ] b")["items"].findings

    assert [finding.fingerprint for finding in before] == [finding.fingerprint for finding in after]
    assert len({finding.fingerprint for finding in before}) == 2


def test_every_check_that_fails_says_how_to_mend_it():
    settings = TRIVY | {"items": ["z"], "title": "^z", "groups": [{"section": "Type"}]}

    checks = judge(settings, "- [ ] a\n\nTODO", base_files={"t.md": TEMPLATE})

    failed = [check for check in checks.values() if check.verdict is Verdict.FAILED]
    assert len(failed) == 9
    assert [check.name for check in failed if not (check.mend and check.findings and check.rules)] == []
