"""Beyond which bounds a value is extreme."""

from __future__ import annotations

from typing import Any

import numpy as np

from .rules import FACTORS, Method

# Iglewicz and Hoaglin 1993: makes the median absolute deviation comparable with a standard deviation, and the mean
# absolute deviation where more than half of the values are the same
_MEDIAN, _MEAN = 0.6745, 1.253314


def bounds(values: Any, method: Method, factor: float | None) -> tuple[float, float] | None:
    """Give the lowest and highest values that aren't extreme; None where values don't spread, or are fewer than 5.

    :param values: all values of a column, float64 without NaN
    :param factor: how far is too far; None takes the method's usual one (`FACTORS`)
    """
    if len(values) < 5:
        return None
    factor = FACTORS[method] if factor is None else factor
    match method:
        case Method.IQR:
            first, third = np.quantile(values, (0.25, 0.75))
            low, high = float(first), float(third)
            reach = factor * (high - low)
        case Method.ZSCORE:
            low = high = float(values.mean())
            reach = factor * float(values.std())
        case Method.ROBUST:
            low = high = float(np.median(values))
            away = np.abs(values - low)
            middle = float(np.median(away))
            reach = factor * (middle / _MEDIAN if middle else _MEAN * float(away.mean()))
    return (low - reach, high + reach) if reach > 0 else None
