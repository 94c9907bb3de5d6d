"""A table as SQLAlchemy sees it, cut to the part that somebody may see.

What is held back is not in the relation: rows and columns that are missing here can be neither read, filtered, sorted,
counted, searched nor made distinct, whatever is built on top.
"""

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCONFIG

from ckanext.lrtzc.tabular.conditions import condition
from ckanext.lrtzc.tabular.domain.columns import FULL_TEXT, GEOMETRY, KEY, Kind, Table
from ckanext.lrtzc.tabular.domain.part import EVERYTHING, Coarser, Mask, Part, Perimeter
from ckanext.lrtzc.tabular.domain.plurals import other_endings

UNACCENTED = "_unaccent"
"""Ending of the name of a full-text configuration that is another's without regard to accents (words.sql)."""

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: sa.Text(),
    Kind.INTEGER: sa.BigInteger(),
    Kind.NUMBER: sa.Numeric(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.DATETIME: sa.DateTime(),
    Kind.OTHER: sa.types.NullType(),
}


def visible(table: Table, part: Part) -> Table:
    """Give the table as whoever sees this part of it knows it."""
    if part.is_whole:
        return table
    return replace(
        table,
        columns=tuple(column for column in table.columns if part.shows(column.id)),
        has_geometry=table.has_geometry and part.shows(GEOMETRY),
        has_full_text=table.has_full_text and not any(part.changes(column.id) for column in table.columns),
        estimate=None,
    )


