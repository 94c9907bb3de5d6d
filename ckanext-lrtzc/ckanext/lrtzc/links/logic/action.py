"""Actions of links, and what is asked before something that others stand on goes."""

from dataclasses import asdict
from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.access.api import decide, person_of
from ckanext.lrtzc.asking import validated
from ckanext.lrtzc.interfaces import LicenceUse
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.links import breaking, store, terms
from ckanext.lrtzc.links.domain.kinds import LinkKind, Way, may_join
from ckanext.lrtzc.links.duplication import copy_of
from ckanext.lrtzc.links.logic import schema
from ckanext.lrtzc.links.model import Link
from ckanext.lrtzc.objects.api import is_storable


def _object(context: Any, name_or_id: str) -> Any:
    """Give an object that whoever asks may see; what they may not see isn't there."""
    package = model.Package.get(name_or_id)
    try:
        if package is None:
            raise tk.NotAuthorized
        tk.check_access("package_show", logic.fresh_context(context), {"id": package.id})
    except tk.NotAuthorized:
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it.")) from None
    return package


def lrtzc_link_create(context: Any, data_dict: dict[str, Any]) -> dict[str, str]:
    """Link two objects: the source says what it stands on.

    :param kind: `derived_from`, `uses` (a use case and what it uses) or `produced_by` (a restitution and what made it)
    :param source_id: identifier or name of the object that says it, which one may change
    :param target_id: identifier or name of the other one, which one may see
    :returns: `id`, `kind`, `source_id`, `target_id`, `created`, `created_by`; the link that is there already where
        there is one
    :raises ValidationError: where such objects aren't joined so, or a circle would close
    """
    data = validated(data_dict, schema.link_create(), context)
    source, target = _object(context, data["source_id"]), _object(context, data["target_id"])
    ends = {"source_id": source.id, "target_id": target.id}
    tk.check_access("lrtzc_link_create", context, ends)
    kind = LinkKind(data["kind"])
    if source.id == target.id:
        raise tk.ValidationError({"target_id": [tk._("An object isn't linked with itself.")]})
    if target.state == "deleted" or source.state == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it."))
    if not may_join(kind, source.type, target.type):
        raise tk.ValidationError({"kind": [tk._("Objects of these types aren't linked in this way.")]})
    store.one_at_a_time()
    known = model.Session.query(Link).filter_by(kind=kind.value, **ends).one_or_none()
    if known is not None:
        return known.as_dict()
    if store.closes_a_circle(source.id, target.id):
        raise tk.ValidationError(
            {"target_id": [tk._("This object stands on yours already: the links would go round.")]}
        )
    user = model.User.get(context.get("user"))
    link = Link(kind=kind.value, created_by=user.id if user else "", **ends)
    model.Session.add(link)
    record(
        "link.create", object_type=source.type, object_id=source.id, details={"kind": kind.value, "target": target.id}
    )
    try:
        _commit(context)
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"target_id": [tk._("This link has just been made.")]}) from None
    return link.as_dict()


def _commit(context: Any) -> None:
    if context.get("defer_commit"):
        model.Session.flush()
    else:
        model.Session.commit()


def lrtzc_link_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, str]:
    """Take a link away.

    :param id: identifier of the link
    :returns: what it was: `id`, `kind`, `source_id`, `target_id`, `created`, `created_by`
    """
    data = validated(data_dict, schema.of_object(), context)
    tk.check_access("lrtzc_link_delete", context, data)
    link = model.Session.get(Link, data["id"])
    if link is None:
        raise tk.ObjectNotFound(tk._("There is no such link."))
    source = model.Package.get(link.source_id)
    record(
        "link.delete",
        object_type=source.type if source else "dataset",
        object_id=link.source_id,
        details={"kind": link.kind, "target": link.target_id},
    )
    gone = link.as_dict()
    model.Session.delete(link)
    _commit(context)
    return gone


@tk.side_effect_free
def lrtzc_link_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the objects linked with one, both ways, as far as one may see them.

    :param id: identifier or name of the object
    :param kind: only links of this kind
    :param way: `out`, what the object says of others; `in`, what others say of it
    :param limit: at most so many of each kind and way (100, the most)
    :param offset: how many to pass over, of each kind and way
    :returns: `links`, each with `link_id`, `kind`, `way`, `id`, `name`, `title`, `type`, `state`, `private` and
        `total`: how many there are of that kind and way
    """
    data = validated(data_dict, schema.link_list(), context)
    package = _object(context, data["id"])
    tk.check_access("lrtzc_link_list", context, {"id": package.id})
    kind, way = data.get("kind"), data.get("way")
    found = store.neighbours(
        context,
        package.id,
        data["limit"],
        data["offset"],
        LinkKind(kind) if kind else None,
        Way(way) if way else None,
    )
    return {"links": [asdict(each) for each in found]}


@tk.side_effect_free
def lrtzc_link_breakage(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what would break if an object were deleted, withheld or made a draft again.

    :param id: identifier or name of the object, which one may change
    :returns: `broken`, at most 20 objects with `kind`, `id`, `name`, `title`, `type` and `foreign` (it has another
        owner); `total` and `foreign_total`, of those that one may see; `confirm`: whether the change is refused
        without `confirm_breaks`
    """
    data = validated(data_dict, schema.of_object(), context)
    package = _object(context, data["id"])
    tk.check_access("lrtzc_link_breakage", context, {"id": package.id})
    return breaking.told(store.broken_without(context, package.id))


