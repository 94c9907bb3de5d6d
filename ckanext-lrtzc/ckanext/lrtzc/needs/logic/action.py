"""Actions of needs. What is proposed shows once moderators have accepted it."""

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.asking import asker, reader, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation.api import all_or_nothing, announce, cancel, hold, is_pending, open_case
from ckanext.lrtzc.needs import letters, listing, store
from ckanext.lrtzc.needs.domain.status import Status, status_of
from ckanext.lrtzc.needs.logic import schema
from ckanext.lrtzc.needs.model import Answer, Comment, Need, Report, Support, now
from ckanext.lrtzc.needs.moderated import COMMENT, FIELDS, KIND
from ckanext.lrtzc.objects.api import slug

__all__ = [
    "lrtzc_need_answer",
    "lrtzc_need_comment",
    "lrtzc_need_comment_delete",
    "lrtzc_need_comment_report",
    "lrtzc_need_create",
    "lrtzc_need_list",
    "lrtzc_need_mine",
    "lrtzc_need_show",
    "lrtzc_need_support",
    "lrtzc_need_update",
    "lrtzc_need_withdraw",
]

MOST_COMMENTS = 20
"""Comments that a person may post in an hour."""


def _shown(id_or_name: str) -> Need:
    """Give a need that is shown; the others don't exist."""
    row = Need.of(id_or_name)
    if row is None or not row.is_shown:
        raise KIND.none()
    return row


def lrtzc_need_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say which data is missing or wanted; it shows once moderators have accepted it.

    :param title: which data, in at most 200 signs
    :param why: what for, plain text of at most 5,000 signs
    :param axis: code of an axis of the territory, or nothing
    :param communes: INSEE codes of communes of the territory, or nothing
    :returns: as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.create(), context)
    tk.check_access("lrtzc_need_create", context, data)
    user = asker(context)
    with all_or_nothing():
        KIND.check_room(user.id)
        own = sa.and_(Need.author_id == user.id, Need.withdrawn.is_(None))
        same = sa.or_(Need.title == data["title"], Need.proposal["title"].astext == data["title"])
        if model.Session.scalar(sa.select(sa.exists().where(own, same))):
            raise tk.ValidationError({"title": [tk._("You said this already: change that need.")]})
        row = KIND.new(slug(data["title"]), user.id)
        case = KIND.propose(row, {field: data[field] for field in FIELDS}, user.id)
    announce([case.id])
    return listing.described(context, [row], user)[0]


def lrtzc_need_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a need of one's own; what is shown stays as it is until moderators have accepted the change.

    :param id: identifier or name
    :returns: as `lrtzc_need_show`

    The other parameters are those of `lrtzc_need_create`; what isn't sent stays.
    """
    data = validated(data_dict, schema.update(), context)
    tk.check_access("lrtzc_need_update", context, data)
    user = asker(context)
    with KIND.changing(KIND.own(data["id"], user)) as row:
        if row is None:
            raise KIND.none()
        shown = {field: getattr(row, field) for field in FIELDS}
        proposal = {**(row.proposal or shown), **{field: data[field] for field in FIELDS if field in data}}
        case = KIND.revise(row, proposal, shown, user.id)
    if case is not None:
        announce([case.id])
    return listing.described(context, [row], user)[0]


def lrtzc_need_withdraw(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a need of one's own away for good; administrators may take any away.

    :param id: identifier or name
    :returns: as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.one(), context)
    tk.check_access("lrtzc_need_withdraw", context, data)
    user = asker(context)
    row = KIND.take_away(data["id"], user)
    return listing.described(context, [row], user)[0]


@tk.side_effect_free
def lrtzc_need_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a need.

    :param id: identifier or name
    :returns: `id`, `name`, `title`, `why`, `axis`, `communes`, `author`, `status` (`open`, `answered`, `met` or
        `declined`), `supports` (how many), `supported` (by whoever asks), `comments` (how many), `answers`
        (`organization`, `status`, `text`, `object` that meets it, `given`), `published`, `changed`, `page`,
        `discussion` (`id`, `author`, `text`, `posted`, `removed`); to its author and moderators also `standing`,
        `proposal` (what waits, with the same names) and `refusal` (why not)
    """
    data = validated(data_dict, schema.one(), context)
    tk.check_access("lrtzc_need_show", context, data)
    user = reader(context)
    row = KIND.visible(data["id"], user)
    return {**listing.described(context, [row], user)[0], "discussion": listing.discussion(row, user)}


