from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from deliverygate.config.document import load
from deliverygate.errors import ConfigError
from deliverygate.judging.fingerprint import identify
from deliverygate.judging.waivers import Seen, Terms, apply, judge, matching, parse, unmatched, waive
from deliverygate.model import CheckResult, Finding, Location, Measurement, Scan, Severity, Verdict, Waiver, WaiverMatch
from deliverygate.testing import finding

TODAY = date(2026, 1, 2)
TERMS = Terms(TODAY)

GOOD = """\
version: 1
waivers:
  - id: W-1
    match: {tool: trivy, rule: CVE-2024-5535, path: "legacy/**", purl: pkg:npm/lodash}
    reason: not reachable from outside
    owner: "@team-payments"
    created: 2025-12-01
    expires: 2026-03-31
    approved_by: "@security"
    issue: SHOP-12
    vex: vulnerable_code_not_in_execute_path
"""


def read(text):
    return parse(load(text.encode(), "waivers.yml"))


def waiver(end=date(2026, 3, 31), **match):
    match = match or {"rule": "no-unused-vars"}
    return Waiver(id="W-1", reason="said so", owner="@me", expires=end, match=WaiverMatch(**match), source="w.yml:3")


def scan_of(*findings, **more):
    return Scan(tool="demo", version=None, format="demo", findings=findings, **more)


def test_waiver_is_read_with_the_line_it_stands_in():
    assert read(GOOD) == (
        Waiver(
            id="W-1",
            match=WaiverMatch(tool="trivy", rule="CVE-2024-5535", path="legacy/**", purl="pkg:npm/lodash"),
            reason="not reachable from outside",
            owner="@team-payments",
            created=date(2025, 12, 1),
            expires=date(2026, 3, 31),
            approved_by="@security",
            issue="SHOP-12",
            vex="vulnerable_code_not_in_execute_path",
            source="waivers.yml:3",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason:", "reasn:", "waivers.yml:5: waivers[0].reasn: unknown setting; did you mean 'reason'?"),
        ("rule: CVE", "rul: CVE", "waivers.yml:4: waivers[0].match.rul: unknown setting; did you mean 'rule'?"),
        ("    created: 2025-12-01\n", "", "waivers.yml:3: waivers[0]: `created` is missing; add `created:`"),
        ('    owner: "@team-payments"\n', "", "waivers.yml:3: waivers[0]: `owner` is missing; add `owner:`"),
        ("    expires: 2026-03-31\n", "", "waivers.yml:3: waivers[0]: `expires` is missing; add `expires:`"),
        (
            "    reason: not reachable from outside\n",
            "",
            "waivers.yml:3: waivers[0]: `reason` is missing; add `reason:`",
        ),
        (
            "2026-03-31",
            "2026-02-31",
            "waivers.yml:8: waivers[0].expires: '2026-02-31' is not a date; write YYYY-MM-DD",
        ),
        ("2026-03-31", "never", "waivers.yml:8: waivers[0].expires: 'never' is not a date; write YYYY-MM-DD"),
        (
            "not reachable from outside",
            "because",
            "waivers.yml:5: waivers[0].reason: the reason is shorter than 10 characters; say why it does no harm",
        ),
        ('"@team-payments"', '" "', "waivers.yml:6: waivers[0].owner: `owner` is empty; write the owner"),
        (
            "{tool: trivy, rule: CVE-2024-5535, path: \"legacy/**\", purl: pkg:npm/lodash}",
            '{tool: trivy, path: "**"}',
            "waivers.yml:4: waivers[0].match: is too broad: without a rule, a purl, a package or a fingerprint it would "
            "let everything through; name at least one of the four",
        ),
        (
            "rule: CVE-2024-5535",
            'rule: ""',
            "waivers.yml:4: waivers[0].match.rule: `rule` is empty; write it, or leave the key out",
        ),
        (
            "pkg:npm/lodash",
            "lodash",
            "waivers.yml:4: waivers[0].match.purl: 'lodash' is no package URL; write e.g. pkg:npm/lodash",
        ),
        (
            "legacy/**",
            "/legacy",
            "waivers.yml:4: waivers[0].match.path: '/legacy' is not relative to the repository; "
            "write it without a leading / or ./ and without ..",
        ),
        (
            "2025-12-01",
            "2026-12-01",
            "waivers.yml:8: waivers[0].expires: ends on 2026-03-31, before it was created; correct one of the dates",
        ),
        ("version: 1", "version: 2", "waivers.yml:1: version: 2 is not 1; use one of 1"),
    ],
    ids=["unknown key", "unknown key in match", "no creation", "no owner", "no end", "no reason", "no such day", "no date",
         "short reason", "blank owner", "too broad", "blank rule", "no purl", "path", "ends before", "version"],
)  # fmt: skip
def test_waiver_that_could_hide_too_much_is_a_configuration_error_with_its_line(old, new, said):
    assert old in GOOD

    with pytest.raises(ConfigError) as caught:
        read(GOOD.replace(old, new))

    assert str(caught.value) == said


