"""Reuses as moderators judge them, and what is done at the outcome."""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Subject, SubjectPart
from ckanext.lrtzc.moderation.api import ProposedHolding, ProposedKind, Sentences, folded
from ckanext.lrtzc.objects.api import seen_by
from ckanext.lrtzc.reuses import store
from ckanext.lrtzc.reuses.domain.kinds import Kind
from ckanext.lrtzc.reuses.model import Reuse, Use
from ckanext.lrtzc.reuses.words import kind_words

FIELDS = ("title", "kind", "url", "description", "picture_id")
"""What is proposed, besides the objects."""


class ReuseKind(ProposedKind):
    """Reuses."""

    name = "reuse"
    # `reuse` is the ledger's word for uses of open data.
    traced = "reuse_page"
    table = Reuse

    def title(self) -> str:
        """Name the kind."""
        return tk._("Reuses")

    def sentences(self) -> Sentences:
        """Say what people are told of one."""
        return Sentences(
            none=tk._("There is no such reuse."),
            not_own=tk._("Only its author may change this reuse."),
            gone=tk._("This reuse was taken away already."),
            taken=tk._("The reuse is taken away."),
        )

    def same(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Say whether two proposals say the same, in whatever order they name objects."""
        return {**one, "objects": sorted(one["objects"])} == {**other, "objects": sorted(other["objects"])}

    def apply(self, row: Any, proposal: Mapping[str, Any]) -> None:
        """Show what was accepted, and forget the picture that it replaces."""
        for field in FIELDS:
            setattr(row, field, proposal[field])
        row.words = folded(f"{row.title} {row.description}")
        model.Session.execute(sa.delete(Use).where(Use.reuse_id == row.id))
        model.Session.add_all(Use(reuse_id=row.id, package_id=each) for each in proposal["objects"])
        store.drop_pictures(row.id, {row.picture_id})

    def describe(self, subject_ids: Collection[str], context: Any) -> Mapping[str, Subject]:
        """Say what is proposed beside what is shown."""
        rows = list(model.Session.scalars(sa.select(Reuse).where(Reuse.id.in_(subject_ids))))
        shown = store.uses_of([row.id for row in rows])
        proposed = {row.id: (row.proposal or {}).get("objects", shown[row.id]) for row in rows}
        everything = {each for ids in (*shown.values(), *proposed.values()) for each in ids}
        titles = {each["id"]: each["title"] for each in seen_by(context, everything)}

        def listed(ids: Collection[str]) -> str:
            hidden = sum(each not in titles for each in ids)
            lines = [titles[each] for each in ids if each in titles]
            if hidden:
                said = tk.ungettext(
                    "{number} object that you may not see", "{number} objects that you may not see", hidden
                )
                lines.append(said.format(number=hidden))
            return "\n".join(lines)

        return {row.id: _subject(row, listed(proposed[row.id]), listed(shown[row.id])) for row in rows}


def _subject(row: Reuse, objects: str, objects_before: str) -> Subject:
    now = row.proposal or {field: getattr(row, field) for field in FIELDS}
    new = row.published is None

    def part(label: str, field: str, text: str, before: str, url: str = "") -> SubjectPart:
        return SubjectPart(label, text, url, None if new else before)

    picture = now["picture_id"]
    return Subject(
        now["title"],
        tk.h.url_for("lrtzc_reuses.read", name=row.name),
        (
            part(tk._("Title"), "title", now["title"], row.title),
            part(tk._("Kind"), "kind", _kind(now["kind"]), _kind(row.kind)),
            part(tk._("Address"), "url", now["url"], row.url, now["url"]),
            part(tk._("Description"), "description", now["description"], row.description),
            part(tk._("What it uses"), "objects", objects, objects_before),
        ),
        tk.h.url_for("lrtzc_reuses.picture", picture_id=picture, size="small") if picture else "",
    )


def _kind(kind: str) -> str:
    return kind_words(Kind(kind)) if kind else ""


KIND = ReuseKind()


class ReuseHolding(ProposedHolding):
    """Reuses that a person proposed. Those that are shown stay when they leave, without their name."""

    kind = KIND
    texts = ("title", "url", "description")
    columns = {
        "lrtzc_reuses_reuse": ("name", "title", "url", "description", "words", "proposal", "refusal"),
        "lrtzc_reuses_picture": ("large", "small"),
    }

    def erase(self, account_id: str) -> int:
        """Take the name from what is shown, and erase the rest with the pictures that waited."""
        kept = [row for row in self._own(account_id) if row.is_shown]
        erased = super().erase(account_id)
        for row in kept:
            store.drop_pictures(row.id, {row.picture_id})
        model.Session.commit()
        return erased
