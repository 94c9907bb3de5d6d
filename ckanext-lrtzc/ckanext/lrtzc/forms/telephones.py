"""Forms as telephones have them: which ones somebody may fill in now, and the XForm of each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.forms import media
from ckanext.lrtzc.forms.definitions import definition_of, workbook_of
from ckanext.lrtzc.forms.domain import xforms
from ckanext.lrtzc.forms.domain.kinds import EXTERNAL, METADATA_ELSEWHERE, Kind
from ckanext.lrtzc.forms.domain.tables import ITEMSETS
from ckanext.lrtzc.forms.model import Form, Invitation, Media, Openness, State, XForm, now
from ckanext.lrtzc.objects.api import visible_in_sql

MOST = 500
"""Forms of a list, at most: the newest."""
_MADE = 3
"""Grows with each change of how XForms are made."""


@dataclass(frozen=True)
class Caller:
    """Who holds the telephone: an account (a row of CKAN's table) or an invitation, or nobody known."""

    user: Any = None
    invitation: Invitation | None = None
    key: str = ""

    @property
    def context(self) -> Any:
        """CKAN's context of who asks."""
        return {"user": self.user.name, "auth_user_obj": self.user} if self.user is not None else {"user": ""}


def open_to(caller: Caller, package_id: str = "", organisation_id: str = "", form_id: str = "") -> list[Form]:
    """Give the forms that somebody may fill in now, the newest first, in a constant number of statements.

    :param package_id: only those of a dataset; `organisation_id`: only those of its datasets; `form_id`: this one only
    """
    at, package = now(), model.Package
    query = (
        sa.select(Form)
        .join(package, package.id == Form.package_id)
        .where(
            package.state == "active",
            Form.state == State.OPEN.value,
            sa.or_(Form.opens.is_(None), Form.opens <= at),
            sa.or_(Form.closes.is_(None), Form.closes > at),
            sa.or_(Form.quota.is_(None), Form.answers < Form.quota),
            _for(caller, package),
        )
    )
    for column, wanted in ((Form.package_id, package_id), (package.owner_org, organisation_id), (Form.id, form_id)):
        if wanted:
            query = query.where(column == wanted)
    return list(model.Session.scalars(query.order_by(Form.created.desc(), Form.id).limit(MOST)))


def _for(caller: Caller, package: Any) -> sa.ColumnElement[bool]:
    if caller.invitation is not None:
        return Form.id == caller.invitation.form_id
    seen = visible_in_sql(caller.context, package)
    found = [sa.and_(Form.openness == Openness.EVERYONE.value, seen)]
    user = caller.user
    if user is not None:
        invited = sa.select(Invitation.form_id).where(Invitation.email == str(user.email or "").lower())
        found.append(sa.and_(Form.openness == Openness.INVITED.value, Form.id.in_(invited)))
        found.append(sa.and_(Form.openness == Openness.OWNER.value, _changed_by(user, package)))
    return sa.or_(*found)


def _changed_by(user: Any, package: Any) -> sa.ColumnElement[bool]:
    """Say in SQL which datasets somebody may change: those of their organisations, and their own of none."""
    if user.sysadmin:
        return sa.true()
    asked = {"id": user.id, "permission": "update_dataset"}
    own = tk.get_action("organization_list_for_user")({"user": user.name}, asked)
    return sa.or_(
        package.owner_org.in_([each["id"] for each in own]),
        sa.and_(package.owner_org.is_(None), package.creator_user_id == user.id),
    )


def _made_of(form: Form) -> str:
    return f"{_MADE} {form.version} {form.title}"


def digests_of(forms: Sequence[Form]) -> dict[str, str]:
    """Give the MD5 of the XForms of some forms; what wasn't made yet is made now, and kept."""
    query = sa.select(XForm.form_id, XForm.made_of, XForm.digest).where(XForm.form_id.in_([one.id for one in forms]))
    known = {found.form_id: found for found in model.Session.execute(query)}
    digests: dict[str, str] = {}
    for form in forms:
        found = known.get(form.id)
        digests[form.id] = found.digest if found and found.made_of == _made_of(form) else _make(form)[0]
    return digests


def content_of(form: Form) -> str:
    """Give the XForm of a form."""
    query = sa.select(XForm.content).where(XForm.form_id == form.id, XForm.made_of == _made_of(form))
    return model.Session.scalar(query) or _make(form)[1]


def itemsets_of(form: Form) -> str:
    """Give the choices that telephones are given apart, in CSV; an empty text where there are none."""
    query = sa.select(XForm.itemsets).where(XForm.form_id == form.id, XForm.made_of == _made_of(form))
    found = model.Session.scalar(query)
    if found is None:
        _make(form)
        found = model.Session.scalar(query)
    return found or ""


def with_files(forms: Sequence[Form]) -> set[str]:
    """Give which of some forms go with files, once their XForms are made."""
    numbers = [form.id for form in forms]
    apart = sa.select(XForm.form_id).where(XForm.form_id.in_(numbers), XForm.itemsets != "")
    return Media.forms_with(numbers) | set(model.Session.scalars(apart))


def files_of(form: Form) -> dict[str, str]:
    """Give the MD5 of the files that go with a form, by name."""
    found = {name: one.md5 for name, one in media.given(form).items()}
    if apart := itemsets_of(form):
        found[ITEMSETS] = _digest(apart)
    return found


def _digest(content: str) -> str:
    # a name for the content, which OpenRosa asks for; nothing is proven by it
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def _make(form: Form) -> tuple[str, str]:
    unasked = [
        node.row
        for node in definition_of(form).walk()
        if node.kind is Kind.ABSENT and node.type.lower() not in METADATA_ELSEWHERE | EXTERNAL.keys()
    ]
    content, itemsets = xforms.xform_of(workbook_of(form), form.id, str(form.version), form.title, unasked)
    digest = _digest(content)
    values = {"made_of": _made_of(form), "digest": digest, "content": content, "itemsets": itemsets}
    made = insert(XForm).values(form_id=form.id, **values)
    model.Session.execute(made.on_conflict_do_update(index_elements=[XForm.form_id], set_=values))
    model.Session.commit()
    return digest, content
