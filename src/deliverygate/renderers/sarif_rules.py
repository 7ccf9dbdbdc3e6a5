"""The rules of a SARIF run: each one that a result names, with its help and the severity of its worst breach."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import UNSET

from deliverygate.model import GateResult, Rule, Severity
from deliverygate.renderers import sarif_log as log
from deliverygate.renderers.text import clean, cut, one_line

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.UNKNOWN: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# The middle of each band of CVSS, which is how GitHub reads the number. INFO and UNKNOWN have none.
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}

_WEB = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


class Rules:
    """The rules of a run, in the order in which results name them."""

    def __init__(self, gates: Iterable[GateResult]) -> None:
        self._told = {rule.id: rule for gate in gates for check in gate.checks for rule in check.rules}
        self._indexes: dict[str, int] = {}
        self._rules: list[Rule] = []
        self._worst: list[Severity | None] = []
        self._security: set[int] = set()

    def index(
        self, name: str, severity: Severity | None, *, told: Rule | None = None, is_security: bool = False
    ) -> int:
        """The place of a rule; its severity becomes that of the worst result that names it.

        It is a rule of security as soon as one of its results is about security.
        """
        place = self._indexes.setdefault(name, len(self._rules))
        if place == len(self._rules):
            rule = told or self._told.get(name) or Rule(id=name)
            self._rules.append(rule)
            self._worst.append(rule.severity)
        if is_security:
            self._security.add(place)
        worst = self._worst[place]
        if severity is not worst and severity and (worst is None or severity > worst):
            self._worst[place] = severity
        return place

    def descriptors(self) -> tuple[log.Descriptor, ...]:
        """All rules that were asked for; a result's ``rule_index`` is the place in this list."""
        pairs = enumerate(zip(self._rules, self._worst, strict=True))
        return tuple(_descriptor(rule, worst, is_security=at in self._security) for at, (rule, worst) in pairs)


def _descriptor(rule: Rule, severity: Severity | None, *, is_security: bool) -> log.Descriptor:
    """GitHub takes each rule with a security-severity for one of security, and blocks merges by it."""
    summary = plain(rule.summary) or rule_id(rule.id)
    score = SCORES.get(severity) if severity and is_security else None
    return log.Descriptor(
        id=rule_id(rule.id),
        short_description=log.Message(text=summary),
        full_description=log.Message(text=plain(rule.why) or summary),
        help=log.Message(text=plain(rule.remedy) or plain(rule.why) or summary),
        default_configuration=log.Configuration(level=LEVELS[severity] if severity else "error"),
        help_uri=rule.help_uri if rule.help_uri and _WEB.fullmatch(rule.help_uri) else UNSET,
        properties=log.RuleProperties(security_severity=score or UNSET, tags=("security",)) if is_security else UNSET,
    )


@lru_cache(maxsize=1024)
def rule_id(name: str) -> str:
    """A rule's id as the log writes it."""
    return one_line(name, 255) or "unnamed"


def plain(text: str) -> str:
    """Plain text: §3.11.6 makes a link of ``[text](target)`` even there."""
    return cut(clean(text[:4000]).strip(), 1000).replace("](", "] (")
