"""The kinds of partner portals the platform knows."""

from ckanext.lrtzc.partners.domain.kinds.base import Kind
from ckanext.lrtzc.partners.domain.kinds.ckan import Ckan
from ckanext.lrtzc.partners.domain.kinds.csw import Csw
from ckanext.lrtzc.partners.domain.kinds.dcat import Dcat
from ckanext.lrtzc.partners.domain.kinds.opendatasoft import Opendatasoft
from ckanext.lrtzc.partners.domain.kinds.udata import Udata

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Dcat(), Ckan(), Csw(), Udata(), Opendatasoft())}

__all__ = ["KINDS", "Kind"]
