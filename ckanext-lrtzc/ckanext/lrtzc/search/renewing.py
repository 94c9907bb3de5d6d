"""Scores that a day changes by itself: data that become late, openings that end."""

import logging

import ckan.plugins.toolkit as tk
import pysolr
from ckan.lib.jobs import get_queue
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.search import checking
from ckanext.lrtzc.search.scoring import QUALITY, UNTIL

log = logging.getLogger(__name__)

AT_ONCE = 200
_TITLE = "scores"


def _due(limit: int) -> set[str]:
    """Give objects whose score holds no longer, or that have none: of a portal older than scores."""
    kinds = " OR ".join(f'"{one}"' for one in TYPES)
    site = solr_literal(tk.config["ckan.site_id"])
    asked = [f"+site_id:{site}", f"+dataset_type:({kinds})", f"{UNTIL}:[* TO NOW] OR (*:* -{QUALITY}:[* TO *])"]
    found = make_connection(decode_dates=False).search("*:*", fq=asked, fl="id", rows=limit)
    return {one["id"] for one in found}


def tick() -> None:
    """Have scores made anew, where some are due and no such job waits."""
    try:
        due = bool(_due(1))
    except pysolr.SolrError as error:
        log.warning("The search could not be asked which scores are due: %s", str(error)[:300])
        return
    if due and all(job.meta.get("title") != _TITLE for job in get_queue().jobs):
        tk.enqueue_job(renew, title=_TITLE, rq_kwargs={"timeout": 600})


def renew() -> None:
    """Index again the objects whose score is due, some at once; the scheduler's next look has the others done."""
    checking.index(_due(AT_ONCE))
