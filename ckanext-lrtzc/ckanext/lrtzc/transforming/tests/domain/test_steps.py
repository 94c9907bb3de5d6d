"""What each step makes of rows, and what it refuses."""

import datetime as dt

import polars as pl
import pytest

from ckanext.lrtzc.transforming.domain import rows as grouping
from ckanext.lrtzc.transforming.domain.catalogue import MOST_STEPS, StepError, step_of, steps_of
from ckanext.lrtzc.transforming.domain.formulas import FormulaError, read
from ckanext.lrtzc.transforming.domain.running import Run
from ckanext.lrtzc.transforming.domain.units import UNITS, conversion
from ckanext.lrtzc.transforming.domain.working import Tools, Unfit


def numbers(values):
    return values.str.replace(",", ".").str.replace_all(" ", "").cast(pl.Float64, strict=False)


def days(values):
    def day(text):
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return dt.datetime.strptime(text or "", form).date().isoformat()
            except ValueError:
                pass
        return None

    return pl.Series([day(text) for text in values], dtype=pl.String)


def typed(values, kind):
    return days(values) if kind == "date" else numbers(values).cast(pl.String)


def reference(resource, match, take):
    if resource != "communes":
        raise Unfit("reference")
    return pl.DataFrame({"key": ["17300", "17028", "17300"], "value": ["La Rochelle", "Aytré", "double"]})


TOOLS = Tools(numbers, days, typed, lambda values: values.is_null() | values.is_in(["", "n.c."]), reference)


def made(steps, *rows, names=("a", "b"), size=2):
    """Give (columns, rows without their position, report) after steps, read in chunks of `size` rows."""
    asked = [step_of({"kind": kind, "params": params}) for kind, params in steps]
    run = Run(asked, names, TOOLS)
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")
    frame = frame.with_columns(pl.int_range(2, len(frame) + 2, dtype=pl.Int64).alias("_position"))
    given = list(run.apply(frame.iter_slices(size)))
    # chunks of which no row is left have the columns too
    assert all(set(data.columns) == {"_position", *run.names} for data in given)
    found = [data for data in given if len(data)]
    out = pl.concat(found).select(run.names).rows() if found else []
    return run.names, out, run.report()


def test_columns_are_kept_left_out_renamed_split_and_joined():
    steps = [
        ("split", {"column": "a", "separator": ",", "names": ["rue", "ville"]}),
        ("join", {"columns": ["ville", "b"], "separator": " – ", "into": "lieu"}),
        ("rename", {"column": "b", "to": "code"}),
        ("drop", {"columns": ["a"]}),
        ("select", {"columns": ["lieu", "code", "rue"]}),
    ]
    names, rows, report = made(steps, ("1 quai Duperré, La Rochelle, France", "17000"), ("seul", None))
    assert names == ["lieu", "code", "rue"]
    assert rows == [("La Rochelle, France – 17000", "17000", "1 quai Duperré"), (None, None, "seul")]
    assert [each["changed"] for each in report] == [3, 1, 0, 0, 0]


def test_values_are_tidied_replaced_read_and_converted():
    steps = [
        ("normalise", {"columns": ["a"], "case": "lower", "accents": "without"}),
        ("replace", {"column": "a", "pairs": [["ecole", "École"], ["", "inconnu"]], "where": "whole"}),
        ("convert", {"column": "b", "from": "kWh", "to": "MJ"}),
    ]
    _names, rows, report = made(steps, ("  É  COLE ", "1,5"), ("ÉCOLE", "n.c."), (None, "beaucoup"))
    assert rows == [("e cole", "5.4"), ("École", "n.c."), ("inconnu", "beaucoup")]
    assert (report[2]["changed"], report[2]["left"]) == (1, 1), "what is no number stays, and is counted"
    assert made([("replace", {"column": "a", "pairs": [["St ", "Saint-"]], "where": "part"})], ("St Xandre", ""))[
        1
    ] == [("Saint-Xandre", "")]
    rows = made([("cast", {"column": "a", "type": "date"})], ("31/12/2024", ""), ("hier", ""), size=9)[1]
    assert [row[0] for row in rows] == ["2024-12-31", "hier"]


@pytest.mark.parametrize(
    ("operator", "values", "kept"),
    [
        ("is", ["bus"], [0]),
        ("not", ["bus"], [1, 2, 3]),
        ("in", ["bus", "vélo"], [0, 1]),
        ("contains", ["VÉL"], [1]),
        ("empty", [], [3]),
        ("filled", [], [0, 1, 2]),
    ],
)
def test_rows_are_kept_or_left_out_by_a_condition(operator, values, kept):
    rows = [("bus", "0"), ("vélo", "1"), ("train", "2"), (None, "3")]
    params = {"column": "a", "operator": operator, "values": values}
    found = made([("filter", params)], *rows)
    assert [int(row[1]) for row in found[1]] == kept
    assert found[2][0]["dropped"] == 4 - len(kept)
    left = made([("filter", params | {"then": "leave_out"})], *rows)[1]
    assert sorted([int(row[1]) for row in left] + kept) == [0, 1, 2, 3]


