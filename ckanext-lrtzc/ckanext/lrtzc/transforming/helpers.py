"""Template helpers of transformations."""

from __future__ import annotations

from typing import Any

from .wording import say_step


def lrtzc_transforming_sentence(step: dict[str, Any]) -> str:
    """Say what a step does, as a batch's report or a file keeps it."""
    return say_step(step)
