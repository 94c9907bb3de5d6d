"""Putting many datasets into the search at once: read together, sent together, shown at once.

The documents are those of CKAN's own index, hooks of all plug-ins included: CKAN's builder is run with a connection
that keeps what it is given, and all of it is then sent in one post. What it is built from is what `package_show` shows,
read for all datasets by one query a table instead of six queries for each.
"""

import json
import types
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import plugins as lib_plugins
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.lib.search.index import PackageSearchIndex
from ckan.logic import apply_after_dataset_show_plugins
from ckan.logic.schema import default_show_package_schema
from ckanext.harvest.model import HarvestObject, HarvestSource
from ckanext.harvest.plugin import Harvest
from ckanext.scheming.plugins import SchemingDatasetsPlugin

CHUNK = 200
# milliseconds after which the search shows what it was given, where nobody says `show`
SHOWN_WITHIN = 10_000


class _Kept:
    """Stands where CKAN's index expects a connection, and keeps the documents."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def add(self, docs: list[dict[str, Any]], commit: bool = False) -> None:
        """Keep documents."""
        self.documents += docs


def index(identities: Iterable[str]) -> None:
    """Give datasets to the search; it shows them after `show`, or by itself a little later.

    :raises Exception: what the search or CKAN's index raises.
    """
    chosen = list(dict.fromkeys(identities))
    for start in range(0, len(chosen), CHUNK):
        documents = built(chosen[start : start + CHUNK])
        if documents:
            make_connection().add(docs=documents, commit=False, commitWithin=str(SHOWN_WITHIN))


def show() -> None:
    """Have the search open its new view and wait for it: what was given to it is found from now on."""
    make_connection().commit(waitSearcher=True)


def built(identities: list[str]) -> list[dict[str, Any]]:
    """Give the documents of datasets, as CKAN's index makes them."""
    kept = _Kept()
    packages = list(model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(identities))))
    build = _builder(kept, [package.id for package in packages])
    context: Any = {"model": model, "session": model.Session, "user": "", "ignore_auth": True}
    schemas = _Schemas()
    for package, shown in zip(packages, dictized(packages), strict=True):
        own: Any = {**context, "package": package, "use_cache": False, "validate": False}
        default, custom = schemas.default(own, shown), schemas.custom(own, shown)
        apply_after_dataset_show_plugins(own, custom)
        build(search.index_for("Package"), dict(default, with_custom_schema=custom), True)
    return kept.documents


class _Schemas:
    """The schemas that datasets are shown by, made once for many; nothing in them asks the database."""

    def __init__(self) -> None:
        self._default = _unbound(default_show_package_schema())
        self._by_type: dict[str, Any] = {}

    def default(self, context: Any, shown: dict[str, Any]) -> dict[str, Any]:
        """Give a dataset by CKAN's own schema."""
        return tk.navl_validate(shown, self._default, context)[0]

    def custom(self, context: Any, shown: dict[str, Any]) -> dict[str, Any]:
        """Give a dataset by the schema of its type."""
        kind = shown["type"]
        plugin = lib_plugins.lookup_package_plugin(kind)
        if kind not in self._by_type:
            schema = _unbound(plugin.show_package_schema())
            custom, _errors = lib_plugins.plugin_validate(plugin, context, shown, schema, "package_show")
            if isinstance(plugin, SchemingDatasetsPlugin):
                # scheming has put the validators of its fields into the schema
                self._by_type[kind] = schema, _composites(plugin, kind)
            return custom
        schema, composites = self._by_type[kind]
        for extra in shown["extras"]:
            if extra["key"] in composites:
                shown[extra["key"]] = json.loads(extra["value"])
        shown["extras"] = [extra for extra in shown["extras"] if extra["key"] not in composites]
        return tk.navl_validate(shown, schema, context)[0]


def _unbound(schema: dict[str, Any]) -> dict[str, Any]:
    """Give a schema without the question whether another dataset has the name: these have theirs already."""
    asks = tk.get_validator("package_name_validator")
    return {**schema, "name": [validator for validator in schema["name"] if validator is not asks]}


def _composites(plugin: Any, kind: str) -> set[str]:
    fields = plugin._expanded_schemas[kind]["dataset_fields"]
    return {field["field_name"] for field in fields if "repeating_subfields" in field}


