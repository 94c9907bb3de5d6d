"""Needs and reported comments as moderators judge them, and what is done at the outcome."""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Moderated, PersonalHolding, Subject, SubjectPart
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation.api import ProposedHolding, ProposedKind, Sentences, cancel, folded
from ckanext.lrtzc.needs.model import Comment, Need, Report, Support, now
from ckanext.lrtzc.needs.words import axis_words, commune_words

FIELDS = ("title", "why", "axis", "communes")
"""What is proposed."""
COMMENT = "need_comment"
"""Reported comments, among what is moderated."""


class NeedKind(ProposedKind):
    """Needs."""

    name = "need"
    traced = "need"
    table = Need

    def title(self) -> str:
        """Name the kind."""
        return tk._("Needs")

    def sentences(self) -> Sentences:
        """Say what people are told of one."""
        return Sentences(
            none=tk._("There is no such need."),
            not_own=tk._("Only its author may change this need."),
            gone=tk._("This need was taken away already."),
            taken=tk._("The need is taken away."),
        )

    def apply(self, row: Any, proposal: Mapping[str, Any]) -> None:
        """Show what was accepted."""
        for field in FIELDS:
            setattr(row, field, proposal[field])
        row.words = folded(f"{row.title} {row.why}")

    def describe(self, subject_ids: Collection[str], context: Any) -> Mapping[str, Subject]:
        """Say what is proposed beside what is shown."""
        rows = model.Session.scalars(sa.select(Need).where(Need.id.in_(subject_ids)))
        return {row.id: _subject(row) for row in rows}


def _subject(row: Need) -> Subject:
    today = {field: getattr(row, field) for field in FIELDS}
    now_, new = row.proposal or today, row.published is None

    def part(label: str, field: str, say: Any = str) -> SubjectPart:
        return SubjectPart(label, say(now_[field]), "", None if new else say(today[field]))

    return Subject(
        now_["title"],
        tk.h.url_for("lrtzc_needs.read", name=row.name),
        (
            part(tk._("Title"), "title"),
            part(tk._("What for"), "why"),
            part(tk._("Axis"), "axis", axis_words),
            part(tk._("Communes"), "communes", lambda codes: ", ".join(commune_words(code) for code in codes)),
        ),
    )


class CommentKind(Moderated):
    """Comments that somebody reported: accepted, they stay; rejected, they go."""

    def title(self) -> str:
        """Name the kind."""
        return tk._("Reported comments")

    def describe(self, subject_ids: Collection[str], context: Any) -> Mapping[str, Subject]:
        """Say what was written, and why somebody reported it."""
        reasons: dict[str, list[str]] = {}
        made = sa.select(Report.comment_id, Report.reason).where(Report.comment_id.in_(subject_ids))
        for comment_id, reason in model.Session.execute(made.order_by(Report.made)):
            reasons.setdefault(comment_id, []).append(reason)
        query = sa.select(Comment, Need).join(Need, Need.id == Comment.need_id).where(Comment.id.in_(subject_ids))
        return {
            comment.id: Subject(
                tk._("Comment on “{title}”").format(title=need.title),
                tk.h.url_for("lrtzc_needs.read", name=need.name, _anchor=f"comment-{comment.id}"),
                (
                    SubjectPart(tk._("Comment"), comment.text),
                    SubjectPart(tk._("Why it was reported"), "\n".join(reasons.get(comment.id, []))),
                ),
            )
            for comment, need in model.Session.execute(query).tuples()
        }

    def concerned(self, subject_id: str) -> Collection[str]:
        """Tell those who reported it what became of it."""
        return list(model.Session.scalars(sa.select(Report.account_id).where(Report.comment_id == subject_id)))

    def outcome(self, subject: Subject, accepted: bool, *, author: bool) -> tuple[str, str]:
        """Say whether it stays, to who wrote it and to those who reported it; never who they are."""
        title = tk._("Reported, and kept: {title}") if accepted else tk._("Reported, and taken away: {title}")
        match author, accepted:
            case True, True:
                said = tk._(
                    "Somebody reported what you wrote: {title}. The moderators read it, found nothing in it that has "
                    "to go, and keep it: everybody still reads it."
                )
            case True, False:
                said = tk._(
                    "Somebody reported what you wrote: {title}. The moderators read it and took it away, for this "
                    "reason:"
                )
            case False, True:
                said = tk._(
                    "You reported this: {title}. The moderators read it, found nothing in it that has to go, and keep "
                    "it."
                )
            case _:
                said = tk._("You reported this: {title}. The moderators read it and took it away, for this reason:")
        return title.format(title=subject.title), said.format(title=subject.title)

    def decided(self, subject_id: str, accepted: bool, reasons: str) -> None:
        """Keep the comment, or take it away."""
        comment = model.Session.get(Comment, subject_id, with_for_update=True, populate_existing=True)
        if comment is None:
            return
        comment.cleared = accepted
        if not accepted:
            comment.removed = now()
        verb = "keep_comment" if accepted else "remove_comment"
        record(f"need.{verb}", object_type="need", object_id=comment.need_id, details={"comment": comment.id})


KIND = NeedKind()


class NeedHolding(ProposedHolding):
    """Needs that a person proposed. Those that are shown stay when they leave, without their name."""

    kind = KIND
    texts = ("title", "why")
    columns = {"lrtzc_needs_need": ("name", "title", "why", "words", "proposal", "refusal")}


class TalkHolding(PersonalHolding):
    """What a person said of needs, supported and reported. All of it goes when they leave."""

    columns = {"lrtzc_needs_comment": ("text",), "lrtzc_needs_report": ("reason",)}

    def _comments(self, account_id: str) -> list[Comment]:
        if "\x00" in account_id:
            return []
        query = sa.select(Comment).where(Comment.author_id == account_id).order_by(Comment.posted)
        return list(model.Session.scalars(query))

    def _others(self, account_id: str) -> list[Any]:
        if "\x00" in account_id:
            return []
        return [
            each
            for table in (Support, Report)
            for each in model.Session.scalars(sa.select(table).where(table.account_id == account_id))
        ]

    def find(self, account_id: str) -> int:
        """Count comments, supports and reports."""
        return len(self._comments(account_id)) + len(self._others(account_id))

    def export(self, account_id: str) -> dict[str, Any]:
        """Give comments, supports and reports."""
        comments, others = self._comments(account_id), self._others(account_id)
        if not comments and not others:
            return {}
        return {
            "comments": [
                {"need": each.need_id, "text": each.text, "posted": each.posted.isoformat()} for each in comments
            ],
            "supports": [each.need_id for each in others if isinstance(each, Support)],
            "reports": [
                {"comment": each.comment_id, "reason": each.reason} for each in others if isinstance(each, Report)
            ],
        }

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: a comment is taken away and said anew."""
        raise ValueError("comments can't be changed, only taken away and said anew")

    def erase(self, account_id: str) -> int:
        """Erase all of it; where a comment stood, the discussion says that one was erased."""
        comments, others = self._comments(account_id), self._others(account_id)
        for each in comments:
            cancel(COMMENT, each.id)
            each.text, each.author_id, each.removed = "", None, each.removed or now()
        for each in others:
            model.Session.delete(each)
        model.Session.commit()
        return len(comments) + len(others)

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Hide comments, or show them again; supports say nothing of a person."""
        for each in self._comments(account_id):
            each.restricted = restricted
        model.Session.commit()
        return bool(self.find(account_id))
