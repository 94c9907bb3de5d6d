"""Actions of points: one's own, the boards, the rules."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import asker, reader, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.reward import candidates, challenges, counting, listing, members, refusing, rules
from ckanext.lrtzc.reward.domain.points import Weight
from ckanext.lrtzc.reward.domain.pseudonyms import folded
from ckanext.lrtzc.reward.logic import schema
from ckanext.lrtzc.reward.model import Challenge, Participant

__all__ = [
    "lrtzc_reward_board",
    "lrtzc_reward_candidate",
    "lrtzc_reward_challenge_create",
    "lrtzc_reward_challenge_delete",
    "lrtzc_reward_challenge_list",
    "lrtzc_reward_gain_list",
    "lrtzc_reward_join",
    "lrtzc_reward_leave",
    "lrtzc_reward_refused_allow",
    "lrtzc_reward_refused_list",
    "lrtzc_reward_rules_show",
    "lrtzc_reward_rules_update",
    "lrtzc_reward_show",
    "lrtzc_reward_take_down",
]


@tk.side_effect_free
def lrtzc_reward_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say where one stands.

    :returns: `member`: whether one counts points; and where one does: `pseudonym`, `taken_down`: why administrators
        took it down (null where they didn't), `listed` on boards, `joined` (ISO 8601), `points`, those of this `month`,
        `level` (from 0), `following`: the points of the next level (null at the last), `badges` (names), `candidate`:
        whether one offers oneself as a moderator, `may_be_candidate`
    """
    tk.check_access("lrtzc_reward_show", context, data_dict)
    member = Participant.of(asker(context).id)
    return {"member": False} if member is None else listing.standing(member)


