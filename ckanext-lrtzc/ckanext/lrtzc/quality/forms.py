"""The form of a rule: the fields of its kind, and what was typed in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.quality import wording
from ckanext.lrtzc.quality.domain.rules import CATALOGUE, Failure, Format, Kind, Method, Operator, Type


@dataclass(frozen=True)
class Field:
    """A field of the form: its `control` is `text`, `area` or `select` (then with `options`)."""

    name: str
    label: str
    help: str = ""
    control: str = "text"
    options: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def _options(members: Any, words: Any) -> list[tuple[str, str]]:
    return [(each.value, words(each)) for each in members]


def kinds() -> list[tuple[str, str]]:
    """Give the kinds of rules, to choose from."""
    return _options(Kind, wording.kind_words)


def failures(kind: Kind) -> list[tuple[str, str]]:
    """Give what breaking a rule of a kind may do, to choose from."""
    return _options(CATALOGUE[kind].failures, wording.failure_words)


def fields(kind: Kind) -> list[Field]:
    """Give the fields of a kind's parameters."""
    made = {
        "type": lambda: Field("type", tk._("Type"), "", "select", _options(Type, wording.type_words)),
        "format": lambda: Field("format", tk._("Known form"), "", "select", _options(Format, wording.format_words)),
        "minimum": lambda: _bound("minimum", kind),
        "maximum": lambda: _bound("maximum", kind),
        "pattern": lambda: Field(
            "pattern",
            tk._("Pattern"),
            tk._("A regular expression that the whole text must meet: for instance [A-Z]{2}-[0-9]{4}."),
        ),
        "values": lambda: Field("values", tk._("Values"), tk._("One a line."), "area"),
        "resource": lambda: Field(
            "resource", tk._("File"), tk._("The address of the file's page on this portal, or its identifier.")
        ),
        "column": lambda: Field("column", tk._("Column of that file")),
        "operator": lambda: Field(
            "operator", tk._("How the first column stands"), "", "select", _options(Operator, wording.operator_words)
        ),
        "method": lambda: Field(
            "method", tk._("How far is measured"), "", "select", _options(Method, wording.method_words)
        ),
        "factor": lambda: Field("factor", tk._("How far is too far"), tk._("A number; nothing: the usual one.")),
        "days": lambda: Field("days", tk._("Days")),
        "tolerance": lambda: Field(
            "tolerance",
            tk._("Square metres that don't matter"),
            tk._("Nothing: one. Surfaces sent are compared with each other and with those that they join."),
        ),
    }
    return [made[name]() for name in CATALOGUE[kind].params]


def _bound(name: str, kind: Kind) -> Field:
    label = tk._("At least") if name == "minimum" else tk._("At most")
    if kind is Kind.LENGTH:
        return Field(name, label, tk._("Number of characters, or nothing."))
    return Field(name, label, tk._("A number, a date such as 2024-12-31, or nothing."))


def asked(form: Any, kind: Kind) -> dict[str, Any]:
    """Give the rule that was typed, as the actions take it."""
    params: dict[str, Any] = {name: form.get(f"param-{name}", "") for name in CATALOGUE[kind].params}
    if "values" in params:
        params["values"] = [line for line in params["values"].splitlines() if line.strip()]
    if "resource" in params:
        params["resource"] = _identifier(params["resource"])
    if form.get("failure") == Failure.REPLACE.value:
        params["replacement"] = form.get("param-replacement", "")
    columns = [name for name in form.getlist("columns") if name]
    if CATALOGUE[kind].columns == (2, 2):
        columns = [name for name in (form.get("columns"), form.get("other")) if name]
    rule = {"kind": kind.value, "columns": columns, "params": params, "failure": form.get("failure", "")}
    share = form.get("least", "").strip().replace(",", ".")
    if rule["failure"] == Failure.REFUSE_BATCH.value and share:
        rule["least"] = share_typed(share)
    return rule


def as_arguments(rule: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of the address of the form that holds a rule, as `asked` reads them."""
    params = {f"param-{name}": "\n".join(each) if name == "values" else each for name, each in rule["params"].items()}
    columns = {"columns": rule["columns"]}
    if CATALOGUE[Kind(rule["kind"])].columns == (2, 2):
        columns = {"columns": rule["columns"][0], "other": rule["columns"][1]}
    return {"kind": rule["kind"], **columns, **params}


def share_typed(text: str) -> Any:
    """Give the share (0 to 1) of a percentage that was typed; what is none is left to be refused."""
    try:
        return float(text.strip().replace(",", ".")) / 100
    except ValueError:
        return text


def _identifier(typed: str) -> str:
    """Give a file's identifier out of what was typed: it, or the address of its page."""
    return typed.strip().split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
