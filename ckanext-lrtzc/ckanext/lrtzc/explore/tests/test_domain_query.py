"""An address says what a view shows, and the view writes the same address back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.explore.domain import chart as charts
from ckanext.lrtzc.explore.domain.chart import Aggregate, Chart, Mark, Unit
from ckanext.lrtzc.explore.domain.query import Query, Sort, View, read_query, write_query
from ckanext.lrtzc.tabular.domain.columns import Column, Kind, Table
from ckanext.lrtzc.tabular.domain.filters import Box, ColumnFilter, Near, Operator, operators_for
from ckanext.lrtzc.tabular.domain.problems import Code

TABLE = Table(
    "r",
    (
        Column("Nom de la rue", Kind.TEXT),
        Column("code.insee", Kind.TEXT),
        Column("population", Kind.INTEGER),
        Column("part %", Kind.NUMBER),
        Column("ouvert", Kind.BOOLEAN),
        Column("jour", Kind.DATE),
        Column("instant", Kind.DATETIME),
        Column("zoné", Kind.DATETIME, zoned=True),
        Column('"; DROP TABLE x --', Kind.OTHER),
    ),
    has_geometry=True,
)


def read(*pairs, table=TABLE):
    return read_query(pairs, table)


def problem_of(*pairs, table=TABLE):
    _query, problems = read_query(pairs, table)
    assert len(problems) == 1, problems
    return problems[0]


class TestReading:
    def test_nothing_given_is_the_table_as_it_is(self):
        assert read() == (Query(), [])

    def test_blank_fields_of_a_form_ask_nothing(self):
        assert read(("contains.code.insee", ""), ("min.population", "  "), ("q", "")) == (Query(), [])

    def test_a_column_name_may_hold_dots(self):
        query, problems = read(("is.code.insee", "2A004"))
        assert not problems
        assert query.filters == (ColumnFilter("code.insee", Operator.IS, ("2A004",)),)

    def test_codes_stay_text(self):
        query, _ = read(("is.code.insee", "01004"))
        assert query.filters[0].values == ("01004",)

    @pytest.mark.parametrize("raw", ["1234.5", "1 234,5", "1\u202f234,5", "+1234,50"])
    def test_numbers_are_read_as_people_write_them(self, raw):
        query, problems = read(("min.part %", raw))
        assert not problems
        assert query.filters[0].values == (Decimal("1234.5"),)

    @pytest.mark.parametrize("raw", ["2024-12-31", "31/12/2024"])
    def test_days_are_read_day_first(self, raw):
        query, _ = read(("from.jour", raw))
        assert query.filters[0].values == (date(2024, 12, 31),)

    def test_geometry_filters(self):
        query, problems = read(("bbox", "-1.3,46.1,-1.1,46.2"), ("near", "-1.15,46.16,500"))
        assert not problems
        assert query.box == Box(-1.3, 46.1, -1.1, 46.2)
        assert query.near == Near(-1.15, 46.16, 500)

    def test_foreign_parameters_are_left_alone(self):
        assert read(("utm_source", "x"), ("fbclid", "y")) == (Query(), [])

    def test_a_sorted_view_is_paged_by_number_and_a_plain_one_by_key(self):
        query, _ = read(("sort", "desc.population"), ("page", "3"), ("after", "7"))
        assert (query.page, query.after) == (3, None)
        query, _ = read(("page", "3"), ("after", "7"))
        assert (query.page, query.after) == (1, 7)

    def test_a_first_chart_is_suggested(self):
        query, problems = read(("view", "chart"))
        assert not problems
        assert query.chart == Chart(Mark.LINE, "jour", "population", Aggregate.SUM, unit=Unit.MONTH)

    def test_an_aggregate_is_chosen_by_the_column(self):
        query, _ = read(("view", "chart"), ("x", "code.insee"), ("y", "population"))
        assert query.chart == Chart(Mark.BAR, "code.insee", "population", Aggregate.SUM)


class TestRefusing:
    @pytest.mark.parametrize(
        ("parameter", "value", "code"),
        [
            ("is.nowhere", "1", Code.UNKNOWN_COLUMN),
            ("like.population", "1", Code.UNKNOWN_FILTER),
            ("contains.population", "1", Code.NOT_FOR_COLUMN),
            ("min.code.insee", "1", Code.NOT_FOR_COLUMN),
            ("min.population", "beaucoup", Code.WRONG_NUMBER),
            ("min.population", "NaN", Code.WRONG_NUMBER),
            ("min.population", "1e999", Code.WRONG_NUMBER),
            ("min.population", "٣", Code.WRONG_NUMBER),
            ("from.jour", "2024-13-01", Code.WRONG_DATE),
            ("from.jour", "31/31/2024", Code.WRONG_DATE),
            ("from.instant", "2024-01-01T10:00:00Z", Code.WRONG_DATE),
            ("is.ouvert", "perhaps", Code.WRONG_BOOLEAN),
            ("is.code.insee", "a\0b", Code.WRONG_TEXT),
            ("is.code.insee", "\ud800", Code.WRONG_TEXT),
            ("is.code.insee", "x" * 1001, Code.TOO_LONG),
            ("sort", "population; drop table x", Code.WRONG_CHOICE),
            ("sort", "asc.nowhere", Code.UNKNOWN_COLUMN),
            ("column", "nowhere", Code.UNKNOWN_COLUMN),
            ("bbox", "1,2,3", Code.WRONG_BBOX),
            ("bbox", "1,2,nan,4", Code.WRONG_BBOX),
            ("bbox", "5,2,1,4", Code.WRONG_BBOX),
            ("near", "0,0,-1", Code.WRONG_NEAR),
            ("view", "hologram", Code.WRONG_CHOICE),
            ("size", "1000000", Code.WRONG_CHOICE),
            ("after", "-1", Code.WRONG_NUMBER),
            ("after", "9" * 19, Code.TOO_FAR),
        ],
    )
    def test_each_wrong_value_has_its_code(self, parameter, value, code):
        found = problem_of((parameter, value))
        assert found.code is code
        assert found.parameter == parameter

    def test_the_rest_is_still_understood(self):
        query, problems = read(("min.population", "x"), ("is.code.insee", "17300"))
        assert len(problems) == 1
        assert [item.column for item in query.filters] == ["code.insee"]

    def test_far_pages_are_refused(self):
        assert problem_of(("sort", "asc.population"), ("page", "667")).code is Code.TOO_FAR

    def test_a_value_is_shown_without_control_characters(self):
        assert (
            problem_of(("min.population", "\x1b[31m" + "x" * 500)).value
            == "\N{REPLACEMENT CHARACTER}[31m" + "x" * 75 + "…"
        )

    def test_a_table_without_geometry_has_no_map(self):
        flat = Table("r", (Column("a", Kind.TEXT),))
        query, problems = read(("view", "map"), ("bbox", "0,0,1,1"), table=flat)
        assert [found.code for found in problems] == [Code.NO_GEOMETRY, Code.NO_GEOMETRY]
        assert query.view is View.TABLE

    def test_too_many_filters(self):
        wide = Table("r", tuple(Column(f"c{number}", Kind.TEXT) for number in range(2000)))
        query, problems = read_query([(f"is.c{number}", "x") for number in range(2000)], wide)
        assert len(query.filters) == 50
        assert {found.code for found in problems} == {Code.TOO_MANY}

    @pytest.mark.parametrize(
        ("given", "parameter", "code"),
        [
            ({"mark": "pie", "x": "population"}, "mark", Code.WRONG_CHOICE),
            ({"mark": "bar"}, "x", Code.NEEDS_COLUMN),
            ({"x": "jour", "agg": "sum"}, "y", Code.NEEDS_COLUMN),
            ({"x": "jour", "agg": "sum", "y": "code.insee"}, "y", Code.NEEDS_NUMBER),
            ({"x": "code.insee", "mark": "point", "y": "population"}, "x", Code.NEEDS_NUMBER),
            ({"x": "population", "bins": "1000000000"}, "bins", Code.WRONG_CHOICE),
            ({"x": "nowhere"}, "x", Code.UNKNOWN_COLUMN),
        ],
    )
    def test_charts_that_cannot_be_drawn(self, given, parameter, code):
        query, problems = read(("view", "chart"), *given.items())
        assert query.chart is None
        assert [(found.parameter, found.code) for found in problems] == [(parameter, code)]


def measured(name, unit="", kind=Kind.NUMBER):
    return Column(name, kind, unit=unit)


class TestFirstChart:
    @pytest.mark.parametrize(
        ("columns", "chart"),
        [
            (
                [Column("code_insee", Kind.TEXT), Column("commune", Kind.TEXT), measured("conso", "kWh")],
                Chart(Mark.BAR, "commune", "conso", Aggregate.SUM),
            ),
            (
                [Column("id_arbre", Kind.INTEGER), Column("nom", Kind.TEXT), Column("espece", Kind.TEXT)],
                Chart(Mark.BAR, "espece"),
            ),
            (
                [Column("a", Kind.TEXT, label="Numéro"), Column("date", Kind.DATE), measured("température", "°C")],
                Chart(Mark.LINE, "date", "température", Aggregate.MEAN, unit=Unit.MONTH),
            ),
            (
                [Column("Année", Kind.INTEGER), Column("secteur", Kind.TEXT), measured("flux", "t CO₂/an")],
                Chart(Mark.BAR, "Année", "flux", Aggregate.SUM, bins=50),
            ),
            (
                [Column("latitude", Kind.NUMBER), measured("part", "%"), Column("type", Kind.TEXT)],
                Chart(Mark.BAR, "type", "part", Aggregate.MEAN),
            ),
            ([Column("adresse", Kind.TEXT), measured("indice")], Chart(Mark.BAR, "indice", bins=20)),
            ([Column("siret", Kind.TEXT)], Chart(Mark.BAR, "siret")),
            ([], None),
        ],
    )
    def test_it_is_by_what_means_something(self, columns, chart):
        assert charts.default_chart(Table("r", tuple(columns))) == chart


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
VALUES = {
    Kind.TEXT: TEXTS,
    Kind.OTHER: TEXTS,
    Kind.INTEGER: NUMBERS,
    Kind.NUMBER: NUMBERS,
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates(),
    Kind.DATETIME: st.one_of(st.dates(), st.datetimes()),
}


@st.composite
def column_filters(draw):
    column = draw(st.sampled_from(TABLE.columns))
    operator = draw(st.sampled_from(operators_for(column)))
    if operator is Operator.EMPTY:
        found = (draw(st.booleans()),)
    elif operator is Operator.CONTAINS:
        found = (draw(TEXTS),)
    elif operator is Operator.ONE_OF:
        found = tuple(draw(st.lists(VALUES[column.kind], min_size=1, max_size=4, unique=True)))
    else:
        found = (draw(VALUES[column.kind]),)
    if column.zoned and operator is not Operator.EMPTY and draw(st.booleans()):
        found = (draw(st.datetimes(timezones=st.just(UTC))),)
    return ColumnFilter(column.id, operator, found)


@st.composite
def queries(draw):
    names = st.sampled_from([column.id for column in TABLE.columns])
    filters = draw(st.lists(column_filters(), max_size=5, unique_by=lambda item: item.parameter))
    sort = draw(st.lists(st.builds(Sort, names, st.booleans()), max_size=3, unique_by=lambda item: item.column))
    search = draw(st.one_of(st.just(""), TEXTS.map(str.strip)))
    by_key = not sort and not search
    degrees = st.floats(-90, 90)
    west, east = sorted((draw(degrees), draw(degrees)))
    south, north = sorted((draw(degrees), draw(degrees)))
    return Query(
        filters=tuple(filters),
        box=draw(st.one_of(st.none(), st.just(Box(west, south, east, north)))),
        near=draw(st.one_of(st.none(), st.builds(Near, degrees, degrees, st.floats(0.1, 10000)))),
        search=search,
        sort=tuple(sort),
        columns=tuple(draw(st.lists(names, max_size=4, unique=True))),
        view=View.CHART,
        chart=draw(
            st.sampled_from(
                [
                    Chart(Mark.BAR, "code.insee", colour="ouvert"),
                    Chart(Mark.AREA, "jour", "population", Aggregate.MEDIAN, unit=Unit.YEAR),
                    Chart(Mark.POINT, "part %", "population"),
                    Chart(Mark.BAR, "part %", "code.insee", Aggregate.DISTINCT, bins=charts.BINS[0]),
                ]
            )
        ),
        size=draw(st.sampled_from([15, 25, 50, 100])),
        page=1 if by_key else draw(st.integers(1, 100)),
        after=draw(st.one_of(st.none(), st.integers(0, 2**63 - 1))) if by_key else None,
    )


class TestRoundTrip:
    @given(queries())
    def test_what_is_written_reads_the_same(self, query):
        again, problems = read_query(write_query(query), TABLE)
        assert not problems
        assert again == query

    @given(st.lists(st.tuples(st.one_of(st.sampled_from(["sort", "near", "bbox", "page", "x"]), st.text()), st.text())))
    def test_anything_is_answered_by_a_query_or_a_problem(self, pairs):
        query, _problems = read_query(pairs, TABLE)
        assert read_query(write_query(query), TABLE) == (query, [])

    @given(st.sampled_from(TABLE.columns), st.sampled_from(list(Operator)), st.text())
    def test_any_value_on_any_column(self, column, operator, value):
        query, problems = read(((f"{operator}.{column.id}"), value))
        assert bool(query.filters) + len(problems) == bool(value.strip())

    def test_a_moment_keeps_its_zone(self):
        moment = datetime(2024, 5, 1, 12, tzinfo=UTC)
        query, problems = read(("from.zoné", moment.isoformat()))
        assert not problems
        assert query.filters[0].values == (moment,)


class TestMoving:
    def test_a_header_cycles_through_three_orders(self):
        first = Query(page=1, after=9).sorted_by("population")
        assert (first.sort, first.after) == ((Sort("population"),), None)
        second = first.sorted_by("population")
        assert second.sort == (Sort("population", descending=True),)
        assert second.sorted_by("population").sort == ()

    def test_a_filter_can_be_taken_away(self):
        one = ColumnFilter("population", Operator.MIN, (Decimal(1),))
        two = ColumnFilter("population", Operator.MAX, (Decimal(9),))
        assert Query(filters=(one, two)).without(one).filters == (two,)
        assert Query(box=Box(0, 0, 1, 1)).without(Box(0, 0, 1, 1)).box is None
