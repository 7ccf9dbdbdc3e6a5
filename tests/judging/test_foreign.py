"""Other tools' files of exceptions: what each entry lets through, until when, and what it does not."""

from datetime import date
from pathlib import Path

import pytest

from deliverygate.config.shape import ForeignFile
from deliverygate.errors import ConfigError
from deliverygate.judging.foreign import read_all
from deliverygate.judging.waivers import Terms, apply
from deliverygate.model import Location, Severity, WaiverMatch
from deliverygate.scans import read
from deliverygate.testing import finding

SAMPLES = Path(__file__).parents[1] / "samples"
TODAY = date(2026, 12, 1)
END = date(2026, 12, 31)
TERMS = Terms(TODAY)


def load(path, text, *, product=None):
    """The waivers of one file, and the notes."""
    data = text if isinstance(text, bytes) else text.encode()
    return read_all([ForeignFile(path=path, owner="@sec", expires=END, product=product)], lambda _: data)


def short(waivers):
    return [(each.id, each.match.rule, each.match.purl, str(each.expires), each.reason) for each in waivers]


def hides(waivers, **fields):
    return bool(apply([finding(**fields)], waivers, TERMS).waived)


TRIVYIGNORE = """\
# Accepted: the parser is not reached
# from outside
CVE-2020-0001
CVE-2020-0002 exp:2026-12-20 # ends early

DS-0002   exp:2027-06-01
CVE-2020-0003 exp:2026-02-30
CVE-2020-0004 exp:
"""


def test_trivyignore_gives_each_line_the_owner_and_an_end():
    waivers, notes = load(".trivyignore", TRIVYIGNORE)

    assert short(waivers) == [
        (".trivyignore:3", "CVE-2020-0001", None, "2026-12-31", "Accepted: the parser is not reached from outside"),
        (
            ".trivyignore:4",
            "CVE-2020-0002",
            None,
            "2026-12-19",
            "Accepted: the parser is not reached from outside",
        ),
        (".trivyignore:6", "DS-0002", None, "2026-12-31", "no reason is given"),
    ]
    assert {(each.owner, each.source, each.match.tool) for each in waivers[:1]} == {("@sec", ".trivyignore:3", "Trivy")}
    assert notes == (
        ".trivyignore:7 lets nothing through: '2026-02-30' is not a date, and Trivy drops such a line.",
        ".trivyignore:8 lets nothing through: '' is not a date, and Trivy drops such a line.",
    )


def test_trivyignore_fits_findings_of_trivy_only():
    waivers, _ = load(".trivyignore", "CVE-1")

    assert hides(waivers, rule="CVE-1", tool="trivy")
    assert not hides(waivers, rule="CVE-1", tool="Grype")


@pytest.mark.parametrize(("end", "holds"), [("2026-12-01", False), ("2026-12-02", True)], ids=["today", "tomorrow"])
def test_day_of_trivy_ends_an_entry_at_its_beginning(end, holds):
    waivers, _ = load(".trivyignore", f"CVE-1 exp:{end}")

    assert hides(waivers, rule="CVE-1", tool="Trivy") is holds


TRIVYIGNORE_YAML = """\
vulnerabilities:
  - id: CVE-2020-0001
    paths: ["app/**", go.mod]
    purls: [pkg:npm/lodash]
    expired_at: 2026-12-20
    statement: not reachable
misconfigurations:
  - id: DS-0002
secrets:
licenses:
  - id: GPL-3.0
    paths: ["vendor/**"]
"""


