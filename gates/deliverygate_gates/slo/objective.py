"""A service level objective, and what is asked of the store for a window of any length."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deliverygate.model import Duration

WINDOW = re.compile(r"\{\{-?\s*\.window\s*-?\}\}")  # as Sloth writes it, a template of Go
_TEXT = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`"
SELECTOR = re.compile(
    rf"(?:[a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:\{{(?:[^{{}}\"'`]|{_TEXT})*\}})?|\{{(?:[^{{}}\"'`]|{_TEXT})+\}})"
)
_RATES = re.compile(r"\b(?:i?rate)\s*\(")
_COUNTS = re.compile(r"\b(?:increase|delta|count_over_time|sum_over_time)\s*\(")


@dataclass(frozen=True, kw_only=True)
class Sli:
    """Expressions with ``{{.window}}``: ``total`` with one of ``bad`` and ``good``, or only the ratio of bad events."""

    total: str = ""
    bad: str = ""
    good: str = ""
    error_ratio: str = ""


@dataclass(frozen=True, kw_only=True)
class Slo:
    """A promise about a service."""

    name: str
    target: float  #: share of events that are good, e.g. 0.999
    period: float  #: seconds
    sli: Sli
    source: str = ""  #: where it is written, e.g. "slo/shop.yml:12"; "" in the policy itself

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return round(1.0 - self.target, 12)  # what floats add to it would turn a limit that is just kept into a breach


def read_expression(written: str) -> str:
    """An expression with ``{{.window}}``; the selector of a counter becomes its increase. Raises ValueError."""
    text = " ".join(written.split())
    if "{{" in WINDOW.sub("", text):
        raise ValueError(f"{written[:80]!r} holds a template other than {{{{.window}}}}; write its value")
    if WINDOW.search(text):
        return text
    if SELECTOR.fullmatch(text):
        return f"sum(increase({text}[{{{{.window}}}}]))"
    raise ValueError(
        f"{written[:80]!r} is neither the selector of a counter nor an expression with {{{{.window}}}}; "
        'write e.g. http_requests_total{job="shop"} or sum(rate(http_requests_total{job="shop"}[{{.window}}]))'
    )


def read_percent(percent: float) -> float:
    """The share that an objective in per cent means. Raises ValueError for one that leaves no budget, or all."""
    if not 0 < percent < 100:
        raise ValueError(f"an objective of {percent:g} is none; write per cent above 0 and below 100, such as 99.9")
    return percent / 100


def fill(expression: str, seconds: float) -> str:
    """The expression for one window."""
    return WINDOW.sub(str(Duration(seconds)), expression)


def events_in(value: float, expression: str, seconds: float) -> float | None:
    """How many events the value of an expression over a window means; None: the expression does not tell."""
    is_rate, is_count = bool(_RATES.search(expression)), bool(_COUNTS.search(expression))
    if is_rate == is_count:
        return None
    return value * seconds if is_rate else value
