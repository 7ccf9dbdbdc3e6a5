"""``deliverygate waivers``, and what a run makes of waivers, from the policy to each output."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.command import Ran, deliverygate

SAMPLES = Path(__file__).parents[1] / "samples"
TODAY = datetime.now(UTC).date()  # the command has no other clock; what it prints is compared without dates


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def waiver(
    name: str = "W-1", *, rule: str = "CVE-2019-14697", expires: int = 60, created: int = 0, more: str = ""
) -> str:
    return (
        f"  - id: {name}\n    match: {{rule: {rule}, severity: critical}}\n    reason: the image starts no such thing\n"
        f"    owner: '@me'\n    created: {day(created)}\n    expires: {day(expires)}\n{more}"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scan.json").write_bytes((SAMPLES / "trivy/pip.json").read_bytes())
    policy(tmp_path)
    return tmp_path


def policy(folder: Path, *lines: str, stages: str = "") -> None:
    head = "".join(f"{line}\n" for line in lines)
    gate = "    - {gate: trivy, report: scan.json, fail_on: medium}\n"
    (folder / ".deliverygate.yml").write_text(f"version: 1\n{head}stages:\n  build:\n{gate}{stages}")


def waive(folder: Path, *waivers: str) -> None:
    (folder / ".deliverygate").mkdir(exist_ok=True)
    (folder / ".deliverygate/waivers.yml").write_text("version: 1\nwaivers:\n" + "".join(waivers))


def run(folder: Path, *options: str) -> tuple[Ran, dict[str, object]]:
    ran = deliverygate("run", "build", *options, folder=folder)
    return ran, json.loads((folder / ".deliverygate/out/build/report.json").read_text())


def found(folder: Path) -> list[str]:
    """The rules of the sample that block."""
    _, report = run(folder)
    checks = report["gates"][0]["checks"]  # type: ignore[index]
    return sorted({each["rule"] for check in checks for each in check.get("findings", ())})


def test_everything_that_is_waived_is_allowed_and_stays_visible_in_every_output(folder: Path) -> None:
    rules = found(folder)
    waive(folder, *(waiver(f"W-{number}", rule=rule) for number, rule in enumerate(rules)))

    ran, report = run(folder)

    out = folder / ".deliverygate/out/build"
    assert ran.status == 0, ran.stdout
    assert f"waived: {rules[0]}" in ran.stdout
    assert "the image starts no such thing" in ran.stdout
    for name in ("junit.xml", "report.md"):
        text = (out / name).read_text()
        assert [rule for rule in rules if rule not in text] == []
        assert "the image starts no such thing" in text
    results = json.loads((out / "sarif.json").read_text())["runs"][0]["results"]
    assert {each["ruleId"]: each["suppressions"] for each in results} == {
        rule: [{"kind": "external", "status": "accepted", "justification": each["suppressions"][0]["justification"]}]
        for rule, each in ((each["ruleId"], each) for each in results)
    }
    assert "the image starts no such thing" in results[0]["suppressions"][0]["justification"]
    assert json.loads((out / "codequality.json").read_text()) == []
    checks = report["gates"][0]["checks"]  # type: ignore[index]
    noted = [each for check in checks for each in check.get("noted", ())]
    assert {each["waiver"]["owner"] for each in noted} == {"@me"}
    assert {each["rule"] for each in noted} == set(rules)


def test_waiver_that_is_over_or_too_long_blocks_and_is_named(folder: Path) -> None:
    first, second, *_ = found(folder)
    waive(folder, waiver(rule=first, created=-60, expires=-1), waiver("W-2", rule=second, expires=20_000))

    ran, _ = run(folder)

    assert ran.status == 1
    assert f"(waiver W-1 expired on {day(-1)})" in ran.stdout
    assert "(waiver W-2 does not hold: it ends on " in ran.stdout
    assert f"Waiver W-1 (@me) expired on {day(-1)}." in ran.stdout


@pytest.mark.parametrize(
    ("lines", "options", "status"),
    [((), (), 0), (("strict_waivers: true",), (), 1), ((), ("--strict-waivers",), 1)],
    ids=["noted", "strict by the policy", "strict by the command line"],
)
def test_waiver_that_fits_nothing_is_noted_or_blocks(
    folder: Path, lines: tuple[str, ...], options: tuple[str, ...], status: int
) -> None:
    rules = found(folder)
    waive(
        folder, *(waiver(f"W-{number}", rule=rule) for number, rule in enumerate(rules)), waiver("idle", rule="CVE-1")
    )
    policy(folder, *lines)

    ran, report = run(folder, *options)

    line = 3 + 6 * len(rules)
    said = f"Waiver idle (.deliverygate/waivers.yml:{line}) fits no finding any more; remove it."
    assert ran.status == status
    assert said in ran.stdout
    assert [gate["id"] for gate in report["gates"]] == (["trivy", "waivers"] if status else ["trivy"])  # type: ignore[attr-defined]
    assert ("every waiver fits a finding" in (folder / ".deliverygate/out/build/junit.xml").read_text()) is bool(status)


@pytest.mark.parametrize(
    ("more", "status"), [("", 0), ("    stages: [deploy]\n", 0), ("    stages: [build]\n", 1)],
    ids=["does not say", "of the other stage", "of this stage"],
)  # fmt: skip
def test_strict_run_does_not_blame_a_waiver_for_what_another_stage_finds(folder: Path, more: str, status: int) -> None:
    rules = found(folder)
    waive(
        folder,
        *(waiver(f"W-{number}", rule=rule) for number, rule in enumerate(rules)),
        waiver("other", rule="CVE-1", more=more),
    )
    policy(folder, "strict_waivers: true", stages="  deploy:\n    - {gate: command, run: ['true']}\n")

    assert run(folder)[0].status == status


def test_strict_run_that_read_no_report_is_no_pass(folder: Path) -> None:
    waive(folder, waiver())
    policy(folder, "strict_waivers: true")
    (folder / "scan.json").write_text("{")

    ran, report = run(folder)

    assert ran.status == 3
    assert [gate["verdict"] for gate in report["gates"]] == ["error"]  # type: ignore[attr-defined]


def test_entries_of_another_tool_let_findings_through_and_are_listed_with_their_source(folder: Path) -> None:
    rules = found(folder)
    (folder / ".trivyignore").write_text("# not started\n" + "".join(f"{rule}\n" for rule in (*rules, "CVE-1")))
    policy(
        folder, "strict_waivers: true", "waivers:", "  also:",
        f"    - {{path: .trivyignore, owner: '@sec', expires: {day(30)}}}",
    )  # fmt: skip

    ran, _ = run(folder)
    listed = deliverygate("waivers", "list", folder=folder)

    assert ran.status == 0, ran.stdout
    assert "by @sec, .trivyignore:2)" in ran.stdout
    assert f".trivyignore: 1 of {len(rules) + 1} entries fit no finding of this stage." in ran.stdout
    assert listed.stdout.splitlines()[1].split() == [
        ".trivyignore:2", rules[0], "by", "Trivy", "@sec", "in", "30", "days", ".trivyignore:2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{path: .snyk, owner: '@a', expires: 2027-01-01}", ".snyk: cannot be read (No such file or directory); "),
        ("{path: .snyk, owner: '@a'}", ".deliverygate.yml:4: waivers.also[0]: `expires` is missing; add `expires:`"),
        ("{path: .snyk, expires: 2027-01-01}", ".deliverygate.yml:4: waivers.also[0]: `owner` is missing; "),
        (
            "{path: .snyk, owner: ' ', expires: 2027-01-01}",
            ".deliverygate.yml:4: waivers.also[0]: `owner` is empty; write who answers for its entries",
        ),
        (
            "{path: v.json, owner: a, expires: 2027-01-01, product: shop}",
            ".deliverygate.yml:4: waivers.also[0]: the product 'shop' is no package URL; write e.g. pkg:oci/shop",
        ),
        (".snyk", ".deliverygate.yml:4: waivers.also[0]: '.snyk' is not a mapping; "),
    ],
    ids=["missing file", "no end", "no owner", "blank owner", "no purl", "a path alone"],
)
def test_foreign_file_needs_an_owner_and_an_end(folder: Path, entry: str, said: str) -> None:
    policy(folder, "waivers:", "  also:", f"    - {entry}")

    ran = deliverygate("run", "build", folder=folder)

    assert (ran.status, ran.errors[0][: len(said)]) == (2, said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("waivers: {max_days: {hihg: 3}}", ".deliverygate.yml:2: waivers.max_days.hihg: 'hihg' is not a severity; did you mean 'high'?"),
        ("waivers: {max_days: {high: -1}}", ".deliverygate.yml:2: waivers.max_days.high: -1 is out of range"),
        ("waivers: {pth: x}", ".deliverygate.yml:2: waivers.pth: unknown setting; did you mean 'path'?"),
    ],
    ids=["severity", "days", "key"],
)  # fmt: skip
def test_wrong_settings_are_told_with_their_place(folder: Path, line: str, said: str) -> None:
    policy(folder, line)

    ran = deliverygate("config", "check", folder=folder)

    assert (ran.status, ran.errors[0][: len(said)]) == (2, said)


def test_policy_sets_the_limits(folder: Path) -> None:
    rule, *_ = found(folder)
    waive(folder, waiver(rule=rule, expires=60))
    policy(folder, "waivers: {max_days: {critical: 7, high: 7, medium: 7}}")

    assert "7 days after" in run(folder)[0].stdout


def test_list_shows_how_long_each_holds(folder: Path) -> None:
    waive(
        folder,
        waiver(expires=12),
        waiver("W-2", created=-30, expires=-1, more="    stages: [build]\n"),
        waiver("W-3", expires=0),
    )

    ran = deliverygate("waivers", "list", folder=folder)

    columns = [re.split(r"  +", line) for line in ran.stdout.splitlines()]
    assert columns == [
        ["ID", "WHAT", "OWNER", "END", "SOURCE"],
        ["W-1", "CVE-2019-14697 up to critical", "@me", "in 12 days", ".deliverygate/waivers.yml:3"],
        [
            "W-2",
            "CVE-2019-14697 in stage build up to critical",
            "@me",
            "expired 1 day ago",
            ".deliverygate/waivers.yml:9",
        ],
        ["W-3", "CVE-2019-14697 up to critical", "@me", "today", ".deliverygate/waivers.yml:16"],
    ]
    assert (
        len(
            {
                line.index(source)
                for line, source in zip(ran.stdout.splitlines(), ["SOURCE", *[".del"] * 3], strict=True)
            }
        )
        == 1
    )


def test_list_of_no_waivers_is_empty(folder: Path) -> None:
    ran = deliverygate("waivers", "list", folder=folder)

    assert (ran.status, ran.stdout, ran.stderr) == (0, "", "")


def test_check_names_what_has_ended_or_soon_will_and_finds_no_fault(folder: Path) -> None:
    waive(folder, waiver(expires=12), waiver("W-2", created=-30, expires=-1), waiver("W-3", expires=200, more="    stages: [biuld]\n"))  # fmt: skip

    ran = deliverygate("waivers", "check", folder=folder)

    assert (ran.status, ran.stdout) == (0, "no fault in 3 waivers, 1 expired\n")
    assert ran.errors == [
        f"Waiver W-2 (@me) expired on {day(-1)}.",
        f"Waiver W-1 (@me) expires on {day(12)}: mend what it lets through, or renew it.",
        "Waiver W-3 (@me) is too long for findings of severity critical, high: they count.",
        "Waiver W-3 names the stage 'biuld', which the policy does not have; did you mean 'build'?",
    ]


def test_check_looks_ahead(folder: Path) -> None:
    waive(folder, waiver(expires=60))

    ran = deliverygate("waivers", "check", "--on", day(61), folder=folder)

    assert (ran.status, ran.stdout) == (0, "no fault in 1 waiver, 1 expired\n")


def test_check_tells_every_fault_with_its_line(folder: Path) -> None:
    waive(folder, waiver().replace("owner", "ower"), waiver("W-2").replace(day(60), "soon"))

    ran = deliverygate("waivers", "check", folder=folder)

    assert (ran.status, ran.stdout) == (2, "")
    assert ran.errors == [
        ".deliverygate/waivers.yml:6: waivers[0].ower: unknown setting; did you mean 'owner'?",
        ".deliverygate/waivers.yml:14: waivers[1].expires: 'soon' is not a date; write YYYY-MM-DD",
    ]


ADD = ("waivers", "add", "--owner", "@me", "--reason", "the image starts no such thing")


def test_add_writes_a_waiver_that_lets_the_finding_through(folder: Path) -> None:
    rules = found(folder)

    added = [deliverygate(*ADD, "--days", "30", "--rule", rule, "--tool", "trivy", folder=folder) for rule in rules]

    assert [ran.stdout for ran in added] == [
        f"W-{number} holds until {day(30)}: .deliverygate/waivers.yml\n" for number, _ in enumerate(rules, start=1)
    ]
    assert run(folder)[0].status == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rule", "A"], "waivers add: needs an end; give either --expires or --days"),
        (["--rule", "A", "--days", "1", "--expires", "2027-01-01"], "waivers add: needs an end; "),
        (["--rule", "A", "--days", "366"], f"--expires: {day(366)} is too late for any finding; 365 days are the most"),
        (["--days", "3"], ".deliverygate/waivers.yml:5: waivers[0].match: is too broad: "),
        (["--purl", "lodash", "--days", "3"], ".deliverygate/waivers.yml:6: waivers[0].match.purl: 'lodash' is no package URL"),
        (["--rule", "A", "--expires", "soon"], "Usage: "),
        (["--rule", "A", "--expires", "2020-01-01"], ".deliverygate/waivers.yml:"),
    ],
    ids=["no end", "two ends", "too long", "too broad", "no purl", "no date", "over"],
)  # fmt: skip
def test_add_refuses_what_would_be_a_fault_and_writes_nothing(folder: Path, options: list[str], said: str) -> None:
    ran = deliverygate(*ADD, *options, folder=folder)

    assert (ran.status, ran.errors[0][: len(said)]) == (2, said)
    assert not (folder / ".deliverygate/waivers.yml").exists()


def test_add_says_which_findings_go_on_counting(folder: Path) -> None:
    ran = deliverygate(*ADD, "--rule", "A", "--days", "100", folder=folder)

    assert ran.status == 0
    assert ran.errors == ["Waiver W-1 (@me) is too long for findings of severity critical, unknown: they count."]
