"""Steps on columns as such: which there are, how they are called, what they are split into and joined from."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .working import Unfit, Work, bounded, filled, hidden, present, size_of, with_new


class Select(Work):
    """Keep some columns, in this order."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        return present(names, self.params["columns"])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        return data.select([*hidden(data), *self.params["columns"]])


class Drop(Work):
    """Leave some columns out."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        left = [name for name in names if name not in present(names, self.params["columns"])]
        if not left:
            raise Unfit("no_column")
        return left

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        return data.drop(self.params["columns"])


class Rename(Work):
    """Give a column another name."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        column, to = self.params["column"], self.params["to"]
        present(names, [column])
        if to in names and to != column:
            raise Unfit("taken", name=to)
        return [to if name == column else name for name in names]

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        return data.rename({self.params["column"]: self.params["to"]})


class Split(Work):
    """Put the parts of a text into columns; what is beyond the last part stays in it."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return with_new(names, self.params["names"])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        new = self.params["names"]
        parts = data[self.params["column"]].str.splitn(self.params["separator"], len(new)).struct.unnest()
        for name, part in zip(new, parts.get_columns(), strict=True):
            data = self.put(data, name, filled(part.str.strip_chars()))
        return data


class Join(Work):
    """Put the texts of several columns one after the other; empty ones leave no separator."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, self.params["columns"])
        return with_new(names, [self.params["into"]])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        columns, separator = self.params["columns"], self.params["separator"]
        bounded(sum(size_of(data[name]) for name in columns) + len(separator) * len(columns) * len(data))
        joined = data.select(pl.concat_str(columns, separator=separator, ignore_nulls=True))[:, 0]
        return self.put(data, self.params["into"], filled(joined))
