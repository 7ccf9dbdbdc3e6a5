"""Trivy's JSON as types, in Trivy's own names. What a secret's report quotes of the file is left out on purpose."""

from __future__ import annotations

import msgspec


class Identifier(msgspec.Struct, gc=False):
    PURL: str | None = None


class Vulnerability(msgspec.Struct, gc=False):
    VulnerabilityID: str
    PkgName: str = ""
    PkgPath: str = ""
    PkgIdentifier: Identifier | None = None
    InstalledVersion: str = ""
    FixedVersion: str = ""
    Status: str = ""
    Severity: str = ""
    Title: str = ""
    Description: str = ""
    PrimaryURL: str = ""


class Lines(msgspec.Struct, gc=False):
    StartLine: int = 0
    EndLine: int = 0


class Occurrence(msgspec.Struct, gc=False):
    """A place through which the cause comes, e.g. the call of a Terraform module."""

    Filename: str = ""
    Location: Lines | None = None


class Cause(msgspec.Struct, gc=False):
    StartLine: int = 0
    EndLine: int = 0
    Occurrences: list[Occurrence] | None = None


class Misconfiguration(msgspec.Struct, gc=False):
    ID: str
    AVDID: str = ""
    Aliases: list[str] | None = None
    Title: str = ""
    Description: str = ""
    Message: str = ""
    Resolution: str = ""
    Severity: str = ""
    PrimaryURL: str = ""
    Status: str = ""
    CauseMetadata: Cause | None = None


class Secret(msgspec.Struct, gc=False):
    """Without ``Match`` and ``Code``: they hold the neighbouring lines, and secrets in these are not masked."""

    RuleID: str
    Category: str = ""
    Severity: str = ""
    Title: str = ""
    StartLine: int = 0
    EndLine: int = 0
    Offset: int = 0


class License(msgspec.Struct, gc=False):
    Name: str
    Severity: str = ""
    Category: str = ""
    PkgName: str = ""
    FilePath: str = ""
    Link: str = ""


class Modified(msgspec.Struct):
    """A finding that a VEX document or an ignore file took out, as ``--show-suppressed`` writes it."""

    Type: str
    Finding: msgspec.Raw
    Status: str = ""
    Statement: str = ""
    Source: str = ""


class Summary(msgspec.Struct, gc=False):
    Successes: int = 0
    Failures: int = 0
    Exceptions: int = 0


class Result(msgspec.Struct):
    Target: str
    Class: str = ""
    MisconfSummary: Summary | None = None
    Vulnerabilities: list[Vulnerability] | None = None
    Misconfigurations: list[Misconfiguration] | None = None
    Secrets: list[Secret] | None = None
    Licenses: list[License] | None = None
    CustomResources: list[msgspec.Raw] | None = None
    ExperimentalModifiedFindings: list[Modified] | None = None


class System(msgspec.Struct):
    Family: str = ""
    Name: str = ""
    EOSL: bool = False
    Eosl: bool = False


class Metadata(msgspec.Struct):
    OS: System | None = None


class Tool(msgspec.Struct):
    Version: str | None = None


class Report(msgspec.Struct):
    SchemaVersion: int
    ArtifactType: str = ""
    Trivy: Tool | None = None
    CreatedAt: str | None = None
    Metadata: Metadata | None = None
    Results: list[Result] | None = None


class Resource(msgspec.Struct):
    """An object of a Kubernetes cluster, with the results of its images and of its manifest."""

    Kind: str
    Name: str
    Namespace: str = ""
    Error: str = ""
    Metadata: list[Metadata] | Metadata | None = None
    Results: list[Result] | None = None


class Cluster(msgspec.Struct):
    """``trivy k8s``. The two lists at the end are those of the releases before 0.40."""

    ClusterName: str
    Resources: list[Resource] | None = None
    Findings: list[Resource] | None = None
    Vulnerabilities: list[Resource] | None = None
    Misconfigurations: list[Resource] | None = None
