"""Units of measure between which values are converted.

Sources: The International System of Units (BIPM, 9th edition), tables 4 and 8; NIST Special Publication 811,
appendix B, for feet, miles, pounds and degrees Fahrenheit; the tonne of oil equivalent is 41.868 GJ (IEA, Energy
Statistics Manual, annex 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, and how much of the SI's own unit it is: `factor` × value + `offset`."""

    measures: str
    factor: Fraction
    offset: Fraction = Fraction(0)


def _of(measures: str, **factors: str) -> dict[str, Unit]:
    return {name: Unit(measures, Fraction(factor)) for name, factor in factors.items()}


def _named(measures: str, factors: dict[str, str]) -> dict[str, Unit]:
    return _of(measures, **factors)


UNITS: dict[str, Unit] = {
    **_named(
        "length",
        {"mm": "0.001", "cm": "0.01", "m": "1", "km": "1000", "in": "0.0254", "ft": "0.3048", "mi": "1609.344",
         "M": "1852"},
    ),
    **_named("area", {"m²": "1", "are": "100", "ha": "10000", "km²": "1000000"}),
    **_named("volume", {"mL": "0.000001", "L": "0.001", "hL": "0.1", "m³": "1"}),
    **_named("mass", {"mg": "0.000001", "g": "0.001", "kg": "1", "t": "1000", "kt": "1000000", "lb": "0.45359237"}),
    **_named(
        "energy",
        {"J": "1", "kJ": "1000", "MJ": "1000000", "GJ": "1000000000", "Wh": "3600", "kWh": "3600000",
         "MWh": "3600000000", "GWh": "3600000000000", "tep": "41868000000", "kcal": "4184"},
    ),
    **_named("power", {"W": "1", "kW": "1000", "MW": "1000000", "GW": "1000000000"}),
    **_named("speed", {"m/s": "1", "km/h": "5/18", "kn": "463/900"}),
    **_named("pressure", {"Pa": "1", "hPa": "100", "kPa": "1000", "bar": "100000", "mbar": "100", "atm": "101325"}),
    **_named("time", {"s": "1", "min": "60", "h": "3600", "d": "86400"}),
    **_named("share", {"1": "1", "%": "0.01", "‰": "0.001"}),
    "K": Unit("temperature", Fraction(1)),
    "°C": Unit("temperature", Fraction(1), Fraction("273.15")),
    "°F": Unit("temperature", Fraction(5, 9), Fraction("273.15") - Fraction(160, 9)),
}  # fmt: skip


def conversion(source: str, target: str) -> tuple[float, float]:
    """Give (a, b) so that a value in `target` is a × the value in `source` + b.

    :raises ValueError: where the two don't measure the same

    >>> conversion("kWh", "MJ")
    (3.6, 0.0)
    """
    one, other = UNITS[source], UNITS[target]
    if one.measures != other.measures:
        raise ValueError("not_the_same_measure")
    return float(one.factor / other.factor), float((one.offset - other.offset) / other.factor)
