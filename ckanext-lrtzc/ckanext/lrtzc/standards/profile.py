"""Our profile for ckanext-dcat, and the page of a catalogue as a graph."""

import logging
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.dcat.profiles import EuropeanDCATAP3Profile
from ckanext.dcat.profiles.base import RDFProfile
from rdflib import Graph, URIRef

from .domain.clean import clean_dataset
from .domain.dcat import DCAT, complete_dataset
from .domain.rdf import QuietGraph
from .domain.record import from_clean
from .domain.site import Site
from .site import get_site

log = logging.getLogger(__name__)


class PortalProfile(RDFProfile):
    """What DCAT-AP 3 asks beyond `euro_dcat_ap_3`; stands after it in `ckanext.dcat.rdf.profiles`."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Complete what the profile before wrote of a dataset."""
        site = get_site()
        cleaned = clean_dataset(dataset_dict, site)
        if "id" in cleaned:
            complete_dataset(self.g, dataset_ref, cleaned, from_clean(cleaned, site), site)


class _EuropeanProfile(EuropeanDCATAP3Profile):
    """ckanext-dcat's profile for writing only: it needs no schema of the datasets then, and no action call."""

    def __init__(self, graph: Graph) -> None:
        self.g = graph
        self.compatibility_mode = False
        self._default_lang = tk.config.get("ckan.locale_default") or "en"
        self._default_locale_lang = None


class GraphWriter:
    """Puts datasets into one graph, through ckanext-dcat's profile and ours. One instance for a page."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.graph = QuietGraph()
        self.served: list[URIRef] = []
        self._europe = _EuropeanProfile(self.graph)

    def add(self, source: dict[str, Any]) -> URIRef | None:
        """Add a dataset as `package_show` or the search index gives it; gives its node, or None if it has no id.

        A field that a profile can't write is left out and logged; the rest of the dataset is written.
        """
        cleaned = clean_dataset(source, self.site)
        if "id" not in cleaned:
            return None
        ref = URIRef(cleaned.get("uri") or self.site.dataset_url(cleaned["id"]))
        self._write(cleaned, ref)
        record = from_clean(cleaned, self.site)
        complete_dataset(self.graph, ref, cleaned, record, self.site)
        if any(one.in_datastore for one in record.distributions):
            self.served.append(ref)
        return ref

    def _write(self, cleaned: dict[str, Any], ref: URIRef) -> None:
        # Geometry, identifier and tables are ours to write, exactly.
        offered = {key: value for key, value in cleaned.items() if key not in {"spatial", "axis", "communes"}}
        offered["resources"] = [self._with_address(one) for one in cleaned["resources"]]
        try:
            self._europe.graph_from_dataset(offered, ref)
        except Exception:
            log.warning("Dataset %s: a field can't be written in DCAT, looking for it", cleaned["id"], exc_info=True)
            self._write_what_can_be(offered, ref)

    def _with_address(self, resource: dict[str, Any]) -> dict[str, Any]:
        uri = resource.get("uri") or self.site.resource_url(resource["package_id"], resource["id"])
        return {**resource, "uri": uri}

    def _write_what_can_be(self, offered: dict[str, Any], ref: URIRef) -> None:
        core = {key: offered[key] for key in ("id", "name", "title", "notes", "tags", "publisher") if key in offered}
        kept = dict(core, resources=[])
        for key, value in offered.items():
            if key not in kept and self._writes({**core, "resources": [], key: value}, ref):
                kept[key] = value
        kept["resources"] = [
            one if self._writes({**core, "resources": [one]}, ref) else self._bare(one) for one in offered["resources"]
        ]
        self.graph.remove((ref, None, None))
        try:
            self._europe.graph_from_dataset(kept, ref)
        except Exception:
            log.exception("Dataset %s: only its core is in the catalogue", offered["id"])
            self.graph.remove((ref, None, None))
            self._europe.graph_from_dataset(dict(core, resources=[]), ref)
            for one in offered["resources"]:
                self.graph.add((ref, DCAT.distribution, URIRef(one["uri"])))

    @staticmethod
    def _bare(resource: dict[str, Any]) -> dict[str, Any]:
        return {key: resource[key] for key in ("id", "package_id", "uri", "url", "name", "format") if key in resource}

    @staticmethod
    def _writes(dataset: dict[str, Any], ref: URIRef) -> bool:
        try:
            _EuropeanProfile(QuietGraph()).graph_from_dataset(dataset, ref)
        except Exception:
            log.warning("Left out of the catalogue: %s", sorted(dataset), exc_info=True)
            return False
        return True
