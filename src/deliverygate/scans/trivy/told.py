"""What Trivy says in the formats of others: there its packages, rules and messages stand in the texts.

Without this the same finding would be another one in each format. https://trivy.dev/latest/docs/configuration/reporting/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from deliverygate.evidence import Case
from deliverygate.model import Finding, Location
from deliverygate.scans.severities import severity_of
from deliverygate.scans.trivy.findings import NO_FILES

NAME = "Trivy"
SYSTEM_RULE = "OsPackageVulnerability"  #: the name of a SARIF rule about packages of an operating system

_PACKAGE = re.compile(
    r"Package: (?P<name>.*)\nInstalled Version: (?P<version>.*)\n"
    r"Vulnerability .*\nSeverity: .*\nFixed Version: (?P<fix>.*)"
)
_CHECK = re.compile(
    r"Artifact: .*\nType: .*\nVulnerability .*\nSeverity: .*\nMessage: (?P<text>.*?)(?:\nLink: .*)?\Z", re.DOTALL
)
_SECRET = re.compile(r"Artifact: (?P<file>.*)\nType: .*\nSecret (?P<title>.*)\nSeverity: .*\nMatch: ")
_LICENSE = re.compile(r"Artifact: .*\nLicense (?P<name>.*)\nPkgName: (?P<package>.*)\n Classification: (?P<class>.*)\n")


def in_sarif(findings: Iterable[Finding], *, system_rules: frozenset[str]) -> list[Finding]:
    """The findings of Trivy's SARIF as those of its JSON.

    ``system_rules`` are the rules about packages of an operating system: their address is the image's name and no path.
    """
    return [_plain(finding, is_system=finding.rule in system_rules) for finding in findings]


def _plain(finding: Finding, *, is_system: bool) -> Finding:
    where = None if is_system or _is_no_file(finding.location) else finding.location
    for pattern, read in _READ.items():
        found = pattern.match(finding.message)
        if found:
            return read(replace(finding, location=where), found)
    return finding


def _is_no_file(where: Location | None) -> bool:
    return where is not None and where.path in NO_FILES


def _package(finding: Finding, found: re.Match[str]) -> Finding:
    return replace(
        finding,
        message=f"{finding.rule} in {found['name']}",
        package="@".join(filter(None, (found["name"], found["version"]))) or None,
        fixed_in=found["fix"] or None,
        fixable=bool(found["fix"]),
    )


def _check(finding: Finding, found: re.Match[str]) -> Finding:
    return replace(finding, message=found["text"] or finding.rule)


def _secret(finding: Finding, found: re.Match[str]) -> Finding:
    """The rest of the message quotes what stands around the secret."""
    return replace(finding, message=f"{found['title'] or finding.rule} in {found['file']}")


def _license(finding: Finding, found: re.Match[str]) -> Finding:
    name, package = found["name"], found["package"]
    category = f" ({found['class']})" if found["class"] else ""
    place = finding.location.path if finding.location else "the whole"
    return replace(
        finding,
        rule=name,
        message=f"{package or place} is under {name}{category}",
        package=package or None,
        is_security=False,
    )


_READ: dict[re.Pattern[str], Callable[[Finding, re.Match[str]], Finding]] = {
    _PACKAGE: _package,
    _CHECK: _check,
    _SECRET: _secret,
    _LICENSE: _license,
}

_CASE = re.compile(r"\[(?P<severity>\w+)\] (?P<name>.*)")
_ID = re.compile(r"[A-Za-z]+-[\w.:-]*\d[\w.:-]*")  # CVE-2019-1549, GHSA-xxxx, DS-0002, but not the title of a secret
_NAME_AND_VERSION = re.compile(r"(.+?)-(v?\d.*)")
_SYSTEM_TARGET = re.compile(r".* \([^()]+\)")  # "alpine:3.20 (alpine 3.20.1)"


def in_junit(cases: Iterable[Case]) -> tuple[Finding, ...]:
    """The failed cases of Trivy's JUnit template as findings.

    The name holds the severity and the rule, the class the package: its name and version joined by a hyphen, although
    both may hold hyphens. The version is taken to begin at the first hyphen before a digit.
    """
    return tuple(_of_case(case, found) for case in cases if case.outcome.is_bad and (found := _CASE.match(case.name)))


def _of_case(case: Case, found: re.Match[str]) -> Finding:
    is_system = bool(_SYSTEM_TARGET.fullmatch(case.suite)) or case.suite in NO_FILES
    rule, message, package = found["name"], case.message.partition("\n")[0], None
    if not _ID.fullmatch(rule):
        rule, message = case.classname, f"{rule} in {case.suite}"  # of a secret, the class is the rule
    elif named := _NAME_AND_VERSION.fullmatch(case.classname):
        package = f"{named[1]}@{named[2]}"
    return Finding(
        rule=rule,
        message=message or rule,
        severity=severity_of(found["severity"]),
        tool=NAME,
        is_security=True,
        location=None if is_system else Location(case.suite),
        package=package,
    )
