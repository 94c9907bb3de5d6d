"""Shapes of values: estimates from samples, classes with round bounds."""

import math
from dataclasses import dataclass

# Ranges narrower than this part of their values are one class: doubles couldn't hold the bounds of several.
_RESOLUTION = 1e-9


def distinct_estimate(population: int, read: int, distinct: int, single: int) -> int:
    """Estimate the number of different values of a population from a sample (Haas and Stokes 1998, Duj1).

    :param population: the number of values in all.
    :param read: the number of values in the sample.
    :param distinct: the number of different values in the sample.
    :param single: the number of values that the sample holds only once.
    """
    if read >= population or read == 0:
        return distinct
    below = read - single + single * read / population
    return min(population, max(distinct, round(read * distinct / below))) if below > 0 else population


@dataclass(frozen=True)
class Classes:
    """Equal classes of a number: class `i` goes from `start + i*step` (included) to the next (excluded)."""

    start: float
    step: float
    count: int

    def bounds(self, index: int) -> tuple[float, float]:
        """Give the lower and upper bound of a class, without the noise of binary fractions."""
        return _clean(self.start + index * self.step), _clean(self.start + (index + 1) * self.step)


def _clean(number: float) -> float:
    return float(f"{number:.12g}")


def round_classes(low: float, high: float, wanted: int, least: float = 0.0) -> Classes:
    """Cut a range into about `wanted` classes whose bounds are round (1, 2 or 5 times a power of ten).

    No class is narrower than `least`.
    """
    if not high - low > max(abs(low), abs(high)) * _RESOLUTION:
        step = max(abs(low) * 1e-6, 1.0)
        start = math.floor(low / step) * step
        return Classes(start, step, max(1, math.floor((high - start) / step) + 1))
    raw = max((high - low) / wanted, least)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    start = math.floor(low / step) * step
    return Classes(start, step, max(1, math.floor((high - start) / step) + 1))
