"""What a policy may demand of the findings of security scanners, whoever wrote the report."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from deliverygate.judging import threshold
from deliverygate.judging.scope import Scope
from deliverygate.judging.suppressions import Honored
from deliverygate.judging.threshold import Limits, UnknownMeans
from deliverygate.model import Duration, Severity

Count = Annotated[int, msgspec.Meta(ge=0)]


class Demands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that the gates ``trivy`` and ``vulnerabilities`` share; each adds where its reports come from."""

    fail_on: Severity | None = None
    max: dict[Severity, Count] | None = None
    max_suppressed: Count | None = None
    unknown: UnknownMeans = "block"
    fixable_only: bool = False
    only_new: bool = False
    scope: Scope = "all"
    classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] | None = None
    max_age: Duration | None = None
    end_of_life: Literal["block", "warn", "ignore"] = "block"
    honor_suppressions: Honored = "all"

    def __post_init__(self) -> None:
        if not self.limits.caps:
            raise ValueError("demands nothing; set `fail_on` or `max`")

    @property
    def limits(self) -> Limits:
        """No finding from ``fail_on`` (high, where nothing else is said) up, unless ``max`` allows some."""
        silent = self.max is None and self.fail_on is None
        return threshold.make_limits(
            fail_on=Severity.HIGH if silent else self.fail_on,
            maximum=self.max or {},
            unknown=self.unknown,
            only_fixable=self.fixable_only,
            only_new=self.only_new,
        )