def test_trivyignore_yaml_fits_one_of_its_paths_and_purls_in_the_results_of_its_section():
    waivers, notes = load(".trivyignore.yaml", TRIVYIGNORE_YAML)
    fields = {"rule": "CVE-2020-0001", "tool": "Trivy", "category": "lang-pkgs", "package": "pkg:npm/lodash@4.17.4"}

    assert notes == ()
    assert {each.id for each in waivers} == {".trivyignore.yaml:2", ".trivyignore.yaml:8", ".trivyignore.yaml:11"}
    assert {str(each.expires) for each in waivers if each.id.endswith(":2")} == {"2026-12-19"}
    assert hides(waivers, **fields, location=Location("go.mod"))
    assert hides(waivers, **fields, location=Location("app/x/package-lock.json"))
    assert not hides(waivers, **fields, location=Location("other.json"))
    assert not hides(waivers, **fields | {"package": None}, location=Location("go.mod"))
    assert not hides(waivers, **fields | {"category": "secret"}, location=Location("go.mod"))
    assert hides(waivers, rule="DS-0002", tool="Trivy", category="config")


GRYPE = """\
output: [json]
ignore:
  - vulnerability: CVE-2020-0001
    reason: not reachable
    package: {name: openssl, version: 1.1.1k, location: "/usr/lib/**"}
  - vulnerability: GHSA-1
    include-aliases: true
    package: {name: "@scope/a", version: "1.0", type: npm}
  - package: {name: busybox}
  - fix-state: wont-fix
  - {vulnerability: CVE-2, namespace: "debian:distro:debian:11"}
  - {vulnerability: CVE-3, package: {name: "linux-.*"}}
  - {vulnerability: CVE-4, package: {name: a, type: deb}}
  - {vulnerability: CVE-5, package: {version: "1"}}
  - {reason: everything}
"""


def test_grype_rules_are_followed_exactly_or_let_nothing_through():
    waivers, notes = load(".grype.yaml", GRYPE)

    assert [each.match for each in waivers] == [
        WaiverMatch(tool="Grype", rule="CVE-2020-0001", package="openssl@1.1.1k", path="usr/lib/**"),
        WaiverMatch(tool="Grype", rule="GHSA-1", purl="pkg:npm/@scope/a@1.0"),
        WaiverMatch(tool="Grype", package="busybox"),
    ]
    assert notes == (
        ".grype.yaml:10 lets nothing through: it asks for `fix-state`, which findings do not hold here.",
        ".grype.yaml:11 lets nothing through: it asks for `namespace`, which findings do not hold here.",
        ".grype.yaml:12 lets nothing through: the name of its package is a regular expression.",
        ".grype.yaml:13 lets nothing through: `package.type: deb` cannot be compared here.",
        ".grype.yaml:14 lets nothing through: it names a version without the name of the package.",
        ".grype.yaml:15 lets nothing through: match: is too broad: without a rule, a purl, a package or a fingerprint "
        "it would let everything through.",
    )


def test_grype_rule_with_a_purl_type_fits_the_scoped_package():
    waivers, _ = load(".grype.yaml", GRYPE)

    assert hides(waivers, rule="GHSA-1", tool="grype", package="pkg:npm/%40scope/a@1.0")
    assert not hides(waivers, rule="GHSA-1", tool="grype", package="pkg:npm/%40scope/a@1.1")


SNYK = """\
version: v1.25.0
ignore:
  SNYK-JS-LODASH-567746:
    - '*':
        reason: none of the functions is called
        expires: 2026-12-20T10:00:00.000Z
        created: 2026-11-01T00:00:00.000Z
  'npm:ms:20170412':
    - debug > ms:
        reason: internal
    - '*':
  SNYK-JS-A-1:
    - '*': {disregardIfFixable: true}
patch: {}
"""


