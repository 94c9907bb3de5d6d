"""Questions to the search engine that CKAN's search doesn't ask: corrections, suggestions, where a word stands.

All carry the filters of whoever asks (permission labels), so that none tells of what they may not see: a correction is
only given where it finds something for them.
"""

import logging
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
from ckan import authz
from ckan.lib.plugins import get_permission_labels
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ckanext.lrtzc.search import synonyms
from ckanext.lrtzc.search.domain import words

log = logging.getLogger(__name__)

#: What is searched, and how much a hit counts there: what an object is called before what stands in its rows.
FIELDS = "title^8 tags^4 name^2 notes^2 text content^0.5"
#: All of two words; of more, all but one; of six and more, four fifths.
MOST_WORDS = "2<-1 5<80%"
LONGEST = 300


@dataclass(frozen=True)
class Found:
    """An object that a suggestion names."""

    name: str
    title: str
    type: str


def filters(context: Any, *more: str) -> list[str]:
    """Give the filters that hold a question to what whoever asks may see and CKAN's search would show."""
    found = [f"+site_id:{solr_literal(tk.config['ckan.site_id'])}", "+state:active", "+entity_type:package", *more]
    if not authz.is_sysadmin(context.get("user") or ""):
        labels = get_permission_labels().get_user_dataset_labels(context.get("auth_user_obj"))
        found.append("+permission_labels:(" + " OR ".join(solr_literal(label) for label in labels) + ")")
    return found


def _ask(query: str, **parameters: Any) -> dict[str, Any]:
    """Ask; where the engine doesn't answer or doesn't understand, the answer is empty."""
    try:
        found = make_connection(decode_dates=False).search(
            query[:LONGEST], defType="edismax", **{"mm": MOST_WORDS, "q.op": "AND", "tie": "0.1", **parameters}
        )
    except pysolr.SolrError as error:
        log.warning("The search engine didn't answer a question of the search: %s", str(error)[:300])
        return {}
    return found.raw_response


def _bare(text: str) -> str:
    """Give the words of a text as the dictionary of corrections and the beginnings of words are kept."""
    return " ".join(words.fold(text).replace("'", " ").split())


def correct(context: Any, query: str, narrowed: list[str]) -> str:
    """Give the words that are likest to a query and find something for whoever asks; nothing where there are none.

    :param narrowed: filters of the search beside its words.
    :returns: words in lower case, without accents.
    """
    asked = _bare(query)
    raw = _ask(
        words.plain_query(asked),
        qf=FIELDS,
        fq=filters(context, *narrowed),
        rows=0,
        spellcheck="true",
        **{
            "spellcheck.q": asked[:LONGEST],
            "spellcheck.count": 8,
            "spellcheck.collate": "true",
            "spellcheck.maxCollations": 1,
            "spellcheck.maxCollationTries": 20,
            "spellcheck.collateExtendedResults": "true",
        },
    )
    collations = (raw.get("spellcheck") or {}).get("collations") or []
    found = [one for one in collations if isinstance(one, dict) and one.get("hits")]
    return str(found[0]["collationQuery"]) if found else ""


def suggest(context: Any, typed: str, limit: int) -> list[Found]:
    """Give objects whose title or tags have words that begin as what is typed."""
    plain = _bare(words.plain_query(typed))
    if len(plain) < 2:
        return []
    raw = _ask(
        plain,
        qf="suggest",
        mm="100%",
        fq=filters(context, "+capacity:public"),
        fl="name,title,dataset_type",
        rows=limit,
        facet="false",
    )
    return [
        Found(one["name"], one.get("title") or one["name"], one.get("dataset_type") or "dataset")
        for one in (raw.get("response") or {}).get("docs") or []
    ]


def in_rows(context: Any, query: str, package_ids: list[str]) -> dict[str, list[str]]:
    """Give, for each of these datasets, words of its rows that match a query (as they stand there, in lower case)."""
    if not package_ids:
        return {}
    plain = words.plain_query(query)
    wider = synonyms.expand(plain)
    raw = _ask(
        wider.rows if wider else plain,
        qf="content",
        mm="1",
        fq=filters(context, "{!terms f=id}" + ",".join(package_ids)),
        fl="id,index_id",
        rows=len(package_ids),
        hl="true",
        **{
            "hl.method": "unified",
            "hl.fl": "content",
            "hl.snippets": 6,
            "hl.bs.type": "SEPARATOR",
            "hl.bs.separator": "\n",
            "hl.tag.pre": "",
            "hl.tag.post": "",
            "hl.fragsize": 1,
            "hl.offsetSource": "POSTINGS",
            "hl.maxAnalyzedChars": 10_000_000,
        },
    )
    ids = {one["index_id"]: one["id"] for one in (raw.get("response") or {}).get("docs") or []}
    marked = raw.get("highlighting") or {}
    return {
        ids[key]: [passage.strip() for passage in fields.get("content") or [] if passage.strip()]
        for key, fields in marked.items()
        if key in ids and fields.get("content")
    }
