"""What can be done with sources. Times are texts of ISO 8601 in UTC."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.logic import validate
from ckan.model.types import make_uuid

from ckanext.lrtzc.asking import asker
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.sources import declaring, describing, jobs
from ckanext.lrtzc.sources.connecting import tried
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.domain.places import public_part
from ckanext.lrtzc.sources.keeping import opened, sealed
from ckanext.lrtzc.sources.logic import schema
from ckanext.lrtzc.sources.model import Run, Source

__all__ = [
    "lrtzc_source_create",
    "lrtzc_source_delete",
    "lrtzc_source_list",
    "lrtzc_source_run",
    "lrtzc_source_run_list",
    "lrtzc_source_run_show",
    "lrtzc_source_show",
    "lrtzc_source_try",
    "lrtzc_source_update",
]

LINES = 1000


def _source(source_id: str, *, lock: bool = False) -> Source:
    source = Source.get(source_id, lock=lock)
    if source is None:
        raise tk.ObjectNotFound(tk._("There is no such source."))
    return source


def _trace(verb: str, source: Source) -> None:
    """Record what is done to a source: never its settings, where somebody may have put a credential by mistake."""
    told = {"source": source.id, "kind": source.kind, "server": public_part(source.address)}
    details = {**told, "schedule": source.schedule, "paused": source.paused, "mode": source.mode}
    record(f"source.{verb}", object_type="dataset", object_id=source.package_id, details=details)


@validate(schema.create)
def lrtzc_source_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Declare where files of a dataset come from.

    :param package_id: the dataset's identifier or name
    :param title: what the source is called
    :param kind: `http`, `rest`, `sftp`, `ftp`, `webdav`, `s3`, `postgresql` or `wfs`
    :param address: where it is, without credentials
    :param settings: what the kind asks for, credentials too, by the names that its form has
    :param resource_id: the file that all of it feeds; without one, each file found becomes a file of the dataset
    :param mode: `replace` (default), `append` or `upsert`
    :param key: for `upsert`, the columns that tell rows apart
    :param expected: the format that files must have (`CSV`, `JSON`…); any that can be read unless told
    :param least: smallest size of a file, in bytes
    :param most: largest size of a file, in bytes; 0: the portal's own bound
    :param schedule: `manual` (default), `quarter_hour`, `hourly`, `daily`, `weekly` or `monthly`
    :param silence_days: days without anything new after which its owner is told; 0 (default): never
    :param paused: whether its schedule sleeps
    :param check: whether it is tried before it is kept (true unless told)
    :returns: the source, as `lrtzc_source_show` gives it
    :raises ValidationError: also where it can't be reached as it is described
    """
    tk.check_access("lrtzc_source_create", context, data_dict)
    user = asker(context)
    package = model.Package.get(data_dict["package_id"])
    kind, address = data_dict["kind"], data_dict["address"]
    mode, key = data_dict.get("mode", "replace"), data_dict.get("key", [])
    declaring.check_target(package.id, data_dict.get("resource_id"), mode, key)
    declaring.check_bounds(data_dict.get("least", 0), data_dict.get("most", 0))
    options, secrets = declaring.settings_of(kind, data_dict.get("settings", {}))
    if data_dict.get("check", True):
        declaring.check_connection(kind, address, options, secrets)
    declaring.check_room(package.id)
    source = Source(
        id=make_uuid(),
        package_id=package.id,
        owner_id=user.id,
        kind=kind,
        address=address,
        options=options,
        schedule="manual",
        paused=False,
    )
    source.secrets = sealed(source.id, secrets)
    declaring.settle(source, data_dict)
    model.Session.add(source)
    model.Session.flush()
    _trace("declare", source)
    model.Session.commit()
    return describing.shown(source)


