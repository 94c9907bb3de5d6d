"""Who sees an object, and which objects a search by period finds.

A public object is seen by all. A draft or a withheld one is seen by its owner only: for an organisation, those of its
members who may edit (OBJ-7), where CKAN would show it to all members.
"""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.values import clean_date, period_bounds

START, END = "ext_start", "ext_end"


def dataset_labels(dataset: Any) -> list[str]:
    """Give the labels of a dataset (a row of CKAN's table): `public`, or those of its owner."""
    if dataset.state == "active" and not dataset.private:
        return ["public"]
    if dataset.owner_org:
        return [f"editor-{dataset.owner_org}"]
    return [f"creator-{dataset.creator_user_id}"]


def user_labels(user: Any) -> list[str]:
    """Give the labels that a person (a row of CKAN's table, or nobody) may see."""
    labels = ["public"]
    if not user or user.is_anonymous:
        return labels
    organisations = tk.get_action("organization_list_for_user")({"user": user.id}, {"permission": "update_dataset"})
    return [*labels, f"creator-{user.id}", *(f"editor-{organisation['id']}" for organisation in organisations)]


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
