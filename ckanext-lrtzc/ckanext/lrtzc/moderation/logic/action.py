"""Actions of moderation: what waits for me, votes, who moderates what."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation import cases, letters, listing
from ckanext.lrtzc.moderation.domain.policy import Choice, Policy, write_share
from ckanext.lrtzc.moderation.logic import schema
from ckanext.lrtzc.moderation.model import Board, Case, State
from ckanext.lrtzc.moderation.naming import people_named
from ckanext.lrtzc.moderation.proposed import all_or_nothing

__all__ = [
    "lrtzc_moderation_board_list",
    "lrtzc_moderation_board_update",
    "lrtzc_moderation_list",
    "lrtzc_moderation_show",
    "lrtzc_moderation_vote",
]


@tk.side_effect_free
def lrtzc_moderation_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List what one has to judge, or helped to judge.

    :param state: `pending` (the oldest first; those one hasn't voted on before the others) or `decided` (the latest
        first); `pending` by default
    :param kind: only cases of a kind, such as `reuse`
    :param author: only what an account sent, by its identifier or name
    :param dataset: only what is for a dataset, by its identifier or name
    :param organization: only what is for the datasets of an organisation, by its identifier or name
    :param days: only what was sent so many days ago, or before
    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `waiting` (those pending on which one hasn't voted), `kinds` (those there are, each with
        `kind`, `title`, `count` and `taken_at`, where all of it is downloaded, by form), `offered` (what may be asked
        for as `author`, `dataset` and `organization`, each with `name` and `title`), and `results`: for each `id`,
        `kind`, `subject` (`id`, `title`, `url`, `parts`, `picture`), `author`, `state`, `opened`, `closed`, `rule`,
        `share`, `votes` (`designated`, `needed`, `accepts`, `rejects`), `unattended` (those who were to judge have
        left), `mine` (one's own vote), `reasons` of the rejection, `deadline` and `at_end` (what happens then: `wait`,
        `accept`, `reject` or `pass_on` to the administrators)
    """
    data = validated(data_dict, schema.cases(), context)
    tk.check_access("lrtzc_moderation_list", context, data)
    return listing.page(context, asker(context), data)


@tk.side_effect_free
def lrtzc_moderation_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a case that one has to judge, or helped to judge.

    :param id: the case's identifier
    :returns: as one of `lrtzc_moderation_list`
    """
    data = validated(data_dict, schema.case(), context)
    tk.check_access("lrtzc_moderation_show", context, data)
    user = asker(context)
    found = list(model.Session.scalars(sa.select(Case).where(Case.id == data["id"], cases.mine(user))))
    told = listing.described(context, user, found)
    if not told:
        raise tk.ObjectNotFound(tk._("There is no such case for you to judge."))
    return told[0]


def lrtzc_moderation_vote(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accept or reject what one has to judge, one case or many; the last word counts as long as a case is pending.

    Where the votes decide a case, what was proposed is shown or its author is told why not, at once and for good.

    :param ids: identifiers of cases, at most 100
    :param choice: `accept` or `reject`
    :param reason: why not, for the author; needed to reject
    :returns: `voted` and `late` (decided or taken back before this vote): cases as in `lrtzc_moderation_list`
    :raises ValidationError: where all were decided or taken back before this vote
    """
    data = validated(data_dict, schema.vote(), context)
    tk.check_access("lrtzc_moderation_vote", context, data)
    user, choice = asker(context), Choice(data["choice"])
    if choice is Choice.REJECT and not data["reason"]:
        raise tk.ValidationError({"reason": [tk._("Say why: the author will read it.")]})
    with all_or_nothing():
        voted, late = cases.cast(user, data["ids"], choice, data["reason"])
        if not voted:
            said = tk._("This was decided, or changed by its author, before your vote: there is nothing left to say.")
            raise tk.ValidationError({"ids": [said]})
    decided = [each.id for each in voted if each.state != State.PENDING]
    cases.go_on(decided)
    letters.announce(decided)
    return {
        "voted": listing.described(context, user, voted),
        "late": listing.described(context, user, late),
    }


@tk.side_effect_free
def lrtzc_moderation_board_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List who moderates what.

    :returns: for each kind `kind`, `title`, `rule` (`one`, `majority` or `unanimity`), `share`, and `moderators`
        (`id`, `name`, `title`); where there are none, the administrators moderate
    """
    tk.check_access("lrtzc_moderation_board_list", context, data_dict)
    return listing.boards()


def lrtzc_moderation_board_update(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Say who moderates a kind of thing and by which rule; cases on which nobody voted yet go to them.

    :param kind: a kind of `lrtzc_moderation_board_list`
    :param rule: `one` (at least one accepts), `majority` or `unanimity`
    :param share: of a majority, such as `2/3` or `60 %`; two thirds by default
    :param moderators: names or e-mail addresses of accounts; none for the administrators
    :returns: as `lrtzc_moderation_board_list`
    """
    data = validated(data_dict, schema.board(), context)
    tk.check_access("lrtzc_moderation_board_update", context, data)
    user, kind = asker(context), data["kind"]
    if kind not in cases.kinds():
        raise tk.ObjectNotFound(tk._("There is no such kind of thing to moderate."))
    people = people_named(data["moderators"])
    cases.hold([("board", kind)])
    board = model.Session.get(Board, kind)
    if board is None:
        board = Board(kind=kind)
        model.Session.add(board)
    board.rule, board.share = data["rule"], data.get("share") or write_share(Policy().share)
    board.moderators, board.changed_by = sorted(set(people)), user.id
    model.Session.flush()
    cases.renew(kind)
    details = {"rule": board.rule, "share": board.share, "moderators": board.moderators}
    record("vote.board", actor=user.id, object_type="board", object_id=kind, details=details)
    model.Session.commit()
    return listing.boards()