def test_snyk_ignores_of_a_whole_vulnerability_hold_and_those_of_one_path_do_not():
    waivers, notes = load(".snyk", SNYK)

    assert short(waivers)[::3] == [
        (".snyk:4", "SNYK-JS-LODASH-567746", None, "2026-12-19", "none of the functions is called"),
        (".snyk:11", "npm:ms:20170412", None, "2026-12-31", "no reason is given"),
    ]
    assert [each.match.tool for each in waivers[:3]] == ["Snyk", "Snyk Open Source", "Snyk Container"]
    assert waivers[0].created == date(2026, 11, 1)
    assert notes == (
        ".snyk:9 lets nothing through: it is for the one path of dependencies 'debug > ms'.",
        ".snyk:13 lets nothing through: it is for findings without a fix only.",
    )


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (
            ".trivyignore.yaml",
            "vulnerabilities:\n  - id: CVE-1\n    expires_at: 2026-01-01\n",
            ".trivyignore.yaml:3: vulnerabilities[0].expires_at: unknown setting; did you mean 'expired_at'?",
        ),
        (
            ".trivyignore.yaml",
            "vulnerabilitys:\n  - id: CVE-1\n",
            ".trivyignore.yaml:1: vulnerabilitys: unknown setting; did you mean 'vulnerabilities'?",
        ),
        (
            ".trivyignore.yaml",
            "secrets:\n  - id: x\n    expired_at: 2026-13-01\n",
            ".trivyignore.yaml:3: secrets[0].expired_at: '2026-13-01' is not a date; write YYYY-MM-DD",
        ),
        (
            ".snyk",
            "ignore:\n  A:\n    - '*':\n        expires: never\n",
            ".snyk:4: ignore.A[0].*.expires: 'never' is not a date; write YYYY-MM-DD",
        ),
        (
            ".snyk",
            "ignore:\n  A:\n    - '*':\n        expire: 2026-01-01\n",
            ".snyk:4: ignore.A[0].*.expire: unknown setting; did you mean 'expires'?",
        ),
        (
            ".grype.yaml",
            "ignore:\n  - vulnerabilty: CVE-1\n",
            ".grype.yaml:2: ignore[0].vulnerabilty: unknown setting; did you mean 'vulnerability'?",
        ),
        ("x.yaml", "a: 1\n", "x.yaml: holds no exceptions that can be read; name one of .trivyignore, "),
        ("x.yaml", "[1]", "x.yaml: is not a mapping; write it as its tool reads it"),
        ("x.txt", "CVE-1", "x.txt: holds no exceptions that can be read; name one of .trivyignore, "),
        (".trivyignore", b"\xff", ".trivyignore: is not UTF-8 (byte 0); save the file as UTF-8"),
        ("vex.json", "{", "vex.json: is no whole JSON document: "),
        ("vex.json", "", "vex.json: is no whole JSON document: "),
        ("vex.json", "[]", "vex.json: is not a JSON object; "),
        ("vex.json", "{}", "vex.json: holds no exceptions that can be read; "),
        ("vex.json", "[" * 100_000, "vex.json: is nested too deep; "),
        ("vex.json", '{"a": 1, "a": 2}', "vex.json: is no whole JSON document: a key stands twice in one object"),
        (
            "vex.json",
            '{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"vulnerability": "A", "status": "fine"}]}',
            "vex.json: statements[0].status: 'fine' is not one of ",
        ),
        (
            "vex.json",
            '{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "A", "analysis": {"state": "fine"}}]}',
            "vex.json: vulnerabilities[0].analysis.state: 'fine' is not one of ",
        ),
    ],
)  # fmt: skip
def test_file_that_may_mean_something_else_is_a_configuration_error(path, text, said):
    with pytest.raises(ConfigError) as caught:
        load(path, text)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("path", [".trivyignore", ".trivyignore.yaml", ".grype.yaml", ".snyk"])
@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_file_may_hold_no_exception_yet(path, text):
    assert load(path, text) == ((), ())


def test_openvex_of_trivy_suppresses_what_trivy_suppresses_with_it():
    scan = read((SAMPLES / "trivy/gomod.json").read_bytes(), path="gomod.json")
    by_trivy = read((SAMPLES / "trivy/gomod-vex.json").read_bytes(), path="gomod-vex.json")
    product = "pkg:golang/github.com/testdata/testdata"

    waivers, notes = load("openvex.json", (SAMPLES / "vex/openvex.json").read_bytes(), product=product)

    assert notes == ()
    counted = apply(scan.findings, waivers, TERMS).counted
    assert sorted((each.rule, str(each.location)) for each in counted) == sorted(
        (each.rule, str(each.location)) for each in by_trivy.findings
    )


