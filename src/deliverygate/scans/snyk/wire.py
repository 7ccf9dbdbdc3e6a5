"""Snyk's JSON as types, in Snyk's own names."""

from __future__ import annotations

from typing import Any

import msgspec


class Ignore(msgspec.Struct, rename="camel"):
    reason: str = ""
    source: str = ""
    expires: str | None = None


class FilteredBy(msgspec.Struct):
    ignored: list[Ignore] | None = None


class Identifiers(msgspec.Struct, rename="upper", gc=False):
    cve: list[str] | None = None
    ghsa: list[str] | None = None


class Issue(msgspec.Struct, rename="camel", gc=False):
    """A vulnerability, a licence issue, or (with ``lineNumber``) a fault of infrastructure code."""

    id: str
    severity: str = ""
    severity_with_critical: str = ""  #: of the releases that showed critical ones as high
    title: str = ""
    description: str = ""
    type: str = ""
    name: str = ""
    package_name: str = ""
    package_manager: str = ""
    version: str = ""
    identifiers: Identifiers | None = None
    fixed_in: list[str] | None = None
    nearest_fixed_in_version: str = ""
    is_upgradable: bool = False
    is_patchable: bool = False
    is_pinnable: bool = False
    url: str = ""
    filtered: FilteredBy | None = None
    msg: str = ""
    impact: str = ""
    resolve: str = ""
    documentation: str = ""
    line_number: int = -1
    is_ignored: bool = False


class Filtered(msgspec.Struct):
    ignore: list[Issue] | None = None
    patch: list[Issue] | None = None


class Project(msgspec.Struct, rename="camel"):
    """One tested project. An errored one has ``error`` and nothing else; with ``ok: false`` it was no test at all."""

    vulnerabilities: list[Issue] | None = None
    infrastructure_as_code_issues: list[Issue] | None = None
    applications: list[msgspec.Raw] | None = None  #: projects inside of a container image
    error: Any = None
    ok: bool | None = None  #: false where there are issues; every test of packages says it
    unique_count: int | None = None  #: different ids in ``vulnerabilities``
    dependency_count: int | None = None
    package_manager: str = ""
    found_project_count: int = 0  #: manifests that Snyk saw; it may have tested fewer
    display_target_file: str | None = None
    target_file: str | None = None
    path: str = ""
    project_name: str = ""
    filtered: Filtered | None = None
