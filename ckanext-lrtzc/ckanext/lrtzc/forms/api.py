"""The room's door: how expressions are read, and how a form is shown that the portal itself brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .domain.expressions import (
    Call,
    Column,
    Current,
    Expression,
    ExpressionError,
    Literal,
    Ref,
    parse,
    walk,
)

__all__ = [
    "Call",
    "Column",
    "Current",
    "Expression",
    "ExpressionError",
    "Literal",
    "Ref",
    "parse",
    "show_form",
    "walk",
]


def show_form(
    author: str,
    package: str,
    given: Mapping[str, Any],
    files: Sequence[Path],
    answers: Sequence[tuple[Mapping[str, str], Mapping[str, Path]]],
) -> None:
    """Make a form that is open to everyone, with its answers: see `showing.show_form`."""
    # pure rules of other rooms read expressions: they know no CKAN
    from ckanext.lrtzc.forms import showing

    showing.show_form(author, package, given, files, answers)
