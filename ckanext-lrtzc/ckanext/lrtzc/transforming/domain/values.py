"""Steps on the values of columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyproj

from .catalogue import Step
from .formulas import Formula, columns_of, read, written
from .units import conversion
from .working import Tools, Unfit, Work, bounded, filled, present, size_of, with_new

# about a centimetre
_DECIMALS = 7


class Cast(Work):
    """Write the values of a column as its type is written; what can't be read stays, for typing to say so."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return list(names)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        name = self.params["column"]
        values = data[name]
        if self.params["type"] == "text":
            return data
        typed = self.tools.typed(values, self.params["type"])
        left = typed.is_null() & ~self.tools.missing(values)
        self.left += int(left.sum())
        return self.put(data, name, values.zip_with(left, typed))


class Normalise(Work):
    """Take away spaces that aren't needed, and differences of case and accents that aren't wanted."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, self.params["columns"])
        return list(names)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        for name in self.params["columns"] or [name for name in data.columns if not name.startswith("_")]:
            values = data[name].str.replace_all(r"\s+", " ").str.strip_chars()
            if self.params["accents"] == "without":
                values = values.str.normalize("NFD").str.replace_all(r"\p{Mn}", "").str.normalize("NFC")
            match self.params["case"]:
                case "lower":
                    values = values.str.to_lowercase()
                case "upper":
                    values = values.str.to_uppercase()
                case "title":
                    values = values.str.to_titlecase()
                case _:
                    pass
            data = self.put(data, name, filled(values))
        return data


class Replace(Work):
    """Replace values by others, whole or in part; of parts, one pair after the other."""

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return list(names)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        name, pairs = self.params["column"], self.params["pairs"]
        values = data[name]
        if self.params["where"] == "whole":
            old, new = [pair[0] for pair in pairs if pair[0]], [pair[1] for pair in pairs if pair[0]]
            found = values.replace(old, new) if old else values
            empty = next((after for before, after in pairs if not before), None)
            found = found.fill_null(empty) if empty is not None else found
        else:
            found = values
            for old, new in pairs:
                if not old:
                    continue
                bounded(size_of(found) / len(old.encode()) * max(len(new.encode()), len(old.encode())))
                found = found.str.replace_all(old, new, literal=True)
        return self.put(data, name, filled(found))


class Convert(Work):
    """Give numbers in another unit; what is no number stays as it is."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        self._factor, self._offset = conversion(self.params["from"], self.params["to"])

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return list(names)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        name = self.params["column"]
        values = data[name]
        numbers = self.tools.numbers(values)
        found = written(numbers * self._factor + self._offset)
        self.left += int((found.is_null() & ~self.tools.missing(values)).sum())
        return self.put(data, name, found.zip_with(found.is_not_null(), values))


class Reproject(Work):
    """Give the longitude and latitude (EPSG:4326) of two columns of coordinates in another system."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        self._change = pyproj.Transformer.from_crs(int(self.params["crs"]), 4326, always_xy=True).transform

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["x"], self.params["y"]])
        return with_new(names, [self.params["longitude"], self.params["latitude"]])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        x, y = (self.tools.numbers(data[self.params[axis]]) for axis in ("x", "y"))
        there = (x.is_not_null() & y.is_not_null()).to_numpy()
        east, north = self._change(x.fill_null(float("nan")).to_numpy(), y.fill_null(float("nan")).to_numpy())
        places = pl.DataFrame({"east": pl.Series(east, dtype=pl.Float64), "north": pl.Series(north, dtype=pl.Float64)})
        good = places["east"].is_finite() & places["north"].is_finite()
        self.left += int(there.sum()) - int(good.sum())
        for name, values in ((self.params["longitude"], places["east"]), (self.params["latitude"], places["north"])):
            known = values.round(_DECIMALS).zip_with(good, pl.Series([None], dtype=pl.Float64))
            data = self.put(data, name, written(known))
        return data


class Lookup(Work):
    """Take what reference data says of a value; the first of its rows that has it."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        found = tools.reference(self.params["resource"], self.params["match"], self.params["take"])
        self._known = found.drop_nulls("key").unique("key", keep="first", maintain_order=True)

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return with_new(names, [self.params["into"]])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        keys = data[self.params["column"]].str.strip_chars()
        found = keys.to_frame("key").join(self._known, on="key", how="left", maintain_order="left")
        self.left += int((~keys.is_in(self._known["key"].implode()) & filled(keys).is_not_null()).sum())
        return self.put(data, self.params["into"], found["value"])


class Compute(Work):
    """Compute a column from others."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        expression = read(self.params["expression"])
        self._columns = columns_of(expression)
        self._formula = Formula(expression, tools.numbers, tools.days)

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, self._columns)
        return with_new(names, [self.params["into"]])

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        bounded(sum(size_of(data[name]) for name in self._columns) + len(self.params["expression"]) * len(data))
        try:
            values = self._formula.compute(data)
        except pl.exceptions.PolarsError as error:
            raise Unfit("expression") from error
        self.left += int(values.is_null().sum())
        return self.put(data, self.params["into"], values)
