"""Rules say of rows what a reader of the catalogue expects, whatever the chunks they come in."""

import datetime as dt
import time

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.quality.domain import surfaces
from ckanext.lrtzc.quality.domain.judging import Around, Judge
from ckanext.lrtzc.quality.domain.rules import CATALOGUE, Kind, Rule, RuleError, exact_share, reaches, rule_of
from ckanext.lrtzc.quality.domain.seen import Seen

TODAY = dt.date(2024, 6, 30)
SQUARE = shapely.box(-2, 46, -1, 47)


def reads(values, kind):
    assert kind == "int8"
    return values.cast(pl.Int64, strict=False).is_not_null()


def cast(text, kind):
    types = {"text": pl.String, "int8": pl.Int64, "numeric": pl.String, "date": pl.Date}
    return pl.Series([text or None]).cast(pl.String).cast(types[kind])


def frame(**columns):
    data = pl.DataFrame(columns)
    return data.with_columns(pl.int_range(1, len(data) + 1).cast(pl.Int64).alias("_position"))


def judged(rule, data, types, *, around=None, placed=False, size=100, beside=False):
    """Judge a frame in chunks; gives the judge, the rows that go in, the positions of the faults."""
    judge = Judge([rule_of(rule)], types, around or Around(reads, cast, TODAY), placed=placed)
    judge.begin(beside=beside)
    parts = [data.slice(at, size) for at in range(0, len(data), size)]
    for part in parts if judge.learns else ():
        judge.learn(part)
    verdicts = [judge.judge(part) for part in parts]
    judge.conclude()
    kept = pl.concat([verdict.data for verdict in verdicts])
    return judge, kept, [at for verdict in verdicts for faults in verdict.faults for at in faults.positions]


TEXTS = ["a", None, " ", "b"]


