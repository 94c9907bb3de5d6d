"""No way round the moderators: where all that comes is judged, CKAN's own actions take neither files nor rows."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches.api import Looked, Reach
from ckanext.lrtzc.validation import asking


def _refuse(field: str, package_id: str, resource_id: str) -> None:
    if asking.reach(package_id, resource_id) is Reach.ALL:
        said = tk._("Moderators decide on all data that comes into this dataset: send it as a batch (batch_create).")
        raise tk.ValidationError({field: [said]})


@tk.chained_action
def package_update(original: Any, context: Any, data_dict: Any) -> Any:
    """Refuse files that come beside the batches."""
    # what a batch publishes was looked at
    sent = [one for one in data_dict.get("resources") or () if isinstance(one, dict) and _is_file(one.get("upload"))]
    package = model.Package.get(str(data_dict.get("id") or data_dict.get("name") or "")) if sent else None
    if package is not None:
        for resource in sent:
            _refuse("upload", package.id, str(resource.get("id") or ""))
    return original(context, data_dict)


def _is_file(upload: Any) -> bool:
    return isinstance(upload, FileStorage) and bool(upload.filename) and not isinstance(upload, Looked)


def _refuse_rows(data_dict: Any) -> None:
    if not isinstance(data_dict, dict) or not data_dict.get("records"):
        return
    given = data_dict.get("resource")
    resource_id = str(data_dict.get("resource_id") or "")
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource is not None:
        _refuse("records", str(resource.package_id), str(resource.id))
    elif isinstance(given, dict) and (package := model.Package.get(str(given.get("package_id") or ""))) is not None:
        _refuse("records", package.id, "")


@tk.chained_action
def datastore_create(original: Any, context: Any, data_dict: Any) -> Any:
    """Refuse rows that come beside the batches."""
    _refuse_rows(data_dict)
    return original(context, data_dict)


@tk.chained_action
def datastore_upsert(original: Any, context: Any, data_dict: Any) -> Any:
    """Refuse rows that come beside the batches."""
    _refuse_rows(data_dict)
    return original(context, data_dict)
