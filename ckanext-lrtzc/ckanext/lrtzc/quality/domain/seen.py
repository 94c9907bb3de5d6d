"""Which values were there already, in bounded memory: eight bytes a row."""

from __future__ import annotations

from typing import Any

import numpy as np


class Seen:
    """Fingerprints (64 bits) met so far, in sorted runs that double in size.

    Two different values share one by chance less than once in a million files of a million rows (n² / 2⁶⁵).
    """

    def __init__(self) -> None:
        self._runs: list[Any] = []

    def again(self, values: Any) -> Any:
        """Say for each fingerprint whether it was met before, here or in an earlier call; remember them all."""
        order = np.argsort(values, kind="stable")
        ranked = values[order]
        known = np.zeros(len(ranked), dtype=bool)
        known[1:] = ranked[1:] == ranked[:-1]
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, ranked), len(run) - 1)
            known |= run[places] == ranked
        found = np.empty(len(ranked), dtype=bool)
        found[order] = known
        self._add(ranked[~known])
        return found

    def _add(self, run: Any) -> None:
        if not len(run):
            return
        self._runs.append(run)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]), kind="stable")
