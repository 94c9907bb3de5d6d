"""Who sees an object, and which objects a search by period finds.

A public object is seen by all. A draft or a withheld one is seen by its owner only: for an organisation, those of its
members who may edit (OBJ-7), where CKAN would show it to all members; a withheld one also by those to whom its owner
opened some of its data.
"""

from collections.abc import Collection
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.api import opened_to
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.kinds import KINDS
from ckanext.lrtzc.objects.domain.values import clean_date, period_bounds

START, END = "ext_start", "ext_end"


def dataset_labels(dataset: Any) -> list[str]:
    """Give the labels of a dataset (a row of CKAN's table): `public`, or those of its owner."""
    if dataset.state == "active" and not dataset.private:
        return ["public"]
    owner = f"editor-{dataset.owner_org}" if dataset.owner_org else f"creator-{dataset.creator_user_id}"
    # who that is, is asked at each search: the index needn't change when something is opened or taken back
    return [owner, f"opened-{dataset.id}"] if dataset.state == "active" else [owner]


def user_labels(user: Any) -> list[str]:
    """Give the labels that a person (a row of CKAN's table, or nobody) may see."""
    labels = ["public"]
    if not user or user.is_anonymous:
        return labels
    organisations = tk.get_action("organization_list_for_user")({"user": user.id}, {"permission": "update_dataset"})
    editing = (f"editor-{organisation['id']}" for organisation in organisations)
    return [*labels, f"creator-{user.id}", *editing, *(f"opened-{dataset}" for dataset in opened_to(user.id))]


def search_period(params: dict[str, Any]) -> dict[str, Any]:
    """Keep what covers some day between `ext_start` and `ext_end` (dates as people write them; either may lack).

    What has no period is left out; a period open on one side goes on for ever.

    :raises ValidationError: when one is not a date
    """
    extras = params.get("extras") or {}
    try:
        start = clean_date(str(extras.get(START) or ""))
        end = clean_date(str(extras.get(END) or ""))
    except BadValueError as error:
        raise tk.ValidationError({"period": [tk._(error.message).format(**error.params)]}) from None
    first, last = period_bounds(start, end)
    filters = []
    if last:
        filters.append(
            _within(f"temporal_start_date:[* TO {last}T23:59:59Z]", "temporal_start_date", "temporal_end_date")
        )
    if first:
        filters.append(
            _within(f"temporal_end_date:[{first}T00:00:00Z TO *]", "temporal_end_date", "temporal_start_date")
        )
    if filters:
        params["fq_list"] = [*(params.get("fq_list") or []), *filters]
    return params


def _within(clause: str, side: str, other: str) -> str:
    """Write `clause`, or that `side` of the period is open while the `other` is known."""
    return f"({clause} OR ({other}:[* TO *] AND NOT {side}:[* TO *]))"


def visible_in_sql(context: Any, package: Any) -> sa.ColumnElement[bool]:
    """Say in SQL which objects the labels let a person see, for statements that join many of them.

    What was deleted is seen by nobody.

    :param context: CKAN's context: who asks; `ignore_auth` (the portal itself) sees all.
    :param package: CKAN's `Package`, or an alias of it.
    """
    if context.get("ignore_auth"):
        return package.state != "deleted"
    public = sa.and_(package.state == "active", package.private.is_(False))
    user = model.User.get(context.get("user")) if context.get("user") else None
    if user is None or user.state != "active":
        return public
    if user.sysadmin:
        return package.state != "deleted"
    labels = user_labels(user)
    editing = [label.removeprefix("editor-") for label in labels if label.startswith("editor-")]
    opened = [label.removeprefix("opened-") for label in labels if label.startswith("opened-")]
    own = sa.or_(
        package.owner_org.in_(editing), sa.and_(package.owner_org.is_(None), package.creator_user_id == user.id)
    )
    return sa.or_(
        public,
        sa.and_(package.state != "deleted", own),
        sa.and_(package.state == "active", package.id.in_(opened)),
    )


def seen_by(context: Any, ids_or_names: Collection[str]) -> list[dict[str, Any]]:
    """Give those of some objects that whoever asks may see: `id`, `name`, `title`, `type`; by title."""
    package = model.Package
    named = [each for each in ids_or_names if "\x00" not in each]
    query = (
        sa.select(package.id, package.name, package.title, package.type)
        .where(sa.or_(package.id.in_(named), package.name.in_(named)), package.type.in_([*KINDS]))
        .where(visible_in_sql(context, package))
        .order_by(package.title, package.id)
    )
    return [{**row, "title": row["title"] or row["name"]} for row in model.Session.execute(query).mappings()]