@pytest.mark.parametrize(
    ("product", "said"),
    [
        (None, "; if that is judged here, name it with `product:`."),
        ("pkg:golang/github.com/other/thing", ", and `product:` names pkg:golang/github.com/other/thing."),
    ],
    ids=["not named", "another"],
)
def test_statement_about_parts_of_a_product_holds_only_where_the_policy_names_the_product(product, said):
    waivers, notes = load("openvex.json", (SAMPLES / "vex/openvex.json").read_bytes(), product=product)

    assert waivers == ()
    assert notes == (
        f"openvex.json#statements[0] lets nothing through: it is about parts of pkg:golang/github.com/testdata/testdata{said}",
    )


def test_openvex_holds_for_what_is_not_affected_or_fixed_and_never_for_what_is_in_doubt():
    waivers, notes = load("v.json", (SAMPLES / "vex/openvex_many_vuln.json").read_bytes())

    assert notes == ()
    alpine = "?arch=x86_64&distro=alpine-3.10.9"
    assert short(waivers) == [
        ("v.json#statements[0]", "CVE-2024-10001", f"pkg:apk/alpine/apk-tools@2.10.6-r0{alpine}", "2026-12-31", "VEX status not_affected"),
        ("v.json#statements[2]", "CVE-2024-10003", f"pkg:apk/alpine/alpine-baselayout@3.1.2-r0{alpine}", "2026-12-31", "VEX status fixed"),
        ("v.json#statements[4]", "CVE-2024-10005", f"pkg:apk/alpine/zlib@1.2.11-r1{alpine}", "2026-12-31", "The affected code path is disabled at build time."),
        ("v.json#statements[4]", "GHSA-jfh8-c2jp-5v3q", f"pkg:apk/alpine/zlib@1.2.11-r1{alpine}", "2026-12-31", "The affected code path is disabled at build time."),
        ("v.json#statements[5]", "CVE-2024-10006", "pkg:apk/alpine/openssl@1.1.1k-r0", "2026-12-31", "VEX status not_affected"),
    ]  # fmt: skip
    assert waivers[0].vex == "vulnerable_code_not_present"


def openvex(*statements):
    import json

    return json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "statements": statements})


def said(status, *, at="2026-01-01T00:00:00Z", name="CVE-1", product="pkg:npm/a", **more):
    justified = {"justification": "component_not_present"} if status == "not_affected" else {}
    return {"vulnerability": {"name": name}, "products": [{"@id": product}], "status": status, "timestamp": at,
            **justified, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "holds"),
    [
        ([said("not_affected")], True),
        ([said("not_affected", justification=None)], False),
        ([said("fixed")], True),
        ([said("affected")], False),
        ([said("under_investigation")], False),
        ([said("not_affected"), said("affected", at="2026-02-01T00:00:00Z")], False),
        ([said("affected"), said("not_affected", at="2026-02-01T00:00:00Z")], True),
        ([said("not_affected"), said("affected")], False),
        ([said("not_affected"), said("affected", at=None)], False),
        ([said("not_affected"), said("affected", product="pkg:npm/b")], True),
        ([said("not_affected"), said("affected", product="pkg:npm/a@1")], True),
        ([said("not_affected"), said("affected", product="pkg:npm/a@2")], False),
        ([said("fixed", product="pkg:npm/a@2"), said("affected", product="pkg:npm/a@1")], True),
        ([said("fixed", product="pkg:npm/a@1")], False),
        ([said("fixed", product="pkg:npm/a@2?arch=x")], False),
        ([said("not_affected"), said("affected", product="https://x.example/thing")], False),
        ([said("not_affected"), said("affected", name="CVE-2")], True),
        ([said("not_affected", product="https://x.example/thing")], False),
    ],
    ids=[
        "not affected", "no justification", "fixed", "affected", "not known yet", "later doubt", "later trust",
        "same time", "doubt without a time", "another package", "another version in doubt", "this version in doubt",
        "old version affected", "old version fixed", "another build fixed", "doubt about no package",
        "another vulnerability", "no package",
    ],
)  # fmt: skip
def test_what_openvex_says_last_counts_and_doubt_outweighs_trust(statements, holds):
    waivers, _ = load("vex.json", openvex(*statements))

    assert hides(waivers, rule="CVE-1", package="pkg:npm/a@2") is holds


