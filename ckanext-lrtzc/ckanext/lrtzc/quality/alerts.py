"""Letters on data that rules of quality put aside or refused: to who sent it, and to who looks after the dataset."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.access.api import Action, decide
from ckanext.lrtzc.accounts.api import Reader, link, write_each
from ckanext.lrtzc.batches.api import stopped_since
from ckanext.lrtzc.quality.check import NAME, percent
from ckanext.lrtzc.quality.forgetting import forget
from ckanext.lrtzc.quality.model import Told, now
from ckanext.lrtzc.quality.overview import STOPPED

log = logging.getLogger(__name__)

_AT_ONCE = 50
_LOOKED_AT = 5_000
# What was stopped while no letter could go out for so long is on the page of quality only.
_LATEST = dt.timedelta(days=2)


def tick(_sender: str, **_: Any) -> None:
    """Forget files that are gone, tell of what was stopped since. Called by the scheduler's signal `lrtzc:tick`."""
    try:
        forget()
    except Exception:
        model.Session.rollback()
        log.exception("Rules of files that are gone could not be deleted")
    if not tk.config.get("smtp.server"):
        return
    try:
        for batch in _untold():
            _tell(batch)
        model.Session.execute(sa.delete(Told).where(Told.at < now() - 2 * _LATEST))
        model.Session.commit()
    except Exception:
        model.Session.rollback()
        log.exception("Nobody could be told of data that rules of quality stopped")


def _untold() -> list[dict[str, Any]]:
    """Give batches that nobody was told of, once to one process only: they are noted before letters go out."""
    found = [each for each in stopped_since(now() - _LATEST, NAME, _LOOKED_AT) if each["report"]["verdict"] in STOPPED]
    told = set(model.Session.scalars(sa.select(Told.batch_id)))
    new = {each["id"]: each for each in found if each["id"] not in told}
    values = [{"batch_id": batch_id, "at": now()} for batch_id in list(new)[:_AT_ONCE]]
    if not values:
        return []
    noted = list(model.Session.scalars(insert(Told).values(values).on_conflict_do_nothing().returning(Told.batch_id)))
    model.Session.commit()
    return [new[batch_id] for batch_id in noted]


def _tell(batch: dict[str, Any]) -> None:
    package = model.Package.get(batch["package_id"])
    if package is None or package.state != "active":
        return

    def letter(reader: Reader) -> Sequence[str]:
        context: Any = {"user": reader.name, "auth_user_obj": model.User.get(reader.id)}
        whole = decide(context, package.id, batch["resource_id"], Action.TAKE).whole
        return _letter(batch, package, reader) if whole else ()

    write_each({batch["author"], *_keepers(package)}, letter)


def _keepers(package: model.Package) -> Sequence[str]:
    """Give who looks after a dataset: the administrators of its organisation, or its owner."""
    if not package.owner_org:
        return [package.creator_user_id] if package.creator_user_id else []
    member = model.Member
    query = sa.select(member.table_id).where(
        member.group_id == package.owner_org,
        member.table_name == "user",
        member.state == "active",
        member.capacity == "admin",
    )
    return list(model.Session.scalars(query))


def _letter(batch: dict[str, Any], package: model.Package, reader: Reader) -> Sequence[str]:
    report, title = batch["report"], package.title or package.name
    stopped = (
        tk._("The file “{file}” for “{title}” was put aside by the rules of quality: it waits for a decision.")
        if report["verdict"] == "quarantined"
        else tk._("The file “{file}” for “{title}” was refused by the rules of quality.")
    )
    page = link(reader.language, "lrtzc_batches.read", id=package.name, batch_id=batch["id"])
    return (
        tk._("Data not published: {title}").format(title=title),
        stopped.format(file=batch["name"], title=title),
        tk._("Good rows: {good} of {rows} ({share} %).").format(
            good=report["good"], rows=report["rows"], share=percent(report["share"])
        ),
        tk._("What readers see is unchanged. See what is wrong and decide: {link}").format(link=page),
    )
