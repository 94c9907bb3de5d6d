"""What part a column may play in a chart, told by its name, its kind and its unit; its values aren't looked at."""

import re
import unicodedata
from enum import StrEnum

from ckanext.lrtzc.tabular.domain.columns import Column, Kind

_IDENTIFIERS = frozenset(
    re.findall(
        r"\w+",
        "id identifiant identifier uuid cle key ref reference numero num no code codes insee siren siret rne cp postal "
        "url uri lien link mail email courriel telephone tel phone adresse address geom geometry coordonnees "
        "coordonneesxy coordinates latitude longitude lat lon lng x y",
    )
)
_NAMES = frozenset(["nom", "noms", "name", "titre", "title", "libelle", "label", "description", "remarque", "remark"])
_YEARS = frozenset(["annee", "year", "exercice", "millesime"])
# Units of what doesn't add up: levels, shares, lengths, durations.
_LEVELS = frozenset(("%", "‰", "°", "°c", "°f", "k", "m", "cm", "mm", "s", "min", "h", "j", "db", "hpa", "v", "a"))
_YEARLY = re.compile(r"/(?:an|year|yr)$")


class Role(StrEnum):
    """The part a column may play."""

    TIME = "time"
    YEAR = "year"
    CATEGORY = "category"
    NAME = "name"
    MEASURE = "measure"
    IDENTIFIER = "identifier"


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return set(re.findall(r"[a-z]+", "".join(sign for sign in plain if not unicodedata.combining(sign))))


def role_of(column: Column) -> Role:
    """Give the part of a column. An identifier (a code, an address, a coordinate) is nothing to chart by."""
    if column.kind.is_time:
        return Role.TIME
    words = _words(column.id) | _words(column.label)
    if words & _IDENTIFIERS or column.kind is Kind.OTHER:
        return Role.IDENTIFIER
    if column.kind.is_number:
        return Role.YEAR if words & _YEARS and column.kind is Kind.INTEGER else Role.MEASURE
    return Role.NAME if words & _NAMES else Role.CATEGORY


def adds_up(column: Column) -> bool:
    """Say whether the sum of a measure means something: not that of temperatures, shares or densities."""
    unit = _YEARLY.sub("", column.unit.strip().lower())
    if unit:
        return unit not in _LEVELS and "/" not in unit
    return column.kind is Kind.INTEGER