@pytest.mark.parametrize(
    ("statement", "policy", "holds"),
    [
        ("pkg:oci/shop", "pkg:oci/shop", True),
        ("pkg:oci/shop", "pkg:oci/shop@sha256:abc", True),
        ("pkg:oci/shop", "pkg:oci/Shop@sha256%3AABC?repository_url=ghcr.io/acme/shop", True),
        ("pkg:oci/shop@sha256%3Aabc", "pkg:oci/shop@sha256:abc", True),
        ("pkg:oci/shop@sha256%3Aabc", "pkg:oci/shop@sha256:def", False),
        ("pkg:oci/shop@sha256%3Aabc", "pkg:oci/shop", False),
        ("pkg:oci/shop?tag=1", "pkg:oci/shop", False),
        ("pkg:oci/other", "pkg:oci/shop", False),
    ],
)
@pytest.mark.parametrize("parts", [False, True], ids=["the product itself", "a part of it"])
def test_statement_holds_for_the_product_that_it_covers(statement, policy, holds, parts):
    product = {"@id": statement} | ({"subcomponents": [{"@id": "pkg:npm/a"}]} if parts else {})
    text = openvex(said("not_affected") | {"products": [product]})

    waivers, _ = load("vex.json", text, product=policy)

    assert hides(waivers, rule="CVE-1", package="pkg:npm/a@2") is holds


def test_doubt_about_what_may_be_the_product_outweighs_trust():
    doubt = said("affected", product="pkg:oci/shop@sha256:old")

    waivers, _ = load("vex.json", openvex(said("not_affected", product="pkg:oci/shop"), doubt), product="pkg:oci/shop")

    assert not hides(waivers, rule="CVE-1", package="pkg:npm/a@2")


def test_component_with_a_general_and_an_exact_package_url_is_the_exact_one():
    exact = {"@id": "pkg:oci/shop", "identifiers": {"purl": "pkg:oci/shop@sha256:abc"}}
    text = openvex(said("fixed") | {"products": [exact]})

    covered = [
        hides(load("vex.json", text, product=f"pkg:oci/shop@sha256:{end}")[0], rule="CVE-1") for end in ("abc", "def")
    ]

    assert covered == [True, False]


@pytest.mark.parametrize(
    ("named", "reported", "holds"),
    [
        ({"name": "CVE-2024-9407"}, {"rule": "GHSA-fhqq-8f65-5xfc", "aliases": ("CVE-2024-9407",)}, True),
        ({"name": "CVE-2024-9407"}, {"rule": "GHSA-fhqq-8f65-5xfc"}, False),
        ({"name": "X-1", "aliases": ["ghsa-FHQQ-8f65-5xfc"]}, {"rule": "GHSA-fhqq-8f65-5xfc"}, True),
        ({"@id": "https://nvd.nist.gov/vuln/detail/CVE-2024-9407"}, {"rule": "cve-2024-9407"}, True),
        ({"name": "CVE-2024-9407"}, {"rule": "DEBIAN-CVE-2024-9407"}, True),
        ({"name": "CVE-2024-9407"}, {"rule": "CVE-2024-94071"}, False),
    ],
)
def test_statement_fits_a_vulnerability_by_any_of_its_ids(named, reported, holds):
    waivers, _ = load("vex.json", openvex(said("fixed") | {"vulnerability": named}))

    assert hides(waivers, package="pkg:npm/a@2", **reported) is holds


def test_doubt_by_another_name_of_the_vulnerability_outweighs_trust():
    waivers, _ = load("vex.json", openvex(said("fixed", name="CVE-1"), said("affected", name="GHSA-1")))

    assert not hides(waivers, rule="CVE-1", aliases=("GHSA-1",), package="pkg:npm/a@2")
    assert hides(waivers, rule="CVE-1", package="pkg:npm/a@2")


