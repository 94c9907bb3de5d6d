"""Forms as they are stored, with the answers they were given and the people invited to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, undefer


class State(StrEnum):
    """Where a form stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Openness(StrEnum):
    """Who may answer: everyone without an account, those invited by e-mail, those who may change the dataset."""

    EVERYONE = "everyone"
    INVITED = "invited"
    OWNER = "owner"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Form(tk.BaseModel):
    """A form of a dataset; `definition` are its sheets (`domain.workbook`), `version` grows with each change of them.

    `resource_id` is that of the table it feeds, which is made when it is opened first. `answers` counts those that
    weren't withdrawn, where a quota bounds them; `once` allows one a person. `keeps_position`: photos keep what they
    say of the place where they were taken.
    """

    __tablename__ = "lrtzc_forms_form"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str] = mapped_column(sa.Text, default=make_uuid)
    title: Mapped[str] = mapped_column(sa.Text)
    intro: Mapped[str] = mapped_column(sa.Text, default="")
    # large, and read once for each version
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    state: Mapped[str] = mapped_column(sa.Text, default=State.DRAFT.value)
    openness: Mapped[str] = mapped_column(sa.Text, default=Openness.EVERYONE.value)
    opens: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    closes: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    quota: Mapped[int | None] = mapped_column(sa.Integer)
    once: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    keeps_position: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    answers: Mapped[int] = mapped_column(sa.Integer, default=0)
    author_id: Mapped[str] = mapped_column(sa.Text)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    package_state: Mapped[str | None] = column_property(
        sa.select(model.Package.state)
        .where(model.Package.id == package_id)
        .correlate_except(model.Package)
        .scalar_subquery()
    )
    """The state of its dataset: read with the form, since each answer asks for both."""

    @classmethod
    def get(cls, form_id: str, *, lock: bool = False) -> Form | None:
        """Give a form by its id, read anew; with `lock`, others wait to change it until the transaction ends."""
        if "\0" in form_id:
            return None
        return model.Session.scalar(_FORM.with_for_update() if lock else _FORM, {"form_id": form_id})

    @classmethod
    def of_resource(cls, resource_id: str) -> Form | None:
        """Give the form that feeds a table; None where none does."""
        return model.Session.scalar(sa.select(cls).where(cls.resource_id == resource_id))

    @classmethod
    def several(cls, form_ids: Collection[str]) -> dict[str, Form]:
        """Give forms by their ids; those that are gone are left out."""
        return {form.id: form for form in model.Session.scalars(sa.select(cls).where(cls.id.in_(form_ids)))}

    @classmethod
    def of_package(cls, package_id: str) -> list[Form]:
        """Give the forms of a dataset, the newest first."""
        query = sa.select(cls).where(cls.package_id == package_id).order_by(cls.created.desc(), cls.id)
        query = query.options(undefer(cls.definition))
        return list(model.Session.scalars(query))


# made once: to put a question together takes as long as to ask it, and each answer asks for its form
_FORM = sa.select(Form).where(Form.id == sa.bindparam("form_id")).execution_options(populate_existing=True)


