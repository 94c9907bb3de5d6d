"""Photos of accounts are drawn anew, whatever page or action sends them."""

from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.accounts.photos import NoPicture, redraw

__all__ = ["user_create", "user_update"]


@tk.chained_action
def user_create(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Create an account; a photo is drawn anew."""
    return up(context, _redrawn(data_dict))


@tk.chained_action
def user_update(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Change an account; a photo is drawn anew."""
    return up(context, _redrawn(data_dict))


def _redrawn(data_dict: dict[str, Any]) -> dict[str, Any]:
    upload = data_dict.get("image_upload")
    if not isinstance(upload, FileStorage) or not upload.filename:
        return data_dict
    try:
        return {**data_dict, "image_upload": redraw(upload.stream)}
    except NoPicture as error:
        said = tk._("This can't be read as a photo: send a JPEG, PNG, GIF or WebP picture of 8 MB at most.")
        raise tk.ValidationError({"photo": [said]}) from error