@pytest.mark.parametrize(
    ("whole", "trust", "doubt", "holds"),
    [
        ({"timestamp": "2026-03-01T00:00:00Z"}, None, "2026-02-01T00:00:00Z", True),
        ({"timestamp": "2026-01-01T00:00:00Z", "last_updated": "2026-03-01T00:00:00Z"}, None, "2026-02-01T00:00:00Z", False),
        ({"timestamp": "2026-01-01T00:00:00Z", "last_updated": "2026-03-01T00:00:00Z"}, "2026-02-01T00:00:00Z", None, False),
        ({}, "2026-02-01T00:00:00+02:00", "2026-02-01T00:00:00Z", False),
    ],
    ids=["date of the document", "update of the document", "doubt without a date", "time zones"],
)  # fmt: skip
def test_statement_without_a_date_has_that_of_its_document(whole, trust, doubt, holds):
    import json

    text = json.loads(openvex(said("not_affected", at=trust), said("affected", at=doubt))) | whole

    assert hides(load("vex.json", json.dumps(text))[0], rule="CVE-1", package="pkg:npm/a@2") is holds


def test_what_a_document_takes_back_is_not_shown_with_the_finding():
    waivers, _ = load("vex.json", openvex(said("fixed"), said("affected", product="pkg:npm/a@1")))

    (waived,) = apply([finding("CVE-1", package="pkg:npm/a@2")], waivers, TERMS).waived

    assert (bool(waivers[0].unless), waived.waiver.unless) == (True, ())


def test_cyclonedx_analysis_holds_for_the_component_under_every_name_of_the_vulnerability():
    waivers, notes = load("bom.json", (SAMPLES / "cyclonedx/valid-vulnerability-1.4.json").read_bytes())

    assert notes == ()
    purl = "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.4"
    reason = "code_not_reachable: An optional explanation of why the application is not affected by the vulnerable component."
    assert short(waivers) == [
        ("bom.json#vulnerabilities[0]", "SNYK-JAVA-COMFASTERXMLJACKSONCORE-32111", purl, "2026-12-31", reason),
        ("bom.json#vulnerabilities[0]", "CVE-2018-7489", purl, "2026-12-31", reason),
    ]
    assert waivers[0].vex == "vulnerable_code_not_in_execute_path"


@pytest.mark.parametrize(
    ("analysis", "ref", "holds"),
    [
        ('{"state": "not_affected", "justification": "code_not_present"}', "a", True),
        ('{"state": "not_affected"}', "a", False),
        ('{"state": "false_positive", "justification": "code_not_present"}', "a", True),
        ('{"state": "resolved"}', "a", True),
        ('{"state": "exploitable"}', "a", False),
        ('{"state": "in_triage"}', "a", False),
        ("{}", "a", False),
        ('{"state": "resolved"}', "nobody", False),
        ('{"state": "resolved"}', "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Fa%401", True),
    ],
    ids=[
        "not affected", "no justification", "false positive", "resolved", "exploitable", "in triage", "no state",
        "unknown component", "link to another document",
    ],
)  # fmt: skip
def test_cyclonedx_states_that_hold(analysis, ref, holds):
    waivers, _ = load(
        "bom.json",
        '{"bomFormat": "CycloneDX", "components": [{"components": [{"bom-ref": "a", "purl": "pkg:npm/a@1"}]}],'
        f'"vulnerabilities": [{{"id": "CVE-1", "analysis": {analysis}, "affects": [{{"ref": "{ref}"}}]}}]}}',
    )

    assert hides(waivers, rule="CVE-1", package="pkg:npm/a@1") is holds


