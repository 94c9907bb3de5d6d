"""What a territory is made of: immutable, so that one copy serves all threads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326)."""


@dataclass(frozen=True)
class Words:
    """One text in one or several languages; the first one stands in for those that are missing."""

    by_language: Mapping[str, str]

    def say(self, language: str | None = None) -> str:
        """Give the text in a language (`fr`, `fr_FR`, `en-GB`…), or in the first language of the text."""
        code = (language or "").replace("-", "_")
        for candidate in (code, code.partition("_")[0]):
            if candidate in self.by_language:
                return self.by_language[candidate]
        return next(iter(self.by_language.values()))

    def __str__(self) -> str:
        return self.say()


@dataclass(frozen=True)
class Axis:
    """A field of action that datasets are filed under; `colour` and `icon` are names known to the theme.

    `themes` are other catalogues' themes (addresses or words) that surely mean this axis.
    """

    code: str
    label: Words
    description: Words
    colour: str
    icon: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Commune:
    """A municipality: INSEE code (text, `2A004` included), name, inhabitants, contour in EPSG:4326."""

    code: str
    name: str
    population: int
    contour: BaseGeometry = field(repr=False)


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the home page; `date` as far as known: `2023`, `2023-05` or `2023-05-17`."""

    label: Words
    value: int | float
    unit: Words
    source: Words
    date: str
    dataset: str


@dataclass(frozen=True)
class Invitation:
    """Something a visitor can do: `to` is `find`, `contribute`, `publish` or `reuse`."""

    to: str
    title: Words
    text: Words
    icon: str


@dataclass(frozen=True)
class LegalText:
    """A page of law in Markdown; `code` fits into an address."""

    code: str
    title: Words
    text: Words


@dataclass(frozen=True)
class Contact:
    """Whom to write to."""

    name: Words
    email: str
    address: Words


@dataclass(frozen=True)
class Territory:
    """A territory, as read from its folder.

    `languages` are codes, the default one first; `epsg` is the projection for metres; `logo` a file of the folder.
    """

    folder: Path
    languages: tuple[str, ...]
    timezone: str
    epsg: int
    name: Words
    short_name: Words
    portal: Words
    sentence: Words
    logo: Path
    axes: tuple[Axis, ...]
    communes: tuple[Commune, ...]
    contours_source: Words
    key_figures: tuple[KeyFigure, ...]
    can_do: tuple[Invitation, ...]
    contact: Contact
    legal: tuple[LegalText, ...]

    @cached_property
    def axes_by_code(self) -> Mapping[str, Axis]:
        """Axes by code, in the order of the territory."""
        return MappingProxyType({axis.code: axis for axis in self.axes})

    @cached_property
    def communes_by_code(self) -> Mapping[str, Commune]:
        """Communes by INSEE code, in the order of the territory."""
        return MappingProxyType({commune.code: commune for commune in self.communes})

    @cached_property
    def population(self) -> int:
        """Inhabitants of all communes."""
        return sum(commune.population for commune in self.communes)

    @cached_property
    def bbox(self) -> Box:
        """The box around all communes."""
        return self.extent(self.communes_by_code)

    def extent(self, codes: Iterable[str]) -> Box:
        """Give the box around some communes.

        :raises KeyError: for a code that is not of the territory, or for none.
        """
        west, south, east, north = self._union(codes).bounds
        return west, south, east, north

    def geometry(self, codes: Iterable[str]) -> dict[str, Any]:
        """Give the union of some communes as a GeoJSON geometry in EPSG:4326.

        :raises KeyError: for a code that is not of the territory, or for none.
        """
        return mapping(self._union(codes))

    @cached_property
    def contours(self) -> Mapping[str, Any]:
        """The communes as a GeoJSON FeatureCollection, with `code`, `name` and `population`."""
        features = [
            {
                "type": "Feature",
                "id": commune.code,
                "properties": {"code": commune.code, "name": commune.name, "population": commune.population},
                "geometry": mapping(commune.contour),
            }
            for commune in self.communes
        ]
        return MappingProxyType({"type": "FeatureCollection", "features": features})

    def _union(self, codes: Iterable[str]) -> BaseGeometry:
        wanted = [self.communes_by_code[code].contour for code in codes]
        if not wanted:
            raise KeyError("no commune given")
        return shapely.union_all(wanted)
