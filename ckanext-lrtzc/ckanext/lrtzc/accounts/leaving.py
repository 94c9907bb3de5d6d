"""Leaving for good: what becomes of each thing, and an account that names nobody any more.

First the things, each by the action that any page uses; then, when all of them are settled, the person. Cut off in
between, the account stands and the person may go on.
"""

import datetime as dt
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ckanext.lrtzc.accounts.holding import GONE, erase
from ckanext.lrtzc.accounts.model import Holder
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.links.api import CONFIRM, others_on
from ckanext.lrtzc.objects.api import find_licence
from ckanext.lrtzc.personal.api import holdings

KEEP, WITHDRAW = "keep", "withdraw"
# What is chosen for a thing otherwise is the identifier of an organisation that takes it over.
_MARK = "lrtzc_leaving"
# Minutes after which a departure that was cut off may be begun anew.
_PATIENCE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Thing:
    """An object of a person's own, and what may become of it."""

    id: str
    name: str
    title: str
    type: str
    state: str
    licence: str
    open: bool
    others: int

    @property
    def choices(self) -> tuple[str, ...]:
        """Give what may become of it, the first by default.

        Nothing is kept that nobody else sees, and nothing goes by itself that others stand on.
        """
        if self.state != "active":
            return (WITHDRAW,)
        return (KEEP, WITHDRAW) if self.open or self.others else (WITHDRAW, KEEP)


def things(user: model.User) -> list[Thing]:
    """Give what a person owns without an organisation."""
    package = model.Package
    query = (
        sa.select(package.id, package.name, package.title, package.type, package.state, package.license_id)
        .where(package.creator_user_id == user.id, package.owner_org.is_(None), package.state != "deleted")
        .order_by(package.title, package.id)
    )
    rows = list(model.Session.execute(query))
    others = others_on([row.id for row in rows])
    return [_thing(row, others.get(row.id, 0)) for row in rows]


def _thing(row: Any, others: int) -> Thing:
    licence = find_licence(row.license_id or "")
    shown = licence.title if licence is not None else row.license_id or ""
    is_open = bool(licence is not None and licence.is_open)
    return Thing(row.id, row.name, row.title or row.name, row.type, row.state, str(shown), is_open, others)


def organisations(user: model.User) -> list[tuple[str, str]]:
    """Give (identifier, title) of the organisations that a person may hand something over to."""
    found = tk.get_action("organization_list_for_user")(
        {"user": user.name, "auth_user_obj": user}, {"id": user.id, "permission": "create_dataset"}
    )
    return [(each["id"], each["title"] or each["name"]) for each in found]


def left_alone(user: model.User) -> list[str]:
    """Give the titles of organisations that nobody else administers."""
    mine, others = aliased(model.Member), aliased(model.Member)

    def administers(member: Any) -> Any:
        return sa.and_(member.table_name == "user", member.state == "active", member.capacity == "admin")

    other = sa.exists().where(others.group_id == mine.group_id, others.table_id != user.id, administers(others))
    query = (
        sa.select(model.Group.title)
        .join(mine, mine.group_id == model.Group.id)
        .where(mine.table_id == user.id, administers(mine), model.Group.state == "active", ~other)
    )
    return list(model.Session.scalars(query.order_by(model.Group.title)))


def is_last_administrator(user: model.User) -> bool:
    """Say whether the portal would be without an administrator."""
    others = sa.select(sa.func.count()).select_from(model.User)
    site = tk.config["ckan.site_id"]
    query = others.where(
        model.User.sysadmin.is_(True), model.User.state == "active", model.User.id != user.id, model.User.name != site
    )
    return bool(user.sysadmin) and not model.Session.scalar(query)


def settled(user: model.User, choices: Mapping[str, str]) -> dict[str, str]:
    """Give what becomes of each thing, by identifier: as chosen, or by default.

    :raises ValueError: where a choice can't be, or is of something that isn't theirs.
    """
    own, known = {each.id: each for each in things(user)}, {number for number, _ in organisations(user)}
    if not set(choices) <= set(own):
        raise ValueError("not theirs")
    chosen = {number: choices.get(number) or each.choices[0] for number, each in own.items()}
    for number, choice in chosen.items():
        if choice not in own[number].choices and (choice not in known or own[number].state != "active"):
            raise ValueError("no such choice")
    return chosen


def is_under_way(extras: Mapping[str, Any] | None) -> bool:
    """Say whether an account is being closed, by its `plugin_extras`."""
    began = (extras or {}).get(_MARK)
    return bool(began) and dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(began) < _PATIENCE


