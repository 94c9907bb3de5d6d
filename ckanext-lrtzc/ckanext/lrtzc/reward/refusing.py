"""Pseudonyms that administrators take down: who went by one chooses another, and nobody takes it again."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.api import Reader, link, write_each
from ckanext.lrtzc.reward import counting
from ckanext.lrtzc.reward.domain.pseudonyms import folded
from ckanext.lrtzc.reward.model import Participant, Refused


def take_down(pseudonym: str, reason: str, by: str) -> str:
    """Take a pseudonym down. Not committed.

    :returns: the account of whoever goes by it
    :raises ObjectNotFound: where nobody goes by it; ValidationError where it was taken down already
    """
    plain = folded(pseudonym)
    # whoever chooses another at the same moment comes before or after
    counting.alone()
    account = model.Session.scalar(sa.select(Participant.account_id).where(Participant.folded == plain))
    if account is None:
        raise tk.ObjectNotFound(tk._("Nobody goes by this pseudonym."))
    if why(plain) is not None:
        raise tk.ValidationError({"pseudonym": [tk._("This pseudonym is taken down already.")]})
    model.Session.add(Refused(folded=plain, reason=reason, refused_by=by))
    model.Session.flush()
    return str(account)


def allow(pseudonym: str) -> str:
    """Allow a pseudonym again that was taken down; whoever goes by it still is seen under it. Not committed.

    :returns: the account of whoever goes by it; empty where nobody does
    :raises ObjectNotFound: where it wasn't taken down
    """
    counting.alone()
    kept = model.Session.get(Refused, folded(pseudonym), populate_existing=True)
    if kept is None:
        raise tk.ObjectNotFound(tk._("This pseudonym was not taken down."))
    account = model.Session.scalar(sa.select(Participant.account_id).where(Participant.folded == kept.folded))
    model.Session.delete(kept)
    return str(account or "")


def why(plain: str) -> str | None:
    """Say why a pseudonym, as it is compared, was taken down; None where it wasn't."""
    kept = model.Session.get(Refused, plain, populate_existing=True)
    return kept.reason if kept is not None else None


def forget_why(account_id: str) -> None:
    """Forget why the pseudonym of somebody was taken down, who goes by it no longer. Not committed."""
    own = sa.select(Participant.folded).where(Participant.account_id == account_id).scalar_subquery()
    model.Session.execute(
        sa.update(Refused).where(Refused.folded == own).values(reason=""),
        execution_options={"synchronize_session": False},
    )


def listed(limit: int, offset: int) -> dict[str, Any]:
    """Give the pseudonyms that were taken down, the last first, as `lrtzc_reward_refused_list` does."""
    query = sa.select(Refused).order_by(Refused.since.desc(), Refused.folded).limit(limit).offset(offset)
    return {
        "count": model.Session.scalar(sa.select(sa.func.count()).select_from(Refused)) or 0,
        "results": [
            {"pseudonym": each.folded, "reason": each.reason, "since": each.since.isoformat()}
            for each in model.Session.scalars(query)
        ],
    }


def tell(account_id: str, reason: str) -> None:
    """Write to somebody whose pseudonym was taken down."""

    def letter(reader: Reader) -> tuple[str, ...]:
        return (
            tk._("Choose another pseudonym"),
            tk._("An administrator took your pseudonym down: nobody sees it any more. Your points stay."),
            tk._("Reason: {reason}").format(reason=reason),
            tk._("Choose another here: {link}").format(link=link(reader.language, "lrtzc_reward.mine")),
        )

    write_each({account_id}, letter)


def tell_allowed(account_id: str) -> None:
    """Write to somebody whose pseudonym is allowed again."""

    def letter(reader: Reader) -> tuple[str, ...]:
        return (
            tk._("Your pseudonym stands again"),
            tk._("An administrator had taken your pseudonym down: it is allowed again."),
            tk._("See your points: {link}").format(link=link(reader.language, "lrtzc_reward.mine")),
        )

    write_each({account_id}, letter)
