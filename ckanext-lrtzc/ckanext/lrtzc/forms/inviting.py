"""Personal invitations: kept by address, written to each with a link of their own."""

from __future__ import annotations

import logging

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.accounts.api import can_be_sent, link, send, speaking
from ckanext.lrtzc.forms.logic.schema import ADDRESSES
from ckanext.lrtzc.forms.model import Form, Invitation, State, now
from ckanext.lrtzc.forms.tokens import invitation_token

log = logging.getLogger(__name__)


def invite(form: Form, addresses: list[str]) -> int:
    """Keep whom a form invites; give how many are new, or -1 where they would be too many. Commits."""
    known = len(Invitation.of_form(form.id))
    rows = [{"id": make_uuid(), "form_id": form.id, "email": address} for address in addresses]
    done = model.Session.execute(insert(Invitation).values(rows).on_conflict_do_nothing().returning(Invitation.id))
    added = len(done.all())
    if known + added > ADDRESSES:
        model.Session.rollback()
        return -1
    model.Session.commit()
    return added


def write(form: Form) -> int:
    """Write to those of an open form who weren't written to yet, where the portal can; give to how many. Commits."""
    if form.state != State.OPEN or not can_be_sent():
        return 0
    code = str(tk.config["ckan.locale_default"])
    sent = 0
    waiting = sa.select(Invitation).where(Invitation.form_id == form.id, Invitation.sent.is_(None))
    for one in list(model.Session.scalars(waiting)):
        with speaking(code):
            try:
                send(
                    one.email,
                    tk._("You are invited to answer: {title}").format(title=form.title),
                    tk._("You are asked to answer the form “{title}”.").format(title=form.title),
                    tk._("Your personal link: {link}").format(link=address(form, one, code)),
                    tk._("It is for you alone: whoever has it answers in your name."),
                )
            except Exception as error:
                log.warning("Somebody could not be invited to a form by mail: %s", type(error).__name__)
                continue
        one.sent = now()
        model.Session.commit()
        sent += 1
    return sent


def address(form: Form, invitation: Invitation, code: str) -> str:
    """Give the full address at which an invited person answers, in a language."""
    return link(code, "lrtzc_forms.fill", form_id=form.id, invitation=invitation_token(invitation.id))
