"""What the page of orchestration shows of programs that are told of new data."""

from urllib.parse import urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.diffusion.helpers import lrtzc_message_state
from ckanext.lrtzc.diffusion.model import Delivery, Passage, State, Subscription
from ckanext.lrtzc.interfaces import Chain, Stand, Work

STANDS = {Passage.WAITING: Stand.NEXT, Passage.GIVEN_UP: Stand.FAILED, Passage.DELIVERED: Stand.DONE}


def read(limit: int) -> list[Work]:
    """Give the messages to come and those that went, and the programs that can't be reached, by two statements."""
    package = model.Package
    here = (Subscription.id, Subscription.address, package.title)
    stopped = (
        sa.select(*here, Subscription.created)
        .join(package, package.id == Subscription.package_id)
        .where(Subscription.state == State.STOPPED)
        .order_by(Subscription.created.desc())
        .limit(limit)
    )
    found = [
        Work(_title(row), tk._("stopped: the program can't be reached"), Stand.PERSON, row.created, _page(row))
        for row in model.Session.execute(stopped)
    ]
    latest = [
        sa.select(*here, Delivery.state, Delivery.attempts, moment.label("moment"))
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .join(package, package.id == Subscription.package_id)
        .where(Delivery.state == passage.value, Subscription.state == State.ACTIVE)
        .order_by(order)
        .limit(limit)
        .subquery()
        for passage, moment, order in (
            (Passage.WAITING, Delivery.due, Delivery.due),
            (Passage.GIVEN_UP, Delivery.tried, Delivery.id.desc()),
            (Passage.DELIVERED, Delivery.tried, Delivery.id.desc()),
        )
    ]
    for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest))):
        said = lrtzc_message_state(row.state, row.attempts)["text"]
        found.append(Work(_title(row), said, STANDS[Passage(row.state)], row.moment, _page(row)))
    return found


def _title(row: sa.Row[tuple[str, str, str]]) -> str:
    return f"{row.title} – {urlsplit(row.address).hostname or ''}"


def _page(row: sa.Row[tuple[str, str, str]]) -> str:
    return tk.h.url_for("lrtzc_diffusion.read", subscription_id=row.id)


CHAINS = {"diffusion": Chain(lambda: tk._("Subscribed programs"), read)}
