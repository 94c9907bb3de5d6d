"""Who gives and who takes: persons and organisations, as owners of objects."""

from dataclasses import dataclass
from typing import Any

import ckan.authz as authz
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.api import is_leaving
from ckanext.lrtzc.people import public_names

PERSON, ORGANIZATION = "person", "organization"


@dataclass(frozen=True, slots=True)
class Party:
    """A person or an organisation, by identifier."""

    kind: str
    id: str


def owner_of(package: Any) -> Party:
    """Give who owns an object."""
    if package.owner_org:
        return Party(ORGANIZATION, package.owner_org)
    return Party(PERSON, package.creator_user_id or "")


def person(name_or_email: str) -> Party:
    """Find a person by the name of their account or their e-mail address.

    :raises ValidationError: where there is none, or their account is closed
    """
    user = model.User.get(name_or_email)
    if user is None and "@" in name_or_email:
        with_address = sa.select(model.User).where(sa.func.lower(model.User.email) == name_or_email.lower())
        user = model.Session.scalars(with_address.where(model.User.state == "active")).first()
    if user is None or user.state != "active":
        raise tk.ValidationError({"to": [tk._("No account has this name or this e-mail address.")]})
    return Party(PERSON, user.id)


def organisation(context: Any, name_or_id: str) -> Party:
    """Find an organisation for which whoever asks may publish.

    :raises ValidationError: where there is none
    """
    group = model.Group.get(name_or_id)
    if (
        group is None
        or group.state != "active"
        or not group.is_organization
        or not authz.has_user_permission_for_group_or_org(group.id, context.get("user"), "create_dataset")
    ):
        raise tk.ValidationError({"organization": [tk._("Choose an organisation for which you may publish.")]})
    return Party(ORGANIZATION, group.id)


def speaks_for(user: Any, party: Party) -> bool:
    """Say whether a person (a row of CKAN's table) may answer for a party: it is them, or they edit for it."""
    if party.kind == PERSON:
        return user.id == party.id
    group = model.Group.get(party.id)
    return (
        group is not None
        and group.state == "active"
        and bool(authz.has_user_permission_for_group_or_org(party.id, user.name, "create_dataset"))
    )


def parties_of(user: Any) -> list[str]:
    """Give the identifiers of those a person may answer for: themselves and the organisations they edit for."""
    organisations = tk.get_action("organization_list_for_user")({"user": user.name}, {"permission": "create_dataset"})
    return [user.id, *(each["id"] for each in organisations)]


def accounts_of(party: Party) -> list[str]:
    """Give the accounts of a party, by identifier: the person's, or those of who edits for the organisation."""
    if party.kind == PERSON:
        return [party.id]
    member = model.Member
    query = sa.select(member.table_id).where(
        member.group_id == party.id,
        member.table_name == "user",
        member.capacity.in_(["admin", "editor"]),
        member.state == "active",
    )
    return sorted(set(model.Session.scalars(query)))


def hold(party: Party) -> None:
    """Keep who is about to take something as they are until the transaction ends.

    :raises ValidationError: where their account is closed or being closed, or the organisation is gone
    """
    table: Any = model.User if party.kind == PERSON else model.Group
    query = sa.select(table).where(table.id == party.id).with_for_update(read=True)
    row = model.Session.scalar(query.execution_options(populate_existing=True))
    if row is None or row.state != "active" or (party.kind == PERSON and is_leaving(row.plugin_extras)):
        model.Session.rollback()
        raise tk.ValidationError({"to": [tk._("This account or this organisation is closed: nothing goes to it.")]})


def names_of(parties: set[Party]) -> dict[Party, str]:
    """Give what parties are called on pages, in two statements; what is gone is said so."""
    users = [each.id for each in parties if each.kind == PERSON]
    groups = [each.id for each in parties if each.kind == ORGANIZATION]
    found = {Party(PERSON, str(number)): name for number, name in public_names(users).items()}
    found |= {
        Party(ORGANIZATION, group.id): group.title or group.name
        for group in model.Session.scalars(sa.select(model.Group).where(model.Group.id.in_(groups)))
    }
    return {each: found.get(each, tk._("An organisation that is gone")) for each in parties}
