"""What tests of files with layers share: how they are read, and what may be written into them."""

import polars as pl
import pytest
import shapely
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.geometry import Geometry, locate
from ckanext.lrtzc.batches.domain.limits import Limits
from ckanext.lrtzc.batches.domain.opening import open_table
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.tables import GEOMETRY

NAME = [("nom", "C", 40)]


def whole(source, **options):
    """Give the rows of a file as loading reads them: (table, frame of text)."""
    with open_table(source, options.pop("settings", None), Limits(**options)) as table:
        return table, pl.concat([frame.data for frame in table.frames()] or [pl.DataFrame()])


def places(frame, crs=4326):
    """Give the places of rows as the map shows them, in WKT; and the problems met."""
    found = locate(frame, Geometry("feature", crs=crs))
    texts = [None if text is None else shapely.from_wkb(text).wkt for text in found.data[GEOMETRY]]
    return texts, [(p.code, p.line) for p in found.refused], [(p.code, p.line) for p in found.corrected]


def refused(source, **options):
    with pytest.raises(BatchError) as refusal:
        whole(source, **options)
    assert "{" not in refusal.value.problem.sentence()
    return refusal.value.problem.code


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).map(lambda text: text.rstrip(" "))
NUMBERS = st.integers(-(10**16), 10**16) | st.none()
DAYS = st.dates() | st.none()