@pytest.mark.parametrize("text", ["", "version: 1", "[]", "waivers: []", "version: 1\nwaivers: x"])
def test_file_without_the_two_keys_is_an_error(text):
    with pytest.raises(ConfigError, match=r"^waivers\.yml:[12]: "):
        read(text)


def test_file_may_hold_no_waiver_yet():
    assert read("version: 1\nwaivers: []\n") == ()


def test_every_fault_of_the_file_is_told_at_once():
    valid = GOOD.partition("waivers:\n")[2]
    ends_soon = valid.replace("2026-03-31", "soon")

    with pytest.raises(ConfigError) as caught:
        read(GOOD.replace("W-1", '""') + valid + ends_soon + valid)

    assert [str(error) for error in (caught.value, *caught.value.others)] == [
        "waivers.yml:3: waivers[0].id: `id` is empty; write the id",
        "waivers.yml:26: waivers[2].expires: 'soon' is not a date; write YYYY-MM-DD",
        "waivers.yml:30: waivers[3].id: the id 'W-1' stands twice (first at waivers.yml:12); give each one its own id",
    ]


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"rule": "CVE-1"}, True),
        ({"rule": "CVE-2"}, False),
        ({"rule": "cve-1"}, True),
        ({"rule": "CVE-1", "tool": "TRIVY"}, True),
        ({"rule": "CVE-1", "tool": "grype"}, False),
        ({"rule": "CVE-1", "path": "legacy/**"}, True),
        ({"rule": "CVE-1", "path": "src/**"}, False),
        ({"purl": "pkg:npm/lodash"}, True),
        ({"purl": "pkg:npm/lodash@4.17.4"}, True),
        ({"purl": "pkg:npm/lodash@4.17.5"}, False),
        ({"purl": "pkg:npm/lodash?arch=x"}, False),
        ({"purl": "pkg:npm/lodash-es"}, False),
        ({"purl": "pkg:NPM/lodash", "rule": "CVE-1"}, True),
        ({"package": "lodash"}, True),
        ({"package": "lodash@4.17.4"}, True),
        ({"package": "lodash@4.17.5"}, False),
        ({"package": "lodas"}, False),
        ({"rule": "CVE-1", "category": "lang-pkgs"}, True),
        ({"rule": "CVE-1", "category": "os-pkgs"}, False),
        ({"fingerprint": "f1"}, True),
        ({"fingerprint": "f2"}, False),
        ({"fingerprint": "f1", "rule": "CVE-2"}, False),
        ({}, False),
        ({"rule": ""}, False),
        ({"fingerprint": ""}, False),
        ({"tool": "Trivy", "path": "**"}, False),
        ({"category": "lang-pkgs"}, False),
    ],
    ids=str,
)
def test_all_that_a_waiver_names_has_to_fit(match, fits):
    broken = finding(
        "CVE-1",
        tool="Trivy",
        location=Location("legacy/app/package-lock.json"),
        package="pkg:npm/lodash@4.17.4",
        fingerprint="f1",
        category="lang-pkgs",
    )
    given = Waiver(id="W", reason="said so", owner="@me", expires=TODAY, match=WaiverMatch(**match))

    assert bool(apply([broken], [given], TERMS).waived) is fits


