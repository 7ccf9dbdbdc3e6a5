"""What a policy may demand of the findings of security scanners, whoever wrote the report."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from deliverygate.judging import threshold
from deliverygate.judging.scope import Scope
from deliverygate.judging.suppressions import Honored
from deliverygate.judging.threshold import Limits, UnknownMeans
from deliverygate.model import Duration, Severity
from deliverygate_gates.freshness import Freshness
from deliverygate_gates.reports import Root, fault_of
from deliverygate_gates.security.expression import Expression, compile_expression

DAY = 86400
FILES = {"kev": {"kev", "ransomware"}, "epss": {"epss"}}  #: settings that name a file, and the variables that it tells
EXAMPLES = {"kev": "kev", "epss": "epss > 0.1"}

Count = Annotated[int, msgspec.Meta(ge=0)]


class Demands(Freshness, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that the gates ``trivy`` and ``vulnerabilities`` share; each adds where its reports come from."""

    fail_on: Severity | None = None
    max: dict[Severity, Count] | None = None
    max_suppressed: Count | None = None
    unknown: UnknownMeans = "block"
    fixable_only: bool = False
    only_new: bool = False
    scope: Scope = "all"
    root: Root = None
    classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] | None = None
    end_of_life: Literal["block", "warn", "ignore"] = "block"
    honor_suppressions: Honored = "target"

    kev: str | None = None
    kev_max_age: Duration = Duration.default(7 * DAY)
    epss: str | None = None
    epss_max_age: Duration = Duration.default(3 * DAY)
    block_if: str | None = None
    unknown_threat: Literal["block", "ignore"] = "block"

    def __post_init__(self) -> None:
        if said := fault_of(self.root):
            raise ValueError(said)
        if not self.limits.caps and self.block_if is None:
            raise ValueError("demands nothing; set `fail_on`, `max` or `block_if`")
        if self.expression:
            self._check_files(self.expression)
        elif unused := next((name for name in FILES if getattr(self, name) is not None), None):
            raise ValueError(
                f"`{unused}` is named and nothing asks for it; set `block_if`, e.g. to `{EXAMPLES[unused]}`"
            )

    def _check_files(self, expression: Expression) -> None:
        for name, variables in FILES.items():
            if getattr(self, name) is None and (asked := sorted(variables & expression.uses)):
                raise ValueError(f"`block_if` asks for {asked[0]}; name the file that tells it with `{name}:`")

    @property
    def expression(self) -> Expression | None:
        """What ``block_if`` says. Raises ValueError, with the place in it, for what cannot be meant."""
        return compile_expression(self.block_if) if self.block_if is not None else None

    @property
    def limits(self) -> Limits:
        """No finding from ``fail_on`` (high, where nothing else is said) up, unless ``max`` allows some."""
        silent = self.max is None and self.fail_on is None and self.block_if is None
        return threshold.make_limits(
            fail_on=Severity.HIGH if silent else self.fail_on,
            maximum=self.max or {},
            unknown=self.unknown,
            only_fixable=self.fixable_only,
            only_new=self.only_new,
        )
