"""The room's door: what other rooms may call."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.needs.model import Need
from ckanext.lrtzc.needs.moderated import KIND

__all__ = ["show_need"]


def show_need(author: str, fields: dict[str, Any], answer: dict[str, Any] | None = None) -> None:
    """Show a need that the portal itself brings, such as sample content: no moderator is asked.

    :param author: name of an account
    :param fields: as `lrtzc_need_create` takes them
    :param answer: as `lrtzc_need_answer` takes it, without `id`; the author's own organisation gives it
    :raises ValidationError: where it can't be kept
    """
    made = tk.get_action("lrtzc_need_create")({"user": author}, dict(fields))
    KIND.accept_unasked(model.Session.get(Need, made["id"]))
    model.Session.commit()
    if answer:
        tk.get_action("lrtzc_need_answer")({"user": author}, {**answer, "id": made["id"]})