def test_numbers_and_dates_are_compared_as_such():
    rows = [("9", "31/12/2024"), ("10", "2025-01-01"), ("1 000,5", "n.c.")]
    assert [r[0] for r in made([("filter", {"column": "a", "operator": "min", "values": ["10"]})], *rows)[1]] == [
        "10",
        "1 000,5",
    ]
    assert [
        r[0] for r in made([("filter", {"column": "b", "operator": "from", "values": ["01/01/2025"]})], *rows)[1]
    ] == ["10"]


def test_coordinates_are_put_on_the_earth_and_unreadable_ones_counted():
    params = {"x": "a", "y": "b", "crs": "2154", "longitude": "longitude", "latitude": "latitude"}
    names, rows, _report = made([("reproject", params)], ("379 000", "6570000"), ("x", "6570000"), (None, None))
    assert names == ["a", "b", "longitude", "latitude"]
    longitude, latitude = map(float, rows[0][2:])
    assert (round(longitude, 1), round(latitude, 1)) == (-1.2, 46.2)
    assert rows[1][2:] == rows[2][2:] == (None, None)


def test_rows_are_put_together_by_month_and_place_whatever_the_chunks():
    steps = [("aggregate", {"roles": {"jour": "month", "lieu": "group", "v": "sum", "w": "mean"}, "count": "relevés"})]
    rows = [
        ("2024-01-30", "A", "0,1", "1"), ("31/01/2024", "A", "0,2", "2"), ("2024-02-01", "A", "5", "n.c."),
        ("2024-01-01", "B", "x", "4"),
    ]  # fmt: skip
    for size in (1, 3, 10):
        names, found, report = made(steps, *rows, names=("jour", "lieu", "v", "w"), size=size)
        assert names == ["jour", "lieu", "v", "w", "relevés"]
        assert found == [
            ("2024-01", "A", "0.3", "1.5", "2"),
            ("2024-02", "A", "5", None, "1"),
            ("2024-01", "B", None, "4", "1"),
        ]
        assert (report[0]["dropped"], report[0]["left"]) == (1, 1)


def test_groups_beyond_what_memory_is_meant_for_stop_it(monkeypatch):
    monkeypatch.setattr(grouping, "MOST_GROUPS", 3)
    steps = [("aggregate", {"roles": {"a": "group"}, "count": "n"})]
    with pytest.raises(Unfit, match="groups"):
        made(steps, *((str(n), "") for n in range(10)))
    assert made(steps, *((str(n % 3), "") for n in range(10)))[1] == [("0", "4"), ("1", "3"), ("2", "3")]
    more = [
        *steps,
        ("rename", {"column": "n", "to": "m"}),
        ("filter", {"column": "m", "operator": "min", "values": ["4"]}),
    ]
    assert made(more, *((str(n % 3), "") for n in range(10)))[1] == [("0", "4")]


def test_reference_data_gives_the_first_value_and_what_it_lacks_is_counted():
    params = {"column": "a", "resource": "communes", "match": "code", "take": "nom", "into": "commune"}
    _names, rows, report = made([("lookup", params)], ("17300", ""), (" 17028", ""), ("99999", ""), (None, ""), size=3)
    assert [row[2] for row in rows] == ["La Rochelle", "Aytré", None, None]
    assert report[0]["left"] == 1
    with pytest.raises(Unfit) as refused:
        made([("select", {"columns": ["a"]}), ("lookup", params | {"resource": "secret"})])
    assert (refused.value.code, refused.value.params["number"]) == ("reference", 2)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${a} * 2 + 1", "4"),
        ("a div 0", None),
        ("round(${a} div 3, 2)", "0.5"),
        ("concat(${b}, '-', ${a})", "Bus-1,5"),
        ("if(${a} > 1, 'grand', 'petit')", "grand"),
        ("if(lower(b) = 'bus', 1, 0)", "1"),
        ("coalesce(${c}, 'rien')", "rien"),
        ("upper(substr(${b}, 1, 2))", "BU"),
        ("length(b) mod 2", "1"),
        ("not(contains(b, 'us'))", "false"),
        ("max(a, 2, 1)", "2"),
        ("year('31/12/2024') - month('2024-03-01')", "2021"),
        ("replace(b, 'B', 'P')", "Pus"),
        ("0.1 + 0.2", "0.3"),
        ("pow(10, 400)", None),
        ("${a} + ${b}", None),
        ("a = '1.5' or b = 'x'", "false"),
        ("number(a) = 1.5 and b != ''", "true"),
        ("sqrt(-1)", None),
    ],
)
def test_expressions_give(expression, expected):
    steps = [("compute", {"into": "z", "expression": expression})]
    assert made(steps, ("1,5", "Bus", None), names=("a", "b", "c"))[1][0][3] == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "__import__('os')",
        "${a} /",
        "a[0]",
        "(" * 500 + "1" + ")" * 500,
        "1 +",
        "eval(1)",
        "a + " * 1500 + "a",
        ".",
        "1; 2",
    ],
)
def test_what_is_no_expression_is_refused_at_once(expression):
    with pytest.raises((FormulaError, StepError)):
        read(step_of({"kind": "compute", "params": {"into": "z", "expression": expression}}).params["expression"])


