"""Actions of collections."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.logic import validate
from ckan.model.types import make_uuid
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.access.api import Action, record_use
from ckanext.lrtzc.batches.api import submit_kind
from ckanext.lrtzc.collection import listing, publishing, sending, store
from ckanext.lrtzc.collection.asking import collection_of, file_of, readable
from ckanext.lrtzc.collection.integrating import NAME, REPLACES, places_of
from ckanext.lrtzc.collection.logic import schema
from ckanext.lrtzc.collection.model import Collection, File


def _described(package: Any, collection: Collection) -> dict[str, Any]:
    count, size = publishing.figures(collection.resource_id)
    return {
        "id": package.id,
        "resource_id": collection.resource_id,
        "kind": collection.kind,
        "keeps_position": collection.keeps_position,
        "files": count,
        "size": size,
        "changed": collection.changed.isoformat(),
        "url": publishing.address(str(package.id)),
    }


def _file(package: Any, file: File) -> dict[str, Any]:
    keys = (
        "id", "name", "caption", "title", "format", "size", "sha256", "width", "height", "longitude", "latitude",
        "pages", "duration",
    )  # fmt: skip
    found = {key: getattr(file, key) for key in keys}
    base = f"{publishing.address(str(package.id)).rpartition('/')[0]}/{file.id}"
    return found | {
        "mimetype": file.form.mimetype,
        "taken": file.taken.isoformat() if file.taken else None,
        "added": file.added.isoformat(),
        "url": f"{base}/content",
        "picture": f"{base}/small" if file.has_picture else None,
    }


@validate(schema.create)
def lrtzc_collection_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Make a dataset a collection of files of one kind; files are then sent by `lrtzc_collection_submit`.

    :param id: the dataset's identifier or name; one that holds no file yet
    :param kind: `photo`, `document`, `audio` or `video`
    :param keeps_position: photos keep what they say of the place where they were taken; by default it is removed, with
        all else that they say of person and device. It can't be changed once files are there.
    :returns: see `lrtzc_collection_show`
    :raises ValidationError: where the dataset holds files already
    """
    tk.check_access("lrtzc_collection_create", context, data_dict)
    package = model.Package.get(data_dict["id"])
    if package is None or package.type != "dataset":
        raise tk.ValidationError({"id": [tk._("Only datasets are collections of files.")]})
    known = Collection.of_package(str(package.id))
    if known is not None:
        return _changed(package, known, data_dict)
    resources = sa.select(sa.func.count()).where(
        model.Resource.package_id == package.id, model.Resource.state == "active"
    )
    if model.Session.scalar(resources):
        raise tk.ValidationError({"id": [tk._("This dataset holds files already: make a dataset for the collection.")]})
    collection = Collection(
        resource_id=make_uuid(),
        package_id=package.id,
        kind=data_dict["kind"],
        keeps_position=data_dict["keeps_position"] and data_dict["kind"] == "photo",
    )
    model.Session.add(collection)
    try:
        model.Session.commit()
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("This dataset is a collection already.")]}) from None
    return _described(package, collection)


def _changed(package: Any, collection: Collection, asked: dict[str, Any]) -> dict[str, Any]:
    """Change what a collection is to be, as long as nothing is in it."""
    if publishing.figures(collection.resource_id)[0]:
        raise tk.ValidationError({"id": [tk._("This dataset is a collection already.")]})
    collection.kind = asked["kind"]
    collection.keeps_position = asked["keeps_position"] and asked["kind"] == "photo"
    model.Session.commit()
    return _described(package, collection)