def lrtzc_object_duplicate(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Make a draft after an object that one may see, which remembers its model by a `derived_from` link.

    What is said of the object is copied, and its links to elsewhere; files are not.

    :param id: identifier or name of the model
    :param owner_org: the organisation that will own the new object; left out, it belongs to the person
    :param title: its title; left out, that of the model, marked as a copy
    :returns: the new object
    :raises ValidationError: where the model's licence forbids it, with the reason
    """
    data = validated(data_dict, schema.duplicate(), context)
    model_object = _object(context, data["id"])
    tk.check_access("lrtzc_object_duplicate", context, {"id": model_object.id, "owner_org": data.get("owner_org")})
    shown = tk.get_action("package_show")(logic.fresh_context(context), {"id": model_object.id})
    if not may_join(LinkKind.DERIVED_FROM, shown["type"], shown["type"]) or shown["state"] == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it."))
    insider = _may_change(context, model_object.id)
    verdict = terms.judge(person_of(context), LicenceUse.DUPLICATE, shown, insider=insider)
    if verdict.effect == "deny":
        said = [
            sentence.say(tk._) for reason in verdict.reasons for sentence in (reason.why, reason.remedy) if sentence
        ]
        raise tk.ValidationError({"license_id": said})
    title = data.get("title") or tk._("Copy of {title}").format(title=shown.get("title") or shown["name"])[:250]
    made = tk.get_action("package_create")(logic.fresh_context(context), copy_of(shown, title, data.get("owner_org")))
    ends = {"source_id": made["id"], "target_id": model_object.id, "kind": LinkKind.DERIVED_FROM.value}
    tk.get_action("lrtzc_link_create")(logic.fresh_context(context), ends)
    return made


def _may_change(context: Any, package_id: str) -> bool:
    try:
        tk.check_access("package_update", logic.fresh_context(context), {"id": package_id})
    except tk.NotAuthorized:
        return False
    return True


@tk.chained_action
def package_delete(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Delete an object; where others' use cases or restitutions stand on it, with `confirm_breaks` only."""
    given = dict(data_dict)
    confirmed = breaking.confirmed(given)
    package = model.Package.get(given.get("id") or "")
    if package is not None:
        tk.check_access("package_delete", context, {"id": package.id})
        breaking.ask_first(context, package, confirmed)
    return up(context, given)


@tk.chained_action
def package_update(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Change an object; one that others stand on leaves the catalogue, or loses a file, with `confirm_breaks` only."""
    confirmed = breaking.confirmed(data_dict)
    package = model.Package.get(data_dict.get("id") or data_dict.get("name") or "")
    if package is not None and (
        breaking.leaves_the_catalogue(package, data_dict) or breaking.loses_files(package, data_dict)
    ):
        tk.check_access("package_update", context, {"id": package.id})
        breaking.ask_first(context, package, confirmed)
    return up(context, data_dict)


@tk.chained_action
def resource_delete(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Delete a file of an object; where others' objects stand on it and it is public, with `confirm_breaks` only."""
    given = dict(data_dict)
    confirmed = breaking.confirmed(given)
    resource = model.Resource.get(given.get("id") or "")
    if resource is None or resource.state != "active":
        return up(context, given)
    tk.check_access("resource_delete", context, {"id": resource.id})
    if not resource.package.private and resource.package.state == "active":
        breaking.ask_first(context, resource.package, confirmed)
    with breaking.asked():
        return up(context, given)


def _asking_of_all(name: str) -> Any:
    """Make the form of CKAN's action on many datasets that asks about each of them before any is changed."""

    @tk.chained_action
    def action(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        given = dict(data_dict)
        confirmed = breaking.confirmed(given)
        tk.check_access(name, context, given)
        ids = [each for each in given.get("datasets") or [] if isinstance(each, str)]
        package = model.Package
        query = sa.select(package).where(package.id.in_(ids), package.owner_org == str(given.get("org_id")))
        for each in model.Session.scalars(query.where(package.state == "active", package.private.is_(False))):
            breaking.ask_first(context, each, confirmed)
        with breaking.asked():
            return up(context, given)

    action.__name__ = name
    action.__doc__ = "Take many datasets away; where others' objects stand on one, with `confirm_breaks`."
    return action


bulk_update_private = _asking_of_all("bulk_update_private")
bulk_update_delete = _asking_of_all("bulk_update_delete")


@tk.chained_action
def lrtzc_access_restrict(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Hold data back; where they were open to all and others' objects stand on them, with `confirm_breaks` only."""
    given = dict(data_dict)
    confirmed = breaking.confirmed(given)
    name, resource_id = given.get("id"), given.get("resource_id") or None
    # What can't be an identifier is left to the action's own validation.
    package = model.Package.get(name) if is_storable(name) else None
    known = resource_id is None or is_storable(resource_id)
    if package is not None and known and decide({"user": ""}, package.id, resource_id).whole:
        tk.check_access("lrtzc_access_restrict", context, given)
        breaking.ask_first(context, package, confirmed)
    return up(context, given)


@tk.chained_action
def dataset_purge(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Erase an object and its links; where others stand on it, with `confirm_breaks` only."""
    given = dict(data_dict)
    confirmed = breaking.confirmed(given)
    tk.check_access("dataset_purge", context, given)
    package = model.Package.get(given.get("id") or "")
    if package is not None:
        breaking.ask_first(context, package, confirmed)
        store.forget([package.id])
    return up(context, given)
