"""The letters of retention: what will be destroyed and when, to those who answer for the data."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.api import can_be_sent, link, readers, send, speaking
from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.retention.domain.due import Kind, State, destroys_from
from ckanext.lrtzc.retention.model import Rule, now


def warn(rule_id: str) -> bool:
    """Warn of what a rule will destroy, on the page and by letters where the portal can send them; commits.

    :returns: whether the warning is given now: once for a rule, however many look
    """
    rule = Rule.get(rule_id, lock=True)
    package = model.Session.get(model.Package, rule.package_id) if rule is not None else None
    if rule is None or package is None or rule.warned is not None or rule.state != State.STANDING:
        model.Session.rollback()
        return False
    rule.warned = now()
    made = package.metadata_created.replace(tzinfo=rule.warned.tzinfo)
    day = destroys_from(rule.terms(made), local_day(rule.warned))
    if can_be_sent():
        for reader in readers(_answerable(rule, package)).values():
            with speaking(reader.language):
                title = " ".join((package.title or package.name).split())
                send(
                    reader.address,
                    tk._("Data will be destroyed: “{title}”").format(title=title),
                    _said(rule).format(title=title, day=tk.h.render_datetime(day.isoformat())),
                    tk._("See the rule, remove it, or keep the data for a reason that you give:"),
                    link(reader.language, "lrtzc_retention.rules", id=package.name),
                    headers={"Auto-Submitted": "auto-generated"},
                )
    details = {"rule": rule.id, "from": day.isoformat()}
    record("retention.warn", object_type="dataset", object_id=rule.package_id, details=details)
    model.Session.commit()
    return True


def _said(rule: Rule) -> str:
    if rule.kind == Kind.DATASET:
        return tk._("All of “{title}”, its rows, files and what is said of it, will be destroyed on {day}.")
    return tk._("From {day} on, rows of “{title}” that have become too old will be destroyed each day.")


def _answerable(rule: Rule, package: model.Package) -> set[str]:
    """Give the accounts of who declared the rule and of those who change the datasets of its organisation."""
    member = model.Member
    query = sa.select(member.table_id).where(
        member.group_id == package.owner_org,
        member.table_name == "user",
        member.state == "active",
        member.capacity.in_(("admin", "editor")),
    )
    return {rule.created_by, package.creator_user_id or "", *model.Session.scalars(query)}
