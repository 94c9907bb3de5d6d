"""What templates ask of forms."""

from __future__ import annotations

import re
import zlib
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import readable_size
from ckanext.lrtzc.forms import attachments, building_words, media, wording
from ckanext.lrtzc.forms.domain.faults import Refusal
from ckanext.lrtzc.forms.domain.kinds import Kind
from ckanext.lrtzc.forms.model import Form, Media, Openness, State, now
from ckanext.lrtzc.tabular.wording import habits
from ckanext.lrtzc.territory import TerritoryError, get_territory

_WORLD = (-170.0, -60.0, 180.0, 75.0)


def lrtzc_forms_id(key: str) -> str:
    """Give the identifier of a question's field on its page."""
    return f"q-{re.sub('[^A-Za-z0-9]+', '-', key)[:60]}-{zlib.crc32(key.encode()):x}"


def lrtzc_forms_mark(one: Any, more: str = "") -> str:
    """Give what tells whether a node of a page says the same as another: its texts, choices, and what it calculates."""
    inner = [lrtzc_forms_mark(child) for child in one.children] if "table-list" in one.node.appearance else []
    told = [] if one.node.given else one.values
    said = repr((one.label, one.hint, one.required, one.choices, told, inner, more))
    return f"{zlib.crc32(said.encode('utf-8', 'replace')):x}"


def lrtzc_forms_refusal(refusal: Refusal) -> str:
    """Say what is wrong with an answer."""
    return refusal.sentence(tk._)


def lrtzc_forms_largest() -> str:
    """Give the size of the largest file that a question is answered with, in words."""
    return readable_size(attachments.largest())


def lrtzc_forms_file_name(value: str) -> str:
    """Give the name of a file from what an answer says of it."""
    return attachments.name_of(value)


def lrtzc_forms_media(name: str, form: Any, invitation: str = "", answer: str = "") -> str:
    """Give the address of a file that a form is asked with, for the page of whoever was invited or corrects.

    Empty where the file wasn't sent: a form may be opened without its pictures, sounds and films.
    """
    form_id = form["id"] if isinstance(form, dict) else form.id
    # one statement for all files of a page
    held = tk.g.setdefault("lrtzc_forms_held", {})
    if form_id not in held:
        held[form_id] = set(Media.of_form(form_id))
    if name not in held[form_id]:
        return ""
    asked = {"invitation": invitation, "answer": answer}
    more = {key: value for key, value in asked.items() if value}
    return tk.h.url_for("lrtzc_forms.asked_file", form_id=form_id, name=name, locale="default", **more)


def lrtzc_forms_use(code: str) -> str:
    """Say what a file of a form is for."""
    return wording.use(code)


def lrtzc_forms_file_largest(code: str) -> str:
    """Give the size of the largest file of a use, in words."""
    return media.largest(code)


def lrtzc_forms_size(size: int) -> str:
    """Say a size in bytes in words."""
    return readable_size(size)


def lrtzc_forms_server(openness: str, package_id: str, invitation: str = "") -> str:
    """Give the address that ODK Collect is told; nothing where each person has one of their own."""
    root = tk.h.url_for("lrtzc_openrosa.form_list", qualified=True, locale="default").removesuffix("/formList")
    match Openness(openness):
        case Openness.EVERYONE:
            return f"{root}/dataset/{package_id}"
        case Openness.INVITED:
            return f"{root}/key/{invitation}" if invitation else ""
        case Openness.OWNER:
            return f"{root}/account"


def lrtzc_forms_state(code: str) -> str:
    """Say where a form stands."""
    return wording.form_state(code)


def lrtzc_forms_openness(code: str) -> str:
    """Say who may answer."""
    return wording.openness(code)


def lrtzc_forms_openings() -> list[tuple[str, str]]:
    """Give the degrees of openness with their words."""
    return [(each.value, wording.openness(each.value)) for each in Openness]


def lrtzc_forms_open(package_id: str) -> list[Any]:
    """Give the forms of a dataset that everyone may answer now: `id` and `title`."""
    at = now()
    query = sa.select(Form.id, Form.title).where(
        Form.package_id == package_id,
        Form.state == State.OPEN.value,
        Form.openness == Openness.EVERYONE.value,
        sa.or_(Form.opens.is_(None), Form.opens <= at),
        sa.or_(Form.closes.is_(None), Form.closes > at),
        sa.or_(Form.quota.is_(None), Form.answers < Form.quota),
    )
    return list(model.Session.execute(query.order_by(Form.created)))


def lrtzc_forms_column(code: str) -> str:
    """Say what a column holds."""
    return building_words.column_type(code)


def lrtzc_forms_answered(one: Any) -> bool:
    """Say whether anything was answered in a part of a form."""
    return bool(one.value or one.address) or any(lrtzc_forms_answered(child) for child in one.children)


def lrtzc_forms_told(node: Any, value: str) -> str:
    """Say an answer in words, numbers and dates as the language of the page writes them; what isn't so, as it is."""
    said = habits()
    try:
        match node.kind:
            case Kind.INTEGER:
                return said.number(int(value))
            case Kind.DECIMAL | Kind.RANGE:
                return said.number(float(value))
            case Kind.DATE | Kind.DATETIME:
                return said.moment(value)
            case Kind.TICK:
                return tk._("yes")
            case Kind.POINT | Kind.LINE | Kind.AREA:
                return "; ".join(", ".join(point.replace(",", " ").split()[:2]) for point in value.split(";"))
            case _:
                return value
    except ValueError:
        return value


def lrtzc_forms_within(node: Any) -> str:
    """Say between which bounds a number is expected, where these aren't shown one by one."""
    scale = node.scale
    if node.kind is not Kind.RANGE or scale is None:
        return ""
    least, most, step = (habits().number(bound) for bound in (scale.start, scale.end, scale.step))
    if scale.step == 1:
        return tk._("From {least} to {most}.").format(least=least, most=most)
    return tk._("From {least} to {most}, by steps of {step}.").format(least=least, most=most, step=step)


def lrtzc_forms_steps(node: Any) -> list[str]:
    """Give the values of a short scale, one by one; nothing where it has more than eleven."""
    scale = node.scale
    if node.kind is not Kind.RANGE or scale is None or (scale.end - scale.start) / scale.step > 10:
        return []
    number = round((scale.end - scale.start) / scale.step)
    return [f"{scale.start + place * scale.step:.10g}" for place in range(number + 1)]


def lrtzc_forms_bounds() -> tuple[float, float, float, float]:
    """Give what maps show first: west, south, east, north of the territory in degrees; the world where none is set."""
    try:
        return get_territory().bbox
    except TerritoryError:
        return _WORLD


def lrtzc_forms_tiles(dataset: str, resource_id: str) -> str:
    """Give the address of a table's tiles, with `{z}`, `{x}` and `{y}` in the place of numbers."""
    path = str(tk.h.url_for("lrtzc_explore.map_tile", id=dataset, resource_id=resource_id, z=0, x=0, y=0))
    return path.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")