@contextmanager
def alone(user: model.User) -> Generator[None]:
    """Let one departure of an account go on at a time.

    :raises RuntimeError: where another is under way, or the account is closed.
    """
    query = sa.select(model.User).where(model.User.id == user.id).with_for_update()
    locked = model.Session.scalar(query.execution_options(populate_existing=True))
    if locked is None or locked.state != "active" or is_under_way(locked.plugin_extras):
        model.Session.rollback()
        raise RuntimeError("under way")
    locked.plugin_extras = {**(locked.plugin_extras or {}), _MARK: dt.datetime.now(dt.UTC).isoformat()}
    model.Session.commit()
    try:
        yield
    except BaseException:
        model.Session.rollback()
        locked = model.Session.get(model.User, user.id, populate_existing=True)
        if locked is not None and locked.plugin_extras:
            locked.plugin_extras = {key: each for key, each in locked.plugin_extras.items() if key != _MARK}
            model.Session.commit()
        raise


def leave(user: model.User, chosen: Mapping[str, str], by: str | None = None) -> None:
    """Settle each thing, then take all that names the person from the platform.

    What became theirs after they chose is settled as by default.

    :param by: the account that does it, where it isn't the person's own
    :raises ckanext.lrtzc.personal.api.StoreAway: where the personal store doesn't answer.
    """
    number, name, own = user.id, user.name, things(user)
    drafts = {each.id for each in own if each.state != "active"}
    chosen = {each.id: each.choices[0] for each in own} | dict(chosen)
    for thing, choice in chosen.items():
        if choice == KEEP:
            continue
        context: Any = {"user": name}
        if choice == WITHDRAW:
            # What stands on it was said beside the choice.
            tk.get_action("package_delete")(context, {"id": thing, CONFIRM: True})
            if thing in drafts:
                tk.get_action("dataset_purge")({"ignore_auth": True}, {"id": thing})
        else:
            # The right to publish there was asked by `settled`; CKAN knows no owner but an organisation to ask of.
            asked = {"id": thing, "organization_id": choice}
            tk.get_action("package_owner_org_update")({**context, "ignore_auth": True}, asked)
    if p.plugin_loaded("lrtzc_transfers"):
        _close_offers(name, number)
    erase_person(number, by, things=len(chosen))


def erase_person(number: str, by: str | None = None, things: int = 0) -> None:
    """Take all that names a person from the platform, and close their account; commits.

    :raises ckanext.lrtzc.personal.api.StoreAway: where the personal store doesn't answer.
    """
    for _name, holding in holdings():
        if "user" not in holding.columns:
            holding.erase(number)
    verb = "leave" if by in (None, number) else "close"
    record(f"account.{verb}", actor=by or number, object_type="account", object_id=number, details={"things": things})
    _forget(number)
    # Read anew: purging a draft closes the session.
    closing = model.Session.get(model.User, number, populate_existing=True)
    if closing is not None:
        erase(closing)
    model.Session.commit()
    tk.signals.ckanext.signal(GONE).send(number)


def _close_offers(name: str, number: str) -> None:
    """Refuse what is offered to the person themselves, and take back what they offer."""
    context: Any = {"user": name}
    offers = tk.get_action("lrtzc_transfer_list")(context, {})
    for action, found in (
        ("refuse", [each["id"] for each in offers["received"] if each["to"]["id"] == number]),
        ("withdraw", [each["id"] for each in offers["made"] if each["from"]["id"] == number]),
    ):
        if found:
            tk.get_action(f"lrtzc_transfer_{action}")({**context}, {"ids": found})


def _forget(number: str) -> None:
    """Take away what an account alone stands for: keys, memberships, what it follows, its name in the history."""
    session = model.Session
    session.execute(sa.delete(model.ApiToken).where(model.ApiToken.user_id == number))
    session.execute(
        sa.update(model.Member)
        .where(model.Member.table_name == "user", model.Member.table_id == number)
        .values(state="deleted")
    )
    session.execute(sa.delete(Holder).where(Holder.account_id == number))
    for following in (model.UserFollowingUser, model.UserFollowingDataset, model.UserFollowingGroup):
        session.execute(sa.delete(following).where(following.follower_id == number))
    session.execute(sa.delete(model.UserFollowingUser).where(model.UserFollowingUser.object_id == number))
    session.execute(sa.delete(model.PackageMember).where(model.PackageMember.user_id == number))
    if p.plugin_loaded("activity"):
        about = "SELECT id FROM activity WHERE object_id = :number"
        session.execute(sa.text(f"DELETE FROM activity_detail WHERE activity_id IN ({about})"), {"number": number})  # noqa: S608
        session.execute(sa.text("DELETE FROM activity WHERE object_id = :number"), {"number": number})
        session.execute(
            sa.text(
                "UPDATE activity SET data = jsonb_set(data::jsonb, '{actor}', to_jsonb(CAST(:nobody AS text)))::text "
                "WHERE user_id = :number AND data::jsonb ? 'actor'"
            ),
            {"number": number, "nobody": f"parti-{number[:8]}"},
        )
