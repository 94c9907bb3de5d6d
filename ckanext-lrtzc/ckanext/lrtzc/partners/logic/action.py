"""Actions on partner portals. Times are texts of ISO 8601 in UTC."""

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestSource

from ckanext.lrtzc.partners import catalogue, describing, jobs, preview, searching, withdrawing
from ckanext.lrtzc.partners.domain.texts import slug
from ckanext.lrtzc.partners.harvester import NAME
from ckanext.lrtzc.partners.logic import auth, schema
from ckanext.lrtzc.partners.model import Line, Partner, Record, Run, now, row
from ckanext.lrtzc.schedule import Schedule, next_run

__all__ = [
    "partner_create",
    "partner_delete",
    "partner_list",
    "partner_preview",
    "partner_report_show",
    "partner_run",
    "partner_run_list",
    "partner_show",
    "partner_update",
]

Context = Any
MAX_LINES = 1000


def _valid(rules: dict[str, Any], data_dict: dict[str, Any], context: Context) -> dict[str, Any]:
    data, errors = tk.navl_validate(dict(data_dict), rules, context)
    if errors:
        raise tk.ValidationError(errors)
    return data


def _acting(context: Context) -> Context:
    """Give the context of a write on behalf of the person, or of the portal itself where there is none."""
    user = context.get("user") or ""
    known = bool(user) and model.User.get(user) is not None
    return {
        "model": model,
        "session": model.Session,
        "user": user if known else catalogue.site_user(),
        "ignore_auth": True,
    }


def _options(data: dict[str, Any]) -> dict[str, str]:
    found = {name: data.get(f"option_{name}", "").strip() for name in schema.OPTIONS}
    return {name: value for name, value in found.items() if value}


def _harvest(action: str, context: Any, data: dict[str, Any]) -> Any:
    """Call ckanext-harvest, and say in our words what it refuses about the address."""
    try:
        return tk.get_action(action)(_acting(context), data)
    except tk.ValidationError as err:
        if "url" in err.error_dict:
            already = tk._("This portal is declared already, with the same settings.")
            raise tk.ValidationError({"address": [already]}) from err
        raise


def partner_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Declare a partner portal.

    :param title: what it is called
    :param kind: `dcat`, `ckan`, `csw`, `udata` or `opendatasoft`
    :param address: its web address (http or https)
    :param owner_org: identity of the organisation that its datasets belong to here
    :param schedule: `manual` (the default), `hourly`, `daily`, `weekly` or `monthly`
    :param licence: identifier of the licence of records that name none (optional)
    :param axis: axis of records that fall under none (optional)
    :param purge_days: days after which a withdrawn dataset is erased (30 by default)
    :param notify: e-mail addresses told of each run that needs it; the organisation's administrators by default
    :param check: whether the address is tried before anything is kept (true by default)

    :raises ValidationError: also where the address doesn't answer as a portal of its kind does
    :returns: the partner, as `partner_show` does
    """
    tk.check_access("partner_create", context, data_dict)
    data = _valid(schema.partner_create(), data_dict, context)
    if data.get("check", True):
        preview.check(data["kind"], data["address"], _options(data))
    organization = model.Group.get(data["owner_org"])
    source = _harvest(
        "harvest_source_create",
        context,
        {
            "title": data["title"],
            "name": slug(data["title"], f"{data['address']} {now().isoformat()}"),
            "url": data["address"],
            "source_type": NAME,
            "frequency": "MANUAL",
            "owner_org": organization.id if organization else data["owner_org"],
            "config": _config(data["kind"], _options(data)),
        },
    )
    schedule = Schedule(data.get("schedule") or Schedule.MANUAL)
    partner = Partner(
        source_id=source["id"],
        kind=data["kind"],
        schedule=schedule,
        next_run=now() if schedule is not Schedule.MANUAL else None,
        options=_options(data),
        purge_days=data.get("purge_days", 30),
        licence=data.get("licence", ""),
        axis=data.get("axis", ""),
        notify=data.get("notify", ""),
        paused=data.get("paused", False),
        created=now(),
    )
    model.Session.add(partner)
    model.Session.commit()
    return describing.shown(source["id"])


def _config(kind: str, options: dict[str, str]) -> str:
    """Write what makes two sources of one address differ, for ckanext-harvest's check of doubles."""
    import json

    return json.dumps({"kind": kind, "options": options}, sort_keys=True)


