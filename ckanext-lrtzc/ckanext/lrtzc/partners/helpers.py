"""Helpers of the room's templates."""

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestSource

from ckanext.lrtzc.partners.domain.kinds import KINDS
from ckanext.lrtzc.partners.model import Record
from ckanext.lrtzc.schedule import HARVESTS, WORDS
from ckanext.lrtzc.territory import TerritoryError, get_territory


def lrtzc_partner_kinds() -> list[dict[str, Any]]:
    """Give the kinds of partners: `name`, `label`, `hint`, `example`, `options`."""
    return [
        {
            "name": kind.name,
            "label": kind.label,
            "hint": tk._(kind.hint),
            "example": kind.example,
            "options": kind.options,
        }
        for kind in KINDS.values()
    ]


def lrtzc_partner_kind(name: str) -> str:
    """Give the label of a kind."""
    return KINDS[name].label if name in KINDS else name


def lrtzc_partner_options() -> list[dict[str, Any]]:
    """Give the settings that kinds know: `name`, `label`, `help`, `kinds` (labels)."""
    texts = {
        "organization": (tk._("Organisation at the partner"), tk._("Its identifier there, to take only its datasets.")),
        "query": (tk._("Search words"), tk._("Only the datasets that the partner finds with these words.")),
        "keyword": (tk._("Keyword"), tk._("Only the records that have exactly this keyword.")),
        "tag": (tk._("Tag"), tk._("Only the datasets that have this tag.")),
        "where": (tk._("Filter"), tk._("A filter in the partner's query language.")),
    }
    return [
        {
            "name": name,
            "label": label,
            "help": text,
            "kinds": [kind.label for kind in KINDS.values() if name in kind.options],
        }
        for name, (label, text) in texts.items()
    ]


def lrtzc_partner_schedules() -> list[dict[str, str]]:
    """Give the schedules as choices."""
    return [{"value": schedule.value, "text": tk._(WORDS[schedule])} for schedule in HARVESTS]


def lrtzc_partner_schedule(name: str) -> str:
    """Give the words for a schedule."""
    return next((item["text"] for item in lrtzc_partner_schedules() if item["value"] == name), name)


def lrtzc_partner_state(run: dict[str, Any] | None) -> dict[str, str]:
    """Give the words for a run's state and the badge that goes with it."""
    texts = {
        "gathering": (tk._("Reading the catalogue"), "badge-info"),
        "importing": (tk._("Writing the datasets"), "badge-info"),
        "finished": (tk._("Finished"), "badge-ok"),
        "incomplete": (tk._("Incomplete"), "badge-notice"),
        "failed": (tk._("Failed"), "badge-alert"),
    }
    text, badge = texts.get((run or {}).get("state", ""), (tk._("Never harvested"), ""))
    return {"text": text, "badge": badge}


def lrtzc_partner_line_kinds() -> dict[str, str]:
    """Give the words for the kinds of report lines."""
    return {
        "refused": tk._("Refused"),
        "duplicate": tk._("Duplicate"),
        "renumbered": tk._("New identity"),
        "remark": tk._("Remark"),
    }


def lrtzc_partner_sentence(sentence: str, params: dict[str, Any] | None) -> str:
    """Give a stored sentence in the reader's language, its gaps filled."""
    if not sentence:
        return ""
    values = params or {}
    try:
        if sentence == "%(error)s":
            return str(values["error"])
        return tk._(sentence) % values
    except (KeyError, ValueError, TypeError):
        return sentence


def lrtzc_partner_field(name: str) -> str:
    """Give the words for a field of a dataset."""
    texts = {
        "title": tk._("Title"),
        "notes": tk._("Description"),
        "license_id": tk._("Licence"),
        "identifier": tk._("Identifier"),
        "id": tk._("Identifier"),
        "dataset_id": tk._("Identifier"),
        "resources": tk._("Files"),
        "frequency": tk._("Frequency"),
        "issued": tk._("Publication date"),
        "modified": tk._("Date of change"),
        "temporal_coverage": tk._("Period"),
        "theme": tk._("Theme"),
        "spatial": tk._("Extent"),
        "communes": tk._("Communes"),
        "tags": tk._("Keywords"),
        "language": tk._("Language"),
        "contact": tk._("Contact"),
        "publisher": tk._("Publisher"),
        "owner_org": tk._("Organisation"),
        "url": tk._("Page of origin"),
    }
    return texts.get(name, name.replace("_", " "))


def lrtzc_partner_moment(text: str | None) -> dt.datetime | None:
    """Give a moment of an action's answer as a date with time that `h.render_datetime` takes."""
    return dt.datetime.fromisoformat(text) if text else None


def lrtzc_partner_axes() -> list[dict[str, str]]:
    """Give the territory's axes as choices."""
    try:
        axes = get_territory().axes
    except TerritoryError:
        return []
    language = tk.h.lang()
    return [{"value": axis.code, "text": axis.label.say(language)} for axis in axes]


def lrtzc_partner_licences() -> list[dict[str, str]]:
    """Give the portal's licences as choices."""
    return [
        {"value": identity, "text": licence.title}
        for identity, licence in model.Package.get_license_register().items()
        if identity != "notspecified"
    ]


def lrtzc_partner_origin(package_id: str) -> dict[str, Any] | None:
    """Give where a harvested dataset comes from: `partner`, `withdrawn` (a moment or None); None for our own."""
    query = (
        sa.select(HarvestSource.title, HarvestSource.url, Record.withdrawn)
        .join(Record, Record.source_id == HarvestSource.id)
        .where(Record.package_id == package_id)
        .limit(1)
    )
    found = model.Session.execute(query).first()
    return {"partner": found[0], "address": found[1], "withdrawn": found[2]} if found else None
