"""Reading actions that one page calls again and again, answered once a request.

Stock CKAN makes 38 statements for a dataset's page. What is saved here: the same dataset looked up by its name at
every call, the same organisation shown twice, views asked for file by file, and what a stranger may follow.
"""

from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.delivery import memo

Action = Callable[..., Any]
Context = dict[str, Any]
DataDict = dict[str, Any]

#: Actions that only read and that pages call several times with the same parameters.
NAMES = (
    "organization_show",
    "group_show",
    "user_show",
    "license_list",
    "group_list",
    "organization_list",
    "group_list_authz",
    "organization_list_for_user",
    "package_search",
    "vocabulary_list",
)


def _chained(action: Action) -> Action:
    """Mark an action as chained and reading, and as one that leaves the check of access to the original.

    The first answer is given after its check; others only within the same request and to the same person.
    """
    action.side_effect_free = True  # type: ignore[attr-defined]
    action.auth_audit_exempt = True  # type: ignore[attr-defined]
    return tk.chained_action(action)


def _once(name: str) -> Action:
    def action(original: Action, context: Context, data_dict: DataDict) -> Any:
        return memo.once(name, original, context, data_dict)

    action.__name__ = name
    action.__doc__ = f"Answer `{name}` once a request."
    return _chained(action)


def package_show(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Show a dataset, looked up once a request.

    CKAN asks for a name as if it were an identifier first, and again for each check of access; with the identifier
    in hand, the object that is already loaded answers.
    """

    def show(context: Context, data_dict: DataDict) -> Any:
        reference = data_dict.get("id") or data_dict.get("name_or_id")
        loaded = None if context.get("for_update") else memo.kept(("package", reference), lambda: _by_name(reference))
        return original(context, {**data_dict, "id": loaded.id} if loaded else data_dict)

    return memo.once("package_show", show, context, data_dict)


def _by_name(reference: Any) -> model.Package | None:
    return model.Package.by_name(reference) if isinstance(reference, str) and reference else None


def resource_view_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """List the views of a file; the files of one dataset are asked about in one statement.

    A file without a view has an empty list for whoever asks, which tells nothing of it; the others go the usual way.
    """
    reference = data_dict.get("id")
    if not memo.is_reading() or not isinstance(reference, str):
        return original(context, data_dict)
    known = memo.kept("resources", dict)
    if reference not in known:
        known.update(_viewed(reference))
    if known.get(reference, True):
        return original(context, data_dict)
    return []


def _viewed(resource_id: str) -> dict[str, bool]:
    """Give the files of the dataset that a file belongs to, and whether each has a view."""
    resource: Any = model.Resource
    view: Any = model.ResourceView
    package = sa.select(resource.package_id).where(resource.id == resource_id).scalar_subquery()
    has_view = sa.exists().where(view.resource_id == resource.id)
    rows = model.Session.execute(sa.select(resource.id, has_view).where(resource.package_id == package))
    return {row[0]: row[1] for row in rows}


def _am_following(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Tell whether one follows something: a stranger follows nothing, which needs no look into the tables.

    :raises NotAuthorized: for a stranger, as the original does
    """
    if not context.get("user"):
        raise tk.NotAuthorized
    return original(context, data_dict)


def actions() -> dict[str, Action]:
    """Give the chained actions, for `IActions`."""
    following = ("am_following_dataset", "am_following_group")
    return {
        **{name: _once(name) for name in NAMES},
        **dict.fromkeys(following, _chained(_am_following)),
        "package_show": _chained(package_show),
        "resource_view_list": _chained(resource_view_list),
    }
