"""The territory that this portal serves: names, axes, communes, texts.

All that is local stands in one folder (option `ckanext.lrtzc.territory`); code asks `get_territory()` and knows no
name, code or place of its own.
"""

from functools import lru_cache
from pathlib import Path

from ckanext.lrtzc.territory.model import Axis, Commune, Contact, Invitation, KeyFigure, LegalText, Territory, Words
from ckanext.lrtzc.territory.reader import TerritoryError, read_territory

OPTION = "ckanext.lrtzc.territory"

__all__ = [
    "OPTION",
    "Axis",
    "Commune",
    "Contact",
    "Invitation",
    "KeyFigure",
    "LegalText",
    "Territory",
    "TerritoryError",
    "Words",
    "get_territory",
    "read_territory",
]


def get_territory() -> Territory:
    """Give the configured territory, read once a process.

    :raises TerritoryError: if the option is empty, or the folder is not a valid territory.
    """
    import ckan.plugins.toolkit as tk  # here, so that reading a territory needs no CKAN

    folder = str(tk.config.get(OPTION) or "")
    if not folder:
        raise TerritoryError(f"The option {OPTION} is empty: give it the folder that holds territory.yaml.")
    return _territory_of(folder)


@lru_cache(maxsize=8)
def _territory_of(folder: str) -> Territory:
    return read_territory(Path(folder))
