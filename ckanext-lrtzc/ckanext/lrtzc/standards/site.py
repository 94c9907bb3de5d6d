"""The portal as the writers of `domain` see it, from CKAN's configuration and the territory."""

from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.territory import OPTION, get_territory

from .domain.site import Commune, Site
from .domain.values import email, link


def get_site() -> Site:
    """Give the portal's description, made once for a territory and an address."""
    return _site(
        str(tk.config.get(OPTION) or ""),
        tk.config["ckan.site_url"].rstrip("/"),
        str(tk.config.get("ckan.locale_default") or "fr").split("_")[0],
        link(tk.config.get("ckanext.lrtzc.standards.publisher_uri")),
    )


@lru_cache(maxsize=8)
def _site(_folder: str, url: str, language: str, publisher_url: str | None) -> Site:
    territory = get_territory()
    communes = {
        one.code: Commune(one.code, one.name, None if one.contour.is_empty else one.contour.bounds)
        for one in territory.communes
    }
    return Site(
        url=url,
        title=territory.portal.say(language),
        description=territory.sentence.say(language),
        language=language,
        publisher=territory.contact.name.say(language) or territory.name.say(language),
        publisher_url=publisher_url,
        email=email(territory.contact.email),
        box=territory.bbox,
        axes={axis.code: axis.label.say(language) for axis in territory.axes},
        communes=communes,
    )