@tk.side_effect_free
@validate(schema.show)
def lrtzc_collection_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what a collection is.

    :param id: the dataset's identifier or name
    :returns: `kind`, `keeps_position`, `files` (how many), `size` (bytes), `resource_id`, `url` of the ZIP of all
    """
    tk.check_access("lrtzc_collection_show", context, data_dict)
    return _described(*collection_of(data_dict["id"]))


@validate(schema.submit)
def lrtzc_collection_submit(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Send files to a collection: several, or one ZIP. They come as one batch, which workers look at.

    :param id: the dataset's identifier or name
    :param upload: the file, or a list of files
    :param replaces: identifier of the file that the one sent takes the place of
    :returns: the batch, see `batch_show`; its report says what became of each file
    :raises ValidationError: where they can't be kept (too large, refused by the antivirus)
    """
    tk.check_access("lrtzc_collection_submit", context, data_dict)
    package, collection = collection_of(data_dict["id"])
    files, given = data_dict["upload"], {}
    if replaced := data_dict.get("replaces"):
        given = {REPLACES: file_of(collection, replaced).id}
        if len(files) != 1:
            raise tk.ValidationError({"upload": [tk._("One file takes the place of one.")]})
    author, wait = str(context.get("user") or ""), bool(context.get("lrtzc_now"))
    try:
        with sending.raw_form(files) as (raw, name):
            return submit_kind(NAME, str(package.id), collection.resource_id, raw, name, author, given=given, wait=wait)  # type: ignore[arg-type]
    except tk.ValidationError as error:
        names = sending.infected(files) if sending.is_infected(error.__cause__) else []
        if not names:
            raise
        told = tk.ungettext(
            "The antivirus refused {names}, so nothing was taken: send the others without it.",
            "The antivirus refused {names}, so nothing was taken: send the others without them.",
            len(names),
        )
        raise tk.ValidationError({"upload": [told.format(names=", ".join(names))]}) from error


@tk.side_effect_free
@validate(schema.file_list)
def lrtzc_collection_file_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the files of a collection, in the order in which they came.

    :param id: the dataset's identifier or name
    :param q: words of their names, captions, titles or texts
    :param since: the first day on which they were taken (or added, where that isn't known), as 2024-12-31
    :param until: the last day
    :param limit: how many, 100 unless told, 1,000 at most
    :param offset: how many to pass over
    :returns: `count` of all that fit, and `files`, each with `id`, `name`, `caption`, `format`, `size` (bytes), `url`,
        `picture` (address of a small picture), `taken`, `width`, `height` (pixels), `longitude`, `latitude` (degrees,
        where kept), `pages`, `duration` (seconds)
    """
    tk.check_access("lrtzc_collection_file_list", context, data_dict)
    package, collection, decision = readable(context, data_dict["id"])
    record_use(decision, collection.resource_id, Action.READ, by="collection.list")
    wanted = listing.Wanted(data_dict.get("q") or "", data_dict.get("since"), data_dict.get("until"))
    found = listing.files(collection, wanted, min(data_dict["limit"], schema.MOST), data_dict["offset"])
    return {"count": found.count, "files": [_file(package, one) for one in found.files]}


@tk.side_effect_free
@validate(schema.file_show)
def lrtzc_collection_file_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what is known of one file of a collection.

    :param id: the dataset's identifier or name
    :param file_id: the file's identifier
    :returns: see `lrtzc_collection_file_list`
    """
    tk.check_access("lrtzc_collection_file_show", context, data_dict)
    package, collection, decision = readable(context, data_dict["id"])
    file = file_of(collection, data_dict["file_id"])
    record_use(decision, collection.resource_id, Action.READ, by="collection.file")
    return _file(package, file)


@validate(schema.file_update)
def lrtzc_collection_file_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a file its caption: what one says of it to those who don't see it.

    :param id: the dataset's identifier or name
    :param file_id: the file's identifier
    :param caption: a text on one line, at most 2,000 characters
    :returns: the file
    """
    tk.check_access("lrtzc_collection_file_update", context, data_dict)
    package, collection = collection_of(data_dict["id"])
    file = file_of(collection, data_dict["file_id"])
    if file.caption != data_dict["caption"]:
        file.caption = data_dict["caption"]
        publishing.publish(collection, user=str(context.get("user") or ""))
    return _file(package, file)


@validate(schema.file_show)
def lrtzc_collection_file_remove(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Remove a file from a collection, for good.

    :param id: the dataset's identifier or name
    :param file_id: the file's identifier
    :returns: the collection
    """
    tk.check_access("lrtzc_collection_file_remove", context, data_dict)
    package, collection = collection_of(data_dict["id"])
    file = file_of(collection, data_dict["file_id"])
    gone = places_of(file)
    model.Session.delete(file)
    publishing.publish(collection, user=str(context.get("user") or ""))
    store.remove(gone)
    return _described(package, collection)
