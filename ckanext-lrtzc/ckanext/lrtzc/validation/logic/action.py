"""What can be done about the validation of batches: say who decides, and look at what waits."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation import api as moderation
from ckanext.lrtzc.people import is_used
from ckanext.lrtzc.validation import asking, seen
from ckanext.lrtzc.validation.logic import schema
from ckanext.lrtzc.validation.model import Demand
from ckanext.lrtzc.validation.ways_in import package_update

__all__ = [
    "lrtzc_validation_batch_show",
    "lrtzc_validation_demand_delete",
    "lrtzc_validation_demand_list",
    "lrtzc_validation_demand_update",
    "package_update",
]


@tk.side_effect_free
def lrtzc_validation_demand_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List who decides on what comes into a dataset.

    :param id: the dataset's identifier or name
    :returns: the demand for the whole dataset (`resource_id` is empty) before those for single files; of each `every`
        (all that comes is judged, else that only which rules of quality send to moderators), `moderators` (`id`,
        `name`, `title`), `rule` (`one`, `majority` or `unanimity`), `share`, `days` until the deadline, `remind` (days
        between reminders), `at_end` (at the deadline: `wait`, `accept`, `reject` or `pass_on` to the administrators),
        `digest` (moderators are written to once a day)
    """
    data = validated(data_dict, schema.dataset(), context)
    tk.check_access("lrtzc_validation_demand_list", context, data)
    demands = Demand.of_package(str(_package(data["id"]).id))
    named = {each for demand in demands for each in demand.moderators}
    users = {
        user.id: user
        for user in model.Session.scalars(sa.select(model.User).where(model.User.id.in_(named), is_used()))
    }
    return [_shown(demand, users) for demand in demands]


def lrtzc_validation_demand_update(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Say who decides on what comes into a dataset, or into one of its files; what nobody voted on yet goes to them.

    From then on the dataset takes data by batches only, for there is no other way on which somebody could look at it.

    :param id: the dataset's identifier or name
    :param resource_id: a file of it; the whole dataset unless told
    :param every: whether all that comes is judged (default); else that only which rules of quality send to moderators
    :param moderators: names or e-mail addresses of accounts, one at least
    :param rule: `one` (at least one accepts, the default), `majority` or `unanimity`
    :param share: of a majority, such as `2/3` or `60 %`; two thirds by default
    :param days: days until the deadline, 1 to 365; none unless told
    :param remind: days between reminders, 1 to 365; none unless told
    :param at_end: what happens at the deadline: `wait` (the default), `accept`, `reject` or `pass_on` to administrators
    :param digest: moderators are written to once a day of all that came, rather than at once of each
    :returns: as `lrtzc_validation_demand_list`
    """
    data = validated(data_dict, schema.demand(), context)
    tk.check_access("lrtzc_validation_demand_update", context, data)
    user, package = asker(context), _package(data["id"])
    resource_id = _resource(package, data["resource_id"])
    named = moderation.people_named(data["moderators"])
    asking.hold_demands(package.id)
    demand = model.Session.get(Demand, (package.id, resource_id), populate_existing=True)
    if demand is None:
        demand = Demand(package_id=package.id, resource_id=resource_id)
        model.Session.add(demand)
    demand.every, demand.moderators, demand.rule = data["every"], sorted(set(named)), data["rule"]
    demand.share = data.get("share") or moderation.write_share(moderation.Policy().share)
    demand.days, demand.remind = data.get("days"), data.get("remind")
    demand.at_end, demand.digest, demand.changed_by = data["at_end"], data["digest"], user.id
    model.Session.flush()
    told = asking.renew(package.id, demand)
    details = {name: getattr(demand, name) for name in ("every", "rule", "share", "moderators", "at_end", "digest")}
    details |= {"days": demand.days or 0, "remind": demand.remind or 0, "resource": resource_id}
    record("vote.demand", actor=user.id, object_type="dataset", object_id=package.id, details=details)
    model.Session.commit()
    moderation.announce(told)
    return lrtzc_validation_demand_list(context, {"id": package.id})


def lrtzc_validation_demand_delete(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Have nobody decide any more on what comes into a dataset or a file; what waits stays with its moderators.

    :param id: the dataset's identifier or name
    :param resource_id: a file of it; the whole dataset unless told
    :returns: as `lrtzc_validation_demand_list`
    """
    data = validated(data_dict, schema.target(), context)
    tk.check_access("lrtzc_validation_demand_delete", context, data)
    user, package = asker(context), _package(data["id"])
    asking.hold_demands(package.id)
    demand = model.Session.get(Demand, (package.id, data["resource_id"]), populate_existing=True)
    if demand is None:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("Nobody was named to decide on this."))
    model.Session.delete(demand)
    details = {"resource": demand.resource_id}
    record("vote.demand_end", actor=user.id, object_type="dataset", object_id=package.id, details=details)
    model.Session.commit()
    return lrtzc_validation_demand_list(context, {"id": package.id})


@tk.side_effect_free
def lrtzc_validation_batch_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a batch on which one has to decide, or decided.

    :param id: the batch's identifier
    :returns: `id`, `name`, `state`, `size` (bytes), `sha256`, `created`, `author`, `dataset` (`id`, `name`, `title`),
        `resource`, `kind` (nothing for rows), counts of rows, `report` (what the checks said), `case` (as
        `lrtzc_moderation_show`), and as long as it waits `seen`: the `first` rows with their cells at fault, the
        `difference` with the rows there are (counts and samples), the `duplicates` suspected, `places` (GeoJSON
        geometries), or the `files` that came
    """
    data = validated(data_dict, schema.batch(), context)
    tk.check_access("lrtzc_validation_batch_show", context, data)
    return seen.batch_shown(context, asker(context), data["id"])


def _package(name: str) -> Any:
    package = model.Package.get(name)
    if package is None or package.state == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return package


def _resource(package: Any, resource_id: str) -> str:
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource_id and (resource is None or resource.package_id != package.id or resource.state != "active"):
        raise tk.ValidationError({"resource_id": [tk._("This dataset has no such resource.")]})
    return resource_id


def _shown(demand: Demand, users: dict[str, Any]) -> dict[str, Any]:
    names = ("resource_id", "every", "rule", "share", "days", "remind", "at_end", "digest")
    people = [users[each] for each in demand.moderators if each in users]
    listed = [{"id": user.id, "name": user.name, "title": user.display_name} for user in people]
    return {name: getattr(demand, name) for name in names} | {"moderators": listed}
