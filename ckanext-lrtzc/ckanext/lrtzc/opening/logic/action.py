"""Actions of automatic opening."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.opening import judging
from ckanext.lrtzc.opening.logic import schema
from ckanext.lrtzc.opening.model import Opening, Organisation, is_on, now

__all__ = ["lrtzc_opening_choose", "lrtzc_opening_show", "lrtzc_opening_switch"]


def _dataset(name_or_id: str) -> Any:
    package = model.Package.get(name_or_id)
    if package is None or package.type != judging.TYPE or package.state == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return package


@tk.side_effect_free
def lrtzc_opening_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what holds a dataset back from being published as open without a hand.

    :param id: identifier or name of the dataset
    :returns: `conditions`: each with `code` and `met`; `on`: whether its organisation has it so; `choice` for this
        dataset (`auto`, `hand` or nothing: as the organisation); `public`: whether everybody sees it; `opened`: when
        the portal opened it last
    """
    tk.check_access("lrtzc_opening_show", context, data_dict)
    package = _dataset(validated(data_dict, schema.of_one(), context)["id"])
    found = model.Session.get(Opening, package.id, populate_existing=True)
    return {
        "id": package.id,
        "conditions": [{"code": code.value, "met": met} for code, met in judging.conditions(package.id).items()],
        "on": is_on(package.owner_org),
        "owned": bool(package.owner_org),
        "choice": found.choice if found is not None else "",
        "draft": package.state == "draft",
        "public": package.state == "active" and not package.private,
        "opened": found.opened.isoformat() if found is not None and found.opened else None,
    }


def lrtzc_opening_choose(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Choose whether a dataset is published without a hand.

    :param id: identifier or name of the dataset
    :param choice: `auto`: as soon as nothing holds it back, also while it is a draft; `hand`: by people only; nothing:
        as its organisation does
    """
    tk.check_access("lrtzc_opening_choose", context, data_dict)
    data = validated(data_dict, schema.choosing(), context)
    package = _dataset(data["id"])
    values = {"package_id": package.id, "choice": data["choice"]}
    statement: Any = insert(Opening).values(**values)
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["package_id"], set_={"choice": data["choice"]})
    )
    about: Any = {"object_type": "dataset", "object_id": package.id}
    record("opening.choose", details={"choice": data["choice"] or "organisation"}, **about)
    model.Session.commit()
    return {"id": package.id, "choice": data["choice"]}


def lrtzc_opening_switch(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have an organisation's data published without a hand once nothing holds it back, or no more.

    :param id: identifier or name of the organisation
    :param on: whether it is
    """
    tk.check_access("lrtzc_opening_switch", context, data_dict)
    data = validated(data_dict, schema.switching(), context)
    group = model.Group.get(data["id"])
    if group is None or not group.is_organization or group.state != "active":
        raise tk.ObjectNotFound(tk._("There is no such organisation."))
    found = model.Session.get(Organisation, group.id, with_for_update=True, populate_existing=True)
    if data["on"] != (found is not None):
        if found is None:
            values = {"organization_id": group.id, "since": now(), "account_id": asker(context).id}
            statement: Any = insert(Organisation).values(**values)
            model.Session.execute(statement.on_conflict_do_nothing())
        else:
            model.Session.delete(found)
        about: Any = {"object_type": "organization", "object_id": group.id}
        record("opening.on" if data["on"] else "opening.off", **about)
    model.Session.commit()
    return {"id": group.id, "on": data["on"]}
