"""Writing many datasets at once, by the same schema and the same index as everybody's.

Creation validates with the catalogue's own schema, then writes the rows of a whole piece in one transaction, and calls
the dataset hooks of all plug-ins; `searching.index` then makes it found. No activity is
recorded for each dataset: the run's report says what came in.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.model.types import make_uuid

from ckanext.lrtzc.objects import api as objects
from ckanext.lrtzc.partners.domain.record import Problem
from ckanext.lrtzc.translation import mark

TYPE = "dataset"
FIELD_REFUSED = mark("%(error)s")
LEFT_OUT = mark("Left out: %(error)s")
GONE = mark("The dataset of this record was erased here.")

_CORE = (
    "title",
    "name",
    "notes",
    "url",
    "version",
    "license_id",
    "author",
    "author_email",
    "maintainer",
    "maintainer_email",
)
_RESOURCE_CORE = ("url", "name", "description", "format", "mimetype", "size", "hash", "url_type", "resource_type")
_DROPPABLE_NEVER = frozenset({"title", "name", "owner_org", "license_id", "id"})


def context_of(user: str, **more: Any) -> Any:
    """Give the context in which harvested datasets are validated and written."""
    return {"model": model, "session": model.Session, "user": user, "ignore_auth": True, **more}


def site_user() -> str:
    """Give the name of the portal's own account."""
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def validate(dataset: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Give `dataset` as the catalogue's schema for new datasets makes it, and what was amiss.

    An optional field that the schema refuses is left out and told; any other fault is fatal.
    """
    problems: list[Problem] = []
    attempt = dataset
    for _turn in range(3):
        data, errors = objects.validate_dataset({**attempt, "type": TYPE})
        if not errors:
            return data, problems
        attempt, found = _without_refused(attempt, errors)
        problems += found
        if any(problem.fatal for problem in found):
            break
    return {}, problems


def _without_refused(dataset: dict[str, Any], errors: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    kept = dict(dataset)
    problems: list[Problem] = []
    for field, faults in errors.items():
        if field == "resources":
            kept["resources"], found = _sound_resources(kept.get("resources", []), faults)
            problems += found
            continue
        text = _first_text(faults)
        target = "tags" if field in ("tag_string", "tags") else field
        if target in _DROPPABLE_NEVER or target not in kept:
            problems.append(Problem(field, FIELD_REFUSED, {"error": text}, fatal=True))
        else:
            kept.pop(target)
            problems.append(Problem(field, LEFT_OUT, {"error": text}))
    return kept, problems


def _sound_resources(resources: list[dict[str, Any]], faults: Any) -> tuple[list[dict[str, Any]], list[Problem]]:
    kept, problems = [], []
    by_position = dict(enumerate(faults)) if isinstance(faults, list) else {}
    for position, resource in enumerate(resources):
        fault = by_position.get(position)
        if not isinstance(fault, dict) or not fault:
            kept.append(resource)
            continue
        problems.append(Problem("resources", LEFT_OUT, {"error": _first_text(fault)}))
        if "url" not in fault:
            kept.append({name: value for name, value in resource.items() if name not in fault})
    return kept, problems


def _first_text(faults: Any) -> str:
    if isinstance(faults, dict):
        return next((text for value in faults.values() if (text := _first_text(value))), "")
    if isinstance(faults, (list, tuple)):
        return next((text for value in faults if (text := _first_text(value))), "")
    return str(faults)


def create(validated: Iterable[dict[str, Any]], user_id: str) -> list[str]:
    """Write validated datasets, all in the session's transaction; give their identities in the same order.

    Rows are sent by one statement a table; the hooks of all plug-ins then see each dataset as CKAN shows it to them.
    Nothing is committed or indexed: see `searching.index`.
    """
    datasets = list(validated)
    if not datasets:
        return []
    _give_free_names(datasets)
    tags = _tags({tag["name"] for data in datasets for tag in data.get("tags", [])})
    moment = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    model.Session.flush()
    packages = [_package(data, user_id, moment) for data in datasets]
    resources = [
        _resource(resource, data["id"], position, moment)
        for data in datasets
        for position, resource in enumerate(data.get("resources", []))
    ]
    links = [
        {"id": make_uuid(), "package_id": data["id"], "tag_id": tags[name].id, "state": "active"}
        for data in datasets
        for name in dict.fromkeys(tag["name"] for tag in data.get("tags", []))
    ]
    members = [
        {
            "id": make_uuid(),
            "table_name": "package",
            "table_id": data["id"],
            "group_id": data["owner_org"],
            "capacity": "organization",
            "state": "active",
        }
        for data in datasets
    ]
    tables = (model.package_table, model.resource_table, model.package_tag_table, model.member_table)
    for table, rows in zip(tables, (packages, resources, links, members), strict=True):
        if rows:
            model.Session.execute(sa.insert(table), rows)
    _tell(datasets)
    return [data["id"] for data in datasets]


def _tell(datasets: list[dict[str, Any]]) -> None:
    """Call the hooks of all plug-ins for datasets just written."""
    ids = [data["id"] for data in datasets]
    packages = {p.id: p for p in model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(ids)))}
    hooks = list(p.PluginImplementations(p.IPackageController))
    context = context_of("", package=None)
    for data in datasets:
        context["package"] = packages[data["id"]]
        for hook in hooks:
            hook.create(packages[data["id"]])
            hook.after_dataset_create(context, data)
    observers = list(p.PluginImplementations(p.IDomainObjectModification))
    if observers:
        resources = sa.select(model.Resource).where(model.Resource.package_id.in_(ids))
        for entity in (*packages.values(), *model.Session.scalars(resources)):
            for observer in observers:
                observer.notify(entity, model.DomainObjectOperation.new)


def _give_free_names(datasets: list[dict[str, Any]]) -> None:
    wanted = [data["name"] for data in datasets]
    taken = set(model.Session.scalars(sa.select(model.Package.name).where(model.Package.name.in_(wanted))))
    for data in datasets:
        if data["name"] in taken:
            data["name"] = f"{data['name'][:90]}-{uuid.uuid4().hex[:8]}"
        taken.add(data["name"])


def _package(data: dict[str, Any], user_id: str, moment: dt.datetime) -> dict[str, Any]:
    data["id"] = make_uuid()
    return {name: data.get(name) for name in _CORE} | {
        "id": data["id"],
        "type": TYPE,
        "owner_org": data["owner_org"],
        "private": bool(data.get("private", False)),
        "state": "active",
        "creator_user_id": user_id,
        "metadata_created": moment,
        "metadata_modified": moment,
        "extras": {extra["key"]: extra["value"] for extra in data.get("extras", []) if isinstance(extra["value"], str)},
    }


def _resource(data: dict[str, Any], package_id: str, position: int, moment: dt.datetime) -> dict[str, Any]:
    more = {k: v for k, v in data.items() if k not in _RESOURCE_CORE and k not in ("id", "package_id", "__extras")}
    data["id"] = make_uuid()
    texts = {name: data.get(name) or "" for name in ("url", "format", "description", "hash")}
    return (
        {name: data.get(name) for name in _RESOURCE_CORE}
        | texts
        | {
            "id": data["id"],
            "package_id": package_id,
            "extras": {name: value for name, value in more.items() if value is not None},
            "position": position,
            "state": "active",
            "created": moment,
            "metadata_modified": moment,
        }
    )


def _tags(names: set[str]) -> dict[str, model.Tag]:
    """Give the free tags named, making those that are missing."""
    found = model.Session.scalars(
        sa.select(model.Tag).where(model.Tag.name.in_(names), model.Tag.vocabulary_id.is_(None))
    )
    tags = {tag.name: tag for tag in found}
    for name in sorted(names - tags.keys()):
        tags[name] = model.Tag(name)
        model.Session.add(tags[name])
    return tags


def update(identity: str, dataset: dict[str, Any], user: str) -> list[Problem]:
    """Replace a dataset by what its partner says now, and show it; give what was amiss, as `validate` does.

    Nothing is committed or indexed yet. After a fatal problem, the dataset is as it was.
    """
    package = model.Package.get(identity)
    if package is None:
        return [Problem("id", GONE, fatal=True)]
    attempt = {**dataset, "id": identity, "name": package.name, "private": False, "type": TYPE}
    problems: list[Problem] = []
    for _turn in range(3):
        try:
            with model.Session.begin_nested():
                tk.get_action("package_update")(context_of(user, defer_commit=True, return_id_only=True), attempt)
            return problems
        except tk.ValidationError as err:
            attempt, found = _without_refused(attempt, err.error_dict)
            problems += found
            if any(problem.fatal for problem in found):
                break
    return problems


def set_hidden(identities: list[str], hidden: bool) -> None:
    """Hide datasets from the public, or show them again; not committed nor indexed yet."""
    moment = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for start in range(0, len(identities), 500):
        chosen = identities[start : start + 500]
        for package in model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(chosen))):
            package.private = hidden
            package.metadata_modified = moment


def set_withdrawn(identities: Iterable[str], day: dt.date) -> None:
    """Say of datasets since when their source no longer gives them; not committed nor indexed yet.

    It is taken back by `update`: what a source gives doesn't say so.
    """
    moment = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for package in model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(list(identities)))):
        package.extras = {**(package.extras or {}), "withdrawn": day.isoformat()}
        package.metadata_modified = moment


def purge(identity: str) -> None:
    """Erase a dataset for good; one that is gone already is no error."""
    try:
        tk.get_action("dataset_purge")(context_of(site_user()), {"id": identity})
    except tk.ObjectNotFound:
        return
