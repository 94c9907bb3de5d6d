"""The room's door: how expressions are read."""

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
    "walk",
]
