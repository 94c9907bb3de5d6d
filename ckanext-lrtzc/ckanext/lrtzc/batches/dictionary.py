"""The dictionary of a resource's columns, where CKAN's DataStore keeps it."""

from __future__ import annotations

from typing import Any

from ckanext.lrtzc.ledger.api import record_in

from .loading.tables import comment_statement, existing, work

KEYS = ("label", "notes", "unit")


def update_dictionary(resource_id: str, columns: list[dict[str, Any]]) -> bool:
    """Store the texts of `columns` ({name, label, notes, unit}); False where the resource has no table."""
    with work() as cursor:
        table = existing(cursor, resource_id)
        if table is None:
            return False
        for column in columns:
            if column["name"] not in table.types:
                continue
            comment = dict(table.comments.get(column["name"]) or {})
            texts = {key: column[key] for key in KEYS if key in column}
            comment["_info"] = {**(comment.get("_info") or {}), **texts}
            cursor.execute(comment_statement(resource_id, column["name"], comment))
        record_in(cursor.connection, "resource.dictionary", object_type="resource", object_id=resource_id)
    return True
