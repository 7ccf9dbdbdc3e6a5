"""The operator's resources as types. What a secret's report quotes is left out on purpose."""

from __future__ import annotations

import msgspec


class Metadata(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    labels: dict[str, str] | None = None


class Vulnerability(msgspec.Struct, rename="camel"):
    vulnerability_id: str = msgspec.field(name="vulnerabilityID")
    severity: str
    resource: str = ""
    installed_version: str = ""
    fixed_version: str = ""
    title: str = ""
    description: str = ""
    primary_link: str = ""
    package_purl: str = msgspec.field(name="packagePURL", default="")
    package_path: str = ""
    category: str = msgspec.field(name="class", default="")


class Check(msgspec.Struct, rename="camel"):
    severity: str
    success: bool
    check_id: str = msgspec.field(name="checkID", default="")
    title: str = ""
    description: str = ""
    remediation: str = ""
    messages: list[str] | None = None


class Secret(msgspec.Struct, rename="camel"):
    """Without ``match``: it quotes what stands around the secret."""

    rule_id: str = msgspec.field(name="ruleID")
    severity: str
    target: str = ""
    title: str = ""


class Scanner(msgspec.Struct):
    name: str = ""
    version: str | None = None


class System(msgspec.Struct):
    family: str = ""
    name: str = ""
    eosl: bool = False


class Summary(msgspec.Struct, rename="camel"):
    """How many of each severity are listed; of checks, those that failed."""

    critical_count: int = 0
    high_count: int = 0
    medium_count: int = 0
    low_count: int = 0
    unknown_count: int = 0

    @property
    def total(self) -> int:
        return self.critical_count + self.high_count + self.medium_count + self.low_count + self.unknown_count


class Report(msgspec.Struct, rename="camel"):
    summary: Summary | None = None
    scanner: Scanner | None = None
    update_timestamp: str | None = None
    os: System | None = None
    vulnerabilities: list[Vulnerability] | None = None
    checks: list[Check] | None = None
    secrets: list[Secret] | None = None


class ControlCheck(msgspec.Struct, rename="camel"):
    success: bool
    check_id: str = msgspec.field(name="checkID", default="")
    severity: str = ""
    target: str = ""
    title: str = ""
    description: str = ""
    remediation: str = ""
    messages: list[str] | None = None


class Control(msgspec.Struct, rename="camel"):
    id: str
    severity: str = ""
    name: str = ""
    total_fail: int | None = None  #: None: no check looks at it


class ControlResult(msgspec.Struct, rename="camel"):
    """A control of a compliance report with ``reportType: all``, with the checks that prove or refute it."""

    id: str
    name: str = ""
    severity: str = ""
    status: str = ""  #: said by hand where no check can tell
    checks: list[ControlCheck] | None = None

    @property
    def failed(self) -> list[ControlCheck]:
        return [check for check in self.checks or () if not check.success]


class DetailReport(msgspec.Struct, rename="camel"):
    results: list[ControlResult] | None = None


class SummaryReport(msgspec.Struct, rename="camel"):
    control_check: list[Control] | None = None


class ControlSummary(msgspec.Struct, rename="camel"):
    fail_count: int = 0  #: controls with a failure


class Status(msgspec.Struct, rename="camel"):
    summary: ControlSummary | None = None
    summary_report: SummaryReport | None = None
    detail_report: DetailReport | None = None


class Resource(msgspec.Struct, rename="camel"):
    kind: str
    api_version: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    report: Report | None = None
    status: Status | None = None
    items: list[msgspec.Raw] | None = None