@pytest.mark.parametrize(
    "match", [{"rule": "x"}, {"fingerprint": "f"}, {"purl": "pkg:npm/a"}, {"rule": "x", "path": "**"}]
)
def test_finding_that_says_nothing_of_itself_is_never_waived(match):
    bare = finding("", fingerprint="", package=None)

    assert apply([bare], [waiver(**match)], TERMS).counted == (bare,)


@pytest.mark.parametrize(
    ("package", "wanted"),
    [
        ("pkg:npm/%40scope/a@1", "pkg:npm/@scope/a"),
        ("pkg:npm/%40scope/a@1", "pkg:npm/%40scope/a@1"),
        ("pkg:apk/alpine/musl@1.1?arch=x86_64&distro=3", "pkg:apk/alpine/musl?arch=x86_64"),
        ("pkg:golang/github.com/a/b@v1#sub", "pkg:golang/github.com/a/b@v1"),
    ],
)
def test_package_urls_are_compared_as_people_mean_them(package, wanted):
    assert apply([finding(package=package)], [waiver(purl=wanted)], TERMS).counted == ()


@pytest.mark.parametrize(
    ("package", "wanted", "fits"),
    [
        ("openssl@1.1.1k", "openssl", True),
        ("openssl@1.1.1k", "openssl@1.1.1k", True),
        ("openssl@1.1.1k", "openssl@1.1.1", False),
        ("pkg:deb/debian/openssl@1.1.1k?arch=amd64", "openssl@1.1.1k", True),
        ("pkg:maven/org.acme/a@1", "org.acme:a", True),
        ("pkg:maven/org.acme/a@1", "a", True),
        ("pkg:npm/%40scope/a@1", "@scope/a@1", True),
        ("pkg:npm/%40scope/a@1", "a", False),
        ("pkg:golang/github.com/x/a@v1", "a", False),
        (None, "a", False),
    ],
)
def test_package_is_known_by_its_name_where_the_name_says_enough(package, wanted, fits):
    assert bool(apply([finding(package=package)], [waiver(package=wanted)], TERMS).waived) is fits


@pytest.mark.parametrize(
    ("limit", "severity", "fits"),
    [
        (Severity.MEDIUM, Severity.LOW, True),
        (Severity.MEDIUM, Severity.MEDIUM, True),
        (Severity.MEDIUM, Severity.HIGH, False),
        (Severity.MEDIUM, Severity.UNKNOWN, False),
        (Severity.UNKNOWN, Severity.UNKNOWN, True),
        (Severity.UNKNOWN, Severity.LOW, False),
    ],
)
def test_severity_of_a_match_is_the_worst_that_fits_and_unknown_is_below_none(limit, severity, fits):
    applied = apply([finding(severity=severity)], [waiver(rule="no-unused-vars", severity=limit)], TERMS)

    assert bool(applied.waived) is fits


def test_package_that_is_no_url_fits_no_url():
    assert apply([finding(package="lodash@1")], [waiver(purl="pkg:npm/lodash")], TERMS).waived == ()


@pytest.mark.parametrize(
    ("today", "waived"), [(date(2026, 3, 31), True), (date(2026, 4, 1), False)], ids=["last day", "day after"]
)
def test_waiver_holds_through_its_last_day(today, waived):
    applied = apply([finding()], [waiver()], Terms(today))

    assert (applied.waived, applied.refused) == (
        ((finding(waiver=waiver()),), ())
        if waived
        else ((), (replace(finding(), message="no-unused-vars is broken (waiver W-1 expired on 2026-03-31)"),))
    )


def test_waiver_that_is_over_does_not_spoil_a_valid_one():
    old = replace(waiver(date(2025, 1, 1)), id="W-0")

    assert apply([finding()], [old, waiver()], TERMS).waived == (finding(waiver=waiver()),)


def test_waiver_without_an_end_never_holds():
    assert apply([finding()], [waiver(None)], TERMS).waived == ()


def test_waived_finding_is_suppressed_and_stays_in_the_scan():
    other = finding("other")

    scan = waive(scan_of(finding(), other), (waiver(),), TERMS)

    assert (scan.findings, scan.suppressed, scan.notes) == ((other,), (finding(waiver=waiver()),), ())