@validate(schema.update)
def lrtzc_source_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a source; what isn't given stays. Takes what `lrtzc_source_create` takes, but the dataset and the kind.

    Credentials stay as they are where they aren't given. Where they would be sent elsewhere (another address), they
    must be given again. Where who answers for the source may no longer change the dataset, whoever saves it does so.

    :param id: the source's identifier
    :param settings: all of the settings, but for credentials that stay
    :param paused: whether its schedule sleeps
    :returns: the source, as `lrtzc_source_show` gives it
    """
    tk.check_access("lrtzc_source_update", context, data_dict)
    user, before = asker(context), _source(data_dict["id"])
    mode, key = data_dict.get("mode", before.mode), data_dict.get("key", before.key)
    if {"resource_id", "mode", "key"} & set(data_dict):
        target = data_dict.get("resource_id", before.resource_id)
        declaring.check_target(before.package_id, target, mode, key)
    declaring.check_bounds(data_dict.get("least", before.least), data_dict.get("most", before.most))
    address, options, secrets = _connection(before, data_dict)
    source = _source(data_dict["id"], lock=True)
    source.address, source.options, source.secrets = address, options, sealed(source.id, secrets)
    if not declaring.may_send(source.owner_id, source.package_id):
        source.owner_id = user.id
    declaring.settle(source, data_dict)
    _trace("change", source)
    model.Session.commit()
    return describing.shown(source)


def _connection(source: Source, data: dict[str, Any]) -> tuple[str, dict[str, str], dict[str, str]]:
    """Give how a source is to be connected from now on: address, settings, credentials; tried where that changes."""
    try:
        kept = opened(source)
    except Fault:
        kept = {}
    address = data.get("address", source.address)
    if "settings" not in data and address == source.address:
        return address, dict(source.options), kept
    options, given = declaring.settings_of(source.kind, data.get("settings", source.options))
    if declaring.moved(source.kind, source, address, options):
        if kept and not given:
            told = tk._("The credentials would be sent to another server than before: type them again.")
            raise tk.ValidationError({"address": [told]})
        kept = {}
    secrets = {**kept, **given}
    changed = address != source.address or options != source.options or bool(given)
    if changed and data.get("check", True):
        declaring.check_connection(source.kind, address, options, secrets)
    return address, options, secrets


@validate(schema.identity)
def lrtzc_source_delete(context: Any, data_dict: dict[str, Any]) -> None:
    """Delete a source, its credentials and its history; what was taken of it stays in the dataset.

    :param id: the source's identifier
    """
    tk.check_access("lrtzc_source_delete", context, data_dict)
    source = _source(data_dict["id"], lock=True)
    _trace("delete", source)
    model.Session.flush()
    jobs.forget(source.id)
    model.Session.commit()


@tk.side_effect_free
@validate(schema.listing)
def lrtzc_source_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the sources of a dataset; for administrators, those of all datasets, the ones that fail first.

    :param package_id: the dataset's identifier or name
    :param offset: how many to skip
    :param limit: how many to give (100 unless told, 1000 at most)
    :returns: `count` and `sources`, each with `last_run`
    """
    tk.check_access("lrtzc_source_list", context, data_dict)
    package = model.Package.get(data_dict.get("package_id") or "")
    chosen = [Source.package_id == package.id] if package is not None else []
    if data_dict.get("package_id") and package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    query = sa.select(Source).where(*chosen).order_by(Source.failures.desc(), Source.title, Source.id)
    query = query.offset(data_dict.get("offset", 0)).limit(data_dict.get("limit", 100))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Source).where(*chosen))
    return {"count": count, "sources": describing.listed(model.Session.scalars(query).all())}


@tk.side_effect_free
@validate(schema.identity)
def lrtzc_source_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give one source, without its credentials.

    :param id: the source's identifier
    :returns: what it was told, `dataset`, `owner`, `last_run`, `next_run`, and `secrets`: names of the credentials kept
    """
    tk.check_access("lrtzc_source_show", context, data_dict)
    return describing.shown(_source(data_dict["id"]))


@validate(schema.identity)
def lrtzc_source_try(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Connect to a source and look at what it has; nothing is taken.

    :param id: the source's identifier
    :returns: `count` of files, the newest 20 as `files` (`name`, `size` in bytes, `modified`), and of the newest its
        `name`, `format` and `size`
    :raises ValidationError: saying what a run would fail of
    """
    tk.check_access("lrtzc_source_try", context, data_dict)
    source = _source(data_dict["id"])
    try:
        return tried(source.kind, source.address, source.options, opened(source))
    except Fault as fault:
        raise declaring.refusal(fault) from None


@validate(schema.identity)
def lrtzc_source_run(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have a source run now, by a worker, whatever its schedule.

    :param id: the source's identifier
    :returns: `id` of the run
    :raises ValidationError: where one is under way
    """
    tk.check_access("lrtzc_source_run", context, data_dict)
    source = _source(data_dict["id"])
    if not declaring.may_send(source.owner_id, source.package_id):
        told = tk._("Whoever declared the source may no longer change this dataset: save its settings first.")
        raise tk.ValidationError({"id": [told]})
    return {"id": jobs.start(source.id, by_hand=True)}


@tk.side_effect_free
@validate(schema.runs)
def lrtzc_source_run_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the runs of a source, the latest first.

    :param id: the source's identifier
    :param offset: how many to skip
    :param limit: how many to give (20 unless told)
    :returns: `count` and `runs`: `state`, `started`, `finished`, counts of files `found`, `taken`, `same`, `refused`,
        `volume` in bytes, and `reason` in words where one fell short
    """
    tk.check_access("lrtzc_source_run_list", context, data_dict)
    mine = Run.source_id == data_dict["id"]
    query = sa.select(Run).where(mine).order_by(Run.started.desc())
    query = query.offset(data_dict.get("offset", 0)).limit(data_dict.get("limit", 20))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Run).where(mine))
    return {"count": count, "runs": [describing.told(run) for run in model.Session.scalars(query)]}


@tk.side_effect_free
@validate(schema.identity)
def lrtzc_source_run_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give one run, with what became of each file that was read.

    :param id: the run's identifier
    :returns: the run, with `lines`: `name`, `size` in bytes, `batch_id`, `batch_state`, `reason` where it was refused
    """
    tk.check_access("lrtzc_source_run_show", context, data_dict)
    run = model.Session.get(Run, data_dict["id"])
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such run."))
    return describing.told(run) | {"lines": describing.lines_of(run.id, LINES)}
