"""Rules are offered that all rows keep and that say something, and no others."""

import datetime as dt

import polars as pl
import pytest
import shapely

from ckanext.lrtzc.quality.domain.judging import Around
from ckanext.lrtzc.quality.domain.suggestions import suggested

TYPES = {
    "code_insee": "text", "cp": "text", "siret": "text", "etat": "text", "note": "text", "id": "int8", "n": "int8",
    "debut": "date", "fin": "date",
}  # fmt: skip
ROWS = 40


def rows():
    return pl.DataFrame(
        {
            "code_insee": [f"17{number:03}" for number in range(ROWS)],
            "cp": ["17000"] * ROWS,
            "siret": ["73282932000074"] * ROWS,
            "etat": ["bon", "moyen"] * (ROWS // 2),
            "note": [None, *(f"texte {number // 2}" for number in range(ROWS - 1))],
            "id": list(range(ROWS)),
            "n": list(range(ROWS)),
            "debut": [dt.date(2024, 1, 1)] * ROWS,
            "fin": [dt.date(2024, 2, 1)] * ROWS,
            "_position": list(range(1, ROWS + 1)),
        }
    )


def around(**more):
    return Around(
        lambda values, _kind: values.is_not_null(), lambda text, _kind: pl.Series([text]), dt.date.today(), **more
    )


def told(rules):
    return {(rule.kind.value, *rule.columns, *map(str, rule.params.values())) for rule in rules}


def test_what_all_rows_keep_is_offered():
    found = told(suggested(rows(), TYPES, around(), placed=False))
    filled = {("required", name) for name in TYPES if name != "note"}
    assert found == filled | {
        ("unique", "code_insee"),
        ("unique", "id"),
        ("format", "code_insee", "insee"),
        ("format", "cp", "postal"),
        ("format", "siret", "siret"),
        ("compare", "debut", "fin", "le"),
        ("values", "etat", "['bon', 'moyen']"),
    }


def test_of_few_rows_nothing_is_said():
    assert suggested(rows().head(19), TYPES, around(), placed=False) == []


def test_places_that_are_all_there_and_in_the_territory():
    inside = shapely.to_wkb(shapely.set_srid(shapely.Point(-1.5, 46.5), 4326), hex=True, include_srid=True)
    data = pl.DataFrame({"n": [1] * 30, "_position": range(1, 31), "_geometry": [inside] * 30})
    area = shapely.box(-2, 46, -1, 47)
    assert {"placed", "territory"} <= {
        each[0] for each in told(suggested(data, {"n": "int8"}, around(area=area), placed=True))
    }
    elsewhere = around(area=shapely.box(3, 3, 4, 4))
    assert "territory" not in {each[0] for each in told(suggested(data, {"n": "int8"}, elsewhere, placed=True))}


@pytest.mark.parametrize("cells", [["x"] * 20, [f"{number}" for number in range(20)]])
def test_a_list_needs_values_that_repeat(cells):
    data = pl.DataFrame({"t": cells, "_position": range(1, 21)})
    assert "values" not in {each[0] for each in told(suggested(data, {"t": "text"}, around(), placed=False))}
