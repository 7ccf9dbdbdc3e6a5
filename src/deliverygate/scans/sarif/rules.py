"""The rules of a SARIF run: which one a result means, how bad it is, what it says (§3.27.5 to §3.27.11, §3.52)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from deliverygate.model import Rule, Severity
from deliverygate.scans.linters import severity_by_rule
from deliverygate.scans.numbers import decimal, whole
from deliverygate.scans.sarif import log

LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}

# GitHub's bands of the security-severity, which are those of CVSS. Semgrep writes words in the place of the number.
BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))
WORDS = {severity.value: severity for severity in Severity if severity is not Severity.UNKNOWN} | {
    "moderate": Severity.MEDIUM,
    "informational": Severity.INFO,
}


def security_severity(properties: log.Properties | None) -> Severity | None:
    """None when there is none, or when it is 0, outside of 0 to 10, or anything else that says nothing."""
    value: Any = properties.security_severity if properties else None
    if isinstance(value, str) and value.strip().lower() in WORDS:
        return WORDS[value.strip().lower()]
    score = decimal(value)
    if score is None or not 0 < score <= 10:
        return None
    return next(severity for least, severity in BANDS if score >= least)


def is_about_security(rule: log.Descriptor | None) -> bool:
    """By its own security-severity, or by the tag that CodeQL and others put there."""
    properties = rule.properties if rule else None
    if properties is None:
        return False
    tags = properties.tags if isinstance(properties.tags, list) else ()
    return properties.security_severity is not None or "security" in tags


class Reference(NamedTuple):
    """How a result, an override or a notification names a descriptor."""

    id: str | None
    place: int = -1  #: in the list of the component's rules
    guid: str | None = None
    component: tuple[int, str | None, str | None] | None = None  #: index, guid and name of the tool component


def refer(given: log.DescriptorReference | None, *, id: str | None = None, index: int = -1) -> Reference:  # noqa: A002
    """The reference of a result: ``ruleId`` and ``ruleIndex`` beside ``rule``, which says the same in more detail."""
    if given is None:
        return Reference(id, index)
    part = given.tool_component
    return Reference(
        id or given.id,
        index if index >= 0 else given.index,
        given.guid,
        (part.index, part.guid, part.name) if part else None,
    )


class Rules:
    """The descriptors of a tool's driver and extensions, looked up as the standard says and as tools really write."""

    def __init__(self, tool: log.Tool, *, notifications: bool = False) -> None:
        self.components = [tool.driver, *(tool.extensions or ())]
        self.lists = [(part.notifications if notifications else part.rules) or [] for part in self.components]
        self.by_id: list[dict[str, log.Descriptor]] = [{} for _ in self.lists]
        for listed, names in zip(self.lists, self.by_id, strict=True):
            for rule in listed:
                names.setdefault(rule.id, rule)  # of two rules with one id, the first

    def find(self, reference: Reference) -> log.Descriptor | None:
        """None when the run describes no such rule."""
        place = self._component(reference.component)
        by_index = self._at(place or 0, reference.place)
        if by_index and (reference.id is None or _fits(by_index.id, reference.id)):
            return by_index
        # Where index and id disagree, an exact id is believed; else the index, as Microsoft's own sample needs it.
        by_id = self._by_id(reference.id, place, hierarchical=by_index is None) if reference.id else None
        return by_id or by_index or self._by_guid(reference.guid)

    def _component(self, given: tuple[int, str | None, str | None] | None) -> int | None:
        """The place in ``components``; None when the reference names none, or one that is not there."""
        if given is None:
            return None
        index, guid, name = given
        if 0 <= index < len(self.components) - 1:
            return index + 1
        for place, part in enumerate(self.components):
            if (guid and part.guid == guid) or (name and part.name == name):
                return place
        return None

    def _at(self, place: int, index: int) -> log.Descriptor | None:
        return self.lists[place][index] if 0 <= index < len(self.lists[place]) else None

    def _by_id(self, id: str, place: int | None, *, hierarchical: bool) -> log.Descriptor | None:  # noqa: A002
        names = self.by_id if place is None else [self.by_id[place]]
        for written in _ancestry(id) if hierarchical else (id,):
            for known in names:
                if written in known:
                    return known[written]
        return None

    def _by_guid(self, guid: str | None) -> log.Descriptor | None:
        rules = (rule for listed in self.lists for rule in listed)
        return next((rule for rule in rules if guid and rule.guid == guid), None)

    def all(self) -> Iterator[log.Descriptor]:
        """Every rule once, those of the driver first."""
        seen: set[str] = set()
        for listed in self.lists:
            for rule in listed:
                if rule.id not in seen:
                    seen.add(rule.id)
                    yield rule


def _fits(rule: str, written: str) -> bool:
    return not rule or written == rule or written.startswith(f"{rule}/")


def _ancestry(id: str) -> Iterator[str]:  # noqa: A002
    """``CA5350/md5/x``, ``CA5350/md5``, ``CA5350``: an id may say more than the rule's own (§3.27.5)."""
    yield id
    parts = id.split("/", DEEPEST_ID)
    for count in range(len(parts) - 1, 0, -1):
        yield "/".join(parts[:count])


DEEPEST_ID = 8  #: more parts than any tool writes; bounds what a hostile id can cost


def describe(rule: log.Descriptor, tool: str = "") -> Rule:
    """The rule in our words."""
    summary, why = text_of(rule.short_description), text_of(rule.full_description)
    help_ = text_of(rule.help)
    own = security_severity(rule.properties)
    level = rule.default_configuration.level if rule.default_configuration else None
    return Rule(
        id=rule.id,
        summary=summary or why,
        why=why if summary else "",
        remedy="" if help_ in (summary, why) else help_,  # Ruff's help is its short description once more
        severity=own or _graded(LEVELS.get((level or "").lower()), tool, rule.id),
        help_uri=rule.help_uri,
    )


def _graded(severity: Severity | None, tool: str, rule: str) -> Severity | None:
    """An "error" of a linter that knows no other level is as bad as its rule."""
    return (severity_by_rule(tool, rule) or severity) if severity is Severity.HIGH else severity


def text_of(message: log.Message | None) -> str:
    """Plain text before Markdown; "" when there is neither."""
    return (message.text or message.markdown or "") if message else ""


MOST_ARGUMENTS = 100  #: a short text could else grow without end
_PLACEHOLDER = re.compile(r"\{([0-9]{1,4})\}")


def write_message(message: log.Message, rule: log.Descriptor | None, component: log.Component) -> str:
    """The message of a result: its own text, or the rule's text by its id, with the arguments put in (§3.11)."""
    text = message.text or message.markdown
    if text is None and message.id is not None:
        own = (rule.message_strings if rule else None) or {}
        text = text_of(own.get(message.id) or (component.global_message_strings or {}).get(message.id))
    arguments = message.arguments
    if text and arguments:
        return _PLACEHOLDER.sub(lambda found: _argument(found, arguments), text, count=MOST_ARGUMENTS)
    return text or ""


def _argument(found: re.Match[str], arguments: list[str]) -> str:
    """A placeholder without an argument stays as it is."""
    place = whole(found[1])
    return arguments[place] if place is not None and place < len(arguments) else found[0]
