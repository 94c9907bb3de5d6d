"""ckanext-dcat's actions, answered by this room's writer: same names, parameters and rights."""

from typing import Any

import ckan.plugins.toolkit as tk

from ..catalogue import catalogue_document, dataset_document, lineage, read_page
from ..domain.rdf import CONTENT_TYPES
from ..site import get_site


def _form(data_dict: dict[str, Any]) -> str:
    form = data_dict.get("format") or "xml"
    if form not in CONTENT_TYPES:
        raise tk.ValidationError({"format": [tk._("A format is one of: {}.").format(", ".join(CONTENT_TYPES))]})
    return form


@tk.chained_action
@tk.side_effect_free
def dcat_dataset_show(_original: Any, context: Any, data_dict: dict[str, Any]) -> str:
    """Give one dataset in DCAT-AP; `format` is `ttl`, `xml`, `rdf`, `jsonld` or `n3`."""
    tk.check_access("dcat_dataset_show", context, data_dict)
    form = _form(data_dict)
    found = tk.get_action("package_show")(context, {"id": data_dict.get("id")})
    if found.get("type") != "dataset":
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return dataset_document(found, form, lineage(context, found)).decode()


def _catalogue(action: str, context: Any, data_dict: dict[str, Any]) -> str:
    tk.check_access(action, context, data_dict)
    form = _form(data_dict)
    return catalogue_document(context, read_page(data_dict), form, f"{get_site().url}/catalog.{form}").decode()


@tk.chained_action
@tk.side_effect_free
def dcat_catalog_show(_original: Any, context: Any, data_dict: dict[str, Any]) -> str:
    """Give a page of the catalogue in DCAT-AP: `page`, `modified_since`, `q`, `fq`, `format`."""
    return _catalogue("dcat_catalog_show", context, data_dict)


@tk.chained_action
@tk.side_effect_free
def dcat_catalog_search(_original: Any, context: Any, data_dict: dict[str, Any]) -> str:
    """Give a page of the catalogue in DCAT-AP, as `dcat_catalog_show` does."""
    return _catalogue("dcat_catalog_search", context, data_dict)
