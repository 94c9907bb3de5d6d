"""Who may do what with sources: those who may change their dataset, and from whom nothing of it is held back."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult
from ckanext.lrtzc.sources.model import Run, Source


def _of_dataset(context: Any, package_id: Any) -> AuthResult:
    """Answer as batches do: a source's files are shown as they came."""
    try:
        tk.check_access("batch_list", tk.fresh_context(context), {"package_id": str(package_id or "")})
    except tk.NotAuthorized as refusal:
        return {"success": False, "msg": str(refusal.message or tk._("You may not change this dataset."))}
    return {"success": True}


def _of_source(context: Any, data_dict: Any) -> AuthResult:
    source = Source.get(str(data_dict.get("id") or ""))
    return _of_dataset(context, source.package_id if source else None)


def lrtzc_source_create(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_dataset(context, data_dict.get("package_id"))


def lrtzc_source_list(context: Any, data_dict: Any) -> AuthResult:
    """Those of a dataset: who may change it, and sees all of it; all there are: administrators."""
    if data_dict.get("package_id"):
        return _of_dataset(context, data_dict["package_id"])
    return {"success": False, "msg": tk._("Only administrators see the sources of all datasets.")}


def lrtzc_source_show(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_update(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_delete(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_try(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_run(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_run_list(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset, and see all of it."""
    return _of_source(context, data_dict)


def lrtzc_source_run_show(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset of the run's source, and see all of it."""
    run = tk.get_or_bust(data_dict, "id")
    found = model.Session.get(Run, str(run))
    return _of_source(context, {"id": found.source_id if found else ""})
