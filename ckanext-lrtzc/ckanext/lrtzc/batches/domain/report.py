"""What loading gave, in bounded memory: counts of all, examples of the first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .analysis import located
from .pipeline import Chunk
from .problems import Problem

EXAMPLES = 20
LISTED = 20_000


@dataclass
class Tally:
    """Counts rows while a batch loads. `reasons` counts by code and column; `listed` are the first problems."""

    read: int = 0
    accepted: int = 0
    blank: int = 0
    refused: int = 0
    corrected: int = 0
    reasons: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    listed: list[Problem] = field(default_factory=list[Problem])
    rows: dict[int, list[str | None]] = field(default_factory=dict[int, "list[str | None]"])

    def add(self, chunk: Chunk) -> None:
        """Count a chunk."""
        self.read += chunk.read
        self.blank += chunk.blank
        self.accepted += len(chunk.data)
        self.refuse(chunk.refused)
        self.corrected += len({problem.line for problem in chunk.corrected})
        self._count(chunk.corrected)
        self.rows |= chunk.rows

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

    def summary(self, lines: dict[int, int], general: list[Problem]) -> dict[str, Any]:
        """Give the report as JSON can hold it: counts, reasons with the first examples, and `general` problems."""
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
        return {"reasons": reasons, "problems": [problem.as_dict() for problem in general], "listed": len(problems)}

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
