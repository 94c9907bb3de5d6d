"""Looks at a dataset: which conditions are met; and publishes it where all are."""

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.api import is_held_back
from ckanext.lrtzc.batches.api import last_reports, last_states, waiting_of
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.objects.api import find_licence
from ckanext.lrtzc.opening.domain.conditions import Condition, Facts, judged
from ckanext.lrtzc.opening.model import Choice, Opening, Organisation, now

log = logging.getLogger(__name__)

# Datasets looked at by one job, those that changed last first.
AT_ONCE = 200
TYPE = "dataset"
_QUALITY = "quality"


def portal() -> Any:
    """Give the context in which the portal changes what is its people's."""
    name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return {"model": model, "session": model.Session, "user": name, "ignore_auth": True}


def conditions(package_id: str) -> dict[Condition, bool]:
    """Say of each condition whether a dataset meets it, by a constant number of statements."""
    dataset = tk.get_action("package_show")(portal(), {"id": package_id})
    missing = tk.get_action("lrtzc_objects_check")(portal(), {"id": package_id})["missing"]
    # files are a condition of their own
    missing = [gap for gap in missing if gap["step"] != "files"]
    licence, ids = find_licence(dataset.get("license_id") or ""), [each["id"] for each in dataset["resources"]]
    reports = [each["report"] for of_one in last_reports(ids, _QUALITY, 1).values() for each in of_one]
    return judged(
        Facts(
            missing=len(missing),
            open_licence=licence is not None and licence.is_open,
            files=len(ids),
            states=list(last_states(package_id).values()),
            reports=reports,
            waiting=len(waiting_of(package_id)),
            held_back=is_held_back(package_id),
        )
    )


def _wanted() -> sa.ColumnElement[bool]:
    """Say in SQL which datasets are to be opened without a hand once nothing holds them back."""
    package = model.Package
    on = sa.exists().where(Organisation.organization_id == package.owner_org)
    choice = sa.func.coalesce(
        sa.select(Opening.choice).where(Opening.package_id == package.id).scalar_subquery(), Choice.AS_OWNER.value
    )
    # nobody but who fills a draft knows when it is ready
    withheld = sa.and_(package.state == "active", package.private.is_(True))
    asked = sa.and_(choice == Choice.AUTO.value, sa.or_(on, package.owner_org.is_(None)))
    return sa.and_(
        package.type == TYPE,
        sa.or_(
            sa.and_(withheld, on, choice == Choice.AS_OWNER.value),
            sa.and_(asked, sa.or_(withheld, package.state == "draft")),
        ),
    )


def candidates() -> list[str]:
    """Give the datasets that may be opened without a hand, by identifier."""
    package = model.Package
    query = sa.select(package.id).where(_wanted()).order_by(package.metadata_modified.desc(), package.id)
    return list(model.Session.scalars(query.limit(AT_ONCE)))


def open_if_met(package_id: str) -> bool:
    """Publish a dataset where all is met, with its proof in the same transaction; say whether it was."""
    package = model.Package
    # of two looks at the same instant, and of a person's change meanwhile, the one that comes second sees the first
    query = sa.select(package.id).where(package.id == package_id, _wanted()).with_for_update()
    if model.Session.scalar(query) is None or not all(conditions(package_id).values()):
        model.Session.rollback()
        return False
    Opening.of(package_id).opened = now()
    record("opening.publish", object_type="dataset", object_id=package_id)
    try:
        tk.get_action("lrtzc_objects_publish")(portal(), {"id": package_id})
    except tk.ValidationError as error:
        model.Session.rollback()
        log.info("The dataset %s can't be opened yet: %s", package_id, error.error_summary)
        return False
    model.Session.commit()
    return True


def look() -> int:
    """Open what may be; give how many were. Safe to run at the same time as another."""
    opened = 0
    for package_id in candidates():
        try:
            opened += open_if_met(package_id)
        except Exception:
            # Whatever one fails of, the others are looked at.
            model.Session.rollback()
            log.exception("The dataset %s could not be looked at", package_id)
    return opened
