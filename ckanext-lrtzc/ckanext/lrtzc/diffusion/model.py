"""The subscriptions of programs, and the messages on their way to them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class State(StrEnum):
    """Whether a subscription is served.

    `paused` by its owner; `stopped` by the portal, since its receiver didn't answer for long or wants no more. What
    comes meanwhile waits.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class Passage(StrEnum):
    """Where a message stands; `withheld`: when it was to be sent, its subscriber might not read the data."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    WITHHELD = "withheld"
    GIVEN_UP = "given_up"


WEBHOOK = "webhook"


class Subscription(tk.BaseModel):
    """A program that is told of a dataset's new versions for an account, or a place that they are sent to.

    `kind`: `webhook`, or one of the places of `sources.api`. Of a place, `options` are its settings, `credentials` are
    sealed to this row, and `plan` says what is sent: `format`, `delta`, `audience` (`everybody` or `account`), `naming`
    (`numbered` or `same`). `secret` is sealed to this row, as is `former_secret`, which signs too until `former_until`.
    `failures`: tries that failed since the last that didn't. `letter_due`: its owner is to be told that it was stopped.
    """

    __tablename__ = "lrtzc_diffusion_subscription"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    account_id: Mapped[str] = mapped_column(sa.Text)
    package_id: Mapped[str] = mapped_column(sa.Text)
    address: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.Text, default=State.ACTIVE.value)
    kind: Mapped[str] = mapped_column(sa.Text, default=WEBHOOK)
    options: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    credentials: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    secret: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    former_secret: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    former_until: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    letter_due: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    succeeded: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def get(cls, subscription_id: str, *, lock: bool = False) -> Subscription | None:
        """Give a subscription by its id, read anew; with `lock`, others wait to change it."""
        query = sa.select(cls).where(cls.id == subscription_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)


class Delivery(tk.BaseModel):
    """A message to one subscriber: of a version of a resource, or a test, which has neither.

    `due`: when it is to be tried next; while a worker sends it, when another may take it for lost. `problem` is a code
    of `egress`, or `status` with the receiver's `status`. `told`, of a place: `sentence` and `params` of what went
    wrong, or the `file`, its `size` in bytes and the number `pushed` of the version that it holds.
    """

    __tablename__ = "lrtzc_diffusion_delivery"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("lrtzc_diffusion_subscription.id", ondelete="CASCADE")
    )
    message_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    number: Mapped[int | None] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(sa.Text, default=Passage.WAITING.value)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    due: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    first_tried: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    tried: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    status: Mapped[int | None] = mapped_column(sa.Integer)
    problem: Mapped[str | None] = mapped_column(sa.Text)
    told: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Listener(tk.BaseModel):
    """A program, of nobody's account, that is sent the feed of an object as it changes, until its lease ends (WebSub).

    `topic`: the feed's address as the program named it; `known`: the last change that it was sent, and `waiting`
    whether there is a later one, which is tried at `due`. `secret` is sealed to this row. `failures`: tries that failed
    since the last that didn't.
    """

    __tablename__ = "lrtzc_diffusion_listener"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    topic: Mapped[str] = mapped_column(sa.Text)
    callback: Mapped[str] = mapped_column(sa.Text)
    host: Mapped[str] = mapped_column(sa.Text)
    secret: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    lease_until: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    known: Mapped[int] = mapped_column(sa.BigInteger)
    waiting: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    due: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)
    first_tried: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Intent(tk.BaseModel):
    """What a program asked of the hub, which it is to confirm, or that it is to be told: it is no longer sent a feed.

    `mode`: one of `domain.websub.Mode`; `lease` in seconds. `secret` is sealed to this row, which goes once the program
    was called; asked again before that, the row is another, under another id.
    """

    __tablename__ = "lrtzc_diffusion_intent"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    mode: Mapped[str] = mapped_column(sa.Text)
    package_id: Mapped[str] = mapped_column(sa.Text)
    topic: Mapped[str] = mapped_column(sa.Text)
    callback: Mapped[str] = mapped_column(sa.Text)
    host: Mapped[str] = mapped_column(sa.Text)
    secret: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    lease: Mapped[int] = mapped_column(sa.Integer)
    due: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
