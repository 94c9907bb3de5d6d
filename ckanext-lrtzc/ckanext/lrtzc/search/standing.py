"""How the index stands: what it holds beside what the catalogue holds, what waits, what failed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.search import trouble
from ckanext.lrtzc.search.model import Content, Due, Failure, Round

#: Objects that are named of each kind of trouble; of the others their number is told.
NAMED = 20


@dataclass(frozen=True)
class Difference:
    """What sets the index apart from the catalogue, by identifiers."""

    missing: tuple[str, ...]
    older: tuple[str, ...]
    gone: tuple[str, ...]


def state() -> dict[str, Any]:
    """Tell how the index stands, as `lrtzc_search_index_show` gives it, by a constant number of statements."""
    package = model.Package
    active = sa.select(package.id, package.metadata_modified).where(package.state == "active", package.type.in_(TYPES))
    catalogue = {row.id: row.metadata_modified for row in model.Session.execute(active)}
    try:
        indexed: dict[str, dt.datetime] | None = _indexed()
    except pysolr.SolrError:
        indexed = None
    apart = difference(catalogue, indexed) if indexed is not None else Difference((), (), ())
    waiting = list(model.Session.execute(sa.select(Due.package_id, Due.since).order_by(Due.since)))
    failed = sa.select(Failure.package_id, Failure.reason, Failure.moment).order_by(Failure.moment.desc())
    failures = list(model.Session.execute(failed))
    texts = sa.select(sa.func.count(), sa.func.count().filter(Content.more), sa.func.max(Content.read))
    files, cut, read = model.Session.execute(texts.select_from(Content).where(Content.words != "")).one()
    titles = _titles({*apart.missing[:NAMED], *apart.older[:NAMED]} | {one.package_id for one in failures[:NAMED]})
    return {
        "answers": indexed is not None,
        "objects": len(catalogue),
        "indexed": len(indexed) if indexed is not None else None,
        "missing": {"count": len(apart.missing), "objects": [titles.get(one) for one in apart.missing[:NAMED]]},
        "older": {"count": len(apart.older), "objects": [titles.get(one) for one in apart.older[:NAMED]]},
        "gone": len(apart.gone),
        "files": {"count": files, "cut": cut, "read": read.isoformat() if read else None},
        "waiting": {"count": len(waiting), "since": waiting[0].since.isoformat() if waiting else None},
        "failures": {
            "count": len(failures),
            "objects": [
                {
                    **(titles.get(one.package_id) or {"id": one.package_id, "name": "", "title": "", "type": ""}),
                    "reason": one.reason,
                    "words": trouble.words(one.reason),
                    "moment": one.moment.isoformat(),
                }
                for one in failures[:NAMED]
            ],
        },
        "round": last(),
    }


def shown(one: Round | None) -> dict[str, Any] | None:
    """Give a round as programs and the page read it."""
    if one is None:
        return None
    percent = 100 if one.finished or not one.total else min(99, 100 * one.done // one.total)
    return {
        "id": one.id,
        "scope": one.scope or None,
        "asked": one.asked.isoformat(),
        "finished": one.finished.isoformat() if one.finished else None,
        "total": one.total,
        "done": one.done,
        "failed": one.failed,
        "percent": percent,
    }


def last() -> dict[str, Any] | None:
    """Give the last round."""
    return shown(model.Session.scalars(sa.select(Round).order_by(Round.id.desc()).limit(1)).first())


def _indexed() -> dict[str, dt.datetime]:
    """Give the objects of the index with the moment of the change that it knows of."""
    kinds = " OR ".join(f'"{one}"' for one in TYPES)
    asked = [f"+site_id:{solr_literal(tk.config['ckan.site_id'])}", "+state:active", f"+dataset_type:({kinds})"]
    found = make_connection(decode_dates=False).search("*:*", fq=asked, fl="id,metadata_modified", rows=10**6)
    return {one["id"]: dt.datetime.fromisoformat(one["metadata_modified"]) for one in found}


def difference(catalogue: dict[str, dt.datetime], indexed: dict[str, dt.datetime]) -> Difference:
    """Compare what the catalogue and the index hold, by the moments of their last changes; under a second is none."""
    second = dt.timedelta(seconds=1)
    older = (
        each
        for each, changed in catalogue.items()
        if each in indexed and changed.replace(tzinfo=dt.UTC) - indexed[each] > second
    )
    return Difference(
        tuple(sorted(catalogue.keys() - indexed.keys())),
        tuple(sorted(older)),
        tuple(sorted(indexed.keys() - catalogue.keys())),
    )


def _titles(package_ids: set[str]) -> dict[str, dict[str, str]]:
    package = model.Package
    query = sa.select(package.id, package.name, package.title, package.type).where(package.id.in_(package_ids))
    return {
        row.id: {"id": row.id, "name": row.name, "title": row.title or row.name, "type": row.type}
        for row in model.Session.execute(query)
    }
