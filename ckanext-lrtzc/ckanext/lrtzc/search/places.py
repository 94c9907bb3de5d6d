"""Where in the rows a word stands by which a dataset was found: read as whoever looks may read it.

The index names the words; the row comes from the DataStore through the access decision of whoever looks, so that
nothing is shown that they couldn't open.
"""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, record_use
from ckanext.lrtzc.collection.api import files_of, held_by
from ckanext.lrtzc.explore.api import Query, ReadingFailed, Selection, reading, select, shown
from ckanext.lrtzc.search import asking
from ckanext.lrtzc.search.content import has_words
from ckanext.lrtzc.search.domain import words
from ckanext.lrtzc.tabular.domain.columns import Column, Kind

#: Bounds of the work for one page of results: the likest results, the first files of each.
RESULTS = 5
FILES = 3
#: Milliseconds for one look; a place that takes longer isn't shown.
PATIENCE = 500
AROUND = 60


@dataclass(frozen=True)
class Place:
    """A cell that holds a word searched for, whose row the word finds in the explorer; or a file of a collection.

    Of a file, `column` is the name and `file_id` the identifier.
    """

    package_name: str
    resource_id: str
    resource_name: str
    column: str
    before: str
    word: str
    after: str
    file_id: str = ""


def places(context: Any, query: str, datasets: list[dict[str, Any]]) -> dict[str, Place]:
    """Give, by dataset, where words of the query stand in rows, for datasets whose description lacks one of them."""
    matched = asking.in_rows(context, query, [one["id"] for one in datasets])
    found: dict[str, Place] = {}
    for dataset in datasets:
        said = words.fold(" ".join(str(dataset.get(name) or "") for name in ("title", "notes")))
        new = [word for word in matched.get(dataset["id"], ()) if words.fold(word) not in said]
        if new and (place := _place(context, dataset, new)):
            found[dataset["id"]] = place
            if len(found) == RESULTS:
                break
    return found


def _place(context: Any, dataset: dict[str, Any], wanted: list[str]) -> Place | None:
    resources = [one for one in dataset.get("resources") or () if has_words(one)]
    for resource in resources[:FILES]:
        try:
            if held_by(resource):
                if place := _in_collection(context, dataset, resource, wanted):
                    return place
                continue
            selection = select(context, resource, ())
            if selection is not None and (place := _in_file(selection, dataset, wanted)):
                record_use(selection.decision, resource["id"], Action.READ, by="search")
                return place
        except (tk.NotAuthorized, tk.ObjectNotFound, ReadingFailed):
            continue
    return None


def _in_collection(context: Any, dataset: dict[str, Any], resource: dict[str, Any], wanted: list[str]) -> Place | None:
    files = files_of(context, dataset["id"], resource)
    found = files.holding(wanted)
    cut = _cut(found.text, wanted) if found else None
    if found is None or cut is None:
        return None
    record_use(files.decision, resource["id"], Action.READ, by="search")
    return Place(dataset["name"], resource["id"], str(resource.get("name") or ""), found.name, *cut, file_id=found.id)


def _in_file(selection: Selection, dataset: dict[str, Any], wanted: list[str]) -> Place | None:
    query = " or ".join(wanted) if selection.table.has_full_text else wanted[0]
    columns = [column for column in selection.table.columns if column.kind is Kind.TEXT]
    asked = selection.with_query(Query(search=query))
    expressions = [shown(selection.source.column(column.id), column) for column in columns]
    with reading(PATIENCE) as connection:
        row = connection.execute(asked.statement(expressions).limit(1)).first() if expressions else None
    for column, value in zip(columns, row or (), strict=False):
        cut = _cut(str(value or ""), wanted)
        if cut:
            return _told(selection, dataset, column, cut)
    return None


def _told(selection: Selection, dataset: dict[str, Any], column: Column, cut: tuple[str, str, str]) -> Place:
    resource = selection.resource
    return Place(dataset["name"], resource["id"], str(resource.get("name") or ""), column.label or column.id, *cut)


def _cut(text: str, wanted: list[str]) -> tuple[str, str, str] | None:
    """Give what stands before a word, the word, and what stands after it, shortened; None where it isn't there."""
    lowered = text.casefold()
    if len(lowered) != len(text):
        return None
    for word in wanted:
        start = lowered.find(word)
        if start >= 0:
            end = start + len(word)
            before, after = text[:start], text[end:]
            if len(before) > AROUND:
                before = "…" + before[-AROUND:].partition(" ")[2]
            if len(after) > AROUND:
                after = after[:AROUND].rpartition(" ")[0] + "…"
            return before, text[start:end], after
    return None
