"""The territory's communes as the ground of every map, served by the portal itself."""

import json
from functools import lru_cache

from ckanext.lrtzc.territory import TerritoryError, get_territory


@lru_cache(maxsize=1)
def contours_geojson() -> bytes:
    """Give the contours of the communes as GeoJSON; an empty collection where no territory is configured."""
    try:
        collection = dict(get_territory().contours)
    except TerritoryError:
        collection = {"type": "FeatureCollection", "features": []}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