@tk.side_effect_free
def lrtzc_need_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the needs that are shown.

    :param q: words that title or reason hold
    :param axis: code of an axis
    :param commune: INSEE code
    :param status: `open`, `answered`, `met` or `declined`
    :param sort: `supports` (by default), `latest` or `title`
    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `results` as `lrtzc_need_show` without discussion, `facets`: for `status`, `axis` and
        `commune`, each value's `name`, `display_name` and `count`
    """
    data = validated(data_dict, schema.listed(), context)
    tk.check_access("lrtzc_need_list", context, data)
    return listing.page(context, data, reader(context))


@tk.side_effect_free
def lrtzc_need_mine(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List one's own needs, shown or not, the latest first; at most 200.

    :returns: as `lrtzc_need_show`, without discussion
    """
    tk.check_access("lrtzc_need_mine", context, data_dict)
    user = asker(context)
    return listing.described(context, KIND.all_of(user.id), user)


def lrtzc_need_support(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Support a need, once however often it is said, or support it no more.

    :param id: identifier or name
    :param support: false to take one's support back
    :returns: as `lrtzc_need_show`, without discussion
    """
    data = validated(data_dict, schema.support(), context)
    tk.check_access("lrtzc_need_support", context, data)
    user, row = asker(context), _shown(data["id"])
    if row.author_id == user.id:
        raise tk.ValidationError({"id": [tk._("You said it yourself: others may support it.")]})
    if data["support"]:
        given = insert(Support).values(need_id=row.id, account_id=user.id, given=now())
        changed = model.Session.execute(given.on_conflict_do_nothing()).rowcount
    else:
        taken = sa.delete(Support).where(Support.need_id == row.id, Support.account_id == user.id)
        changed = model.Session.execute(taken).rowcount
    if changed:
        verb = "support" if data["support"] else "support_no_more"
        record(f"need.{verb}", actor=user.id, object_type="need", object_id=row.id)
    model.Session.commit()
    return listing.described(context, [row], user)[0]


def lrtzc_need_comment(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say something of a need; it shows at once, and others may report it to moderators.

    :param id: identifier or name of the need
    :param text: plain text of at most 2,000 signs
    :returns: as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.comment(), context)
    tk.check_access("lrtzc_need_comment", context, data)
    user, row = asker(context), _shown(data["id"])
    hold([("need_comment of", user.id)])
    recent = sa.and_(Comment.author_id == user.id, Comment.posted > now() - dt.timedelta(hours=1))
    posted = list(model.Session.scalars(sa.select(Comment).where(recent)))
    if len(posted) >= MOST_COMMENTS:
        model.Session.rollback()
        raise tk.ValidationError({"text": [tk._("You have said much in an hour: go on later.")]})
    # Sent twice at once, it is said once.
    if not any(each.need_id == row.id and each.text == data["text"] for each in posted):
        comment = Comment(need_id=row.id, author_id=user.id, text=data["text"])
        model.Session.add(comment)
        model.Session.flush()
        details = {"comment": comment.id}
        record("need.comment", actor=user.id, object_type="need", object_id=row.id, details=details)
    model.Session.commit()
    return lrtzc_need_show(context, {"id": row.id})


def _comment(comment_id: str, *conditions: Any) -> tuple[Comment, Need]:
    """Give a comment that is shown, of a need that is, kept for oneself until the transaction ends."""
    hold([(COMMENT, comment_id)])
    query = sa.select(Comment, Need).join(Need, Need.id == Comment.need_id)
    asked = query.where(Comment.id == comment_id, Comment.shown(), Need.shown(), *conditions)
    found = model.Session.execute(asked.execution_options(populate_existing=True)).tuples().first()
    if found is None:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("There is no such comment."))
    return found


def lrtzc_need_comment_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a comment of one's own away; its words are erased.

    :param id: identifier of the comment
    :returns: the need, as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.one(), context)
    tk.check_access("lrtzc_need_comment_delete", context, data)
    user = asker(context)
    comment, row = _comment(data["id"], Comment.author_id == user.id)
    cancel(COMMENT, comment.id)
    comment.text, comment.removed = "", now()
    details = {"comment": comment.id}
    record("need.comment_delete", actor=user.id, object_type="need", object_id=row.id, details=details)
    model.Session.commit()
    return lrtzc_need_show(context, {"id": row.id})


def lrtzc_need_comment_report(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask moderators to read a comment of somebody else, once; it stays until they decide.

    :param id: identifier of the comment
    :param reason: why, in at most 500 signs
    :returns: the need, as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.report(), context)
    tk.check_access("lrtzc_need_comment_report", context, data)
    user = asker(context)
    comment, row = _comment(data["id"], Comment.author_id.is_distinct_from(user.id))
    if comment.cleared:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("Moderators have read this comment already, and keep it.")]})
    made = insert(Report).values(comment_id=comment.id, account_id=user.id, reason=data["reason"], made=now())
    case = None
    if model.Session.execute(made.on_conflict_do_nothing()).rowcount:
        details = {"comment": comment.id}
        record("need.comment_report", actor=user.id, object_type="need", object_id=row.id, details=details)
        if not is_pending(COMMENT, comment.id):
            case = open_case(COMMENT, comment.id, comment.author_id)
    model.Session.commit()
    if case is not None:
        announce([case.id])
    return lrtzc_need_show(context, {"id": row.id})


def lrtzc_need_answer(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Answer a need in the name of an organisation; its last answer stands.

    The need's status is the best of what organisations answered. Its author is told by e-mail.

    :param id: identifier or name of the need
    :param organization: identifier or name of an organisation for which one may publish
    :param status: `answered`, `met` (by an object) or `declined`
    :param text: plain text; needed unless it is met
    :param object: where it is met: identifier or name of a public object
    :returns: as `lrtzc_need_show`
    """
    data = validated(data_dict, schema.answer(), context)
    tk.check_access("lrtzc_need_answer", context, data)
    user, row = asker(context), _shown(data["id"])
    group = model.Group.get(data["organization"])
    if group is None or not group.is_organization or group.state != "active":
        raise tk.ValidationError({"organization": [tk._("Choose an organisation for which you may publish.")]})
    status, package = Status(data["status"]), None
    if status is Status.MET:
        # Everybody reads which object meets it.
        package = next(iter(store.objects({"user": ""}, [data.get("object")]).values()), None)
        if package is None:
            raise tk.ValidationError({"object": [tk._("Say which public object meets the need.")]})
    elif not data["text"]:
        raise tk.ValidationError({"text": [tk._("Say why: everybody reads it.")]})
    hold([(KIND.name, row.id)])
    answer = model.Session.get(Answer, (row.id, group.id), populate_existing=True)
    if answer is None:
        answer = Answer(need_id=row.id, organization_id=group.id)
        model.Session.add(answer)
    answer.given_by, answer.status, answer.text, answer.given = user.id, status.value, data["text"], now()
    answer.package_id = package["id"] if package else None
    model.Session.flush()
    given = model.Session.scalars(sa.select(Answer.status).where(Answer.need_id == row.id))
    row.status = status_of([Status(each) for each in given]).value
    details = {"organization": group.id, "status": status.value, "object": answer.package_id or ""}
    record("need.answer", actor=user.id, object_type="need", object_id=row.id, details=details)
    model.Session.commit()
    letters.announce(row.id, group.id)
    return lrtzc_need_show(context, {"id": row.id})
