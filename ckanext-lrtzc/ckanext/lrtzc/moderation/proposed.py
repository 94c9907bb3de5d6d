"""Things that people propose and that show once moderators accepted them: what is shown, and what waits.

A row holds what is shown; `proposal` holds what waits, so that what was accepted stays shown, as it was, while a change
of it is judged.
"""

from __future__ import annotations

import datetime as dt
import secrets
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.interfaces import Moderated, PersonalHolding
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation import cases
from ckanext.lrtzc.moderation.domain.words import asked
from ckanext.lrtzc.moderation.model import Case, now

MOST_WAITING = 20
"""Proposals of one kind that a person may have waiting for moderators."""
MOST_LISTED = 200
"""Of one's own, on one's page."""


class Standing(StrEnum):
    """Where a proposed thing stands, for its author."""

    PENDING = "pending"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Proposed:
    """The columns of what people propose. `restricted`: stored without being used (GDPR, article 18)."""

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    name: Mapped[str] = mapped_column(sa.Text, unique=True)
    author_id: Mapped[str | None] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    refusal: Mapped[str] = mapped_column(sa.Text, default="")
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    published: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    changed: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    withdrawn: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    restricted: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    words: Mapped[str] = mapped_column(sa.Text, default="")
    """What is shown of it, as it is searched."""

    @property
    def standing(self) -> Standing:
        """Say where it stands: first what waits, or what was refused, then what is shown."""
        if self.withdrawn:
            return Standing.WITHDRAWN
        if self.proposal is None:
            return Standing.PUBLISHED
        return Standing.REFUSED if self.refusal else Standing.PENDING

    @property
    def is_shown(self) -> bool:
        """Say whether everybody sees it."""
        return self.published is not None and self.withdrawn is None and not self.restricted

    @classmethod
    def shown(cls) -> sa.ColumnElement[bool]:
        """Say the same in SQL."""
        return sa.and_(cls.published.is_not(None), cls.withdrawn.is_(None), cls.restricted.is_(False))

    @classmethod
    def holding(cls, text: str) -> list[sa.ColumnElement[bool]]:
        """Say in SQL which hold all words of a text."""
        return [cls.words.contains(word, autoescape=True) for word in asked(text)]

    @classmethod
    def of(cls, id_or_name: str) -> Any:
        """Give the row of that identifier or name, or None."""
        if "\x00" in id_or_name:
            return None
        return model.Session.scalar(sa.select(cls).where(sa.or_(cls.id == id_or_name, cls.name == id_or_name)))


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Commit what is done meanwhile; of what fails, keep neither half of it nor its locks."""
    try:
        yield
        model.Session.commit()
    finally:
        # After a commit, nothing is left to roll back.
        model.Session.rollback()


@dataclass(frozen=True)
class Sentences:
    """What people are told of one of a kind, in the language of the request."""

    none: str
    """There is none such, or none that they may know of."""
    not_own: str
    """Only its author may change it."""
    gone: str
    """It was taken away already."""
    taken: str
    """It is taken away now."""


class ProposedKind(Moderated):
    """A kind of proposed things: `name` in cases and in the ledger (as `<name>.publish`…), `table` its class."""

    name: ClassVar[str]
    traced: ClassVar[str]
    """The kind of operation in the ledger."""
    table: ClassVar[Any]

    @abstractmethod
    def sentences(self) -> Sentences:
        """Say what people are told of one."""

    @abstractmethod
    def apply(self, row: Any, proposal: Mapping[str, Any]) -> None:
        """Put what was proposed where it is shown, in the session's transaction."""

    def decided(self, subject_id: str, accepted: bool, reasons: str) -> None:
        """Show what was accepted; keep why the rest wasn't, for its author."""
        row = self.locked(subject_id)
        if row is None or row.proposal is None:
            return
        if accepted:
            self.apply(row, row.proposal)
            row.changed = now()
            row.published = row.published or row.changed
            row.proposal, row.refusal = None, ""
        else:
            row.refusal = reasons
        self.trace("publish" if accepted else "refuse", row)
        model.Session.flush()

    def trace(self, verb: str, row: Any, actor: str | None = None, **details: Any) -> None:
        """Write what was done to one to the ledger."""
        record(f"{self.traced}.{verb}", actor=actor, object_type=self.name, object_id=row.id, details=details)

    def locked(self, subject_id: str) -> Any:
        """Give the row, read anew, or None; others wait to change it until the transaction ends."""
        return model.Session.get(self.table, subject_id, with_for_update=True, populate_existing=True)

    def check_room(self, author_id: str) -> None:
        """Refuse one more of an author of whom many wait already; two asked at once are counted one by one.

        :raises ValidationError: saying how many wait
        """
        cases.hold([(f"{self.name} of", author_id)])
        table = self.table
        waiting = model.Session.scalar(
            sa.select(sa.func.count())
            .select_from(table)
            .where(table.author_id == author_id, table.proposal.is_not(None), table.refusal == "")
            .where(table.withdrawn.is_(None))
        )
        if (waiting or 0) >= MOST_WAITING:
            said = tk._("{most} of yours wait for moderators already: wait for their answer.")
            raise tk.ValidationError({"title": [said.format(most=MOST_WAITING)]})

    def new(self, name: str, author_id: str) -> Any:
        """Make one of an author, with a name in its address like the one given; nothing of it is shown yet."""
        row = self.table(name=f"{name}-{secrets.token_hex(3)}".strip("-"), author_id=author_id)
        model.Session.add(row)
        model.Session.flush()
        return row

    def propose(self, row: Any, proposal: Mapping[str, Any], actor: str) -> Case:
        """Have moderators judge what is proposed; one that waits already is replaced, with the votes on it."""
        cases.hold([(self.name, row.id)])
        row.proposal, row.refusal = dict(proposal), ""
        model.Session.flush()
        self.trace("propose", row, actor)
        return cases.open_case(self.name, row.id, row.author_id)

    def accept_unasked(self, row: Any) -> None:
        """Show what waits without asking moderators; for what the portal itself brings."""
        cases.cancel(self.name, row.id)
        self.decided(row.id, True, "")

    def give_up(self, row: Any) -> None:
        """Forget what waits; what is shown stays."""
        cases.cancel(self.name, row.id)
        row.proposal, row.refusal = None, ""

    def withdraw(self, row: Any, actor: str, reason: str = "") -> None:
        """Show it no more, for good."""
        cases.cancel(self.name, row.id)
        row.withdrawn = now()
        self.trace("withdraw", row, actor, reason=reason)
        model.Session.flush()

    def may_judge(self, row: Any, user: Any) -> bool:
        """Say whether a person (a row of CKAN's table) is among those who judge what waits of it."""
        pending = sa.and_(Case.kind == self.name, Case.subject_id == row.id, Case.state == "pending")
        return bool(model.Session.scalar(sa.select(sa.exists().where(pending, cases.mine(user)))))

    def none(self) -> tk.ObjectNotFound:
        """Say that there is none such."""
        return tk.ObjectNotFound(self.sentences().none)

    def is_insider(self, row: Any, user: Any) -> bool:
        """Say whether a person (a row of CKAN's table, or None) may see what waits of one."""
        return user is not None and (row.author_id == user.id or user.sysadmin or self.may_judge(row, user))

    def visible(self, id_or_name: str, user: Any) -> Any:
        """Give one that a person may see: all that is shown, and what waits to its author and moderators.

        :raises ObjectNotFound: where there is none
        """
        row = self.table.of(id_or_name)
        if row is None or not (row.is_shown or self.is_insider(row, user)):
            raise self.none()
        return row

    def own(self, id_or_name: str, user: Any, *, also_administrators: bool = False) -> Any:
        """Give one of a person's own; others', where they aren't shown, don't exist.

        :raises ObjectNotFound: where there is none
        :raises NotAuthorized: for what is shown and isn't one's own
        """
        row = self.table.of(id_or_name)
        if row is not None and (row.author_id == user.id or (also_administrators and user.sysadmin)):
            return row
        if row is None or not row.is_shown:
            raise self.none()
        raise tk.NotAuthorized(self.sentences().not_own)

    def all_of(self, author_id: str) -> list[Any]:
        """Give what an author proposed and didn't take away, the latest first; at most `MOST_LISTED`."""
        table = self.table
        query = sa.select(table).where(table.author_id == author_id).order_by(table.created.desc(), table.id)
        rows = model.Session.scalars(query.limit(MOST_LISTED))
        return [row for row in rows if row.standing is not Standing.WITHDRAWN]

    @contextmanager
    def changing(self, row: Any) -> Iterator[Any]:
        """Have one for oneself while it is changed, all or nothing; give it read anew, None where it was taken away."""
        with all_or_nothing():
            cases.hold([(self.name, row.id)])
            found = self.locked(row.id)
            yield None if found is None or found.withdrawn else found

    def same(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Say whether two proposals say the same."""
        return one == other

    def revise(self, row: Any, proposal: Mapping[str, Any], shown: Mapping[str, Any], actor: str) -> Case | None:
        """Propose a change; where it is what is shown, nothing waits any more, and where it waits already, it goes on.

        :returns: what moderators have to judge anew, if anything
        """
        if row.published and self.same(proposal, shown):
            self.give_up(row)
            return None
        if row.proposal is not None and self.same(proposal, row.proposal) and not row.refusal:
            return None
        return self.propose(row, proposal, actor)

    def take_away(self, id_or_name: str, user: Any) -> Any:
        """Take one of a person's own away for good, for administrators any; give it.

        :raises ValidationError: where it was taken away already
        """
        with self.changing(self.own(id_or_name, user, also_administrators=True)) as row:
            if row is None:
                raise tk.ValidationError({"id": [self.sentences().gone]})
            self.withdraw(row, user.id)
        return row

    def told_of(self, row: Any, user: Any, *, alone: bool) -> dict[str, Any]:
        """Give what pages and programs read of one of any kind.

        :param alone: whether it is the only one asked for: then those who judge it are told what its author is
        :returns: `id`, `name`, `published`, `changed`; to whom it concerns `standing`, `refusal`, `mine`
        """
        told = {
            "id": row.id,
            "name": row.name,
            "published": row.published.isoformat() if row.published else None,
            "changed": row.changed.isoformat() if row.changed else None,
        }
        known = user is not None and (row.author_id == user.id or user.sysadmin)
        if known or (alone and self.is_insider(row, user)):
            told |= {"standing": row.standing.value, "refusal": row.refusal, "mine": row.author_id == user.id}
        return told


class ProposedHolding(PersonalHolding):
    """What a person proposed. What is shown stays when they leave, without their name; the rest is erased."""

    kind: ClassVar[ProposedKind]
    texts: ClassVar[tuple[str, ...]]
    """Columns that hold the author's own words."""

    def _own(self, account_id: str) -> list[Any]:
        if "\x00" in account_id:
            return []
        table = self.kind.table
        return list(model.Session.scalars(sa.select(table).where(table.author_id == account_id).order_by(table.id)))

    def find(self, account_id: str) -> int:
        """Count what they proposed."""
        return len(self._own(account_id))

    def export(self, account_id: str) -> dict[str, Any]:
        """Give what they proposed, shown or not."""
        rows = self._own(account_id)
        if not rows:
            return {}
        told = ("id", *self.texts, "proposal", "refusal")
        return {
            self.kind.name: [
                {name: getattr(row, name) for name in told} | {"created": row.created.isoformat()} for row in rows
            ]
        }

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: each is put right on its own page, and moderators read it again."""
        raise ValueError("what was proposed is changed on its own page")

    def erase(self, account_id: str) -> int:
        """Take the name from what is shown, and erase the rest."""
        rows = self._own(account_id)
        for row in rows:
            self.kind.give_up(row)
            if row.published is not None and row.withdrawn is None:
                row.author_id, row.restricted = None, False
            else:
                model.Session.delete(row)
        model.Session.commit()
        return len(rows)

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Hide what is shown, or show it again."""
        rows = self._own(account_id)
        for row in rows:
            row.restricted = restricted
        model.Session.commit()
        return bool(rows)
