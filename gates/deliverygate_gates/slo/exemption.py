"""Who may ship on a spent budget: a change that says why, and that carries a label where one is demanded."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from deliverygate.change import ChangeRequest
from deliverygate.errors import DeliveryGateError, ReportError
from deliverygate.judging.markdown import parse

SHORTEST_REASON = 10  # characters, as for a waiver
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Exemption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a change must show to go on with a spent budget."""

    label: str | tuple[str, ...] = ()  #: it carries one of these labels; none: no label is demanded
    reason: str = "Hotfix"  #: the word before the colon, in the line of the description that holds the reason

    def __post_init__(self) -> None:
        if not _WORD.fullmatch(self.reason):
            raise ValueError("`reason` is one word, e.g. Hotfix for a line such as `Hotfix: stops the loss of orders`")
        if any(not label.strip() for label in self.labels):
            raise ValueError("a `label` is empty; write its name, or leave `label` out")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that will do."""
        return (self.label,) if isinstance(self.label, str) else self.label


class Plea(msgspec.Struct, frozen=True):
    """What a change says for itself."""

    granted: str = ""  #: the label and the reason; "": it is not exempt
    missing: str = ""  #: what it lacks


def hear(exemption: Exemption | None, find_change: Callable[[], ChangeRequest]) -> Plea:
    """Whether the change is exempt, and why or why not."""
    if exemption is None:
        return Plea()
    try:
        change = find_change()
    except DeliveryGateError as error:
        return Plea(missing=f"the change is not known ({error.what})")
    return judge(exemption, change)


def judge(exemption: Exemption, change: ChangeRequest) -> Plea:
    """Whether a change is exempt. What is not known of it does not count."""
    reason = find_reason(change.description, exemption.reason)
    if len(reason) < SHORTEST_REASON:
        return Plea(missing=f"its description has no line `{exemption.reason}: why it cannot wait`")
    if not exemption.labels:
        return Plea(granted=reason)
    if change.labels is None:
        return Plea(missing=f"its labels are not known here ({change.source}); run this for the merge or pull request")
    carried = [label for label in exemption.labels if label in change.labels]
    if not carried:
        return Plea(missing=f"it does not carry the label {' or '.join(exemption.labels)}")
    return Plea(granted=f"label {carried[0]}, {reason}")


def find_reason(description: str, word: str) -> str:
    """The rest of the first line that begins with ``word:``, as a person reads it; "" where there is none."""
    try:
        blocks = parse(description).blocks
    except ReportError:
        return ""
    begin = re.compile(rf"[\s>*-]*{re.escape(word)}\s*:", re.IGNORECASE)
    for line in (line for block in blocks if block.kind != "code" for line in block.text.split("\n")):
        if found := begin.match(line):
            return line[found.end() :].strip()
    return ""