@pytest.mark.parametrize(
    ("rule", "values", "kind", "wrong"),
    [
        ({"kind": "required"}, TEXTS, "text", [2, 3]),
        ({"kind": "unique"}, ["a", None, None, "b", "a"], "text", [5]),
        ({"kind": "unique"}, ["1.0", "2.5", "1.00", "10", "100"], "numeric", [3]),
        ({"kind": "type", "params": {"type": "int8"}}, ["1", "x", None, "3"], "text", [2]),
        (
            {"kind": "range", "params": {"minimum": "0", "maximum": "10"}},
            ["-1", "0", "10.0", "11", None],
            "numeric",
            [1, 4],
        ),
        ({"kind": "range", "params": {"maximum": "10,5"}}, [10, 11], "int8", [2]),
        ({"kind": "range", "params": {"minimum": 0}}, ["1,5", "x", "-2"], "text", [2, 3]),
        (
            {"kind": "range", "params": {"minimum": "2024-01-01", "maximum": "2024-12-31"}},
            [dt.date(2023, 12, 31), dt.date(2024, 12, 31), None],
            "date",
            [1],
        ),
        ({"kind": "length", "params": {"minimum": 2, "maximum": 3}}, ["é", "éà", "abcd", None], "text", [1, 3]),
        ({"kind": "pattern", "params": {"pattern": "[A-Z]{2}|x"}}, ["AB", "x", "ABC", "xx"], "text", [3, 4]),
        ({"kind": "values", "params": {"values": ["oui", "non"]}}, ["oui", "Oui", None, " non "], "text", [2]),
        ({"kind": "values", "params": {"values": ["1", "2,0"]}}, [1, 2, 3], "int8", [3]),
        ({"kind": "format", "params": {"format": "email"}}, ["a.b@c.fr", "a@b", "é@c.fr"], "text", [2]),
        ({"kind": "format", "params": {"format": "siren"}}, ["732 829 320", "732829321"], "text", [2]),
        ({"kind": "format", "params": {"format": "siret"}}, ["73282932000074", "73282932000075"], "text", [2]),
        ({"kind": "format", "params": {"format": "insee"}}, ["17300", "2A004", "1730"], "text", [3]),
        ({"kind": "outliers", "params": {"method": "iqr"}}, [*range(10), 1000], "int8", [11]),
        ({"kind": "outliers", "params": {"method": "robust"}}, [*range(10), 1000], "int8", [11]),
        ({"kind": "outliers", "params": {"method": "zscore", "factor": 2}}, [*range(10), 1000], "int8", [11]),
        ({"kind": "outliers", "params": {"method": "iqr"}}, [5, 5, 5, 5, 5, 6], "int8", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_rule_on_a_column(rule, values, kind, wrong, size):
    data = frame(c=pl.Series(values, dtype={"text": pl.String, "numeric": pl.String}.get(kind)))
    judge, kept, faults = judged(rule | {"columns": ["c"]}, data, {"c": kind}, size=size)
    assert faults == wrong
    assert len(kept) == len(values), "what is flagged goes in"
    assert judge.good == len(values) - len(wrong)
    assert judge.scores[0].failed == len(wrong)


@pytest.mark.parametrize(
    ("left", "right", "types", "wrong"),
    [
        (["9", "2", None], ["10", "1", "3"], ("numeric", "numeric"), [2]),
        ([dt.date(2024, 1, 2)], [dt.date(2024, 1, 1)], ("date", "date"), [1]),
        (["b", "a"], ["a", "b"], ("text", "text"), [1]),
    ],
)
def test_two_columns_that_must_agree(left, right, types, wrong):
    rule = {"kind": "compare", "columns": ["l", "r"], "params": {"operator": "le"}}
    kinds = dict(zip("lr", types, strict=True))
    assert judged(rule, frame(l=left, r=right), kinds)[2] == wrong


def test_several_columns_and_whole_rows_come_once():
    data, types = frame(a=["x", "x", "x"], b=["1", "2", "1"]), {"a": "text", "b": "text"}
    assert judged({"kind": "unique", "columns": ["a", "b"]}, data, types)[2] == [3]
    assert judged({"kind": "unique"}, data, types)[2] == [3]


def test_appended_rows_must_differ_from_those_there_are():
    data, types = frame(a=["x", "y"]), {"a": "text"}
    around = Around(reads, cast, TODAY, existing=lambda _names: [frame(a=["y"])])
    rule = {"kind": "unique", "columns": ["a"]}
    assert judged(rule, data, types, around=around, beside=True)[2] == [2]
    assert judged(rule, data, types, around=around)[2] == []


def test_reference_data_of_text_and_of_numbers():
    around = Around(reads, cast, TODAY, known=lambda _rule: pl.Series(["17300", "17028"]))
    rule = {"kind": "reference", "columns": ["c"], "params": {"resource": "r", "column": "code"}}
    assert judged(rule, frame(c=["17300", "17999", None]), {"c": "text"}, around=around)[2] == [2]
    assert judged(rule, frame(c=[17300, 1]), {"c": "int8"}, around=around)[2] == [2]
    judge, _kept, faults = judged(rule, frame(c=["x"]), {"c": "text"})
    assert (faults, judge.scores[0].unchecked) == ([], "no_reference")


def test_places_in_the_territory():
    points = [shapely.Point(-1.5, 46.5), shapely.Point(2.3, 48.8), None]
    shapes = [shapely.LineString([(-3, 46.5), (0, 46.5)]), shapely.box(3, 3, 4, 4), shapely.Point(-1.5, 46.5)]
    around = Around(reads, cast, TODAY, area=SQUARE)

    def ewkb(geometry):
        return geometry and shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True)

    for each in (points, shapes):
        data = frame(n=["a", "b", "c"], _geometry=[ewkb(geometry) for geometry in each])
        rule = {"kind": "territory"}
        assert judged(rule, data, {"n": "text"}, around=around, placed=True)[2] == [2]
    data = frame(n=["a", "b", "c"], _geometry=[ewkb(geometry) for geometry in points])
    assert judged({"kind": "placed"}, data, {"n": "text"}, placed=True)[2] == [3]
    assert judged({"kind": "placed"}, data, {"n": "text"})[0].scores[0].unchecked == "no_place"


SIDE = 0.001


def squares(*corners):
    """Give squares of about 8,600 m² in a frame, by their south-west corners in sides."""
    shapes = [shapely.box(-1 + x * SIDE, 46 + y * SIDE, -1 + (x + 1) * SIDE, 46 + (y + 1) * SIDE) for x, y in corners]
    geometries = [shapely.to_wkb(shapely.set_srid(each, 4326), hex=True, include_srid=True) for each in shapes]
    return frame(n=["x"] * len(shapes) + ["nowhere"], _geometry=[*geometries, None])


RING = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]


@pytest.mark.parametrize(
    ("kind", "corners", "params", "wrong"),
    [
        ("overlap", [(0, 0), (1, 0), (5, 5), (5.5, 5)], {}, [3, 4]),
        ("overlap", [(0, 0), (0, 0), (9, 9)], {}, [1, 2]),
        ("overlap", [(0, 0), (0.5, 0)], {"tolerance": "10000"}, []),
        ("gap", RING, {}, list(range(1, 9))),
        ("gap", RING, {"tolerance": 10_000}, []),
        ("gap", [*RING, (1, 1), (9, 9)], {}, []),
    ],
)
@pytest.mark.parametrize("size", [2, 100])
def test_surfaces_beside_each_other(kind, corners, params, wrong, size):
    rule = {"kind": kind, "params": params}
    judge, _kept, faults = judged(rule, squares(*corners), {"n": "text"}, placed=True, size=size)
    assert faults == wrong
    assert judge.scores[0].checked == len(corners)


def test_more_surfaces_than_can_be_compared_are_said_not_to_be_checked(monkeypatch):
    monkeypatch.setattr(surfaces, "MOST_SURFACES", 3)
    judge, _kept, faults = judged({"kind": "overlap"}, squares(*RING), {"n": "text"}, placed=True, size=2)
    assert (faults, judge.scores[0].unchecked) == ([], "many_surfaces")


class Table(surfaces.There):
    """A table in memory: squares by the number of their row, some of which are replaced."""

    def __init__(self, *corners, replaced=()):
        found = squares(*corners)["_geometry"].drop_nulls()
        self.shapes = shapely.from_wkb(found.to_numpy())
        self.kept = np.array([place not in replaced for place in range(1, len(self.shapes) + 1)], dtype=bool)
        self.seen = 0

    def replace(self, data):
        self.seen += len(data)

    def overlapped(self, shapes, least):
        found = []
        for shape, most in zip(shapes, least, strict=True):
            shared = shapely.area(shapely.intersection(self.shapes, shape)) * self.kept
            found.append(int(shared.argmax()) + 1 if max(shared, default=0) > most else 0)
        return np.array(found)

    def beside(self, shapes):
        return self.shapes[self.kept & shapely.intersects(self.shapes, shapely.box(*shapely.total_bounds(shapes)))]


@pytest.mark.parametrize(
    ("kind", "there", "corners", "params", "wrong"),
    [
        ("overlap", [(5, 5), (0, 0)], [(0.5, 0), (2, 0), (1.5, 3)], {}, [1]),
        ("overlap", [(1, 0), (0, 1)], [(0, 0)], {}, []),
        ("overlap", [(0.5, 0)], [(0, 0)], {"tolerance": "10000"}, []),
        ("overlap", [], [(0, 0)], {}, []),
        # holes that the table's surfaces enclose with those sent, and those that they fill
        ("gap", RING[1:], RING[:1], {}, [1]),
        ("gap", RING[1:], [(9, 9)], {}, []),
        ("gap", [(1, 1)], RING, {}, []),
        # what is left of it touches five of those sent
        ("gap", [(1.5, 1)], RING, {}, [1, 2, 3, 4, 5]),
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_surfaces_beside_those_of_the_table(kind, there, corners, params, wrong, size):
    rule, table = {"kind": kind, "params": params}, Table(*there)
    around = Around(reads, cast, TODAY, there=table)
    for beside in (True, False):
        _judge, _kept, faults = judged(
            rule, squares(*corners), {"n": "text"}, placed=True, size=size, around=around, beside=beside
        )
        alone = judged(rule, squares(*corners), {"n": "text"}, placed=True, size=size)[2]
        assert faults == (wrong if beside else alone)
    assert table.seen == len(corners) + 1


def test_the_row_that_a_surface_overlaps_is_named():
    around = Around(reads, cast, TODAY, there=Table((9, 9), (0.5, 0)))
    judge = Judge([rule_of({"kind": "overlap"})], {"n": "text"}, around, placed=True)
    judge.begin(beside=True)
    data = squares((0, 0), (5, 5), (5.5, 5), (2, 0))
    judge.learn(data)
    within, there = judge.judge(data).faults
    assert (within.there, within.positions, within.values) == (False, [2, 3], [None, None])
    assert (there.there, there.count, there.positions, there.values) == (True, 1, [1], ["2"])
    assert judge.scores[0].failed == 3


def test_what_takes_too_long_to_compare_is_said_not_to_be_checked():
    table = Table((0, 0))
    table.overlapped = table.beside = lambda *_asked: None
    around = Around(reads, cast, TODAY, there=table)
    for kind in ("overlap", "gap"):
        judge, _kept, faults = judged(
            {"kind": kind}, squares((0, 0)), {"n": "text"}, placed=True, around=around, beside=True
        )
        assert (faults, judge.scores[0].unchecked) == ([], "many_surfaces")


def test_the_share_of_filled_cells_is_that_of_the_rows_that_go_in():
    data = frame(n=["1", "200", None, "4"], t=["a", "b", None, " "])
    rule = {"kind": "range", "columns": ["n"], "params": {"maximum": "100"}, "failure": "refuse_row"}
    judge, _kept, _faults = judged(rule, data, {"n": "numeric", "t": "text"}, size=2)
    assert judge.completeness == {"share": 0.5, "columns": {"n": 0.6666, "t": 0.3333}}


@pytest.mark.parametrize(
    ("newest", "kept"), [(dt.date(2024, 6, 1), True), (dt.date(2024, 5, 30), False), (None, False)]
)
def test_the_newest_date_is_recent(newest, kept):
    data = frame(d=pl.Series([dt.date(2020, 1, 1) if newest else None, newest], dtype=pl.Date))
    rule = {"kind": "fresh", "columns": ["d"], "params": {"days": 30}, "failure": "refuse_batch"}
    assert judged(rule, data, {"d": "date"}, size=1)[0].scores[0].kept is kept


class TestFailures:
    TYPES = {"n": "numeric", "t": "text"}

    def data(self):
        return frame(n=["1", "200", None], t=["a", "b", None])

    def test_refused_rows_stay_out(self):
        rule = {"kind": "range", "columns": ["n"], "params": {"maximum": "100"}, "failure": "refuse_row"}
        _judge, kept, faults = judged(rule, self.data(), self.TYPES)
        assert (faults, kept["t"].to_list()) == ([2], ["a", None])

    @pytest.mark.parametrize(("value", "expected"), [("0", ["1", "0", None]), ("", ["1", None, None])])
    def test_a_cell_gets_the_standard_value(self, value, expected):
        params = {"maximum": "100", "replacement": value}
        rule = {"kind": "range", "columns": ["n"], "params": params, "failure": "replace"}
        judge, kept, _faults = judged(rule, self.data(), self.TYPES)
        assert kept["n"].to_list() == expected
        assert judge.good == 3

    def test_an_empty_cell_is_filled(self):
        rule = {"kind": "required", "columns": ["t"], "params": {"replacement": "inconnu"}, "failure": "replace"}
        assert judged(rule, self.data(), self.TYPES)[1]["t"].to_list() == ["a", "b", "inconnu"]

    @pytest.mark.parametrize(("least", "kept"), [(0.5, True), (0.7, False)])
    def test_a_share_of_rows_decides_on_the_batch(self, least, kept):
        rule = {"kind": "required", "columns": ["n"], "failure": "refuse_batch", "least": least}
        assert judged(rule, self.data(), self.TYPES)[0].scores[0].kept is (kept or least <= 2 / 3)

    def test_a_column_that_is_missing_is_said(self):
        judge, kept, _faults = judged({"kind": "required", "columns": ["absent"]}, self.data(), self.TYPES)
        assert (judge.scores[0].unchecked, judge.good, len(kept)) == ("no_column", 3, 3)


class TestPatterns:
    def test_what_runs_away_elsewhere_is_quick(self):
        data = frame(c=["a" * 20_000 + "!"] * 20)
        started = time.process_time()
        judged(
            {"kind": "pattern", "columns": ["c"], "params": {"pattern": "(a+)+b|(a|a)*c|(.*)*d"}}, data, {"c": "text"}
        )
        assert time.process_time() - started < 5

    @pytest.mark.parametrize(
        "pattern", ["(a", "a)(b", r"(a)\1", "(?=a)", "(?<!a)b", "x{1000}{1000}{1000}", "(?x)a #", "", "a" * 501]
    )
    def test_what_cant_be_compiled_is_refused(self, pattern):
        with pytest.raises(RuleError) as refusal:
            rule_of({"kind": "pattern", "columns": ["c"], "params": {"pattern": pattern}})
        assert refusal.value.field == "pattern"

    @given(st.text(max_size=60))
    def test_any_text_is_a_pattern_or_is_refused(self, pattern):
        try:
            rule = {"kind": "pattern", "columns": ["c"], "params": {"pattern": pattern}}
            rule_of(rule)
        except RuleError:
            return
        judged(rule, frame(c=["abc", "\n", ""]), {"c": "text"})


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"kind": "required"}, "columns"),
        ({"kind": "required", "columns": 5}, "columns"),
        ({"kind": "required", "columns": ["a"], "params": [1]}, "params"),
        ({"kind": "values", "columns": ["a"], "params": {"values": 5}}, "values"),
        ({"kind": "compare", "columns": ["a"], "params": {"operator": "lt"}}, "columns"),
        ({"kind": "unique", "failure": "replace"}, "failure"),
        ({"kind": "range", "columns": ["a"]}, "minimum"),
        ({"kind": "range", "columns": ["a"], "params": {"minimum": 2, "maximum": 1}}, "maximum"),
        ({"kind": "range", "columns": ["a"], "params": {"minimum": "2024-01-01", "maximum": 1}}, "maximum"),
        ({"kind": "range", "columns": ["a"], "params": {"minimum": "nan"}}, "minimum"),
        ({"kind": "values", "columns": ["a"], "params": {"values": []}}, "values"),
        ({"kind": "outliers", "columns": ["a"], "params": {"method": "iqr", "factor": -1}}, "factor"),
        ({"kind": "fresh", "columns": ["a"], "params": {"days": "x"}}, "days"),
        ({"kind": "fresh", "columns": ["a"], "params": {"days": 800_000}}, "days"),
        ({"kind": "required", "columns": ["a\ud800"]}, "columns"),
        ({"kind": "values", "columns": ["a"], "params": {"values": ["\ud800"]}}, "values"),
        ({"kind": "pattern", "columns": ["a"], "params": {"pattern": "\ud800"}}, "pattern"),
        ({"kind": "required", "columns": ["a"], "least": 2}, "least"),
    ],
)
def test_what_is_no_rule_is_refused(rule, field):
    with pytest.raises(RuleError) as refusal:
        rule_of(rule)
    assert refusal.value.field == field


