"""Types are guessed as a French clerk would."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.casting import Column, cast_column, cast_frame
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.headers import clean_headers
from ckanext.lrtzc.batches.domain.infer import infer

T = ColumnType


def strings(values):
    return pl.Series("x", values, dtype=pl.String)


@pytest.mark.parametrize(
    ("name", "values", "expected", "reason"),
    [
        ("code_insee", ["17300", "17028"], T.TEXT, "code_name"),
        ("commune", ["2A004", "17300"], T.TEXT, "texts"),
        ("n", ["01000", "17000"], T.TEXT, "leading_zeros"),
        ("contact", ["05 46 00 00 00", "0546000001"], T.TEXT, "phone"),
        ("numero", ["732829320", "552100554", "542051180"], T.TEXT, "siren"),
        ("annee", ["2019", "2020"], T.INTEGER, "integers"),
        ("conso", ["1 234,5", "3,2"], T.DECIMAL, "decimals"),
        ("conso", ["1\u202f234", "3"], T.INTEGER, "integers"),
        ("jour", ["01/02/2020", "31/12/2020"], T.DATE, "dates"),
        ("jour", ["12/25/2020", "01/02/2020"], T.DATE, "month_first"),
        ("jour", ["2020-01-01", "31/12/2020", "-"], T.DATE, "dates"),
        ("jour", ["3 mars 2020", "1er avril 2021"], T.DATE, "dates"),
        ("h", ["2020-01-02T10:11:12Z"], T.TIMESTAMP, "utc"),
        ("h", ["01/02/2020 10:00", "02/02/2020 11:00"], T.TIMESTAMP, "timestamps"),
        ("actif", ["oui", "Non", ""], T.BOOLEAN, "booleans"),
        ("n", ["0", "1"], T.INTEGER, "integers"),
        ("vide", ["", None], T.TEXT, "empty"),
        ("long", ["9" * 25], T.TEXT, "too_long"),
    ],
)
def test_types_follow_habits(name, values, expected, reason):
    found = infer(name, strings(values))
    assert (found.type, found.reason) == (expected, reason)


def test_a_column_with_an_exception_stays_text_and_shows_it():
    found = infer("n", strings([str(i) for i in range(99)] + ["douze"]))
    assert found.type is T.TEXT
    assert found.reason == "almost"
    assert found.contradictions == ("douze",)
    assert found.confidence == pytest.approx(0.99)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_french_dates_keep_their_day_and_month(day):
    typed, failed = cast_column(strings([f"{day:%d/%m/%Y}"]), Column("d", T.DATE, formats=("%d/%m/%Y",)))
    assert typed.to_list() == [day]
    assert len(failed) == 0


@given(st.lists(st.text(), max_size=20), st.sampled_from(ColumnType))
def test_no_text_breaks_a_type(values, kind):
    values = [v.replace("\0", "") for v in values]
    typed, failed = cast_column(strings(values), Column("x", kind))
    assert len(typed) == len(values)
    assert set(failed.to_list()) <= set(range(len(values)))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_come_back(numbers):
    typed, failed = cast_column(strings([str(n) for n in numbers]), Column("x", T.INTEGER))
    assert typed.to_list() == numbers
    assert len(failed) == 0


@given(st.lists(st.decimals(-(10**9), 10**9, places=3, allow_nan=False), min_size=1))
def test_decimals_keep_their_digits(numbers):
    typed, _failed = cast_column(strings([str(n).replace(".", ",") for n in numbers]), Column("x", T.DECIMAL, ","))
    assert typed.to_list() == [str(n) for n in numbers]


def test_a_row_that_does_not_fit_is_refused_with_its_place():
    data = pl.DataFrame({"_position": [1, 2, 3], "n": ["1", "x", "3"], "d": ["a", "b", None]})
    cast = cast_frame(data, [Column("n", T.INTEGER), Column("d")])
    assert cast.data["n"].to_list() == [1, 3]
    assert [(p.code, p.line, p.column, p.params["value"]) for p in cast.refused] == [("bad_value", 2, "n", "x")]
    kept = cast_frame(data, [Column("n", T.INTEGER), Column("d")], empty_bad_cells=True)
    assert kept.data["n"].to_list() == [1, None, 3]
    assert [p.code for p in kept.corrected] == ["value_emptied"]


@given(st.lists(st.text(max_size=90), min_size=1, max_size=30))
def test_headers_become_names_the_datastore_takes(headers):
    assume(any(header.strip() for header in headers))
    names, _problems = clean_headers(headers)
    assert len(set(names)) == len(names) == len(headers)
    for name in names:
        assert name
        assert name == name.strip()
        assert not name.startswith("_")
        assert '"' not in name
        assert "\0" not in name
        assert len(name.encode()) <= 63
