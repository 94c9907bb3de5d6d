"""Actions of the objects, and what is added to CKAN's own when datasets and resources are written."""

from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.navl.dictization_functions import DataError
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.objects import forges
from ckanext.lrtzc.objects.domain.kinds import KINDS, is_object
from ckanext.lrtzc.objects.domain.publication import advised, missing
from ckanext.lrtzc.objects.logic.automatic import keep_dataset, keep_resource
from ckanext.lrtzc.objects.logic.naming import name_for
from ckanext.lrtzc.objects.logic.shape import check_shape

PREPARED = "lrtzc_objects_prepared"
"""Key of the context: what a person sent has been gone through, and what follows comes from CKAN itself."""


NAMING_ATTEMPTS = 5
PASSED = ("confirm_breaks",)
"""What the room of links asks for before something goes that others stand on."""


def _scrub(data_dict: dict[str, Any]) -> None:
    errors = check_shape(data_dict)
    if errors:
        raise tk.ValidationError(errors)


def _prepared(action: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Run CKAN's action; what it calls in turn is not gone through again."""
    context[PREPARED] = True
    try:
        return action(context, data_dict)
    except DataError as error:
        raise tk.ValidationError({"__junk": [str(error.error)]}) from None
    finally:
        context.pop(PREPARED, None)


def _trusted(context: Any) -> bool:
    return bool(context.get("ignore_auth"))


@tk.chained_action
def package_create(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Clean what a person sent, name what has no name after its title, then create the dataset."""
    if context.get(PREPARED):
        return up(context, data_dict)
    _scrub(data_dict)
    if not _trusted(context):
        keep_dataset(data_dict, {})
        for resource in _dicts(data_dict.get("resources")):
            keep_resource(resource, {})
    named = data_dict.get("name") or not isinstance(data_dict.get("title"), str)
    if not named:
        data_dict["name"] = name_for(data_dict["title"], data_dict.get("id"))
    try:
        return _prepared(up, context, data_dict)
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError(
            {"name": [tk._("Somebody has just created a dataset of this name. Send yours again.")]}
        ) from None


@tk.chained_action
def package_update(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Clean what a person sent and keep automatic metadata, then update the dataset."""
    if context.get(PREPARED):
        return up(context, data_dict)
    _scrub(data_dict)
    given_original = "original_package" in context
    if not _trusted(context):
        stored = _stored(context, data_dict)
        keep_dataset(data_dict, {**stored, "metadata_modified": None})
        by_id = {resource["id"]: resource for resource in stored.get("resources", [])}
        for resource in _dicts(data_dict.get("resources")):
            keep_resource(resource, by_id.get(resource.get("id"), {}))
    try:
        return _prepared(up, context, data_dict)
    finally:
        if not given_original:
            context.pop("original_package", None)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _stored(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the dataset as it is, read once for us and for CKAN's own action."""
    original = context.get("original_package")
    if original:
        return original
    package = model.Package.get(data_dict.get("id") or data_dict.get("name") or "")
    if package is None:
        return {}
    tk.check_access("package_update", context, {"id": package.id})
    show = logic.fresh_context(context, ignore_auth=True)
    context["original_package"] = tk.get_action("package_show")(show, {"id": package.id})
    return context["original_package"]


@tk.chained_action
def resource_create(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Clean what a person sent, then create the resource; CKAN measures the file."""
    if context.get(PREPARED):
        return up(context, data_dict)
    _scrub(data_dict)
    if not _trusted(context):
        keep_resource(data_dict, {})
    return _prepared(up, context, data_dict)


@tk.chained_action
def resource_update(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Clean what a person sent and keep automatic metadata, then update the resource; CKAN measures a new file."""
    if context.get(PREPARED):
        return up(context, data_dict)
    _scrub(data_dict)
    resource = model.Resource.get(data_dict.get("id") or "")
    if resource is not None and not _trusted(context):
        original = context.get("original_package")
        if not original:
            tk.check_access("resource_update", context, {"id": resource.id})
            show = logic.fresh_context(context, ignore_auth=True)
            original = tk.get_action("package_show")(show, {"id": resource.package_id})
        stored = next((item for item in original["resources"] if item["id"] == resource.id), {})
        keep_resource(data_dict, stored)
    return _prepared(up, context, data_dict)


def lrtzc_objects_draft_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Create a draft under an identifier that the form chose, once: sent again, the same draft is given back.

    :param id: UUID of the draft to be; a form sent twice, even at the same time, makes one object
    :param type: dataset (by default), algorithm, restitution or use-case
    :param owner_org: the organisation that will own it; left out, it belongs to the person
    :returns: the dataset, and `created`: whether this call made it
    :raises NotAuthorized: when the identifier is that of an object which this person may not edit
    """
    tk.check_access("lrtzc_objects_draft_create", context, data_dict)
    if not is_object(data_dict.get("type") or "dataset"):
        raise tk.ValidationError({"type": [tk._("The type is one of: {types}.").format(types=", ".join(KINDS))]})
    identifier = tk.get_or_bust(data_dict, "id")
    existing = model.Package.get(identifier)
    attempts = 0
    while existing is None:
        attempts += 1
        data = {"type": "dataset", **data_dict, "state": "draft", "private": False}
        data["name"] = name_for(str(data.get("title") or ""), identifier)
        own = logic.fresh_context(context)
        if data.get("owner_org"):
            tk.check_access("package_create", own, {"owner_org": data["owner_org"], "type": data["type"]})
        try:
            return {"dataset": tk.get_action("package_create")(_drafting(own), data), "created": True}
        except tk.ValidationError as error:
            # the same form sent at the same moment, or somebody else's dataset of the same title
            model.Session.rollback()
            existing = model.Package.get(identifier)
            if existing is None and (set(error.error_dict) != {"name"} or attempts == NAMING_ATTEMPTS):
                raise
    tk.check_access("package_update", logic.fresh_context(context), {"id": existing.id})
    dataset = tk.get_action("package_show")(logic.fresh_context(context), {"id": existing.id})
    return {"dataset": dataset, "created": False}


def _drafting(context: Any) -> Any:
    """Let the form's own identifier through CKAN's schema, for this one call."""
    context["lrtzc_objects_draft"] = True
    return context


@tk.side_effect_free
def lrtzc_objects_check(context: Any, data_dict: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Say what an object lacks.

    :param id: identifier or name of the object
    :returns: `missing`, which prevents publication, and `advised`: lists of `field` and `step`
    """
    tk.check_access("lrtzc_objects_check", context, data_dict)
    dataset = tk.get_action("package_show")(logic.fresh_context(context), {"id": data_dict["id"]})
    return {
        name: [{"field": gap.field, "step": gap.step.value} for gap in gaps]
        for name, gaps in (("missing", missing(dataset)), ("advised", advised(dataset)))
    }


def lrtzc_objects_publish(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show an object in the catalogue, if nothing that it needs is missing.

    :param id: identifier or name of the object
    :returns: the object
    :raises ValidationError: with each field that is missing or wrong
    """
    tk.check_access("lrtzc_objects_publish", context, data_dict)
    dataset = tk.get_action("package_show")(logic.fresh_context(context), {"id": data_dict["id"]})
    gaps = missing(dataset)
    if gaps:
        raise tk.ValidationError({gap.field: [tk._("This field is missing.")] for gap in gaps})
    return tk.get_action("package_patch")(
        logic.fresh_context(context), {"id": dataset["id"], "state": "active", "private": False}
    )


def lrtzc_objects_withhold(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take an object out of the catalogue; its owner keeps it and may publish it again.

    :param id: identifier or name of the object
    :param confirm_breaks: true to go on where others' objects stand on it and would no longer work
    :returns: the object
    """
    tk.check_access("lrtzc_objects_withhold", context, data_dict)
    change = {"id": data_dict["id"], "private": True, **{name: data_dict[name] for name in PASSED if name in data_dict}}
    return tk.get_action("package_patch")(logic.fresh_context(context), change)


def lrtzc_objects_revision_read(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask the forge that a link leads to which revision its repository is at, and keep the answer beside the link.

    GitHub, GitLab, Gitea and Forgejo are understood, on well-known hosts and those of the setting
    `ckanext.lrtzc.objects.forges`.

    :param id: identifier of the resource
    :returns: the resource, with `lrtzc_revision` (hexadecimal), `lrtzc_revision_date` and `lrtzc_revision_read`
        (ISO 8601)
    :raises ValidationError: where the link leads to no forge known here, or the forge doesn't say
    """
    tk.check_access("lrtzc_objects_revision_read", context, data_dict)
    resource = tk.get_action("resource_show")(
        logic.fresh_context(context, ignore_auth=True), {"id": tk.get_or_bust(data_dict, "id")}
    )
    return forges.read(context, resource)


@tk.side_effect_free
def lrtzc_objects_draft_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the drafts and the withheld objects that the person may edit, the latest change first.

    :returns: `id`, `type`, `name`, `title`, `state`, `private`, `metadata_modified` (ISO 8601, UTC), at most 200
    """
    tk.check_access("lrtzc_objects_draft_list", context, data_dict)
    user = model.User.get(context["user"])
    if user is None:
        raise tk.NotAuthorized(tk._("There is no such account."))
    organisations = [
        organisation["id"]
        for organisation in tk.get_action("organization_list_for_user")(
            logic.fresh_context(context), {"permission": "update_dataset"}
        )
    ]
    package = model.Package
    found = model.Session.execute(
        sa.select(
            package.id,
            package.type,
            package.name,
            package.title,
            package.state,
            package.private,
            package.metadata_modified,
        )
        .where(package.type.in_([*KINDS]))
        .where(sa.or_(package.state == "draft", sa.and_(package.state == "active", package.private.is_(True))))
        .where(
            sa.or_(
                package.owner_org.in_(organisations),
                sa.and_(package.creator_user_id == user.id, package.owner_org.is_(None)),
            )
        )
        .order_by(package.metadata_modified.desc())
        .limit(200)
    )
    return [{**row, "metadata_modified": row["metadata_modified"].isoformat()} for row in found.mappings()]