def partner_update(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a partner portal; what isn't given stays. Takes what `partner_create` takes, and `paused`.

    :param id: identity or name of the partner
    :param paused: whether its schedule sleeps
    """
    tk.check_access("partner_update", context, data_dict)
    data = _valid(schema.partner_update(), data_dict, context)
    partner, source, package = describing.find(data["id"])
    kind, address = data.get("kind", partner.kind), data.get("address", source.url)
    gives_options = any(f"option_{name}" in data for name in schema.OPTIONS)
    options = _options(data) if gives_options else dict(partner.options)
    moved = (kind, address, options) != (partner.kind, source.url, partner.options)
    if moved and data.get("check", True):
        preview.check(kind, address, options)
    if moved or data.get("title", source.title) != source.title:
        _harvest(
            "harvest_source_update",
            context,
            {
                "id": package.id,
                "name": package.name,
                "title": data.get("title", source.title),
                "url": address,
                "source_type": NAME,
                "frequency": "MANUAL",
                "owner_org": package.owner_org,
                "config": _config(kind, options),
            },
        )
    schedule = Schedule(data.get("schedule") or partner.schedule)
    if schedule != partner.schedule:
        partner.next_run = next_run(schedule, now())
    if "paused" in data and partner.paused and not data["paused"] and schedule is not Schedule.MANUAL:
        partner.next_run = partner.next_run or next_run(schedule, now())
    partner.kind, partner.options, partner.schedule = kind, options, schedule
    for name in ("purge_days", "licence", "axis", "notify", "paused"):
        if name in data:
            setattr(partner, name, data[name])
    model.Session.commit()
    return describing.shown(package.id)


def partner_delete(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Stop harvesting a partner for good.

    :param id: identity or name of the partner
    :param datasets: `keep` (they stay, as the organisation's own) or `hide` (hidden from the public, but for
        those that something here uses: they are shown as withdrawn)
    """
    tk.check_access("partner_delete", context, data_dict)
    data = _valid(schema.partner_delete(), data_dict, context)
    partner, _source, package = describing.find(data["id"])
    identities = list(model.Session.scalars(sa.select(Record.package_id).where(Record.source_id == package.id)))
    if data["datasets"] == "hide":
        withdrawing.settle(identities)
    model.Session.execute(sa.delete(Record).where(Record.source_id == package.id))
    model.Session.delete(partner)
    model.Session.commit()
    tk.get_action("harvest_source_delete")(
        _acting(context),
        {"id": package.id},
    )
    if data["datasets"] == "hide":
        searching.index(identities)
        searching.show()
    return {"id": package.id, "datasets": len(identities)}


@tk.side_effect_free
def partner_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the partner portals of the organisations one may edit for, by title, each with its latest run.

    :param owner_org: identity of an organisation, for its partners only (optional)
    """
    tk.check_access("partner_list", context, data_dict)
    data = _valid(schema.partner_list(), data_dict, context)
    query = (
        sa.select(Partner, HarvestSource, model.Package)
        .join(HarvestSource, HarvestSource.id == Partner.source_id)
        .join(model.Package, model.Package.id == Partner.source_id)
        .where(model.Package.state == "active")
        .order_by(HarvestSource.title)
    )
    if not context.get("ignore_auth"):
        query = query.where(model.Package.owner_org.in_(auth.editable_organizations(context["user"])))
    if data.get("owner_org"):
        query = query.where(model.Package.owner_org == data["owner_org"])
    return describing.listed(model.Session.execute(query).all())


@tk.side_effect_free
def partner_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give one partner portal with its latest run.

    :param id: identity or name of the partner
    """
    tk.check_access("partner_show", context, data_dict)
    data = _valid(schema.partner_identity(), data_dict, context)
    return describing.shown(data["id"])


@tk.side_effect_free
def partner_preview(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the first records of a partner as they would be here; nothing is kept.

    :param id: identity of a declared partner; or else:
    :param kind: kind of the portal
    :param address: its web address

    :returns: `total` (None where the partner doesn't say), and `records`: up to 20 dicts of `guid`, `title`,
        `dataset` (fields of the dataset it would be), `problems` (`field`, `text`, `fatal`) and `refused`
    :raises ValidationError: where the address doesn't answer as a portal of its kind does
    """
    tk.check_access("partner_preview", context, data_dict)
    data = _valid(schema.partner_preview(), data_dict, context)
    if data.get("id"):
        partner, source, package = describing.find(data["id"])
        return preview.preview(
            partner.kind, source.url, partner.options, package.owner_org, partner.licence, partner.axis
        )
    if not data.get("kind") or not data.get("address"):
        raise tk.ValidationError({"address": [tk._("Give a kind and an address.")]})
    return preview.preview(
        data["kind"],
        data["address"],
        _options(data),
        data.get("owner_org", ""),
        data.get("licence", ""),
        data.get("axis", ""),
    )


def partner_run(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Put a run of a partner into the queue.

    :param id: identity or name of the partner
    :returns: `id`, the identity of the run, whose report appears when a worker takes it
    :raises ValidationError: where one is under way already
    """
    tk.check_access("partner_run", context, data_dict)
    data = _valid(schema.partner_identity(), data_dict, context)
    partner, _source, package = describing.find(data["id"])
    run_id = jobs.start(package.id)
    partner.next_run = next_run(Schedule(partner.schedule), now())
    model.Session.commit()
    return {"id": run_id, "partner": package.id}


@tk.side_effect_free
def partner_run_list(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the runs of a partner, latest first.

    :param id: identity or name of the partner
    :param offset: how many to skip
    :param limit: how many to give (20 by default)
    :returns: `count` and `runs`
    """
    tk.check_access("partner_run_list", context, data_dict)
    data = _valid(schema.partner_run_list(), data_dict, context)
    _partner_row, _source, package = describing.find(data["id"])
    mine = Run.source_id == package.id
    query = sa.select(Run).where(mine).order_by(Run.started.desc())
    query = query.offset(data.get("offset", 0)).limit(min(data.get("limit", 20), MAX_LINES))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Run).where(mine))
    return {"count": count, "runs": [describing.told(run) for run in model.Session.scalars(query)]}


@tk.side_effect_free
def partner_report_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the report of a run.

    :param id: identity of the run
    :param kind: `refused`, `duplicate`, `renumbered` or `remark`, for these lines only
    :param q: words that a line's record, title or field holds
    :param offset: how many lines to skip
    :param limit: how many lines to give (100 by default, at most 1000)
    :returns: the run, with `lines`, `count` (lines in all that match) and `kinds` (how many lines of each kind)
    """
    tk.check_access("partner_report_show", context, data_dict)
    data = _valid(schema.partner_report_show(), data_dict, context)
    run = model.Session.get(Run, data["id"])
    of_run = Line.run_id == data["id"]
    chosen = [of_run]
    if data.get("kind"):
        chosen.append(Line.kind == data["kind"])
    if data.get("q"):
        words = "%" + data["q"].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        chosen.append(sa.or_(*(column.ilike(words) for column in (Line.guid, Line.title, Line.field))))
    query = sa.select(Line).where(*chosen).order_by(Line.id)
    query = query.offset(data.get("offset", 0)).limit(min(data.get("limit", 100), MAX_LINES))
    kinds = model.Session.execute(sa.select(Line.kind, sa.func.count()).where(of_run).group_by(Line.kind))
    return {
        **describing.told(run),
        "kinds": dict(kinds.tuples().all()),
        "count": model.Session.scalar(sa.select(sa.func.count()).select_from(Line).where(*chosen)),
        "lines": [row(line) for line in model.Session.scalars(query)],
    }