@pytest.mark.parametrize(
    ("component", "versions", "holds"),
    [
        ('"purl": "pkg:npm/a@1"', "[]", True),
        ('"purl": "pkg:npm/a", "version": "1"', "[]", True),
        ('"purl": "pkg:npm/a", "version": "2"', "[]", False),
        ('"purl": "pkg:npm/a"', "[]", True),
        ('"purl": "pkg:npm/a"', '[{"version": "1", "status": "unaffected"}]', True),
        ('"purl": "pkg:npm/a"', '[{"version": "2", "status": "unaffected"}]', False),
        ('"purl": "pkg:npm/a"', '[{"version": "1", "status": "affected"}]', False),
        ('"purl": "pkg:npm/a"', '[{"version": "1", "status": "unknown"}]', False),
        ('"purl": "pkg:npm/a"', '[{"range": "vers:npm/>=1"}]', False),
        ('"purl": "pkg:npm/a@1"', '[{"range": "vers:npm/<3", "status": "affected"}]', True),
    ],
)
def test_cyclonedx_analysis_holds_for_the_versions_that_it_is_about(component, versions, holds):
    waivers, _ = load(
        "bom.json",
        f'{{"bomFormat": "CycloneDX", "components": [{{"bom-ref": "a", {component}}}], "vulnerabilities": [{{"id": "CVE-1",'
        f'"analysis": {{"state": "resolved"}}, "affects": [{{"ref": "a", "versions": {versions}}}]}}]}}',
    )

    assert hides(waivers, rule="CVE-1", package="pkg:npm/a@1") is holds


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("modules/{vpc,eks}/**", ["modules/vpc/main.tf", "modules/eks/a/b.tf"], ["modules/iam/main.tf"]),
        ("{a,b/{c,d}}/*.tf", ["a/x.tf", "b/c/x.tf", "b/d/x.tf"], ["b/x.tf", "c/x.tf"]),
        ("a{,b}.tf", ["a.tf", "ab.tf"], ["a,b.tf"]),
        ("a,b.tf", ["a,b.tf"], ["a.tf"]),
        ("[{a]x", ["{x", "ax"], ["x"]),
        ("**/x.tf", ["x.tf", "a/b/x.tf"], ["ax.tf"]),
        ("a/*/x.tf", ["a/b/x.tf"], ["a/x.tf", "a/b/c/x.tf"]),
        ("[!a]?.tf", ["bc.tf"], ["ac.tf", "b/.tf"]),
    ],
)
@pytest.mark.parametrize("tool", ["Trivy", "Grype"])
def test_paths_are_patterns_of_doublestar(tool, pattern, fitting, others):
    path, text = {
        "Trivy": (".trivyignore.yaml", f"misconfigurations: [{{id: DS-0002, paths: ['{pattern}']}}]"),
        "Grype": (".grype.yaml", f"ignore: [{{vulnerability: DS-0002, package: {{location: '/{pattern}'}}}}]"),
    }[tool]
    waivers, notes = load(path, text)
    found = [each for each in (*fitting, *others)
             if hides(waivers, rule="DS-0002", tool=tool, category="config", location=Location(each))]  # fmt: skip

    assert (found, notes) == (fitting, ())


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{a,b", "'{a,b' does not close a brace"),
        ("a}", "'a}' closes a brace that it did not open"),
        ("a\\\\{b", "'a\\\\\\\\{b' holds a backslash"),
        ("{a,b}" * 9, f"{'{a,b}' * 9!r} has more than 256 alternatives"),
        ("/a/**", "'/a/**' is not relative to the repository"),
    ],
)
def test_path_that_cannot_be_followed_lets_nothing_through_and_is_noted(pattern, said):
    waivers, notes = load(".trivyignore.yaml", f"secrets:\n  - id: x\n    paths: ['{pattern}', ok]\n")

    assert (waivers, notes) == ((), (f".trivyignore.yaml:2 lets nothing through: paths: {said}.",))


