"""Remembers what was loaded, as task statuses of CKAN: a fingerprint for each dataset and for the whole."""

from datetime import UTC, datetime

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

KIND = "lrtzc_sample"


def read_marks() -> dict[str, str]:
    """Give the fingerprints by what they are of."""
    status = model.TaskStatus
    rows = model.Session.execute(sa.select(status.entity_id, status.value).where(status.task_type == KIND))
    return dict(rows.tuples().all())


def write_mark(what: str, fingerprint: str) -> None:
    """Remember that something is loaded."""
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    key = {"entity_id": what, "task_type": KIND, "key": "fingerprint"}
    try:
        known = tk.get_action("task_status_show")({"ignore_auth": True}, key)["id"]
    except tk.ObjectNotFound:
        known = None
    fields = key | {
        "entity_type": "sample",
        "value": fingerprint,
        "last_updated": datetime.now(UTC).replace(tzinfo=None),
    }
    if known:
        fields["id"] = known
    tk.get_action("task_status_update")({"user": site_user["name"], "ignore_auth": True}, fields)