@given(st.integers(1, 1000), st.integers(1, 1_000_000))
def test_a_share_in_per_mille_is_reached_by_as_many_rows_and_no_fewer(per_mille, rows):
    share = exact_share(per_mille / 10 / 100)
    needed = -(-per_mille * rows // 1000)
    assert reaches(needed, rows, share)
    assert not reaches(needed - 1, rows, share)


def test_every_kind_is_in_the_catalogue():
    assert set(CATALOGUE) == set(Kind)


@given(st.lists(st.lists(st.integers(0, 20), max_size=15), max_size=15))
def test_values_seen_before_are_known_whatever_the_chunks(chunks):
    import numpy as np

    seen, known = Seen(), set()
    for chunk in chunks:
        expected = []
        for value in chunk:
            expected.append(value in known)
            known.add(value)
        assert seen.again(np.array(chunk, dtype=np.uint64)).tolist() == expected


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", " ", None]), st.integers(-5, 5)), min_size=1, max_size=30),
    st.integers(1, 7),
)
def test_chunks_change_nothing(rows, size):
    data = frame(t=pl.Series([row[0] for row in rows], dtype=pl.String), n=[row[1] for row in rows])
    rules = [
        Rule(Kind.REQUIRED, ("t",)),
        rule_of({"kind": "unique", "columns": ["t", "n"], "failure": "refuse_row"}),
        rule_of({"kind": "range", "columns": ["n"], "params": {"minimum": 0}, "failure": "refuse_row"}),
    ]
    found = []
    for chunk in (size, 1000):
        judge = Judge(rules, {"t": "text", "n": "int8"}, Around(reads, cast, TODAY), placed=False)
        judge.begin()
        parts = [judge.judge(data.slice(at, chunk)) for at in range(0, len(data), chunk)]
        kept = pl.concat([part.data for part in parts])["_position"].to_list()
        found.append((kept, judge.good, [(score.checked, score.failed) for score in judge.scores]))
        assert sum(part.refused for part in parts) == len(data) - len(kept)
    assert found[0] == found[1]