@pytest.mark.parametrize(
    ("end", "notes"),
    [
        (date(2026, 1, 17), ()),
        (date(2026, 1, 16), ("Waiver W-1 (@me) expires on 2026-01-16: mend what it lets through, or renew it.",)),
        (date(2026, 1, 2), ("Waiver W-1 (@me) expires on 2026-01-02: mend what it lets through, or renew it.",)),
        (date(2026, 1, 1), ("Waiver W-1 (@me) expired on 2026-01-01.",)),
    ],
    ids=["15 days", "14 days", "today", "yesterday"],
)
def test_waiver_that_ends_soon_or_has_ended_is_named_once(end, notes):
    assert TERMS.notes([waiver(end), waiver(end)]) == notes


def test_single_runs_are_waived_like_the_scan():
    first, second = finding(location=Location("a")), finding("other", location=Location("b"))
    scan = identify(scan_of(first, second, runs=(scan_of(first), scan_of(second))))

    waived = waive(scan, (waiver(),), TERMS)

    assert [(len(run.findings), len(run.suppressed)) for run in (waived, *waived.runs)] == [(1, 1), (0, 1), (1, 0)]
    assert waived.runs[0].suppressed[0] is waived.suppressed[0]


def test_waiver_of_ours_takes_the_place_of_what_the_tool_suppressed():
    by_tool = finding(waiver=Waiver(id="s", reason="", source="sarif inSource"))

    scan = waive(scan_of(suppressed=(by_tool,)), (waiver(),), TERMS)

    assert scan.suppressed == (finding(waiver=waiver()),)


def test_waiver_that_is_over_leaves_what_the_tool_suppressed_as_it_is():
    by_tool = finding(waiver=Waiver(id="s", reason="", source="sarif inSource"))

    scan = waive(scan_of(suppressed=(by_tool,)), (waiver(date(2025, 1, 1)),), TERMS)

    assert scan.suppressed == (by_tool,)


def seen(*matched, stage="build", only_stage=True, tools=("demo",), whole=True):
    return Seen(stage=stage, only_stage=only_stage, matched=frozenset(matched), tools=frozenset(tools), whole=whole)


def test_waiver_that_fits_nothing_in_the_whole_run_is_named():
    idle = replace(waiver(rule="gone"), id="W-2", source="w.yml:9")
    waivers = (waiver(), idle)
    before = scan_of(finding())

    matched = matching(before, waivers) | matching(waive(before, waivers, TERMS), waivers)

    assert unmatched(waivers, seen(*matched)) == ("Waiver W-2 (w.yml:9) fits no finding any more; remove it.",)


def long_waiver(days, created=TODAY, **match):
    return replace(waiver(created + timedelta(days=days), **match), created=created)


@pytest.mark.parametrize(
    ("severity", "days", "holds"),
    [
        (Severity.CRITICAL, 90, True),
        (Severity.CRITICAL, 91, False),
        (Severity.HIGH, 180, True),
        (Severity.HIGH, 181, False),
        (Severity.MEDIUM, 365, True),
        (Severity.MEDIUM, 366, False),
        (Severity.UNKNOWN, 90, True),
        (Severity.UNKNOWN, 91, False),
    ],
    ids=lambda value: getattr(value, "value", str(value)),
)
def test_waiver_holds_no_longer_than_the_severity_of_its_finding_allows(severity, days, holds):
    applied = apply([finding(severity=severity)], [long_waiver(days)], TERMS)

    assert (len(applied.waived), len(applied.refused)) == ((1, 0) if holds else (0, 1))


def test_waiver_that_is_too_long_says_so_in_the_finding_and_in_a_note():
    given = long_waiver(100)

    scan = waive(scan_of(finding(severity=Severity.CRITICAL), finding(severity=Severity.HIGH)), (given,), TERMS)

    why = "does not hold: it ends on 2026-04-12, 90 days after 2026-01-02 are the most for critical severity"
    assert scan.findings == (
        finding(severity=Severity.CRITICAL, message=f"no-unused-vars is broken (waiver W-1 {why})"),
    )
    assert scan.suppressed == (finding(severity=Severity.HIGH, waiver=given),)
    assert scan.notes == (f"Waiver W-1 {why}.",)


