"""What became of the rows from one version to another."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

NUMBER = "_id"
_BEFORE, _NTH = "\x00before", "\x00nth"


@dataclass(frozen=True)
class Difference:
    """The rows that were added, changed and removed, all values as texts.

    `names` are the columns of both versions, those of the newer first. `changed` holds for each row its new values, and
    its old ones in columns that `former` names; it is None where no column tells which row became which.
    """

    names: tuple[str, ...]
    key: tuple[str, ...]
    added: pl.DataFrame
    removed: pl.DataFrame
    changed: pl.DataFrame | None

    def counts(self) -> tuple[int, int | None, int]:
        """Count the rows added, changed and removed."""
        return len(self.added), None if self.changed is None else len(self.changed), len(self.removed)


def former(name: str) -> str:
    """Give the column of `Difference.changed` with a column's old values."""
    return f"{_BEFORE}{name}"


def difference(before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str], *, numbered: bool) -> Difference:
    """Compare two versions.

    :param before: rows with their number `_id`, the other columns texts; `after` the same
    :param key: columns that tell rows apart; left aside where they don't, in one of the versions
    :param numbered: whether rows have the same number in both
    """
    names = [name for name in after.columns if name != NUMBER]
    names += [name for name in before.columns if name != NUMBER and name not in names]
    before, after = (_completed(frame, names) for frame in (before, after))
    chosen = (NUMBER,) if numbered else tuple(key) if _tells_apart(before, after, key) else ()
    if not chosen:
        added, removed = _alone(after, before, names), _alone(before, after, names)
        return Difference(tuple(names), (), added, removed, None)
    compared = [name for name in names if name not in chosen]
    both = after.join(before.rename({name: former(name) for name in compared} | _number(chosen)), on=chosen)
    differs = [pl.col(name).ne_missing(pl.col(former(name))) for name in compared]
    changed = both.filter(pl.any_horizontal(differs)) if differs else both.clear()
    return Difference(
        tuple(names),
        chosen,
        after.join(before, on=chosen, how="anti", maintain_order="left"),
        before.join(after, on=chosen, how="anti", maintain_order="left"),
        changed.sort(NUMBER),
    )


def _number(chosen: Sequence[str]) -> dict[str, str]:
    return {} if NUMBER in chosen else {NUMBER: former(NUMBER)}


def _completed(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Give a frame with all these columns, empty where it has none of the name."""
    lacking = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(lacking).select(NUMBER, *names)


def _tells_apart(before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str]) -> bool:
    if not key or not set(key) <= set(before.columns):
        return False
    return all(
        not frame.select(key).is_duplicated().any() and not any(frame[name].has_nulls() for name in key)
        for frame in (before, after)
    )


def _alone(frame: pl.DataFrame, other: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Give the rows that the other hasn't; of equal ones, those that are more than in the other."""
    if not names:
        return frame.clear()
    nth = pl.int_range(pl.len()).over(list(names)).alias(_NTH)
    found = frame.with_columns(nth).join(
        other.with_columns(nth), on=[*names, _NTH], how="anti", nulls_equal=True, maintain_order="left"
    )
    return found.drop(_NTH)
