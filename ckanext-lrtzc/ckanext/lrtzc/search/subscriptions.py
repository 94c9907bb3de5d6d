"""What the room hears of: rows that change, by whatever action, and decisions on who may read them."""

from typing import Any

from ckan import model
from ckan.lib.search import rebuild

from ckanext.lrtzc.search import jobs
from ckanext.lrtzc.search.content import has_words


def dataset_saved(_action: str, *, result: Any, **_: Any) -> None:
    """Have the rows or files of a saved dataset looked at again, where it has any."""
    if isinstance(result, dict) and any(has_words(one) for one in result.get("resources") or ()):
        jobs.changed(result["id"])


def rows_changed(_action: str, *, data_dict: dict[str, Any], result: Any, **_: Any) -> None:
    """Have rows that the DataStore's own actions changed read again."""
    given = {**(result if isinstance(result, dict) else {}), **data_dict}
    resource_id = given.get("resource_id")
    resource = model.Resource.get(resource_id) if isinstance(resource_id, str) else None
    if resource is not None:
        jobs.changed(resource.package_id)


def openness_changed(action: str, *, result: Any, **_: Any) -> None:
    """Take words that may be read no more out of the index at once, then have read what may be."""
    package_id = result.get("package_id") if isinstance(result, dict) else None
    if package_id and model.Package.get(package_id) is not None:
        # holding back and lifting index the dataset themselves
        if action in _PARTS:
            rebuild(package_id)
        jobs.changed(package_id)


_PARTS = ("lrtzc_access_grant", "lrtzc_access_withdraw")
RECEIVERS = [
    *({"sender": name, "receiver": dataset_saved} for name in ("package_create", "package_update")),
    *(
        {"sender": name, "receiver": rows_changed}
        for name in ("datastore_create", "datastore_upsert", "datastore_delete", "datastore_records_delete")
    ),
    *(
        {"sender": name, "receiver": openness_changed}
        for name in ("lrtzc_access_restrict", "lrtzc_access_lift", *_PARTS)
    ),
]
