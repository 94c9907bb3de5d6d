"""What the actions of subscriptions take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name, number_within
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.objects.api import is_storable
from ckanext.lrtzc.sources.api import PLACES

TITLE_SIZE = 200
ADDRESS_SIZE = 2_000
SETTING_SIZE = 20_000
MOST = 200


def _title(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) and is_storable(value) else ""
    if (value and not text) or len(text) > TITLE_SIZE or not text.isprintable():
        raise tk.Invalid(tk._("A text of at most {most} signs is expected.").format(most=TITLE_SIZE))
    return text


def _address(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > ADDRESS_SIZE or not text.isprintable():
        raise tk.Invalid(tk._("The address of your program is expected, which begins with https://."))
    try:
        egress.check(text)
    except egress.EgressError as error:
        raise tk.Invalid(egress.explain(error)) from None
    return text


def _paging() -> dict[str, Any]:
    default = tk.get_validator("default")
    return {"limit": [default(50), number_within(0, MOST)], "offset": [default(0), number_within(0, 1_000_000)]}


def _ignore() -> dict[str, Any]:
    return {"__extras": [tk.get_validator("ignore")]}


def subscribing() -> dict[str, Any]:
    """Which dataset, which program."""
    needed, default = tk.get_validator("not_missing"), tk.get_validator("default")
    return {"id": [needed, name], "address": [needed, _address], "title": [default(""), _title], **_ignore()}


def _place(value: Any) -> str:
    if value not in PLACES:
        raise tk.Invalid(tk._("Choose where the data is sent."))
    return str(value)


def _where(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > ADDRESS_SIZE or not text.isprintable():
        raise tk.Invalid(tk._("An address is expected."))
    return text


def _settings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise tk.Invalid(tk._("An object is expected."))
    found = {name: "" if text is None else str(text) for name, text in value.items()}
    if any(len(text) > SETTING_SIZE or not is_storable(text) for text in found.values()):
        raise tk.Invalid(tk._("This text is too long."))
    return found


def repushing() -> dict[str, Any]:
    """Which place, how it is reached, and what is sent there."""
    needed, default, one_of = (tk.get_validator(each) for each in ("not_missing", "default", "one_of"))
    boolean = tk.get_validator("boolean_validator")
    return {
        "id": [needed, name],
        "address": [needed, _where],
        "title": [default(""), _title],
        "settings": [default({}), _settings],
        "format": [default("csv"), one_of(["csv", "json", "parquet"])],
        "delta": [default(False), boolean],
        "audience": [default("everybody"), one_of(["everybody", "account"])],
        "naming": [default("numbered"), one_of(["numbered", "same"])],
        "check": [default(True), boolean],
        **_ignore(),
    }


def pushing() -> dict[str, Any]:
    """Of which dataset, to which kind of place, and the same."""
    return {**repushing(), "kind": [tk.get_validator("not_missing"), _place]}


def of_one() -> dict[str, Any]:
    """Which subscription."""
    return {"id": [tk.get_validator("not_missing"), name], **_ignore()}


def shown() -> dict[str, Any]:
    """Which subscription, and which of its messages."""
    return {**of_one(), **_paging()}


def pausing() -> dict[str, Any]:
    """Which subscription, and whether to pause it or to resume."""
    boolean = tk.get_validator("boolean_validator")
    return {**of_one(), "paused": [tk.get_validator("not_missing"), boolean]}


def listing() -> dict[str, Any]:
    """Those of which dataset, or all."""
    return {"id": [tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty"), name], **_ignore()}


def overview() -> dict[str, Any]:
    """Which page of all."""
    return {**_paging(), **_ignore()}
