"""What the policy says: which objectives, how much of the budget must be left, how fast it may go, who is exempt."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

import msgspec

from deliverygate.model import Duration
from deliverygate_gates.slo.exemption import Exemption
from deliverygate_gates.slo.objective import Sli, Slo, read_expression, read_percent
from deliverygate_gates.slo.windows import Pair, Severity, pairs_of

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Action = Literal["fail", "warn", "ignore"]

LONGEST_PERIOD = 366 * 86_400


class Objective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One objective, written in the policy."""

    name: str
    objective: float  #: per cent of events that are good
    period: Duration = Duration.default(30 * 86_400)
    total: str = ""  #: a counter's selector, or an expression with {{.window}}
    bad: str = ""
    good: str = ""
    error_ratio: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("`name` is empty; write what the objective is about")
        _ = self.slo

    @property
    def slo(self) -> Slo:
        """The same for the gate. Raises ValueError."""
        period = read_period(self.period)
        return Slo(name=self.name.strip(), target=read_percent(self.objective), period=period, sli=self._sli())

    def _sli(self) -> Sli:
        if self.error_ratio:
            if self.total or self.bad or self.good:
                raise ValueError("`error_ratio` stands alone; or write `total` with `bad` or `good`")
            return Sli(error_ratio=read_ratio(self.error_ratio))
        if not self.total or bool(self.bad) == bool(self.good):
            raise ValueError("write `total` with one of `bad` and `good`, or `error_ratio` alone")
        return make_sli(total=self.total, bad=self.bad, good=self.good)


def make_sli(*, total: str, bad: str = "", good: str = "") -> Sli:
    """An indicator by events. Raises ValueError."""
    return Sli(
        total=read_expression(total),
        bad=read_expression(bad) if bad else "",
        good=read_expression(good) if good else "",
    )


def read_ratio(written: str) -> str:
    """An expression of a share of bad events. Raises ValueError."""
    if "window" not in written:
        raise ValueError("an error ratio is an expression with {{.window}}, e.g. 1 - avg_over_time(up[{{.window}}])")
    return read_expression(written)


def read_period(seconds: float) -> float:
    """The period of an objective. Raises ValueError."""
    if not 3600 <= seconds <= LONGEST_PERIOD or seconds % 1:
        raise ValueError("a period is a span from 1h to 366d, such as 30d")
    return float(seconds)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """docs/gates/slo.md has an example of each."""

    store: str = ""  #: which of the policy's stores of metrics; "": the only one
    slos: tuple[Objective, ...] = ()
    files: tuple[str, ...] = ()  #: patterns of OpenSLO, Sloth and Pyrra files
    budget: Action = "fail"  #: what becomes of a spent budget
    page: Action = "fail"  #: what becomes of a burn that would page somebody
    ticket: Action = "warn"
    least_budget: Percent = 0.0  #: per cent of it that must be left
    warn_below: Percent = 25.0  #: per cent of it below which that is said
    windows: tuple[Pair, ...] = ()  #: in place of Sloth's
    sloth_period: Duration = Duration.default(30 * 86_400)  #: of the objectives in Sloth's files, which say none
    min_events: Annotated[int, msgspec.Meta(ge=0)] = 100  #: in each long window and in the period
    min_history: Duration | None = None  #: how long there must have been data; None: as long as the window
    min_coverage: Annotated[float, msgspec.Meta(gt=0, le=100)] = 95.0  #: per cent of a window that has data
    scrape_interval: Duration = Duration.default(60)
    absent_bad: Literal["unknown", "zero"] = "unknown"  #: what it means that ``bad`` has no series in the whole period
    exempt: Exemption | None = msgspec.field(default=None, name="except")

    def __post_init__(self) -> None:
        if not self.slos and not self.files:
            raise ValueError("`slos` and `files` are both empty, which would prove nothing")
        if twice := [name for name, count in Counter(each.name for each in self.slos).items() if count > 1]:
            raise ValueError(f"two of `slos` are called {twice[0]!r}")
        if {self.budget, self.page, self.ticket} == {"ignore"}:
            raise ValueError("`budget`, `page` and `ticket` are all ignored, which would prove nothing")
        if not 1 <= self.scrape_interval <= 600 or self.scrape_interval % 1:
            raise ValueError("`scrape_interval` is a span of whole seconds from 1s to 10m")
        read_period(self.sloth_period)
        for each in self.slos:
            self.pairs_for(each.period)

    def pairs_for(self, period: float) -> tuple[Pair, ...]:
        """The pairs of windows that are looked at for a period. Raises ValueError where there are none."""
        if self.page == self.ticket == "ignore":
            return ()
        return tuple(pair for pair in pairs_of(period, self.windows) if self.action_for(pair.severity) != "ignore")

    def action_for(self, severity: Severity) -> Action:
        """What becomes of a burn of this severity."""
        return {"page": self.page, "ticket": self.ticket}[severity]
