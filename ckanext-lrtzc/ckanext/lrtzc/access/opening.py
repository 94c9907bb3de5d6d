"""The page that opens a part of a dataset to somebody, and what that part looks like before it is opened."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access import granting, wording
from ckanext.lrtzc.access.api import Part, Perimeter, request_context
from ckanext.lrtzc.access.form import NAMED, Form, Line, from_address, from_post
from ckanext.lrtzc.access.logic.schema import MOST_FILTERS
from ckanext.lrtzc.access.model import AccessRestriction
from ckanext.lrtzc.access.pages import own_package
from ckanext.lrtzc.tabular.conditions import comparable, whole
from ckanext.lrtzc.tabular.domain.columns import GEOMETRY, Column, Kind, Table
from ckanext.lrtzc.tabular.reading import ReadingFailed, reading
from ckanext.lrtzc.tabular.relation import Relation
from ckanext.lrtzc.tabular.wording import habits
from ckanext.lrtzc.undo.api import offer

ALL_FILES = "all"
SHOWN_ROWS, SHOWN_COLUMNS, CELL, COUNTED = 8, 20, 120, 50_000


def grant(id: str) -> Any:
    """Show the form, and open what it says."""
    package = own_package(id)
    resource = _resource(package)
    if resource is None and tk.request.values.get("resource") != ALL_FILES:
        return tk.render("access/choose.html", {"pkg_dict": package, "pairs": _carried()})
    try:
        table = granting.table_of(resource["id"]) if resource else None
    except ReadingFailed:
        tk.abort(503, tk._("The data can't be read at the moment. Try again in a moment."))
    extra: dict[str, Any] = {"pkg_dict": package, "resource": resource, "preview": None, "focus": ""}
    if tk.request.method == "POST":
        form = from_post(tk.request.form, table)
        done = _do(form, package, resource, extra)
        if done:
            return done
    else:
        form = from_address(tk.request.args.items(multi=True), table)
    asked = resource["id"] if resource else ALL_FILES
    extra |= {
        "form": form,
        "names": tk.h.resource_display_name(resource) if resource else "",
        "operators": wording.operators(),
        "coarser": wording.coarser(),
        "groups": _groups(),
        "is_open": _is_open(package, resource),
        "here": tk.h.url_for("lrtzc_access.grant", id=package["name"], resource=asked),
    }
    swapped = tk.request.headers.get("HX-Request") == "true"
    body = tk.render("access/form.html" if swapped else "access/grant.html", extra)
    return body if swapped or not form.wrong else (body, 400)


def _resource(package: dict[str, Any]) -> dict[str, Any] | None:
    asked = tk.request.values.get("resource", "")
    if asked == ALL_FILES:
        return None
    if not asked:
        return package["resources"][0] if len(package["resources"]) == 1 else None
    found = next((each for each in package["resources"] if each["id"] == asked), None)
    if found is None:
        tk.abort(404, tk._("This dataset has no such resource."))
    return found


def _carried() -> list[tuple[str, str]]:
    return [pair for pair in tk.request.args.items(multi=True) if pair[0] != "resource"]


def _do(form: Form, package: dict[str, Any], resource: dict[str, Any] | None, extra: dict[str, Any]) -> Any:
    """Do what the button that was pressed says; give the answer when there is no form to show any more."""
    go, _dash, number = tk.request.form.get("go", "preview").rpartition("-")
    if number == "add" and len(form.lines) < MOST_FILTERS:
        form.lines.append(Line())
        extra["focus"] = f"filter-{len(form.lines)}"
    elif number == "coarsen" and len(form.masks) < MOST_FILTERS:
        form.masks.append(Line())
        extra["focus"] = f"mask-{len(form.masks)}"
    elif go == "remove":
        _remove(form.lines, number)
        extra["focus"] = "add"
    elif go == "exact":
        _remove(form.masks, number)
        extra["focus"] = "coarsen"
    elif number == "open":
        return _open(form, package, resource)
    else:
        perimeter = form.perimeter()
        extra["focus"] = "errors" if form.wrong else "preview"
        if not form.wrong:
            extra["preview"] = preview(form.table, perimeter)
    return None


def _remove(lines: list[Line], number: str) -> None:
    if number.isascii() and number.isdigit() and len(number) < 4 and 1 <= int(number) <= len(lines):
        del lines[int(number) - 1]


def _open(form: Form, package: dict[str, Any], resource: dict[str, Any] | None) -> Any:
    perimeter = form.perimeter()
    asked = form.asked(perimeter)
    if form.wrong:
        return None
    try:
        made = tk.get_action("lrtzc_access_grant")(
            request_context(), {"id": package["id"], "resource_id": resource["id"] if resource else None, **asked}
        )
    except tk.ValidationError as error:
        form.errors |= {name: " ".join(map(str, texts)) for name, texts in error.error_dict.items()}
        return None
    who = tk._("Everyone") if made["audience"] == "everyone" else made["audience_title"]
    tk.h.flash_success(tk._("It is opened. It holds from the next page on, for: {name}.").format(name=who))
    offer("access.grant", (package["type"], package["id"]), id=package["id"], grant=made["id"])
    return tk.redirect_to("lrtzc_access.owner", id=package["name"])


def _groups() -> dict[str, list[tuple[str, str]]]:
    """Give the organisations and groups one can choose: name and title."""
    rows = model.Session.execute(
        sa.select(model.Group.is_organization, model.Group.name, model.Group.title)
        .where(model.Group.state == "active")
        .order_by(sa.func.lower(model.Group.title))
    ).all()
    return {
        kind: [(row.name, row.title or row.name) for row in rows if row.is_organization == (kind == "organization")]
        for kind in NAMED
    }


def _is_open(package: dict[str, Any], resource: dict[str, Any] | None) -> bool:
    """Say whether everybody sees the data as it is, so that opening a part of it changes nothing."""
    if package.get("private"):
        return False
    held = set(
        model.Session.scalars(
            sa.select(AccessRestriction.resource_id).where(AccessRestriction.package_id == package["id"])
        )
    )
    return None not in held and (resource["id"] not in held if resource else not held)


def preview(table: Table | None, perimeter: Perimeter) -> dict[str, Any]:
    """Read what the person will see: the part in words, its number of rows, its first rows.

    Without a table there are words only.
    """
    said = wording.perimeter(perimeter, table)
    if table is None:
        return {"said": said, "columns": (), "rows": (), "count": None}
    relation = Relation(table, Part.of([perimeter]))
    columns = relation.table.columns[:SHOWN_COLUMNS]
    cells = [_shown(relation.column(column.id), column).label(f"v{at}") for at, column in enumerate(columns)]
    rows = sa.select(*(cells or [sa.literal(1)])).select_from(relation.source).limit(SHOWN_ROWS)
    counted = sa.select(sa.literal(1)).select_from(relation.source).limit(COUNTED + 1).subquery()
    try:
        with reading() as connection:
            if relation.table.has_key:
                rows = rows.order_by(relation.key)
            found = [[_cell(value, column) for value, column in zip(row, columns, strict=False)]
                     for row in connection.execute(rows)]  # fmt: skip
            count = connection.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    except ReadingFailed:
        return {"said": said, "columns": (), "rows": (), "count": None, "failed": True}
    return {
        "said": said,
        "columns": columns,
        "more_columns": len(relation.table.columns) - len(columns),
        "rows": found if columns else (),
        "count": count,
        "more": count > COUNTED,
        "map": relation.table.has_geometry and relation.part.shows(GEOMETRY),
    }


def _shown(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
    if column.kind in (Kind.TEXT, Kind.OTHER):
        return sa.func.left(comparable(expression, column), CELL, type_=sa.Text())
    return whole(expression, column)


def _cell(value: Any, column: Column) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return tk._("yes") if value else tk._("no")
    if column.kind.is_number:
        return habits().number(value)
    return habits().moment(value) if column.kind.is_time else str(value)
