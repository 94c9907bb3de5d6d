"""How a link that was taken away is made again."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Undo
from ckanext.lrtzc.links.model import Link


def _standing(what: Mapping[str, Any]) -> str:
    ends = {name: what[name] for name in ("kind", "source_id", "target_id")}
    return model.Session.scalar(sa.select(Link.id).filter_by(**ends)) or ""


def _make(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_link_create")(context, {name: what[name] for name in ("kind", "source_id", "target_id")})


def _page(what: Mapping[str, Any]) -> str:
    package = model.Package.get(what["source_id"])
    if package is None:
        return tk.h.url_for("dashboard.datasets")
    return tk.h.url_for("lrtzc_links.links", type=package.type, id=package.name)


UNDOS = {"link.delete": Undo(_standing, _make, _page)}
