"""Reads and checks the folder of a territory."""

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ckanext.lrtzc.territory.document import Document, Place, TerritoryError
from ckanext.lrtzc.territory.model import Axis, Commune, Contact, Invitation, KeyFigure, LegalText, Territory, Words

FILE = "territory.yaml"
INVITATIONS = ("find", "contribute", "publish", "reuse")
CODE = re.compile(r"[a-z][a-z0-9-]*")
TOKEN = re.compile(r"[a-z][a-z0-9-]*")
INSEE_CODE = re.compile(r"(?:\d{2}|2[AB])\d{3}")
EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


def read_territory(folder: Path) -> Territory:
    """Read `territory.yaml` and the files it names.

    :param folder: where they are.
    :raises TerritoryError: at the first thing that is missing or wrong, with file, line and key.
    """
    document = Document(folder / FILE)
    return _Reader(document).territory()


class _Reader:
    def __init__(self, document: Document):
        self.document = document
        self.folder = document.path.parent
        self.languages = tuple(document.text(place) for place in document.items(("languages",)))

    def territory(self) -> Territory:
        axes = tuple(self._axis(place) for place in self.document.items(("axes",)))
        self.document.distinct([axis.code for axis in axes], ("axes",), "code")
        legal = tuple(self._legal(place) for place in self.document.items(("legal",)))
        self.document.distinct([page.code for page in legal], ("legal",), "code")
        return Territory(
            folder=self.folder,
            languages=self.languages,
            timezone=self._timezone(("timezone",)),
            epsg=self._epsg(("epsg",)),
            name=self._words(("name",)),
            short_name=self._words(("short_name",)),
            portal=self._words(("portal",)),
            sentence=self._words(("sentence",)),
            logo=self._file(("logo",)),
            axes=axes,
            communes=self._communes(),
            contours_source=self._words(("contours_source",)),
            key_figures=tuple(self._figure(place) for place in self.document.items(("key_figures",))),
            can_do=tuple(self._invitation(place) for place in self.document.items(("can_do",))),
            contact=Contact(
                name=self._words(("contact", "name")),
                email=self._matching(("contact", "email"), EMAIL, "an e-mail address"),
                address=self._words(("contact", "address")),
            ),
            legal=legal,
        )

    def _words(self, place: Place, *, may_be_empty: bool = False) -> Words:
        given = self.document.get(place, (str, dict), "a text by language")
        if isinstance(given, str):
            given = {self.languages[0]: given}
        if self.languages[0] not in given:
            raise self.document.error(place, f"the text in {self.languages[0]}, the first language, is missing.")
        for language, text in given.items():
            if not isinstance(text, str) or not (text.strip() or may_be_empty):
                raise self.document.error((*place, language), "a text is expected.")
        order = [self.languages[0], *(one for one in given if one != self.languages[0])]
        return Words({language: given[language].strip() for language in order})

    def _matching(self, place: Place, pattern: re.Pattern[str], expected: str) -> str:
        text = self.document.text(place)
        if not pattern.fullmatch(text):
            raise self.document.error(place, f"{expected} is expected, not “{text}”.")
        return text

    def _timezone(self, place: Place) -> str:
        name = self.document.text(place)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise self.document.error(place, f"a time zone like Europe/Paris is expected, not “{name}”.") from None
        return name

    def _epsg(self, place: Place) -> int:
        number = self.document.get(place, int, "the EPSG number of a projection in metres")
        try:
            projected = CRS.from_epsg(number).is_projected
        except CRSError:
            projected = False
        if not projected:
            raise self.document.error(place, f"the EPSG number of a projection in metres is expected, not {number}.")
        return number

    def _file(self, place: Place) -> Path:
        name = self.document.text(place)
        path = self.folder / name
        if Path(name).name != name or not path.is_file():
            raise self.document.error(place, f"the name of a file of this folder is expected, “{name}” is not.")
        return path

    def _axis(self, place: Place) -> Axis:
        return Axis(
            code=self._matching((*place, "code"), CODE, "a code of small letters, digits and hyphens"),
            label=self._words((*place, "label")),
            description=self._words((*place, "description")),
            colour=self._matching((*place, "colour"), TOKEN, "the name of a design token"),
            icon=self._matching((*place, "icon"), TOKEN, "the name of an icon"),
            themes=self._themes((*place, "themes")),
        )

    def _themes(self, place: Place) -> tuple[str, ...]:
        if place not in self.document.lines:
            return ()
        return tuple(self.document.text(item) for item in self.document.items(place))

    def _figure(self, place: Place) -> KeyFigure:
        date_place = (*place, "date")
        date = str(self.document.get(date_place, object, "a year, a month or a day"))
        if not DATE.fullmatch(date):
            raise self.document.error(date_place, f"a date like 2023, 2023-05 or 2023-05-17 is expected, not “{date}”.")
        return KeyFigure(
            label=self._words((*place, "label")),
            value=self.document.get((*place, "value"), (int, float), "a number"),
            unit=self._words((*place, "unit"), may_be_empty=True),
            source=self._words((*place, "source")),
            date=date,
            dataset=self._matching((*place, "dataset"), CODE, "the name of a dataset"),
        )

    def _invitation(self, place: Place) -> Invitation:
        to = self.document.text((*place, "to"))
        if to not in INVITATIONS:
            raise self.document.error((*place, "to"), f"one of {', '.join(INVITATIONS)} is expected, not “{to}”.")
        return Invitation(
            to=to,
            title=self._words((*place, "title")),
            text=self._words((*place, "text")),
            icon=self._matching((*place, "icon"), TOKEN, "the name of an icon"),
        )

    def _legal(self, place: Place) -> LegalText:
        return LegalText(
            code=self._matching((*place, "code"), CODE, "a code of small letters, digits and hyphens"),
            title=self._words((*place, "title")),
            text=self._words((*place, "text")),
        )

    def _communes(self) -> tuple[Commune, ...]:
        path = self._file(("communes",))
        contours = _contours(self._file(("contours",)))
        rows = _json(path)
        if not isinstance(rows, list) or not rows:
            raise TerritoryError(f"{path}: a list of communes is expected.")
        communes = [_commune(path, index, row, contours) for index, row in enumerate(rows)]
        codes = [commune.code for commune in communes]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise TerritoryError(f"{path}: {', '.join(twice)} is there twice.")
        return tuple(communes)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise TerritoryError(f"{path}, line {error.lineno}: not valid JSON ({error.msg}).") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TerritoryError(f"{path}: cannot be read ({error}).") from error