class Answer(tk.BaseModel):
    """An answer, whatever batches say it: `batch_id` is the last. `token` names the page that it was given on.

    `person` is who gave it where one may answer once only: the account or the invitation; nothing else.
    """

    __tablename__ = "lrtzc_forms_answer"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    form_id: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.Integer)
    token: Mapped[str] = mapped_column(sa.Text)
    batch_id: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[str] = mapped_column(sa.Text, default="")
    invitation_id: Mapped[str] = mapped_column(sa.Text, default="")
    person: Mapped[str | None] = mapped_column(sa.Text)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    withdrawn: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def get(cls, answer_id: str, *, lock: bool = False) -> Answer | None:
        """Give an answer by its id, read anew; with `lock`, others wait to change it until the transaction ends."""
        if "\0" in answer_id:
            return None
        query = sa.select(cls).where(cls.id == answer_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    def keep(self) -> bool:
        """Insert it; say whether it is the first from its page, and of its person where they may answer once.

        Without the session, which would compare, order and read back what is only kept.
        """
        values = {column.name: getattr(self, column.name) for column in Answer.__table__.columns}
        return bool(model.Session.execute(_KEEP, values).rowcount)

    @classmethod
    def sent_from(cls, form_id: str, token: str) -> Answer | None:
        """Give the answer that was given on a page already, or as an instance that a telephone corrected it by."""
        edited = sa.select(Edit.answer_id).where(Edit.form_id == form_id, Edit.token == token)
        query = sa.select(cls).where(cls.form_id == form_id, sa.or_(cls.token == token, cls.id.in_(edited)))
        return model.Session.scalar(query)

    @classmethod
    def given_by(cls, form_id: str, person: str) -> Answer | None:
        """Give the answer of a person to a form that takes one of each."""
        return model.Session.scalar(sa.select(cls).where(cls.form_id == form_id, cls.person == person))

    @classmethod
    def of_account(cls, account_id: str, most: int, skipped: int) -> list[Answer]:
        """Give what an account answered, the newest first, so many after those skipped."""
        query = sa.select(cls).where(cls.author_id == account_id).order_by(cls.created.desc(), cls.id)
        return list(model.Session.scalars(query.limit(most).offset(skipped)))

    @classmethod
    def counts(cls, form_ids: list[str]) -> dict[str, int]:
        """Count the answers of forms that weren't withdrawn."""
        query = sa.select(cls.form_id, sa.func.count()).where(cls.form_id.in_(form_ids), cls.withdrawn.is_(None))
        return dict(model.Session.execute(query.group_by(cls.form_id)).tuples().all())


class Edit(tk.BaseModel):
    """An instance by which a telephone said an answer anew; `token` names it as that of the answer names the first."""

    __tablename__ = "lrtzc_forms_edit"

    form_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    token: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    answer_id: Mapped[str] = mapped_column(sa.Text)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def last_of(cls, answer: Answer) -> str:
        """Give the name of the instance, or of the page, by which an answer was said last."""
        query = sa.select(cls.token).where(cls.answer_id == answer.id).order_by(cls.created.desc(), cls.token).limit(1)
        return model.Session.scalar(query) or answer.token


def _keeping() -> sa.TextClause:
    """Make the statement that keeps an answer, unless one came from its page, or of its person, already.

    In plain words, since SQLAlchemy would put together what has a conflict's clause anew each time.
    """
    names = [column.name for column in Answer.__table__.columns]
    binds = ", ".join(f":{name}" for name in names)
    edited = f"SELECT FROM {Edit.__tablename__} WHERE form_id = :form_id AND token = :token"
    into = f"{Answer.__tablename__} ({', '.join(names)})"
    return sa.text(f"INSERT INTO {into} SELECT {binds} WHERE NOT EXISTS ({edited}) ON CONFLICT DO NOTHING")


_KEEP = _keeping()


class Invitation(tk.BaseModel):
    """A person invited to answer a form, by e-mail; `sent` is when a letter went."""

    __tablename__ = "lrtzc_forms_invitation"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    form_id: Mapped[str] = mapped_column(sa.Text)
    email: Mapped[str] = mapped_column(sa.Text)
    sent: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def of_form(cls, form_id: str) -> list[Invitation]:
        """Give the invitations to a form, by address."""
        return list(model.Session.scalars(sa.select(cls).where(cls.form_id == form_id).order_by(cls.email)))


class File(tk.BaseModel):
    """A file that a question is answered with, of the answer that names it or of none yet (`attachments`).

    `token` names the page or the telephone's instance that it came with, `key` the path of its question, `sent` how it
    was called there; `name` is how it is called here, `size` in bytes.
    """

    __tablename__ = "lrtzc_forms_file"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    form_id: Mapped[str] = mapped_column(sa.Text)
    answer_id: Mapped[str | None] = mapped_column(sa.Text)
    token: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text)
    sent: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    mimetype: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.Text)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def get(cls, file_id: str) -> File | None:
        """Give a file by its id."""
        return model.Session.get(cls, file_id)


class Media(tk.BaseModel):
    """A file that a form is asked with (`media`): a picture, a sound, a film, or rows; `name` is how sheets name it.

    `size` is in bytes; `md5` names its content, as OpenRosa asks for.
    """

    __tablename__ = "lrtzc_forms_media"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    form_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    mimetype: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    md5: Mapped[str] = mapped_column(sa.Text)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def of_form(cls, form_id: str) -> dict[str, Media]:
        """Give the files of a form by name, in order."""
        query = sa.select(cls).where(cls.form_id == form_id).order_by(cls.name)
        return {one.name: one for one in model.Session.scalars(query)}

    @classmethod
    def forms_with(cls, form_ids: Collection[str]) -> set[str]:
        """Give which of some forms have files."""
        query = sa.select(cls.form_id).where(cls.form_id.in_(form_ids)).distinct()
        return set(model.Session.scalars(query))


class XForm(tk.BaseModel):
    """The XForm that telephones are given of a form: `digest` its MD5, `made_of` what of the form it was made of.

    `itemsets` are the choices that go with it as a file, in CSV.
    """

    __tablename__ = "lrtzc_forms_xform"

    form_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    made_of: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[str] = mapped_column(sa.Text, deferred=True)
    itemsets: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
