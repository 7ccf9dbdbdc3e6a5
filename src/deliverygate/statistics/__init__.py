"""What a number of observations proves: bounds of proportions and of quantiles. Pure, and the same on every machine."""

from __future__ import annotations

from deliverygate.statistics.proportions import interval, lower_bound, probes_needed, upper_bound
from deliverygate.statistics.quantiles import nearest_rank, quantile_minimum, quantile_upper_bound

__all__ = [
    "interval",
    "lower_bound",
    "nearest_rank",
    "probes_needed",
    "quantile_minimum",
    "quantile_upper_bound",
    "upper_bound",
]