@pytest.mark.parametrize(
    ("created", "holds"),
    [(date(2026, 1, 2), True), (date(2025, 12, 31), False), (date(2026, 3, 1), True), (None, True)],
    ids=["today", "too early", "still to come", "not known"],
)
def test_length_counts_from_the_creation_or_from_today_when_that_is_earlier(created, holds):
    given = replace(waiver(TODAY + timedelta(days=90)), created=created)

    assert bool(apply([finding(severity=Severity.CRITICAL)], [given], TERMS).waived) is holds


def test_creation_that_is_still_to_come_gains_no_time():
    given = replace(waiver(date(2026, 9, 1)), created=date(2026, 8, 1))

    assert apply([finding()], [given], TERMS).waived == ()


def test_severity_with_no_days_cannot_be_waived():
    terms = Terms(TODAY, {Severity.HIGH: 0})

    assert apply([finding()], [long_waiver(0)], terms).counted == (
        finding(
            message="no-unused-vars is broken (waiver W-1 does not hold: findings of high severity cannot be waived)"
        ),
    )


def test_waiver_that_is_too_long_does_not_spoil_a_shorter_one():
    short = replace(long_waiver(30), id="W-0")

    assert apply([finding()], [long_waiver(1000), short], TERMS).waived == (finding(waiver=short),)


def test_warning_comes_as_early_as_the_policy_says():
    assert Terms(TODAY, warn_days=15).notes([waiver(date(2026, 1, 17))]) != ()


@pytest.mark.parametrize(
    ("given", "at", "notes", "failed"),
    [
        ({}, {}, 1, True),
        ({}, {"only_stage": False}, 1, False),
        ({"tool": "Demo"}, {"only_stage": False}, 1, True),
        ({"tool": "other"}, {}, 0, False),
        ({"stages": ("build",)}, {"only_stage": False}, 1, True),
        ({"stages": ("deploy",)}, {"only_stage": False}, 0, False),
        ({"stages": ("build",), "tool": "other"}, {}, 0, False),
        ({}, {"matched": ("W-1",)}, 0, False),
    ],
    ids=[
        "only stage",
        "one of several",
        "its tool",
        "another tool",
        "its stage",
        "another stage",
        "not its tool",
        "fits",
    ],
)
def test_waiver_that_fits_nothing_is_blamed_in_a_run_that_it_belongs_to(given, at, notes, failed):
    idle = replace(waiver(rule="gone", tool=given.get("tool")), stages=given.get("stages", ()))
    run = seen(*at.pop("matched", ()), **at)

    assert len(unmatched([idle], run)) == notes
    assert judge([idle], run).verdict is (Verdict.FAILED if failed else Verdict.PASSED)


def test_note_on_a_waiver_of_nobody_knows_which_stage_says_how_to_tell():
    assert unmatched([waiver()], seen(only_stage=False)) == (
        "Waiver W-1 (w.yml:3) fits no finding of this stage; if it belongs to another, "
        "name its `stages` or the `tool` of its match.",
    )


def test_nothing_is_said_of_waivers_where_not_everything_was_read():
    run = seen(whole=False)

    assert unmatched([waiver()], run) == ()
    assert judge([waiver()], run) == CheckResult(
        name="every waiver fits a finding",
        verdict=Verdict.INCONCLUSIVE,
        summary="1 fitted nothing, but not everything was read",
        mend="mend the gates that did not come to their end",
    )


def test_check_of_idle_waivers_points_to_the_lines_that_can_go():
    check = judge([waiver()], seen())

    assert (check.name, check.summary) == ("every waiver fits a finding", "1 fit nothing, 0 allowed")
    assert check.measurements == (Measurement(name="waivers that fit nothing", value=1, wanted="0"),)
    assert check.findings == (
        Finding(
            rule="idle-waiver",
            message="Waiver W-1 (w.yml:3) fits no finding any more; remove it.",
            severity=Severity.MEDIUM,
            tool="deliverygate",
            location=Location("w.yml", 3),
        ),
    )