@dataclass(frozen=True)
class Relation:
    """The relation to read from. `table` is the whole table as the database has it; `part` is what may be seen of it.

    `language` is the full-text configuration. `percent` reads only a sample of about that percentage of the table,
    always the same.
    """

    whole: Table
    part: Part = EVERYTHING
    language: str = "simple"
    percent: float | None = None

    @cached_property
    def table(self) -> Table:
        """Give the table as the reader may know it."""
        return visible(self.whole, self.part)

    @cached_property
    def _base(self) -> sa.FromClause:
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(KEY, sa.BigInteger()),
            sa.column(GEOMETRY),
            sa.column(FULL_TEXT),
        ]
        columns += [sa.column(column.id, _TYPES[column.kind]) for column in self.whole.columns]
        relation = sa.table(self.whole.resource_id, *columns)
        if self.percent is None:
            return relation
        return relation.tablesample(sa.func.system(self.percent), seed=sa.literal(1), name="sampled")

    @cached_property
    def source(self) -> sa.FromClause:
        """Give what a FROM names: the table itself, or a query of the visible part of it."""
        return self._base if self.part.is_whole else self.visible().subquery("visible")

    def visible(self, *, searched: bool = False) -> sa.Select[Any]:
        """Select the visible part of the table, its columns under their own names.

        :param searched: give a full-text column even where some columns are held back: made of those that are seen.
        """
        shown = [self._base.c[KEY]] if self.whole.has_key else []
        shown += [self._seen(column.id).label(column.id) for column in self.table.columns]
        if self.table.has_geometry:
            shown.append(self._seen(GEOMETRY).label(GEOMETRY))
        if self.table.has_full_text:
            shown.append(self._base.c[FULL_TEXT])
        elif searched:
            texts = [sa.cast(self._seen(column.id), sa.Text()) for column in self.table.columns]
            words = sa.func.concat_ws(" ", *texts) if texts else sa.literal("")
            shown.append(sa.func.to_tsvector(sa.cast(sa.literal(self.language), REGCONFIG), words).label(FULL_TEXT))
        return sa.select(*shown).select_from(self._base).where(self._rows(self.part))

    def _rows(self, part: Part) -> sa.ColumnElement[bool]:
        return sa.and_(sa.true(), *(self._any(layer) for layer in part.layers))

    def _any(self, layer: tuple[Perimeter, ...]) -> sa.ColumnElement[bool]:
        return sa.or_(sa.false(), *(self._inside(perimeter) for perimeter in layer))

    def _inside(self, perimeter: Perimeter) -> sa.ColumnElement[bool]:
        if not perimeter.fits(self.whole):
            return sa.false()
        made = (condition(self._base.c[item.column], self.whole[item.column], item) for item in perimeter.rows)
        return sa.and_(sa.true(), *made)

    def _seen(self, name: str) -> sa.ColumnElement[Any]:
        expression: sa.ColumnElement[Any] = self._base.c[name]
        for layer in self.part.layers:
            if all(perimeter.shows(name) and perimeter.mask(name) is None for perimeter in layer):
                continue
            showing = [perimeter for perimeter in layer if perimeter.shows(name)]
            # where several perimeters hold a row, the most exact value wins
            showing.sort(key=lambda perimeter: perimeter.mask(name) is not None)
            cases = [(self._inside(perimeter), self._masked(expression, perimeter.mask(name))) for perimeter in showing]
            expression = sa.case(*cases, else_=sa.null())
        return expression

    def _masked(self, expression: sa.ColumnElement[Any], mask: Mask | None) -> sa.ColumnElement[Any]:
        if mask is None:
            return expression
        kind = self.whole[mask.column].kind
        match mask.coarser:
            case Coarser.START if kind is Kind.TEXT:
                return sa.func.left(expression, mask.size, type_=sa.Text())
            case Coarser.STEP if kind.is_number and mask.size > 0:
                step = sa.literal(mask.size)
                return sa.cast(sa.func.floor(expression / step) * step, _TYPES[kind])
            case Coarser.MONTH | Coarser.YEAR if kind is Kind.DATE:
                return sa.cast(sa.func.date_trunc(str(mask.coarser), expression), sa.Date())
            case Coarser.MONTH | Coarser.YEAR if kind is Kind.DATETIME:
                return sa.func.date_trunc(str(mask.coarser), expression)
            case Coarser.START | Coarser.STEP | Coarser.MONTH | Coarser.YEAR:
                return sa.null()
            case _:
                assert_never(mask.coarser)

    def column(self, column_id: str) -> sa.ColumnElement[Any]:
        """Give a column of the relation; KeyError when the reader has no such column."""
        return self.source.c[self.table[column_id].id]

    @property
    def key(self) -> sa.ColumnElement[int]:
        """Give the key of the rows."""
        return self.source.c[KEY]

    @property
    def geometry(self) -> sa.ColumnElement[Any]:
        """Give the geometry of the rows (WGS 84)."""
        return self.source.c[GEOMETRY]

    def matches(self, words: str) -> sa.ColumnElement[bool]:
        """Make the condition of holding these words: by the full-text index, or by reading the visible texts."""
        if self.table.has_full_text:
            asked = other_endings(words) if self.language.startswith("french") else {words}
            forms = [
                sa.func.websearch_to_tsquery(sa.cast(sa.literal(language), REGCONFIG), one)
                for language in self._languages()
                for one in sorted(asked)
            ]
            # One condition, not one a form: how many rows several hold together is guessed too high to take the index.
            any_form = reduce(lambda all_forms, form: all_forms.op("||")(form), forms)
            return self.source.c[FULL_TEXT].op("@@", is_comparison=True)(any_form)
        texts = [self.column(column.id) for column in self.table.columns if column.kind is Kind.TEXT]
        if not self.language.endswith(UNACCENTED):
            return sa.or_(sa.false(), *(text.icontains(words, autoescape=True) for text in texts))
        escaped = words.replace("/", "//").replace("%", "/%").replace("_", "/_")
        wanted = sa.func.unaccent(f"%{escaped}%")
        return sa.or_(sa.false(), *(sa.func.unaccent(text).ilike(wanted, escape="/") for text in texts))

    def _languages(self) -> list[str]:
        """Give the configurations by which words of this table were made: two, where some may be older than accents."""
        known = self.whole.language == self.language
        return [self.language] if known else sorted({self.language, self.language.removesuffix(UNACCENTED)})
