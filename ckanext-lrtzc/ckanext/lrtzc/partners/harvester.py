"""The room as ckanext-harvest sees it: one harvester, whose kinds are our own."""

import logging
from typing import Any

from ckan import model
from ckanext.harvest.interfaces import IHarvester
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.lrtzc.partners.gather import gather
from ckanext.lrtzc.partners.importing import import_piece

log = logging.getLogger(__name__)

NAME = "lrtzc_partner"


class PartnerHarvester(IHarvester):
    """Implements `IHarvester`: see gather.py and importing.py for what the two stages do."""

    def info(self) -> dict[str, Any]:
        """Describe the harvester; it is declared from the pages of partners, not from ckanext-harvest's form."""
        return {
            "name": NAME,
            "title": "Partner portal",
            "description": "Declared, tried and watched from the pages of partner portals",
            "show_config": False,
        }

    def validate_config(self, config: str) -> str:
        """Keep no configuration here: settings are the partner's own."""
        return config

    def get_original_url(self, harvest_object_id: str) -> str | None:
        """Give the page of origin of a record."""
        found = model.Session.get(HarvestObject, harvest_object_id)
        return found.package.url if found is not None and found.package is not None else None

    def gather_stage(self, harvest_job: HarvestJob) -> list[str]:
        """Read and compare; give the identities of the pieces."""
        return gather(harvest_job)

    def fetch_stage(self, harvest_object: HarvestObject) -> bool:
        """Nothing is left to fetch: pieces hold their records."""
        return harvest_object.content is not None

    def import_stage(self, harvest_object: HarvestObject) -> bool | str:
        """Import a piece; it is told as unchanged, since its records have harvest objects of their own."""
        return "unchanged" if import_piece(harvest_object) else False
