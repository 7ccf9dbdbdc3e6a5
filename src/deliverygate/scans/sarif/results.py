"""The results of one SARIF run to findings: kinds, levels, suppressions, baseline states, fingerprints (§3.27)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from deliverygate.model import Finding, Severity, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode
from deliverygate.scans.linters import severity_by_rule
from deliverygate.scans.sarif import log
from deliverygate.scans.sarif.fingerprints import Fingerprints
from deliverygate.scans.sarif.places import Places
from deliverygate.scans.sarif.rules import (
    LEVELS,
    Rules,
    is_about_security,
    refer,
    security_severity,
    text_of,
    write_message,
)
from deliverygate.scans.sarif.suppressions import waive
from deliverygate.scans.tools import is_security_scanner
from deliverygate.scans.unchecked import RULES

SPELLINGS = frozenset(("pass", "notApplicable", "informational", "fail", "open", "review"))
NO_FINDINGS = frozenset(("pass", "notapplicable", "informational"))
KINDS = frozenset(kind.lower() for kind in SPELLINGS)
STATES = frozenset(("new", "unchanged", "updated", "absent"))

UNNAMED = "unnamed"  #: the rule of a result that names none

NOTES = {
    "unnamed": "{} result(s) name no rule.",
    "pass": "{} result(s) of kind pass are no findings.",
    "notapplicable": "{} result(s) of kind notApplicable are no findings.",
    "informational": "{} result(s) of kind informational are no findings.",
    "absent": "{} result(s) with baselineState absent are gone and do not count.",
    "known": "{} result(s) are unchanged or updated against a baseline of the producer's; they count as new here.",
    "kind spelling": "{} result(s) spell their kind in another way than the standard.",
    "kind unknown": "{} result(s) have a kind that the standard does not know; they count as failures.",
    "state": "{} suppression(s) say state instead of status; it was read as status.",
    "expiry": "{} suppression(s) have an expiryUtc that is no date, and do not hold.",
    "refused": "{} result(s) have a suppression that was rejected or is not accepted yet; they count.",
    "baseline": "{} result(s) have a baselineState that the standard does not know; they count.",
    "odd fingerprint": "{} result(s) have a fingerprint that is no text.",
    "constant": "{} result(s) share one constant fingerprint; it identifies nothing and was dropped.",
    "mixed": "{} result(s) do not say whether they are suppressed, though others of the run do.",
}


@dataclass(slots=True)
class Grade:
    """What results with the same rule, level and kind have in common."""

    rule: log.Descriptor | None
    rule_id: str
    kind: str
    level: str
    severity: Severity | None  #: None: no finding
    odd: str | None  #: the note that their kind deserves
    is_security: bool
    keys: tuple[str, ...]  #: of those that decide, the ones that are written in each of them
    aliases: tuple[str, ...] = ()  #: what else the rule is called
    count: int = 0


class Results:
    """Takes in the results of a run one by one."""

    def __init__(self, run: log.Run, tool: log.Tool, places: Places) -> None:
        self.tool = tool
        self.name = tool.driver.name
        self.is_scanner = is_security_scanner(self.name)
        self.rules = Rules(tool)
        self.places = places
        self.findings: list[Finding] = []
        self.suppressed: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.written: Counter[str] = Counter()  #: how often the keys that decide were decoded
        self.unchecked: dict[str, None] = {}  #: rules that say of a file that it could not be checked
        self.outspoken = 0  #: results that say whether they are suppressed
        self.overrides = _overrides(run, self.rules)
        self.grades: dict[tuple[object, ...], Grade] = {}
        self.fingerprints = Fingerprints(self.counts)

    def add_all(self, written: msgspec.Raw, *, place: str) -> None:
        results = decode(written, list[msgspec.Raw], place=place)
        decode_result = msgspec.json.Decoder(log.Result).decode
        total = len(results)
        results.reverse()
        while results:  # emptied on the way: what one leaves behind in memory is where the next finding goes
            raw = results.pop()
            try:
                result = decode_result(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                index = total - len(results) - 1
                result = decode(raw, log.Result, place=f"{place}[{index}]")  # says what is wrong, and where
            self.add(result)
        self._drop_constant_fingerprints()
        self._count(total)

    def add(self, result: log.Result) -> None:
        # Here and in what it calls every step is taken hundreds of thousands of times: what results have in common is
        # worked out once, in their grade, and what most of them do not have is asked for by one look at a field.
        key = (result.rule_id, result.rule_index, result.rule, result.level, result.kind, result.provenance)
        grade = self.grades.get(key)
        if grade is None:
            grade = self.grades[key] = self._make_grade(result)
        grade.count += 1
        suppressions = result.suppressions
        if suppressions is not None:
            self.outspoken += 1
        severity = grade.severity
        if severity is None:
            return
        if result.baseline_state is not None and self._is_absent(result.baseline_state):
            return
        is_security = grade.is_security
        if result.properties is not None and (own := self._own_severity(result.properties)) is not None:
            severity, is_security = own, True
        waiver = self._waive(suppressions, grade.rule_id) if suppressions else None
        message, locations = result.message, result.locations
        plain = message.text if message is not None and message.arguments is None else None
        finding = Finding(
            rule=grade.rule_id,
            message=plain or self._message(message, grade),
            severity=severity,
            tool=self.name,
            is_security=is_security,
            location=self.places.locate(locations[0]) if locations else None,
            level=grade.level,
            aliases=grade.aliases,
            native=self.fingerprints.of(result),
            waiver=waiver,
        )
        if (locations and len(locations) > 1) or result.related_locations or result.code_flows:
            others, related = self.places.others(locations or []), self.places.related(result)
            finding = replace(finding, others=others, related=related)
        (self.findings if waiver is None else self.suppressed).append(finding)

    def _count(self, total: int) -> None:
        for grade in self.grades.values():
            self.written.update(dict.fromkeys(grade.keys, grade.count))
            self.counts[grade.odd or ""] += grade.count
            self.counts[grade.kind] += grade.count
            self.counts["unnamed"] += grade.count if grade.rule_id == UNNAMED else 0
        # Only a kind that is no failure takes something away, and logs are full of kinds of other things.
        if all(grade.kind == "fail" for grade in self.grades.values()):
            del self.written["kind"]
        if self.suppressed:
            self.written["suppressions"] = self.outspoken
        if self.outspoken:
            self.counts["mixed"] = total - self.outspoken

    def _make_grade(self, result: log.Result) -> Grade:
        invocation = result.provenance.invocation_index if result.provenance else -1
        reference = refer(result.rule, id=_given(result.rule_id), index=_index(result))
        rule = self.rules.find(reference)
        kind = (result.kind or "fail").lower()
        level = self._level(_given(result.level), kind, rule, invocation)
        severity = None if kind in NO_FINDINGS else LEVELS.get(level, Severity.UNKNOWN)
        if severity is not None and kind not in ("open", "review") and rule is not None:
            severity = security_severity(rule.properties) or severity
        rule_id = reference.id or (rule.id if rule else "") or UNNAMED
        if (
            severity is Severity.HIGH
            and kind == "fail"
            and security_severity(rule.properties if rule else None) is None
        ):
            severity = severity_by_rule(self.name, rule_id) or severity
        if severity is not None and rule_id in RULES:
            self.unchecked[rule_id] = None
        odd = None
        if _given(result.kind) is not None and result.kind not in SPELLINGS:
            odd = "kind spelling" if kind in KINDS else "kind unknown"
        given = {"ruleId": result.rule_id, "level": result.level, "kind": result.kind}
        keys = tuple(name for name, value in given.items() if value is not UNSET)
        return Grade(
            rule,
            rule_id,
            kind,
            level,
            severity,
            odd,
            self.is_scanner or is_about_security(rule),
            keys,
            aliases=_aliases(rule, rule_id),
        )

    def _level(self, written: str | None, kind: str, rule: log.Descriptor | None, invocation: int) -> str:
        """§3.27.10: the result's own, then that of the invocation's configuration, of the rule, "warning"."""
        if written is not None:
            return written.lower()
        if kind != "fail" and kind in KINDS:
            return "none"
        default = rule.default_configuration if rule else None
        configured = self.overrides.get((invocation, id(rule))) if rule else None
        return (configured or (default and default.level) or "warning").lower()

    def _own_severity(self, properties: log.Properties) -> Severity | None:
        """Some tools write the security-severity beside each result; it knows more than the rule's."""
        self.written["security-severity"] += properties.security_severity is not None
        return security_severity(properties)

    def _message(self, message: log.Message | None, grade: Grade) -> str:
        text = write_message(message, grade.rule, self.tool.driver) if message else ""
        return text or text_of(grade.rule.short_description if grade.rule else None) or grade.rule_id

    def _is_absent(self, written: str) -> bool:
        """A producer's own baseline is not ours: it may lie in the change that is judged, so it makes nothing known."""
        state = written.lower()
        self.written["baselineState"] += 1
        self.counts["absent"] += state == "absent"
        self.counts["known"] += state in ("unchanged", "updated")
        self.counts["baseline"] += state not in STATES
        return state == "absent"

    def _waive(self, suppressions: list[log.Suppression], rule_id: str) -> Waiver | None:
        self.written["status"] += sum(1 for entry in suppressions if entry.status is not None)
        return waive(suppressions, rule_id, self.counts)

    def _drop_constant_fingerprints(self) -> None:
        total = len(self.findings) + len(self.suppressed)
        natives = (finding.native for finding in chain(self.findings, self.suppressed))
        first = next(natives, None)
        if first is None or total < 2 or any(native != first for native in natives):
            return
        self.counts["constant"] += total
        self.findings = [replace(finding, native=None) for finding in self.findings]
        self.suppressed = [replace(finding, native=None) for finding in self.suppressed]

    def count_unchecked(self) -> int:
        """How many results say that a file could not be checked."""
        return sum(grade.count for grade in self.grades.values() if grade.rule_id in self.unchecked)

    @property
    def unseen(self) -> tuple[str, ...]:
        """The files that could not be checked."""
        if not self.unchecked:
            return ()
        found = (finding for finding in chain(self.findings, self.suppressed) if finding.rule in self.unchecked)
        return tuple(dict.fromkeys(finding.location.path for finding in found if finding.location))

    def notes(self) -> tuple[str, ...]:
        """What was left out or put right, in sentences."""
        return tuple(sentence.format(self.counts[key]) for key, sentence in NOTES.items() if self.counts[key])


def _given(value: str | UnsetType | None) -> str | None:
    return None if value is UNSET else value


def _index(result: log.Result) -> int:
    return -1 if result.rule_index is None else result.rule_index


def _overrides(run: log.Run, rules: Rules) -> dict[tuple[int, int], str]:
    """Level by invocation and rule, as the configuration of the run set it."""
    found: dict[tuple[int, int], str] = {}
    for index, invocation in enumerate(run.invocations or ()):
        for override in invocation.rule_configuration_overrides or ():
            rule = rules.find(refer(override.descriptor))
            if rule is not None and override.configuration.level is not None:
                found[index, id(rule)] = override.configuration.level
    return found


def _aliases(rule: log.Descriptor | None, rule_id: str) -> tuple[str, ...]:
    """Ids of a descriptor that a result does not go by itself. A list of anything else is help for nobody."""
    listed = rule.deprecated_ids if rule and isinstance(rule.deprecated_ids, list) else ()
    return other_ids(rule_id, (name for name in listed if isinstance(name, str)))
