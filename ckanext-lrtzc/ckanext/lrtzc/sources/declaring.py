"""What a source may be told: settings its kind knows, a target its dataset has, an address its credentials are for."""

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import largest_file
from ckanext.lrtzc.schedule import Schedule, next_run
from ckanext.lrtzc.sources.connecting import tried
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.kinds.base import Field
from ckanext.lrtzc.sources.model import Source, now
from ckanext.lrtzc.sources.telling import sentence

_LINE = 2000
# What is kept as it was asked, where it was.
_PLAIN = ("title", "mode", "key", "expected", "least", "most", "silence_days")


def refusal(fault: Fault) -> tk.ValidationError:
    """Give a fault as what is wrong with a setting, in the language of the request."""
    return tk.ValidationError({fault.field or "address": [sentence(fault.sentence, fault.params)]})


def settings_of(kind: str, asked: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the settings and the credentials among what was sent; empty ones are left out.

    :raises ValidationError: one isn't known to the kind, or can't be taken.
    """
    return sifted(KINDS[kind].fields, asked)


def sifted(known: Iterable[Field], asked: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the settings and the credentials among what was sent for some fields; empty ones are left out.

    :raises ValidationError: one isn't among them, or can't be taken.
    """
    fields = {field.name: field for field in known}
    errors: dict[str, list[str]] = {}
    options: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for name, text in asked.items():
        field = fields.get(name)
        wrong = tk._("This kind of source knows no such setting.") if field is None else _wrong(field, text)
        if wrong or field is None:
            errors[name] = [wrong]
        elif text:
            (secrets if field.secret else options)[name] = text if field.secret else text.strip()
    if errors:
        raise tk.ValidationError(errors)
    return options, secrets


def _wrong(field: Field, text: str) -> str:
    if field.choices and text not in {value for value, _words in field.choices}:
        return tk._("Choose one of the list.")
    if field.control != "area" and (len(text) > _LINE or any(ord(letter) < 32 for letter in text)):
        return tk._("This text is too long, or has more than one line.")
    return ""


def moved(kind: str, before: Source, address: str, options: Mapping[str, str]) -> bool:
    """Say whether credentials would go elsewhere than before: whoever changes that must know them."""
    bound = [field.name for field in KINDS[kind].fields if field.bound]
    return address != before.address or any(options.get(name) != before.options.get(name) for name in bound)


def check_connection(kind: str, address: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Try a source before it is kept.

    :raises ValidationError: saying what a run would fail of.
    """
    try:
        tried(kind, address, options, secrets)
    except Fault as fault:
        raise refusal(fault) from None


def check_target(package_id: str, resource_id: str | None, mode: str, key: list[str]) -> None:
    """Refuse a target that isn't the dataset's, and rows to be told apart by nothing.

    :raises ValidationError: saying which.
    """
    if resource_id:
        resource = model.Resource.get(resource_id)
        if resource is None or resource.package_id != package_id or resource.state != "active":
            raise tk.ValidationError({"resource_id": [tk._("This dataset has no such resource.")]})
    if mode == "upsert" and not key:
        raise tk.ValidationError({"key": [tk._("Name the columns that tell rows apart.")]})


def check_bounds(least: int, most: int) -> None:
    """Refuse bounds that no file could keep.

    :raises ValidationError: saying why.
    """
    if most and most < least:
        raise tk.ValidationError({"most": [tk._("The largest size is below the smallest.")]})
    if least > largest_file():
        raise tk.ValidationError({"least": [tk._("The portal takes no file that large.")]})


def check_room(package_id: str) -> None:
    """Refuse more sources than a dataset may have; others wait who declare one for it.

    :raises ValidationError: it has them already.
    """
    most = int(tk.config["ckanext.lrtzc.sources.per_dataset"])
    name = f"sources of {package_id}"
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
    count = model.Session.scalar(sa.select(sa.func.count()).where(Source.package_id == package_id))
    if (count or 0) >= most:
        model.Session.rollback()
        raise tk.ValidationError({"kind": [tk._("A dataset has at most {most} sources.").format(most=most)]})


def settle(source: Source, data: Mapping[str, Any]) -> None:
    """Write what was asked into a source, and set its next run where its hours changed."""
    for name in _PLAIN:
        if name in data:
            setattr(source, name, data[name])
    if "resource_id" in data:
        source.resource_id = data["resource_id"] or None
    schedule, paused = Schedule(data.get("schedule", source.schedule)), data.get("paused", source.paused)
    if schedule != source.schedule or paused != source.paused or source.next_run is None:
        source.next_run = None if paused else next_run(schedule, now())
    source.schedule, source.paused = schedule.value, paused


def may_send(owner_id: str, package_id: str) -> bool:
    """Say whether an account may send files to a dataset."""
    owner = model.Session.get(model.User, owner_id)
    if owner is None or owner.state != "active":
        return False
    try:
        context: Any = {"model": model, "session": model.Session, "user": owner.name}
        return bool(tk.check_access("batch_create", context, {"package_id": package_id}))
    except tk.NotAuthorized:
        return False
