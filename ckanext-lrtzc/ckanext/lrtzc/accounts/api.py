"""The room's door: whom other rooms may write to, how often, and how."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.domain.often import Often
from ckanext.lrtzc.accounts.holding import GONE
from ckanext.lrtzc.accounts.leaving import is_under_way as is_leaving
from ckanext.lrtzc.accounts.letters import can_be_sent, link, send, speaking
from ckanext.lrtzc.people import is_restricted

__all__ = [
    "GONE",
    "Often",
    "Reader",
    "can_be_sent",
    "is_leaving",
    "link",
    "readers",
    "send",
    "speaking",
    "write_each",
    "write_no_more",
    "write_one",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reader:
    """A person who may be written to: their account, address, language, and how often they want to be told."""

    id: str
    name: str
    address: str
    language: str
    often: Often


def readers(account_ids: Collection[str]) -> dict[str, Reader]:
    """Give those of these accounts that may be written to, by identifier, in one statement.

    Left out: closed accounts, and those whose data are stored without being used (GDPR, article 18).
    """
    user = model.User
    query = sa.select(user.id, user.name, user.email, user.plugin_extras).where(
        user.id.in_(account_ids), user.state == "active", sa.func.coalesce(user.email, "") != ""
    )
    return {
        row.id: Reader(row.id, row.name, row.email, *_chosen(row.plugin_extras))
        for row in model.Session.execute(query)
        if not is_restricted(row.plugin_extras)
    }


def write_each(account_ids: Collection[str], letter: Callable[[Reader], Sequence[str]]) -> None:
    """Write to people, each in their language; what can't be sent is logged, and stops nothing.

    :param letter: gives the subject and the paragraphs of a reader's letter; nothing where none goes to them
    """
    for reader in sorted(readers(account_ids).values(), key=lambda reader: reader.id):
        write_one(reader.address, reader.language, lambda reader=reader: letter(reader))


def write_one(address: str, code: str, letter: Callable[[], Sequence[str]]) -> None:
    """Write to an address in a language, as `write_each` does."""
    with speaking(code):
        try:
            if said := letter():
                send(address, *said)
        except Exception as error:
            log.warning("A letter could not be written or sent: %s", error)


def _chosen(extras: dict[str, dict[str, str]] | None) -> tuple[str, Often]:
    kept = (extras or {}).get("lrtzc_accounts", {})
    return kept.get("language") or str(tk.config["ckan.locale_default"]), Often.of(kept.get("notifications"))


def write_no_more(account_id: str) -> bool:
    """Choose for an open account not to be told of what it follows; say whether there is one. Not committed."""
    user = model.Session.get(model.User, account_id, with_for_update=True, populate_existing=True)
    if user is None or user.state != "active":
        return False
    extras = dict(user.plugin_extras or {})
    extras["lrtzc_accounts"] = {**extras.get("lrtzc_accounts", {}), "notifications": Often.NEVER.value}
    user.plugin_extras = extras
    return True
