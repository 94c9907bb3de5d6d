"""What templates ask of retention: rules and results in words, and what is about to go of a dataset."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.retention.domain.due import Kind, State, destroys_from
from ckanext.lrtzc.retention.model import DONE, RUNNING, Rule, now


def lrtzc_retention_words(rule: dict[str, Any], titles: Mapping[str, str] | None = None) -> str:
    """Say what a rule destroys, and when.

    :param titles: what columns are called, by `<file>|<column>`; where one isn't there, its name is said
    """
    titles = titles or {}
    column, emptied = (
        titles.get(f"{rule['resource_id']}|{rule[which]}", rule[which] or "") for which in ("column", "emptied")
    )
    if rule["kind"] == Kind.ROWS and rule["emptied"]:
        said = tk.ungettext(
            "“{emptied}” in rows of “{file}” more than {days} day old, by the date in “{column}”",
            "“{emptied}” in rows of “{file}” more than {days} days old, by the date in “{column}”",
            rule["days"],
        )
        named = {"emptied": emptied, "file": rule["resource_name"] or tk._("File"), "column": column}
        return said.format(days=tk.h.lrtzc_number(rule["days"]), **named)
    if rule["kind"] == Kind.ROWS:
        said = tk.ungettext(
            "Rows of “{file}” more than {days} day old, by the date in “{column}”",
            "Rows of “{file}” more than {days} days old, by the date in “{column}”",
            rule["days"],
        )
        days = tk.h.lrtzc_number(rule["days"])
        return said.format(file=rule["resource_name"] or tk._("File"), days=days, column=column)
    if rule["on_day"]:
        return tk._("The whole dataset, on {day}").format(day=tk.h.render_datetime(rule["on_day"]))
    said = tk.ungettext(
        "The whole dataset, {days} day after its publication", "The whole dataset, {days} days after its publication",
        rule["days"],
    )  # fmt: skip
    return said.format(days=tk.h.lrtzc_number(rule["days"]))


def lrtzc_retention_state(rule: dict[str, Any]) -> dict[str, str]:
    """Say where a rule stands: `text`, and `badge`, a class."""
    if rule["state"] == State.HELD:
        return {"text": tk._("Kept by hand"), "badge": "badge-notice"}
    if rule["warned"] is None:
        return {"text": tk._("Not warned yet"), "badge": "badge-info"}
    if rule["ran"] is not None:
        return {"text": tk._("Applied each day"), "badge": "badge-ok"}
    return {"text": tk._("Warned"), "badge": "badge-alert"}


def lrtzc_retention_run_state(state: str) -> dict[str, str]:
    """Say where a destruction stands: `text`, and `badge`, a class."""
    if state == DONE:
        return {"text": tk._("Destroyed"), "badge": "badge-ok"}
    if state == RUNNING:
        return {"text": tk._("Under way"), "badge": "badge-info"}
    return {"text": tk._("Failed: tried again the next day"), "badge": "badge-alert"}


def lrtzc_retention_result(run: dict[str, Any]) -> list[str]:
    """Say what a destruction reached, and what it could not reach."""
    result, number = run["result"], tk.h.lrtzc_number
    said = []
    if result.get("problem") == "no_column":
        said.append(tk._("The column of dates is no longer there."))
    elif result.get("problem"):
        said.append(tk._("Something failed here; the administrators find what in the portal's log."))
    reached = result.get("rows", 0)
    if run["state"] == DONE and not reached and run["kind"] == Kind.ROWS:
        return [tk._("Nothing was old enough.")]
    if result.get("emptied"):
        told = tk.ungettext("{n} value of “{column}”", "{n} values of “{column}”", reached)
        said.append(told.format(n=number(reached), column=result["emptied"]))
    else:
        said.append(tk.ungettext("{n} row", "{n} rows", reached).format(n=number(reached)))
    if count := result.get("files", 0):
        said.append(tk.ungettext("{n} file", "{n} files", count).format(n=number(count)))
    if count := result.get("raw", 0):
        said.append(tk.ungettext("{n} raw form", "{n} raw forms", count).format(n=number(count)))
    if count := result.get("undated", 0):
        said.append(
            tk.ungettext("{n} row has no date, and stays", "{n} rows have no date, and stay", count).format(
                n=number(count)
            )
        )
    if count := result.get("downloads", 0):
        said.append(
            tk.ungettext("Out of reach: {n} download", "Out of reach: {n} downloads", count).format(n=number(count))
        )
    if count := result.get("deliveries", 0):
        told = tk.ungettext(
            "Out of reach: {n} program that was told of it", "Out of reach: {n} programs that were told of it", count
        )
        said.append(told.format(n=number(count)))
    return said


def lrtzc_retention_coming(pkg: dict[str, Any]) -> str:
    """Give the day on which a whole dataset goes, where people were warned of it; nothing for others."""
    query = sa.select(Rule).where(
        Rule.package_id == pkg["id"],
        Rule.kind == Kind.DATASET.value,
        Rule.state == State.STANDING.value,
        Rule.warned.is_not(None),
    )
    rules = list(model.Session.scalars(query))
    if not rules:
        return ""
    made = model.Session.scalar(sa.select(model.Package.metadata_created).where(model.Package.id == pkg["id"]))
    if made is None:
        return ""
    today = local_day(now())
    return min(destroys_from(rule.terms(made.replace(tzinfo=now().tzinfo)), today) for rule in rules).isoformat()
