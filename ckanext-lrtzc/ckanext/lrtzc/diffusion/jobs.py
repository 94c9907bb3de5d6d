"""What the scheduler has done at each look: what is due is sent by a worker, what is old is forgotten."""

import datetime as dt
import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue

from ckanext.lrtzc.diffusion import hub, letters, pushing, secrets, sending
from ckanext.lrtzc.diffusion.model import WEBHOOK, Delivery, Passage, Subscription, now

_PATIENCE = 120
# Seconds between two looks for what is old.
_HOUSE_EVERY = 3600.0
_kept_house = float("-inf")


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker send what is due, where none is about to. Called by the scheduler's signal `lrtzc:tick`."""
    place = Subscription.kind != WEBHOOK
    due = sa.exists().where(
        Delivery.state == Passage.WAITING, Delivery.due <= now(), Subscription.id == Delivery.subscription_id
    )
    letters_wait = sa.exists().where(Subscription.letter_due)
    waits, files = model.Session.execute(sa.select(sa.or_(due.where(~place), letters_wait), due.where(place))).one()
    model.Session.rollback()
    if waits:
        send_soon()
    if files:
        push_soon()
    if hub.note_changes():
        hub_soon()
    _keep_house()


def send_soon() -> None:
    """Have a worker send what is due, where none is about to. Call after the transaction is committed."""
    name = f"{send.__module__}.{send.__name__}"
    if not any(job.func_name == name for job in get_queue().jobs):
        tk.enqueue_job(send, [], title="Tell subscribed programs", rq_kwargs={"timeout": _PATIENCE})


def hub_soon() -> None:
    """Have a worker do what the hub has to, where none is about to. Call after the transaction is committed."""
    name = f"{serve_hub.__module__}.{serve_hub.__name__}"
    if not any(job.func_name == name for job in get_queue().jobs):
        tk.enqueue_job(serve_hub, [], title="Send feeds to programs", rq_kwargs={"timeout": _PATIENCE})


def push_soon() -> None:
    """Have a worker send the files that are due. Call after the transaction is committed."""
    name, queue = f"{push.__module__}.{push.__name__}", tk.config["ckanext.lrtzc.sources.queue"]
    if not any(job.func_name == name for job in get_queue(queue).jobs):
        timeout = int(pushing.PATIENCE + 3 * pushing.seconds() + 60)
        tk.enqueue_job(push, [], title="Send data to places", queue=queue, rq_kwargs={"timeout": timeout})


def wake(subscription: Subscription) -> None:
    """Have a worker send what waits for a subscription. Call after the transaction is committed."""
    (send_soon if subscription.kind == WEBHOOK else push_soon)()


def push() -> None:
    """Send the files that are due; safe to run at the same time as another."""
    pushing.push_due()


def serve_hub() -> None:
    """Have requests of the hub confirmed and feeds sent; safe to run at the same time as another."""
    hub.work()


def send() -> None:
    """Send what is due, and the letters about what was given up; safe to run at the same time as another."""
    sending.send_due()
    letters.write_due()


def _keep_house() -> None:
    global _kept_house
    if time.monotonic() - _kept_house > _HOUSE_EVERY:
        forget_old()
        hub.forget_old()
        secrets.look_after()
        _kept_house = time.monotonic()


def forget_old() -> None:
    """Erase messages older than they are kept, and the subscriptions of datasets that are erased; commits."""
    oldest = now() - dt.timedelta(days=int(tk.config["ckanext.lrtzc.diffusion.keep_days"]))
    silent = {"synchronize_session": False}
    model.Session.execute(sa.delete(Delivery).where(Delivery.created < oldest), execution_options=silent)
    gone = ~sa.exists().where(model.Package.id == Subscription.package_id)
    model.Session.execute(sa.delete(Subscription).where(gone), execution_options=silent)
    model.Session.commit()
