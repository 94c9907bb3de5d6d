"""No way round the moderators: where all that comes is judged, CKAN's own actions take neither files nor rows."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches.api import Looked, Reach
from ckanext.lrtzc.validation import asking


def batches_only(package_id: str, resource_id: str) -> str:
    """Say that moderators decide on all that comes into a file; nothing where they don't."""
    judged = asking.reach(package_id, resource_id) is Reach.ALL
    return tk._("Moderators decide on all data that comes into this dataset.") if judged else ""


def _refuse(package_id: str, resource_id: str) -> None:
    if reason := batches_only(package_id, resource_id):
        raise tk.ValidationError({"upload": [f"{reason} {tk._('Send it as a batch, by the action batch_create.')}"]})


@tk.chained_action
def package_update(original: Any, context: Any, data_dict: Any) -> Any:
    """Refuse files that come beside the batches."""
    # what a batch publishes was looked at
    sent = [one for one in data_dict.get("resources") or () if isinstance(one, dict) and _is_file(one.get("upload"))]
    package = model.Package.get(str(data_dict.get("id") or data_dict.get("name") or "")) if sent else None
    if package is not None:
        for resource in sent:
            _refuse(str(package.id), str(resource.get("id") or ""))
    return original(context, data_dict)


def _is_file(upload: Any) -> bool:
    return isinstance(upload, FileStorage) and bool(upload.filename) and not isinstance(upload, Looked)
