"""A file of exceptions as it was: whether it let a finding through, or says of it now what it said then."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from deliverygate.config.shape import ForeignFile
from deliverygate.errors import ConfigError
from deliverygate.judging.foreign import read_all
from deliverygate.judging.foreign.entry import read_json, read_yaml
from deliverygate.judging.matching import Index
from deliverygate.judging.rule_ids import meanings
from deliverygate.judging.waivers.terms import last_day
from deliverygate.model import Finding

DATES = frozenset(("timestamp", "last_updated"))
# What any new statement changes in a document, beside the list of them.
MAY_CHANGE = DATES | {"statements", "vulnerabilities", "version", "@id", "serialNumber", "tooling"}


def let_through(path: str, before: str, now: str, finding: Finding, today: date) -> bool:
    """Whether the file let the finding through as it was, by text ``before``. Raises ConfigError for no such file."""
    if said_the_same(path, before, now, finding):
        return True
    return any(last_day(waiver) >= today for waiver in _index(path, before).fitting(finding))


@lru_cache(maxsize=32)
def _index(path: str, text: str) -> Index:
    file = ForeignFile(path=path, owner="target", expires=date.max)
    waivers, _ = read_all([file], lambda _: text.encode(errors="replace"))
    return Index(waivers)


def said_the_same(path: str, before: str, now: str, finding: Finding) -> bool:
    """Whether all that the file says of the finding's vulnerability is as it was, and something is.

    It was the tool that knew what the statements are about; that need not be asked again where none has changed.
    """
    name = path.lower()
    if not name.endswith((".json", ".yaml", ".yml", ".snyk")):
        return False
    try:
        then, today = _read(path, before), _read(path, now)
    except ConfigError:
        return False
    if not name.endswith(".json"):
        return bool(then.get("ignore")) and then.get("ignore") == today.get("ignore")
    if any(then.get(key) != today.get(key) for key in (then.keys() | today.keys()) - MAY_CHANGE):
        return False
    said = _about(then, finding)
    dated = all(then.get(key) == today.get(key) for key in DATES)  # of several statements, dates say which one counts
    return bool(said) and said == _about(today, finding) and (dated or len(said) == 1)


@lru_cache(maxsize=32)
def _read(path: str, text: str) -> dict[str, Any]:
    data = text.encode(errors="replace")
    found: dict[str, Any] = read_json(data, path) if path.lower().endswith(".json") else read_yaml(data, path).data
    return found


def _about(document: dict[str, Any], finding: Finding) -> list[Any]:
    """The statements that name the vulnerability by any of its ids."""
    names = meanings(finding.rule, finding.aliases)
    listed = document.get("statements") or document.get("vulnerabilities") or ()
    return [each for each in listed if isinstance(each, dict) and names & meanings("", _texts(each))]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value, value.rpartition("/")[2])
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return tuple(text for each in inner for text in _texts(each))