@pytest.mark.parametrize(
    ("written", "rule", "aliases", "holds"),
    [
        ("AVD-DS-0002", "DS002", ("AVD-DS-0002",), True),
        ("AVD-DS-0002", "DS002", (), True),
        ("DS002", "DS-0002", (), True),
        ("DS-0002", "AVD-DS-0002", (), True),
        ("AVD-KSV-0036", "KSV-0036", ("AVD-KSV-0036", "KSV036"), True),
        ("avd-aws-0089", "AWS-0089", (), True),
        ("aws-s3-enable-bucket-logging", "AWS-0089", ("aws-s3-enable-bucket-logging",), True),
        ("DS-0020", "DS002", (), False),
        ("KSV-0002", "DS-0002", (), False),
    ],
)
def test_check_of_trivy_is_known_by_each_of_its_ids(written, rule, aliases, holds):
    waivers, _ = load(".trivyignore", f"{written}\n")

    assert hides(waivers, rule=rule, aliases=aliases, tool="Trivy") is holds


def test_trivy_reads_nothing_but_a_day_as_the_end_of_a_line():
    waivers, notes = load(".trivyignore", "CVE-1 exp:2027-01-01T00:00:00Z\n")

    assert (waivers, len(notes)) == ((), 1)


@pytest.mark.parametrize(
    ("package", "reported", "holds"),
    [
        ("{name: PyJWT, type: python}", "pkg:pypi/pyjwt@2.3.0", True),
        ("{name: PyJWT, version: 2.3.0, type: python}", "pkg:pypi/pyjwt@2.3.0", True),
        ("{name: PyJWT, version: 2.3.1, type: python}", "pkg:pypi/pyjwt@2.3.0", False),
        ("{name: PyJWT}", "pkg:pypi/pyjwt@2.3.0", True),
        ("{name: typing_extensions, version: '4'}", "pkg:pypi/typing-extensions@4", True),
        ("{name: github.com/BurntSushi/toml, version: v1.0.0, type: go-module}", "pkg:golang/github.com/burntsushi/toml@1.0.0", True),
        ("{name: JSONStream, type: npm}", "pkg:npm/jsonstream@1", False),
        ("{name: openssl, version: '1:3.0'}", "pkg:deb/debian/openssl@1%3A3.0?arch=amd64", True),
        ("{name: openssl}", "openssl@3.0", True),
        ("{name: OpenSSL}", "openssl@3.0", False),
    ],
)  # fmt: skip
def test_grype_names_a_package_in_any_spelling_of_its_type(package, reported, holds):
    waivers, _ = load(".grype.yaml", f"ignore: [{{vulnerability: CVE-1, package: {package}}}]")

    assert hides(waivers, rule="CVE-1", tool="Grype", package=reported) is holds


def test_foreign_waivers_are_held_to_the_same_limits():
    far = ForeignFile(path=".trivyignore", owner="@sec", expires=date(2027, 6, 1))
    waivers, _ = read_all([far], lambda _: b"CVE-1")

    applied = apply([finding("CVE-1", Severity.CRITICAL, tool="Trivy")], waivers, TERMS)

    assert applied.refused[0].message == (
        "CVE-1 is broken (waiver .trivyignore:1 does not hold: it ends on 2027-06-01, "
        "90 days from today are the most for critical severity)"
    )


def test_cyclonedx_doubt_about_the_whole_outweighs_trust_in_a_part():
    waivers, _ = load(
        "bom.json",
        '{"bomFormat": "CycloneDX", "metadata": {"component": {"bom-ref": "shop", "purl": "pkg:oci/shop"}}, "components":'
        '[{"bom-ref": "a", "purl": "pkg:npm/a@1"}], "vulnerabilities": ['
        '{"id": "CVE-1", "analysis": {"state": "resolved"}, "affects": [{"ref": "a"}]},'
        '{"id": "CVE-1", "analysis": {"state": "exploitable"}, "affects": [{"ref": "shop"}]}]}',
    )

    assert not hides(waivers, rule="CVE-1", package="pkg:npm/a@1")


def test_product_that_is_no_package_url_is_a_configuration_error():
    with pytest.raises(ConfigError, match="`product: pkg:oci` is no package URL"):
        load("vex.json", openvex(said("fixed")), product="pkg:oci")
