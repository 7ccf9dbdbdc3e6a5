"""SARIF 2.1.0 as types: what a gate needs of it, in the standard's words, and nothing else.

None of them is tracked by the garbage collector: a log of 300,000 results is decoded one result at a time.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class Wire(msgspec.Struct, rename="camel", gc=False):
    """Names in camel case on the wire."""


class Key(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """The same, and hashable: part of what tells one grade of results from another."""


class ArtifactLocation(Wire):
    uri: str | None = None
    uri_base_id: str | None = None
    index: int = -1


class Region(Wire):
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None


class PhysicalLocation(Wire):
    artifact_location: ArtifactLocation | None = None
    region: Region | None = None


class Location(Wire):
    physical_location: PhysicalLocation | None = None


class Step(Wire):
    """One location of a thread flow; ``index`` leads to a list of the run that holds it."""

    location: Location | None = None
    index: int = -1


class ThreadFlow(Wire):
    locations: list[Step] | None = None


class CodeFlow(Wire):
    thread_flows: list[ThreadFlow] | None = None


class Message(Wire):
    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: list[str] | None = None


class ComponentReference(Key, frozen=True):
    name: str | None = None
    guid: str | None = None
    index: int = -1


class DescriptorReference(Key, frozen=True):
    id: str | None = None
    index: int = -1
    guid: str | None = None
    tool_component: ComponentReference | None = None


class Properties(msgspec.Struct, gc=False):
    security_severity: Any = msgspec.field(default=None, name="security-severity")


class RuleProperties(Properties):
    tags: Any = None


class SuppressionProperties(Wire):
    expiry_utc: Any = None


class Suppression(Wire):
    kind: str | None = None
    status: str | None = None
    state: str | None = None  #: as some producers misspell ``status``
    justification: str | None = None
    guid: str | None = None
    properties: SuppressionProperties | None = None


class Provenance(Key, frozen=True):
    invocation_index: int = -1


class Result(Wire):
    """UNSET tells a key that is not there from one with ``null``, which may have been written over another value."""

    message: Message | None = None
    rule_id: str | UnsetType | None = UNSET
    rule_index: int | None = None
    rule: DescriptorReference | None = None
    kind: str | UnsetType | None = UNSET
    level: str | UnsetType | None = UNSET
    locations: list[Location] | None = None
    related_locations: list[Location] | None = None
    code_flows: list[CodeFlow] | None = None
    fingerprints: dict[str, Any] | None = None
    partial_fingerprints: dict[str, Any] | None = None
    suppressions: list[Suppression] | None = None
    baseline_state: str | None = None
    provenance: Provenance | None = None
    properties: Properties | None = None


class Configuration(Wire):
    level: str | None = None


class Descriptor(Wire):
    """A rule, or a kind of notification."""

    id: str = ""
    name: str | None = None
    guid: str | None = None
    default_configuration: Configuration | None = None
    short_description: Message | None = None
    full_description: Message | None = None
    help: Message | None = None
    help_uri: str | None = None
    message_strings: dict[str, Message] | None = None
    deprecated_ids: Any = None  #: §3.49.4: ids that it had before; OSV-Scanner writes the aliases here
    properties: RuleProperties | None = None


class Component(Wire):
    name: str = ""
    guid: str | None = None
    version: str | None = None
    semantic_version: str | None = None
    rules: list[Descriptor] | None = None
    notifications: list[Descriptor] | None = None
    global_message_strings: dict[str, Message] | None = None


class Tool(Wire):
    driver: Component
    extensions: list[Component] | None = None


class Override(Wire):
    descriptor: DescriptorReference
    configuration: Configuration


class Notification(Wire):
    level: str | None = None
    message: Message | None = None
    descriptor: DescriptorReference | None = None
    locations: list[Location] | None = None
    exception: Any = None


class Invocation(Wire):
    execution_successful: bool | None = None
    start_time_utc: str | None = None
    exit_code: Any = None
    exit_signal_name: Any = None
    exit_signal_number: Any = None
    process_start_failure_message: Any = None
    end_time_utc: str | None = None
    rule_configuration_overrides: list[Override] | None = None
    tool_execution_notifications: list[Notification] | None = None
    tool_configuration_notifications: list[Notification] | None = None


class Artifact(Wire):
    location: ArtifactLocation | None = None
    roles: list[str] | None = None


class ExternalFiles(Wire):
    results: list[msgspec.Raw] | None = None


class Run(Wire):
    tool: Tool | None = None
    invocations: list[Invocation] | None = None
    artifacts: list[Artifact] | None = None
    original_uri_base_ids: dict[str, ArtifactLocation] | None = None
    external_property_file_references: ExternalFiles | None = None
    thread_flow_locations: list[Step] | None = None
    results: msgspec.Raw = msgspec.Raw()

    @property
    def has_results(self) -> bool:
        """Whether there is a list of them; ``null`` says as little as no word at all (§3.14.23)."""
        return bytes(memoryview(self.results)[:4]) not in (b"", b"null")


class Log(Wire):
    version: Any = None
    runs: list[Run] | None = None
