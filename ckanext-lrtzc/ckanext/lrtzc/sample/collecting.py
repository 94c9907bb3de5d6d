"""Makes a dataset of the sample content a collection, by the actions that a publisher's pages use."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.collection.api import add_files, make_collection
from ckanext.lrtzc.sample.domain.content import Collected, SampleError


def collect(collected: Collected, package_id: str, author: str) -> None:
    """Bring the files of a collection in, in place of those of the same names, and give them their captions.

    :param author: name of the user it is done for
    :raises SampleError: where one of them isn't taken
    """
    context: Any = {"user": author, "ignore_auth": True}
    captions = {path.name: caption for path, caption in collected.files}
    try:
        for held in _held(context, package_id):
            if held["name"] in captions:
                asked = {"id": package_id, "file_id": held["id"]}
                tk.get_action("lrtzc_collection_file_remove")(dict(context), asked)
        files = [(path.name, path.read_bytes()) for path, _caption in collected.files]
        batch = _sent(collected, package_id, files, author)
        if batch["state"] != "integrated" or batch["report"]["files"]["kept"] != len(files):
            raise SampleError(f"{package_id}: not all files of the collection were taken: {batch.get('report')}")
        for held in _held(context, package_id):
            if caption := captions.get(held["name"]):
                asked = {"id": package_id, "file_id": held["id"], "caption": caption}
                tk.get_action("lrtzc_collection_file_update")(dict(context), asked)
    except tk.ValidationError as error:
        raise SampleError(f"{package_id}: {error.error_summary or error.error_dict}") from error


def _held(context: Any, package_id: str) -> list[dict[str, Any]]:
    try:
        return tk.get_action("lrtzc_collection_file_list")(dict(context), {"id": package_id, "limit": 1000})["files"]
    except tk.ObjectNotFound:
        return []


def _sent(collected: Collected, package_id: str, files: list[tuple[str, bytes]], author: str) -> dict[str, Any]:
    """Send files to the collection, which is made where there is none."""
    try:
        tk.get_action("lrtzc_collection_show")({"user": author, "ignore_auth": True}, {"id": package_id})
    except tk.ObjectNotFound:
        keeps = bool(collected.fields.get("keeps_position"))
        return make_collection(package_id, collected.fields["kind"], files, author, keeps_position=keeps)
    return add_files(package_id, files, author)