@pytest.mark.parametrize(
    ("expression", "code", "found"),
    [
        ("round(a * 3", "expected", ")"),
        ("round(a 3)", "expected", ")"),
        ("round(a/b)", "path", "/"),
        ("1 +", "cut", ""),
    ],
)
def test_what_is_missing_in_an_expression_is_named(expression, code, found):
    with pytest.raises(FormulaError) as refused:
        read(expression)
    assert (refused.value.code, refused.value.found) == (code, found)


def test_a_step_that_does_not_apply_says_which_and_why():
    for params, code in (
        ([("drop", {"columns": ["a"]}), ("cast", {"column": "a", "type": "date"})], "column"),
        ([("select", {"columns": ["b"]}), ("rename", {"column": "a", "to": "c"})], "column"),
        ([("normalise", {"columns": []}), ("rename", {"column": "a", "to": "b"})], "taken"),
        ([("normalise", {"columns": []}), ("drop", {"columns": ["a", "b"]})], "no_column"),
        ([("normalise", {"columns": []}), ("compute", {"into": "z", "expression": "absent + 1"})], "column"),
    ):
        with pytest.raises(Unfit) as refused:
            made(params)
        assert (refused.value.code, refused.value.params["number"]) == (code, 2)


def test_texts_that_would_fill_the_memory_are_not_made():
    doubled = [("join", {"columns": ["a", "a"], "into": "a"})]
    with pytest.raises(StepError, match="empty"):
        step_of({"kind": "join", "params": {"columns": [], "into": "a"}})
    # a column that is named twice is taken once
    assert made(doubled, ("x", ""))[1] == [("x", "")]
    grows = [("compute", {"into": "a", "expression": "concat(" + ",".join(["a"] * 50) + ")"})] * 8
    with pytest.raises(Unfit, match="large"):
        made(grows, ("0123456789", ""))


@pytest.mark.parametrize(
    "asked",
    [
        None, [], {}, {"kind": "burn"}, {"kind": "select"}, {"kind": "select", "params": {"columns": "a"}},
        {"kind": "rename", "params": {"column": "a", "to": "_id"}},
        {"kind": "rename", "params": {"column": "a", "to": "x" * 64}},
        {"kind": "rename", "params": {"column": "a", "to": 'a"b'}},
        {"kind": "cast", "params": {"column": "a", "type": "blob"}},
        {"kind": "cast", "params": []}, {"kind": "split", "params": {"column": "a", "separator": "", "names": ["b"]}},
        {"kind": "split", "params": {"column": "a", "separator": ",", "names": ["b", "b"]}},
        {"kind": "replace", "params": {"column": "a", "pairs": [["x"]]}},
        {"kind": "replace", "params": {"column": "a", "pairs": [["x", "y" * 301]]}},
        {"kind": "aggregate", "params": {"roles": {"a": "sum"}}}, {"kind": "aggregate", "params": {"roles": ["a"]}},
        {"kind": "aggregate", "params": {"roles": {"a": "median"}}}, {"kind": "compute", "params": {"into": "a"}},
        {"kind": "filter", "params": {"column": "a", "operator": "like"}}, {"kind": {"a": 1}},
        {"kind": "drop", "params": {"columns": [["a"]]}}, {"kind": "drop", "params": {"columns": ["\0"]}},
    ],
)  # fmt: skip
def test_what_is_no_step_is_refused(asked):
    with pytest.raises(StepError):
        step_of(asked)


def test_a_list_has_fifty_steps_at_most():
    step = {"kind": "normalise", "params": {}}
    assert len(steps_of([step] * MOST_STEPS)) == MOST_STEPS
    with pytest.raises(StepError, match="too_many"):
        steps_of([step] * 1_000)
    with pytest.raises(StepError):
        steps_of("normalise")


def test_units_convert_both_ways_and_only_what_measures_the_same():
    assert conversion("km/h", "m/s")[0] == pytest.approx(1 / 3.6)
    factor, offset = conversion("°F", "°C")
    assert 212 * factor + offset == pytest.approx(100)
    with pytest.raises(ValueError, match="not_the_same_measure"):
        conversion("kWh", "kW")
    for name, unit in UNITS.items():
        for other in UNITS:
            if UNITS[other].measures == unit.measures:
                there, back = conversion(name, other), conversion(other, name)
                assert (7 * there[0] + there[1]) * back[0] + back[1] == pytest.approx(7)
