"""The letter that tells who subscribed that their program can't be reached."""

import logging
from urllib.parse import urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.api import can_be_sent, link, readers, send, speaking
from ckanext.lrtzc.diffusion.model import State, Subscription

log = logging.getLogger(__name__)
_AT_ONCE = 100


def write_due() -> int:
    """Write to those whose subscriptions were stopped; give how many letters went; commits after each."""
    if not can_be_sent():
        return 0
    query = sa.select(Subscription.id).where(Subscription.letter_due).order_by(Subscription.id).limit(_AT_ONCE)
    written = 0
    for number in list(model.Session.scalars(query)):
        try:
            written += _write(number)
        except Exception:
            # Whatever one letter fails of, the others go; it is written again at the next look.
            model.Session.rollback()
            log.exception("The letter about the subscription %s could not be sent", number)
    return written


def _write(number: str) -> bool:
    subscription = Subscription.get(number, lock=True)
    if subscription is None or not subscription.letter_due:
        model.Session.rollback()
        return False
    subscription.letter_due = False
    reader = readers([subscription.account_id]).get(subscription.account_id)
    stopped = subscription.state == State.STOPPED
    package = model.Session.get(model.Package, subscription.package_id)
    if reader is not None and stopped and package is not None:
        with speaking(reader.language):
            host = urlsplit(subscription.address).hostname or ""
            send(
                reader.address,
                tk._("Your program can't be reached"),
                tk._("The portal could not tell {host} of the new data of “{title}”.").format(
                    host=host, title=" ".join((package.title or package.name).split())
                ),
                tk._("It tries no more. What comes meanwhile waits until you resume the subscription:"),
                link(reader.language, "lrtzc_diffusion.read", subscription_id=subscription.id),
                headers={"Auto-Submitted": "auto-generated"},
            )
    model.Session.commit()
    return reader is not None and stopped