class _HarvestHook:
    """Does what ckanext-harvest's hook does to a document, with the objects of all datasets read by one query."""

    def __init__(self, plugin: Any, identities: list[str]) -> None:
        self.plugin = plugin
        found = HarvestObject
        query = sa.select(found.package_id, found.id, HarvestSource.id, HarvestSource.title).join(
            HarvestSource, HarvestSource.id == found.harvest_source_id
        )
        query = query.where(found.package_id.in_(identities), found.current.is_(True))
        query = query.order_by(found.import_finished.nulls_last())
        self.found = {package_id: told for package_id, *told in model.Session.execute(query)}

    def before_dataset_index(self, document: dict[str, Any]) -> dict[str, Any]:
        """See `Harvest.before_dataset_index`."""
        told = self.found.get(document["id"])
        if told is None or isinstance(document.get("status"), dict):
            return self.plugin.before_dataset_index(document)
        pairs = list(zip(("harvest_object_id", "harvest_source_id", "harvest_source_title"), told, strict=True))
        for part in ("data_dict", "validated_data_dict"):
            data = json.loads(document[part])
            for key, value in pairs:
                if key in data:
                    data[key] = value
                else:
                    self.plugin._add_or_update_harvest_metadata(key, value, data)
            document[part] = json.dumps(data)
        return {**dict(pairs), **document}


def _builder(kept: _Kept, identities: list[str]) -> Any:
    """Give CKAN's `index_package` for this use alone: it hands to `kept`, and asks nothing for each dataset."""
    original = PackageSearchIndex.index_package
    hooks = [
        _HarvestHook(hook, identities) if isinstance(hook, Harvest) else hook
        for hook in p.PluginImplementations(p.IPackageController)
    ]
    world = {
        **original.__globals__,
        "make_connection": lambda: kept,
        "PluginImplementations": lambda interface: (
            hooks if interface is p.IPackageController else p.PluginImplementations(interface)
        ),
    }
    return types.FunctionType(original.__code__, world, original.__name__, original.__defaults__)


def dictized(packages: list[model.Package]) -> list[dict[str, Any]]:
    """Give datasets as `package_show` gives them before any schema, in the same order."""
    identities = [package.id for package in packages]
    resources, tags = _resources(identities), _tags(identities)
    organizations, groups = _organizations(packages), _groups(identities)
    hooks = list(p.PluginImplementations(p.IPackageController))
    resource_hooks = list(p.PluginImplementations(p.IResourceController))
    found = []
    for package in packages:
        files, words = resources[package.id], tags[package.id]
        shown: dict[str, Any] = _columns(package, model.package_table.c)
        shown.pop("plugin_data", None)
        shown["title"] = (shown["title"] or "").strip() if shown["title"] else shown["title"]
        shown["extras"] = [{"key": key, "value": value} for key, value in (package.extras or {}).items()]
        shown |= {
            "resources": files,
            "num_resources": len(files),
            "tags": words,
            "num_tags": len(words),
            "groups": groups[package.id],
            "organization": organizations.get(package.owner_org or ""),
            "relationships_as_subject": [],
            "relationships_as_object": [],
            "isopen": package.isopen(),
            "license_title": package.license.title if package.license else package.license_id,
        }
        if package.license and package.license.url:
            shown["license_url"] = package.license.url
        for hook in hooks:
            hook.read(package)
        for hook in resource_hooks:
            for resource in files:
                hook.before_resource_show(resource)
        found.append(shown)
    return found


def _told(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _columns(entity: Any, columns: Any) -> dict[str, Any]:
    return {column.name: _told(getattr(entity, column.name)) for column in columns}


def _resources(identities: list[str]) -> dict[str, list[dict[str, Any]]]:
    table = model.resource_table
    query = sa.select(table).where(table.c.package_id.in_(identities), table.c.state == "active")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in model.Session.execute(query.order_by(table.c.position)).mappings():
        values = {name: _told(value) for name, value in row.items() if name != "extras"}
        found[row["package_id"]].append({**values, **(row["extras"] or {})})
    return found


def _tags(identities: list[str]) -> dict[str, list[dict[str, Any]]]:
    tag, link = model.tag_table, model.package_tag_table
    query = (
        sa.select(tag, link.c.package_id, link.c.state)
        .join(link, link.c.tag_id == tag.c.id)
        .where(link.c.package_id.in_(identities), link.c.state == "active")
        .order_by(tag.c.name)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in model.Session.execute(query).mappings():
        values = {name: row[name] for name in ("id", "name", "vocabulary_id", "state")}
        found[row["package_id"]].append({**values, "display_name": row["name"]})
    return found


def _organizations(packages: list[model.Package]) -> dict[str, dict[str, Any]]:
    table = model.group_table
    owners = {package.owner_org for package in packages}
    query = sa.select(table).where(table.c.id.in_(owners), table.c.state == "active")
    return {
        row["id"]: {name: _told(value) for name, value in row.items() if name != "extras"}
        for row in model.Session.execute(query).mappings()
    }


def _groups(identities: list[str]) -> dict[str, list[dict[str, Any]]]:
    group, member = model.group_table, model.member_table
    query = (
        sa.select(group, member.c.table_id, member.c.capacity)
        .join(member, member.c.group_id == group.c.id)
        .where(member.c.table_id.in_(identities), member.c.state == "active", group.c.is_organization.is_(False))
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in model.Session.execute(query).mappings():
        values = {name: _told(value) for name, value in row.items() if name not in ("table_id", "extras")}
        found[row["table_id"]].append({**values, "display_name": row["title"] or row["name"]})
    return found