def _contours(path: Path) -> dict[str, Any]:
    try:
        features = _json(path)["features"]
        return {feature["properties"]["code"]: feature["geometry"] for feature in features}
    except (KeyError, TypeError) as error:
        raise TerritoryError(
            f"{path}: a GeoJSON FeatureCollection is expected, each feature with the property `code`."
        ) from error


def _commune(path: Path, index: int, row: Any, contours: dict[str, Any]) -> Commune:
    where = f"{path}, item {index + 1}"
    if not isinstance(row, dict):
        raise TerritoryError(f"{where}: an object with code, name and population is expected.")
    code, name, population = row.get("code"), row.get("name"), row.get("population")
    if not isinstance(code, str) or not INSEE_CODE.fullmatch(code):
        raise TerritoryError(f"{where}, code: an INSEE code of five characters, as text, is expected, not {code!r}.")
    if not isinstance(name, str) or not name.strip():
        raise TerritoryError(f"{where} ({code}), name: a text is expected.")
    if not isinstance(population, int) or isinstance(population, bool) or population < 0:
        raise TerritoryError(f"{where} ({code}), population: a number of persons is expected, not {population!r}.")
    if code not in contours:
        raise TerritoryError(f"{where}: {code} {name} has no contour.")
    contour = _polygon(contours[code])
    if contour is None:
        raise TerritoryError(f"{where}: the contour of {code} {name} is not a valid polygon.")
    return Commune(code=code, name=name.strip(), population=population, contour=contour)


def _polygon(geometry: Any) -> BaseGeometry | None:
    """Read a geometry; None where it is no valid polygon."""
    try:
        contour = shape(geometry)
        usable = contour.geom_type in ("Polygon", "MultiPolygon") and contour.is_valid and not contour.is_empty
    except (GEOSException, ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError):
        return None
    return contour if usable else None
