"""What the search engine is given about a dataset, beyond what CKAN gives it.

CKAN puts each of our fields into the document twice: under its own name, as stored (JSON text for lists), and as
`extras_<name>`, full text. Own names fall under a catch-all that holds one string of at most 32,766 bytes, so a list
or a long text there would make the whole document fail. Here each field gets the form in which it is searched, and
what would fail is left out.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from ckanext.lrtzc.objects.domain.geometry import index_wkt
from ckanext.lrtzc.objects.domain.values import period_bounds

GEOMETRY = "spatial_geom"
MAX_STRING = 8_000
"""Characters; at most four bytes each, under Lucene's limit for one term."""

LISTS = ("axis", "communes", "theme", "language", "hvd_category")
TRANSLATIONS = ("title_translated", "notes_translated")
SUBFIELDS = ("contact", "publisher", "creator", "temporal_coverage", "spatial_coverage")
NOT_SEARCHED = ("spatial", "documentation", "conforms_to", "applicable_legislation", "is_referenced_by")
# Fields of CKAN's schema that are typed or that CKAN fills by itself: a key of one's own may not take their place.
FILLED = frozenset(
    [
        "index_id",
        "permission_labels",
        "entity_type",
        "dataset_type",
        "capacity",
        "site_id",
        "data_dict",
        "validated_data_dict",
        "title_string",
        "metadata_created",
        "metadata_modified",
        "state",
    ]
)
TYPED = frozenset(
    [
        "views_total",
        "views_recent",
        "resources_accessed_total",
        "resources_accessed_recent",
        "indexed_ts",
        "_version_",
        "text",
        "urls",
        "title_ngram",
        "name_ngram",
        "temporal_start_date",
        "temporal_end_date",
    ]
)
RESERVED_PREFIXES = ("vocab_", "res_", "extras_", GEOMETRY)


def _loaded(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _strings(value: Any) -> list[str]:
    value = _loaded(value)
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return list(dict.fromkeys(str(item) for item in items if isinstance(item, str | int) and item != ""))


def _rows(value: Any) -> list[Mapping[str, Any]]:
    value = _loaded(value)
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [cast("Mapping[str, Any]", item) for item in items if isinstance(item, Mapping)]


def _area(document: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> list[str]:
    candidates = [document.get("spatial")]
    candidates += [row.get("geom") or row.get("bbox") or row.get("centroid") for row in rows]
    for candidate in candidates:
        if candidate and isinstance(candidate, str | Mapping) and (wkt := index_wkt(candidate)):
            return [wkt]
    return []


def _period(rows: list[Mapping[str, Any]]) -> dict[str, str]:
    bounds = [period_bounds(str(row.get("start") or ""), str(row.get("end") or "")) for row in rows]
    starts = [start for start, _end in bounds if start]
    ends = [end for _start, end in bounds if end]
    found: dict[str, str] = {}
    if starts and all(start for start, _end in bounds):
        found["temporal_start_date"] = f"{min(starts)}T00:00:00Z"
    if ends and all(end for _start, end in bounds):
        found["temporal_end_date"] = f"{max(ends)}T23:59:59Z"
    return found


def index_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the document to index, from the one that CKAN prepared.

    - lists become facets: `vocab_axis`, `vocab_communes` (INSEE codes), `vocab_theme`, `vocab_language`,
      `vocab_hvd_category` (URIs);
    - the area becomes `spatial_geom` (WKT);
    - periods become `temporal_start_date` and `temporal_end_date`, an open side having none;
    - sub-fields become full text.

    Nothing of what is left can make the search engine refuse the document.
    """
    found = dict(document)
    own = {key.removeprefix("extras_") for key in found if key.startswith("extras_")}
    for key in own:
        typed = key in TYPED or key.startswith(RESERVED_PREFIXES)
        if typed or key in FILLED:
            found.pop(f"extras_{key}", None)
        if typed:
            found.pop(key, None)
    for name in LISTS:
        values = _strings(found.pop(name, None))
        found.pop(f"extras_{name}", None)
        if values:
            found[f"vocab_{name}"] = [value[:MAX_STRING] for value in values]
    rows = {name: _rows(found.pop(name, None)) for name in SUBFIELDS}
    for name, items in rows.items():
        found.pop(f"extras_{name}", None)
        words = [
            str(value) for row in items for key, value in row.items() if key in ("name", "text", "email") and value
        ]
        if words:
            found[f"extras_{name}"] = " ".join(words)
    for name in TRANSLATIONS:
        texts = _loaded(found.pop(name, None))
        found.pop(f"extras_{name}", None)
        if isinstance(texts, Mapping):
            found[f"extras_{name}"] = " ".join(str(text) for text in cast("Mapping[str, Any]", texts).values())
    if area := _area(document, rows["spatial_coverage"]):
        found[GEOMETRY] = area
    found.update(_period(rows["temporal_coverage"]))
    for name in NOT_SEARCHED:
        found.pop(name, None)
        found.pop(f"extras_{name}", None)
    return {key: value for key, value in found.items() if _holds(key, value)}


def _holds(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    if isinstance(value, str):
        return len(value) <= MAX_STRING or key in _LONG or key.startswith(("extras_", "res_"))
    return True


_LONG = frozenset({"data_dict", "validated_data_dict", "notes", "title", "text", "urls"})
