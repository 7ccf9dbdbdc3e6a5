"""The part of SARIF 2.1.0 that we write, as types. Names are the standard's, in its camelCase on the wire."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType


class _Object(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """What all of them have in common: what is UNSET is not written."""


class Message(_Object, frozen=True, gc=False):
    text: str


class ArtifactLocation(_Object, frozen=True, gc=False):
    uri: str  #: relative to the root of the repository, percent-encoded
    uri_base_id: str


class Region(_Object, frozen=True, gc=False):
    start_line: int
    start_column: int | UnsetType = UNSET
    end_line: int | UnsetType = UNSET


class PhysicalLocation(_Object, frozen=True, gc=False):
    artifact_location: ArtifactLocation
    region: Region | UnsetType = UNSET


class LogicalLocation(_Object, frozen=True, gc=False):
    fully_qualified_name: str


class Place(_Object, frozen=True, gc=False):
    physical_location: PhysicalLocation
    logical_locations: tuple[LogicalLocation, ...] | UnsetType = UNSET


class Suppression(_Object, frozen=True, gc=False):
    kind: str
    status: str
    justification: str


class ResultProperties(_Object, frozen=True, gc=False):
    severity: str
    tool: str | UnsetType = UNSET
    package: str | UnsetType = UNSET
    fixed_in: str | UnsetType = UNSET


class Result(_Object, frozen=True, gc=False):
    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: tuple[Place, ...]
    partial_fingerprints: dict[str, str] | UnsetType = UNSET
    suppressions: tuple[Suppression, ...] | UnsetType = UNSET
    baseline_state: str | UnsetType = UNSET
    properties: ResultProperties | UnsetType = UNSET


class Configuration(_Object, frozen=True, gc=False):
    level: str


class RuleProperties(_Object, frozen=True, gc=False, rename={"security_severity": "security-severity"}):
    security_severity: str | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET


class Descriptor(_Object, frozen=True, gc=False):
    id: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    help_uri: str | UnsetType = UNSET
    properties: RuleProperties | UnsetType = UNSET


class Driver(_Object, frozen=True):
    name: str
    version: str
    rules: tuple[Descriptor, ...]


class Tool(_Object, frozen=True):
    driver: Driver


class Notification(_Object, frozen=True):
    level: str
    message: Message


class Invocation(_Object, frozen=True):
    execution_successful: bool
    start_time_utc: str
    tool_execution_notifications: tuple[Notification, ...] | UnsetType = UNSET


class AutomationDetails(_Object, frozen=True):
    id: str


class UriBase(_Object, frozen=True):
    description: Message


class Run(_Object, frozen=True):
    tool: Tool
    automation_details: AutomationDetails
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: dict[str, UriBase]
    results: tuple[Result, ...]


class Log(_Object, frozen=True, rename={"schema": "$schema"}):
    schema: str
    version: str
    runs: tuple[Run, ...]
