"""Who counts points: beginning, changing what one goes by, leaving."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.personal.api import StoreAway, identities
from ckanext.lrtzc.reward import counting, refusing
from ckanext.lrtzc.reward.domain.pseudonyms import LONGEST, SHORTEST, Fault, PseudonymError, clean, folded
from ckanext.lrtzc.reward.model import Gain, Participant


def _known(user: Any) -> list[str]:
    """Give what says who a person is.

    :raises ValidationError: where the personal store doesn't answer: a name isn't taken unlooked at
    """
    try:
        identity = identities.of(user.id)
    except StoreAway:
        away = tk._("Your pseudonym can't be checked now. Try again later.")
        raise tk.ValidationError({"pseudonym": [away]}) from None
    names = [identity.first_name, identity.last_name] if identity else []
    return [each for each in (user.name, user.fullname, user.email, *names, " ".join(names)) if each]


def _said(fault: Fault) -> str:
    match fault:
        case Fault.LENGTH:
            return tk._("A pseudonym has {least} to {most} signs.").format(least=SHORTEST, most=LONGEST)
        case Fault.SIGNS:
            return tk._("Use Latin letters, figures, spaces, hyphens, apostrophes, full stops and underscores.")
        case Fault.TELLING:
            return tk._(
                "This would tell who you are: choose a name without yours, nor that of your account or address."
            )
        case Fault.RESERVED:
            return tk._("This would pass for those who run the portal: choose another.")


def _checked(text: str, user: Any) -> tuple[str, str]:
    """Give a pseudonym, and how it is compared.

    :raises ValidationError: where it can't be taken
    """
    try:
        kept = clean(text, _known(user))
    except PseudonymError as error:
        raise tk.ValidationError({"pseudonym": [_said(error.fault)]}) from None
    plain, account = folded(kept), model.User
    if refusing.why(plain) is not None:
        raise tk.ValidationError({"pseudonym": [tk._("An administrator took this pseudonym down: choose another.")]})
    others = sa.or_(*(sa.func.lower(column) == kept.lower() for column in (account.name, account.fullname)))
    taken = sa.exists().where(Participant.folded == plain, Participant.account_id != user.id)
    named = sa.exists().where(others, account.id != user.id, account.state == "active")
    if model.Session.scalar(sa.select(sa.or_(taken, named))):
        raise _taken()
    return kept, plain


def _taken() -> tk.ValidationError:
    return tk.ValidationError({"pseudonym": [tk._("Somebody goes by this name, or one like it: choose another.")]})


def join(user: Any, pseudonym: str, listed: bool) -> Participant:
    """Begin to count a person's points, or change what they go by; what they did before counts. Not committed.

    :raises ValidationError: where the pseudonym can't be taken
    """
    counting.alone()
    kept, plain = _checked(pseudonym, user)
    member = Participant.of(user.id) or Participant(account_id=user.id, candidate=False)
    new = member.pseudonym is None
    refusing.forget_why(user.id)
    member.pseudonym, member.folded, member.listed = kept, plain, listed
    model.Session.add(member)
    try:
        model.Session.flush()
    except IntegrityError:
        # somebody took it at the same instant
        model.Session.rollback()
        raise _taken() from None
    if new:
        counting.count(user.id)
    return member


def leave(account_id: str) -> int:
    """Erase what is kept of a person's points; give how many records that was. Not committed."""
    if "\x00" in account_id:
        return 0
    counting.alone()
    refusing.forget_why(account_id)
    options = {"synchronize_session": False}
    gains = model.Session.execute(sa.delete(Gain).where(Gain.account_id == account_id), execution_options=options)
    member = model.Session.execute(
        sa.delete(Participant).where(Participant.account_id == account_id), execution_options=options
    )
    model.Session.expire_all()
    return int(gains.rowcount + member.rowcount)
