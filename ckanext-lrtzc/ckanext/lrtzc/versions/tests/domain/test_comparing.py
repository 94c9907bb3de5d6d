"""What became of the rows from one version to another."""

import datetime as dt

import polars as pl

from ckanext.lrtzc.versions.domain.citing import citation
from ckanext.lrtzc.versions.domain.comparing import difference, former


def frame(*rows, names=("heure", "velos"), first=1):
    columns = {"_id": range(first, first + len(rows))}
    columns |= {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pl.DataFrame(columns, schema={"_id": pl.Int64, **dict.fromkeys(names, pl.String)})


OLD = frame(("1", "12"), ("2", "15"), ("3", None))


class TestDifference:
    def test_rows_with_the_same_number_are_compared_value_by_value_missing_ones_too(self):
        found = difference(OLD, frame(("1", "12"), ("2", "16"), ("3", "4"), ("4", "1")), (), numbered=True)
        assert found.counts() == (1, 2, 0)
        assert found.added["heure"].to_list() == ["4"]
        assert found.changed[former("velos")].to_list() == ["15", None]
        assert found.changed["velos"].to_list() == ["16", "4"]

    def test_rows_numbered_anew_are_told_apart_by_the_key(self):
        found = difference(OLD, frame(("3", None), ("1", "13")), ("heure",), numbered=False)
        assert found.key == ("heure",)
        assert found.counts() == (0, 1, 1)
        assert found.removed["heure"].to_list() == ["2"]

    def test_where_the_key_tells_nothing_apart_whole_rows_are_compared_and_equal_ones_counted(self):
        twice = frame(("1", "12"), ("1", "12"), (None, None))
        for key in (("heure",), (), ("velos", "nulle part")):
            found = difference(twice, frame((None, None), ("1", "12"), ("5", "5")), key, numbered=False)
            assert found.key == ()
            assert found.counts() == (1, None, 1)
            assert found.removed.rows() == [(2, "1", "12")]

    def test_a_column_that_came_or_went_is_a_change_of_its_rows(self):
        after = frame(("1", "12", "a"), ("2", "15", None), ("3", None, None), names=("heure", "velos", "lieu"))
        found = difference(OLD, after, (), numbered=True)
        assert found.counts() == (0, 1, 0)
        assert difference(after, OLD, (), numbered=True).counts() == (0, 1, 0)
        assert difference(after, OLD, (), numbered=True).names == ("heure", "velos", "lieu")

    def test_a_version_without_rows_or_columns(self):
        nothing = frame(names=())
        assert difference(nothing, OLD, ("heure",), numbered=False).counts()[0] == 3
        assert difference(OLD, nothing, (), numbered=True).counts() == (0, 0, 3)
        assert difference(nothing, nothing, (), numbered=False).counts() == (0, None, 0)


def test_a_version_is_cited_with_who_when_what_and_where():
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    text = citation("Ville d'Aytré", "Vélos.", "Version 3", "Portail", "https://x.test/v/3", moment)
    assert text == "Ville d'Aytré (2026): Vélos. Version 3. Portail. https://x.test/v/3"
    assert citation("", "Vélos", "Version 3", "Portail", "https://x.test", moment).startswith(
        "Portail (2026): Vélos. V"
    )
