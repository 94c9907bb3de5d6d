"""What the room's actions take."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.partners.domain.kinds import KINDS
from ckanext.lrtzc.partners.model import Line
from ckanext.lrtzc.schedule import HARVESTS

OPTIONS = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.options))


def partner_kind(value: str) -> str:
    """Accept the name of a kind of partner."""
    if value not in KINDS:
        raise tk.Invalid(tk._("Choose the kind of portal."))
    return value


def partner_schedule(value: str) -> str:
    """Accept the name of a schedule."""
    if value not in HARVESTS:
        raise tk.Invalid(tk._("Choose how often the partner is harvested."))
    return value


def partner_licence(value: str) -> str:
    """Accept the identifier of a licence of the portal."""
    from ckan import model

    if value and value not in model.Package.get_license_register():
        raise tk.Invalid(tk._("The portal doesn't know this licence."))
    return value


def line_kind(value: str) -> str:
    """Accept the name of a kind of report line."""
    if value and value not in Line.KINDS:
        raise tk.Invalid(tk._("The report has no such lines."))
    return value


def _days(value: int) -> int:
    if not 0 <= value <= 3650:
        raise tk.Invalid(tk._("Give a number of days between 0 and 3650."))
    return value


def _address() -> list:
    text, missing = tk.get_validator("unicode_safe"), tk.get_validator("not_empty")
    return [missing, text, _web_address]


def _web_address(value: str) -> str:
    from ckanext.lrtzc.egress.api import EgressError, explain
    from ckanext.lrtzc.egress.domain.addresses import parse_target

    try:
        parse_target(value)
    except EgressError as err:
        raise tk.Invalid(explain(err)) from err
    return value.strip()


def _settings() -> dict[str, list]:
    validator = tk.get_validator
    optional = [validator("ignore_missing"), validator("unicode_safe")]
    return {
        "schedule": [validator("ignore_missing"), validator("unicode_safe"), partner_schedule],
        "licence": [*optional, partner_licence],
        "axis": optional,
        "notify": [validator("ignore_missing"), validator("unicode_safe"), _emails],
        "purge_days": [validator("ignore_empty"), validator("int_validator"), _days],
        "paused": [validator("ignore_missing"), validator("boolean_validator")],
        "check": [validator("ignore_missing"), validator("boolean_validator")],
        "__extras": [validator("ignore")],
        **{f"option_{name}": optional for name in OPTIONS},
    }


def _emails(value: str) -> str:
    from ckanext.lrtzc.partners.domain.texts import email

    words = value.replace(";", " ").replace(",", " ").split()
    wrong = [word for word in words if not email(word)]
    if wrong:
        raise tk.Invalid(tk._("This is not an e-mail address: %(word)s") % {"word": wrong[0][:80]})
    return " ".join(words)


def partner_create() -> dict[str, list]:
    """Give the schema of `partner_create`."""
    validator = tk.get_validator
    return {
        "title": [validator("not_empty"), validator("unicode_safe"), _title],
        "kind": [validator("not_empty"), validator("unicode_safe"), partner_kind],
        "address": _address(),
        "owner_org": [validator("not_empty"), validator("unicode_safe"), validator("group_id_or_name_exists")],
        **_settings(),
    }


def _title(value: str) -> str:
    from ckanext.lrtzc.partners.domain.texts import line

    return line(value, 200)


def partner_update() -> dict[str, list]:
    """Give the schema of `partner_update`: what isn't given stays."""
    validator = tk.get_validator
    missing = validator("ignore_missing")
    return {
        **{name: [missing, *rules] for name, rules in partner_create().items() if name in ("title", "kind", "address")},
        "id": [validator("not_empty"), validator("unicode_safe")],
        **_settings(),
    }


def partner_preview() -> dict[str, list]:
    """Give the schema of `partner_preview`: a partner's identity, or a kind and an address."""
    validator = tk.get_validator
    missing = validator("ignore_missing")
    settings = _settings()
    return {
        "id": [missing, validator("unicode_safe")],
        "kind": [missing, validator("unicode_safe"), partner_kind],
        "address": [missing, validator("unicode_safe"), _web_address],
        "owner_org": [missing, validator("unicode_safe")],
        **{name: settings[name] for name in settings if name.startswith(("option_", "licence", "axis", "__"))},
    }


def partner_identity() -> dict[str, list]:
    """Give the schema of actions that take a partner's identity alone."""
    validator = tk.get_validator
    return {"id": [validator("not_empty"), validator("unicode_safe")], "__extras": [validator("ignore")]}


def partner_delete() -> dict[str, list]:
    """Give the schema of `partner_delete`."""
    validator = tk.get_validator
    return {
        **partner_identity(),
        "datasets": [validator("not_empty"), validator("unicode_safe"), validator("one_of")(["keep", "hide"])],
    }


def partner_report_show() -> dict[str, list]:
    """Give the schema of `partner_report_show`."""
    validator = tk.get_validator
    number = [validator("ignore_empty"), validator("natural_number_validator")]
    return {
        **partner_identity(),
        "kind": [validator("ignore_missing"), validator("unicode_safe"), line_kind],
        "q": [validator("ignore_missing"), validator("unicode_safe")],
        "offset": number,
        "limit": number,
    }


def partner_run_list() -> dict[str, list]:
    """Give the schema of `partner_run_list`."""
    validator = tk.get_validator
    number = [validator("ignore_empty"), validator("natural_number_validator")]
    return {**partner_identity(), "offset": number, "limit": number}


def partner_list() -> dict[str, list]:
    """Give the schema of `partner_list`."""
    validator = tk.get_validator
    return {
        "owner_org": [validator("ignore_missing"), validator("unicode_safe")],
        "__extras": [validator("ignore")],
    }