def lrtzc_reward_join(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Begin to count one's points, or change what one goes by; what one did before counts too.

    :param pseudonym: 3 to 30 signs that say nothing of who one is, and that nobody else goes by
    :param listed: whether to be on boards, under the pseudonym; no by default
    :returns: as `lrtzc_reward_show`
    :raises ValidationError: where the pseudonym can't be taken
    """
    data = validated(data_dict, schema.joining(), context)
    tk.check_access("lrtzc_reward_join", context, data)
    user = asker(context)
    try:
        verb = "join" if Participant.of(user.id) is None else "rename"
        member = members.join(user, data["pseudonym"], data["listed"])
        # the pseudonym itself isn't written where it could not be erased
        record(f"reward.{verb}", actor=user.id, object_type="account", object_id=user.id)
        model.Session.commit()
    finally:
        # of what fails neither half is kept, nor its locks
        model.Session.rollback()
    return listing.standing(member)


def lrtzc_reward_leave(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Count one's points no more, and erase what is kept of them; one may begin again at any time.

    :returns: `member`: false
    """
    tk.check_access("lrtzc_reward_leave", context, data_dict)
    user = asker(context)
    try:
        if members.leave(user.id):
            record("reward.leave", actor=user.id, object_type="account", object_id=user.id)
        model.Session.commit()
    finally:
        model.Session.rollback()
    return {"member": False}


@tk.side_effect_free
def lrtzc_reward_gain_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say why one has one's points: each deed that stands, the latest first.

    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `results`, each with `deed` (its kind), `title` in words, `moment` (ISO 8601), `points`,
        `because`: `whole`, or what bounds them: `day`, `month` (their caps) or `nothing` (such deeds give none), and
        `object` (`id`, `name`, `title`, `type`), null where one may not see it
    """
    data = validated(data_dict, schema.paged(), context)
    tk.check_access("lrtzc_reward_gain_list", context, data)
    return listing.gains(context, asker(context).id, data["limit"], data["offset"])


@tk.side_effect_free
def lrtzc_reward_board(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List those who want to be listed, by their points; the same points have the same rank.

    :param period: `month` (this one, by default) or `ever`
    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `results`, each with `rank` (from 1), `pseudonym`, `points`, `mine`: whether it is oneself
    """
    data = validated(data_dict, schema.board(), context)
    tk.check_access("lrtzc_reward_board", context, data)
    user = reader(context)
    return listing.board(user.id if user else "", data["period"] == "month", data["limit"], data["offset"])


@tk.side_effect_free
def lrtzc_reward_rules_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what gives points, and how many.

    :returns: `deeds`: each with `name`, `title` in words, `points`, `daily` (the most in a day); `monthly`: the most in
        a month; `levels`: the points of each; `candidates`: the level from which one may offer oneself as a moderator
    """
    tk.check_access("lrtzc_reward_rules_show", context, data_dict)
    known = rules.in_force()
    return {
        "deeds": [
            {"name": name, "title": deed.title(), "points": weight.points, "daily": weight.daily}
            for name, deed in rules.deeds().items()
            for weight in (known.rules.weights[name],)
        ],
        "monthly": known.rules.monthly,
        "levels": list(known.levels),
        "candidates": known.candidates,
    }


def lrtzc_reward_rules_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what gives points from now on; what was earned before stays. What isn't sent stays as it is.

    :param deeds: by kind of deed, `points` (0: none) and `daily`, the most in a day
    :param monthly: the most in a month, all deeds together
    :param levels: the points of each of the 5 levels, growing
    :param candidates: the level (1 to 5) from which one may offer oneself as a moderator
    :returns: as `lrtzc_reward_rules_show`
    :raises ValidationError: saying what can't be taken
    """
    data = validated(data_dict, schema.updating(), context)
    tk.check_access("lrtzc_reward_rules_update", context, data)
    user = asker(context)
    try:
        # two administrators at once: one after the other, each with what the other set
        counting.alone()
        known = rules.in_force()
        weights = dict(known.rules.weights)
        for name, each in data.get("deeds", {}).items():
            now = weights[name]
            weights[name] = Weight(each.get("points", now.points), each.get("daily", now.daily))
        levels = tuple(data.get("levels", known.levels))
        monthly = data.get("monthly", known.rules.monthly)
        rules.keep(weights, monthly, levels, data.get("candidates", known.candidates), user.id)
        details = {name: f"{each.points}/{each.daily}" for name, each in weights.items()}
        record("reward.rules", actor=user.id, details={**details, "monthly": monthly})
        model.Session.commit()
    finally:
        model.Session.rollback()
    return lrtzc_reward_rules_show({"user": user.name}, {})


def lrtzc_reward_candidate(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Offer oneself as a moderator, or no more: owners of datasets then see one's name where they name moderators.

    :param offer: yes by default
    :returns: as `lrtzc_reward_show`
    :raises ObjectNotFound: where one counts no points
    :raises ValidationError: where one's points don't open this role
    """
    data = validated(data_dict, schema.offering(), context)
    tk.check_access("lrtzc_reward_candidate", context, data)
    user = asker(context)
    try:
        participant = Participant.of(user.id)
        if participant is None:
            raise tk.ObjectNotFound(tk._("You count no points yet."))
        candidates.offer(participant, listing.standing(participant)["level"], data["offer"])
        record("reward.candidate", actor=user.id, object_type="account", object_id=user.id, details=data)
        model.Session.commit()
    finally:
        model.Session.rollback()
    return listing.standing(participant)


@tk.side_effect_free
def lrtzc_reward_challenge_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List what people are to reach together: those under way, then those that are over.

    :param limit: how many, at most 100; 20 by default
    :returns: `results`, each with `id`, `title`, `why`, `dataset` (`id`, `name`, `title`), `resource` (an identifier),
        `selection` (which rows count, as the explorer's addresses say it), `target` and `reached` in rows, `percent`
        (of 100, at most), `begins`, `ends` (ISO 8601), `over`, `counted`: when it was counted last
    """
    data = validated(data_dict, schema.listing(), context)
    tk.check_access("lrtzc_reward_challenge_list", context, data)
    return {"results": challenges.described(data["limit"])}


def lrtzc_reward_challenge_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Begin a challenge: so many more rows of a public file, until a day.

    :param title: 120 signs at most
    :param why: 500 signs at most; optional
    :param resource: identifier of a file with a table that everybody may read, or the address of its page
    :param selection: which rows count: an address of the explorer, with its filters or the rectangle of its map; by
        default all of them
    :param target: how many rows
    :param ends: the last day, ISO 8601
    :param from_nothing: whether rows that are there already count; no by default
    :returns: as one of the results of `lrtzc_reward_challenge_list`
    :raises ValidationError: saying what can't be taken
    """
    data = validated(data_dict, schema.challenging(), context)
    tk.check_access("lrtzc_reward_challenge_create", context, data)
    user = asker(context)
    try:
        begun = challenges.create(user, data)
        details = {"challenge": begun.id, "target": begun.target, "ends": begun.ends.isoformat()}
        record("reward.challenge", actor=user.id, object_type="resource", object_id=begun.resource_id, details=details)
        model.Session.commit()
    finally:
        model.Session.rollback()
    return next(one for one in challenges.described(1_000) if one["id"] == begun.id)


def lrtzc_reward_challenge_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a challenge away; what people contributed stays.

    :param id: identifier of the challenge
    :returns: `id`
    :raises ObjectNotFound: where there is none such
    """
    data = validated(data_dict, schema.of_one(), context)
    tk.check_access("lrtzc_reward_challenge_delete", context, data)
    user = asker(context)
    try:
        gone = model.Session.get(Challenge, data["id"], with_for_update=True)
        if gone is None:
            raise tk.ObjectNotFound(tk._("There is no such challenge."))
        details = {"challenge": gone.id}
        record(
            "reward.challenge_end", actor=user.id, object_type="resource", object_id=gone.resource_id, details=details
        )
        model.Session.delete(gone)
        model.Session.commit()
    finally:
        model.Session.rollback()
    return {"id": data["id"]}


def lrtzc_reward_take_down(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a pseudonym down: nobody sees it any more, nobody takes it again; whoever goes by it is told why by mail.

    :param pseudonym: as boards give it; capitals, accents and signs don't matter
    :param reason: why, for whoever goes by it; 500 signs at most
    :returns: `pseudonym`, as pseudonyms are compared
    :raises ObjectNotFound: where nobody goes by it
    :raises ValidationError: where it was taken down already; what was said then stays
    """
    data = validated(data_dict, schema.taking_down(), context)
    tk.check_access("lrtzc_reward_take_down", context, data)
    user = asker(context)
    try:
        account = refusing.take_down(data["pseudonym"], data["reason"], user.id)
        # neither the pseudonym nor the reason is written where it could not be erased
        record("reward.take_down", actor=user.id, object_type="account", object_id=account)
        model.Session.commit()
    finally:
        model.Session.rollback()
    refusing.tell(account, data["reason"])
    return {"pseudonym": folded(data["pseudonym"])}


def lrtzc_reward_refused_allow(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Allow a pseudonym again that was taken down; whoever goes by it still is seen under it, and told by mail.

    :param pseudonym: the pseudonym
    :returns: `pseudonym`, as pseudonyms are compared
    :raises ObjectNotFound: where it wasn't taken down
    """
    data = validated(data_dict, schema.named(), context)
    tk.check_access("lrtzc_reward_refused_allow", context, data)
    user = asker(context)
    try:
        account = refusing.allow(data["pseudonym"])
        concerned = {"object_type": "account", "object_id": account} if account else {}
        record("reward.allow", actor=user.id, **concerned)
        model.Session.commit()
    finally:
        model.Session.rollback()
    if account:
        refusing.tell_allowed(account)
    return {"pseudonym": folded(data["pseudonym"])}


@tk.side_effect_free
def lrtzc_reward_refused_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the pseudonyms that were taken down, the last first.

    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `results`, each with `pseudonym` as pseudonyms are compared, `reason` (empty once nobody
        goes by it), `since` (ISO 8601)
    """
    data = validated(data_dict, schema.paged(), context)
    tk.check_access("lrtzc_reward_refused_list", context, data)
    return refusing.listed(data["limit"], data["offset"])
