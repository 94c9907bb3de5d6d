"""What went wrong with objects in the index, kept until it goes right, so that administrators read it in words."""

from collections.abc import Collection, Mapping
from enum import StrEnum

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchIndexError
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.explore.api import ReadingFailed
from ckanext.lrtzc.search.model import Failure, now


class Reason(StrEnum):
    """Why an object isn't in the index as it should be."""

    ROWS = "rows"
    ENGINE = "engine"
    OBJECT = "object"


def reason_of(error: Exception) -> Reason:
    """Give why, from what was raised."""
    if isinstance(error, ReadingFailed):
        return Reason.ROWS
    return Reason.ENGINE if isinstance(error, SearchIndexError) else Reason.OBJECT


def words(reason: str) -> str:
    """Say why in the language of the request, and what happens next."""
    known = {
        Reason.ROWS: tk._("The database did not give its rows in time. They are read again by themselves."),
        Reason.ENGINE: tk._("The search engine did not answer or refused it. Index it again once the engine answers."),
        Reason.OBJECT: tk._("What is said of it can't be read. Open it, keep it once more, then index it again."),
    }
    return known.get(Reason(reason), "") if reason in tuple(Reason) else reason


def note(failed: Mapping[str, Reason]) -> None:
    """Keep failures, by object; commits."""
    if not failed:
        return
    rows = [{"package_id": one, "reason": reason.value, "moment": now()} for one, reason in failed.items()]
    made = insert(Failure).values(rows)
    renewed = {name: made.excluded[name] for name in ("reason", "moment")}
    model.Session.execute(made.on_conflict_do_update(index_elements=["package_id"], set_=renewed))
    model.Session.commit()


def over(package_ids: Collection[str]) -> None:
    """Forget the failures of objects that are in the index as they should be; commits."""
    if package_ids:
        model.Session.execute(sa.delete(Failure).where(Failure.package_id.in_(package_ids)))
        model.Session.commit()
