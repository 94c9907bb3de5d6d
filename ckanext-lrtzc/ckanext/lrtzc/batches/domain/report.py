"""What loading gave, in bounded memory: counts of all, examples of the first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .analysis import located
from .checking import Conclusion, Judged
from .pipeline import Chunk
from .problems import Problem

EXAMPLES = 20
# rows shown whole with their cells at fault marked, and columns of these
SHOWN_ROWS = 10
SHOWN_COLUMNS = 30
_SHOWN_LENGTH = 60
LISTED = 20_000


@dataclass
class Tally:
    """Counts rows while a batch loads: `read` are those of the file without the empty ones, which are `blank`.

    `reasons` counts by code and column; `listed` are the first problems.

    `concluded` holds what each check says of the whole, by its name. `total` is how many rows the table has once the
    batch is in, and `changed` the keys of those that it brought or changed, as text of an int8multirange; None where
    all are new, or these are too scattered to be named.
    """

    read: int = 0
    accepted: int = 0
    blank: int = 0
    refused: int = 0
    corrected: int = 0
    reasons: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    listed: list[Problem] = field(default_factory=list[Problem])
    rows: dict[int, list[str | None]] = field(default_factory=dict[int, "list[str | None]"])
    concluded: dict[str, Any] = field(default_factory=dict[str, Any])
    total: int | None = None
    changed: str | None = None

    def add(self, chunk: Chunk) -> None:
        """Count a chunk."""
        self.read += chunk.read
        self.blank += chunk.blank
        self.accepted += len(chunk.data)
        self.refuse(chunk.refused)
        self.corrected += len({problem.line for problem in chunk.corrected})
        self._count(chunk.corrected)
        for judged in chunk.judged:
            self._judge(judged)
        self.rows |= chunk.rows

    def _judge(self, judged: Judged) -> None:
        self.refused += judged.refused
        self.corrected += judged.corrected
        for key, count in judged.counts.items():
            self.reasons[key] = self.reasons.get(key, 0) + count
        self.listed += judged.listed[: LISTED - len(self.listed)]

    def conclude(self, name: str, conclusion: Conclusion) -> None:
        """Keep what a check says of the whole."""
        self.concluded[name] = conclusion.report

    def refuse(self, problems: list[Problem]) -> None:
        """Count refused rows; several problems of one row count once."""
        self.refused += len({problem.line for problem in problems})
        self._count(problems)

    def _count(self, problems: list[Problem]) -> None:
        for problem in problems:
            key = (problem.code, problem.column or "")
            self.reasons[key] = self.reasons.get(key, 0) + 1
        self.listed += problems[: LISTED - len(self.listed)]

    def positions(self) -> list[int]:
        """Give the positions that need a line, sorted."""
        return sorted({problem.line for problem in self.listed if problem.line is not None})

    def summary(self, lines: dict[int, int], general: list[Problem], names: list[str]) -> dict[str, Any]:
        """Give the report as JSON can hold it: counts, reasons with the first examples, and `general` problems.

        :param names: the file's columns, in order
        """
        problems = located(self.listed, lines)
        reasons = [
            {
                "code": code,
                "column": column,
                "count": count,
                "examples": [
                    _short(problem).as_dict()
                    for problem in [p for p in problems if (p.code, p.column or "") == (code, column)][:EXAMPLES]
                ],
            }
            for (code, column), count in sorted(self.reasons.items(), key=lambda item: -item[1])
        ]
        if self.blank:
            general = [*general, Problem("blank_rows", {"count": self.blank})]
        report = {"reasons": reasons, "problems": [problem.as_dict() for problem in general], "listed": len(problems)}
        counts = {name: getattr(self, name) for name in ("read", "accepted", "corrected", "refused")}
        return {**report, "counts": counts, "faults": self.faults(lines, names), **self.concluded}

    def faults(self, lines: dict[int, int], names: list[str]) -> dict[str, Any]:
        """Give the first rows at fault as they came: `names` of columns, and of each row `line`, `cells` and `at`.

        `at` are the places of its cells at fault. Columns at fault are always there, others as far as there is room.
        """
        by_row: dict[int, set[str]] = {}
        for problem in self.listed:
            if problem.line in self.rows and (problem.column is None or problem.column in names):
                by_row.setdefault(problem.line, set()).update([problem.column] if problem.column else [])
        chosen = sorted(by_row)[:SHOWN_ROWS]
        wrong = {name for position in chosen for name in by_row[position]}
        room = SHOWN_COLUMNS - len(wrong)
        others = set([name for name in names if name not in wrong][: max(room, 0)])
        places = [place for place, name in enumerate(names) if name in wrong or name in others]
        rows = [
            {
                "line": lines.get(position, position),
                "cells": [_cut(self.rows[position][place]) for place in places],
                "at": [at for at, place in enumerate(places) if names[place] in by_row[position]],
            }
            for position in chosen
        ]
        return {"names": [names[place] for place in places], "rows": rows}

    def refused_file(
        self, names: list[str], lines: dict[int, int], words: dict[str, str], translate: Callable[[str], str]
    ) -> Iterator[bytes]:
        """Give the refused and corrected cells as CSV in UTF-8 with a byte order mark, the whole row after each.

        `words` are the headers of our own columns. A cell that a spreadsheet would take for a formula is preceded by an
        apostrophe.
        """
        yield b"\xef\xbb\xbf" + _line([words["line"], words["column"], words["problem"], *names])
        for problem in self.listed:
            line = lines.get(problem.line or 0, problem.line)
            sentence = problem.sentence(translate)
            row = self.rows.get(problem.line or 0) or [problem.params.get("row")]
            yield _line([line, problem.column, sentence, *row])


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= _SHOWN_LENGTH else f"{value[: _SHOWN_LENGTH - 1]}…"


def _short(problem: Problem) -> Problem:
    params = {key: value for key, value in problem.params.items() if key != "row"}
    return Problem(problem.code, params, problem.line, problem.column, problem.byte)


def without_formula(cell: Any) -> Any:
    """Give the cell so that no spreadsheet takes it for a formula (OWASP, CSV injection); numbers stay."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(cell.replace(",", "."))
        except ValueError:
            return f"'{cell}"
    return cell


def _line(cells: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow([without_formula(cell) for cell in cells])
    return out.getvalue().encode()
