"""Actions of transfers. Nothing changes before the other side accepts; each step leaves a trace."""

from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.people import is_restricted
from ckanext.lrtzc.transfers import changing, letters, listing, orphans, parties
from ckanext.lrtzc.transfers.logic import schema
from ckanext.lrtzc.transfers.model import Offer, State


def _details(offer: Offer) -> dict[str, str]:
    return {
        "offer": offer.id,
        "from": f"{offer.from_kind} {offer.from_id}",
        "to": f"{offer.to_kind} {offer.to_id}",
    }


def _trace(verb: str, offer: Offer, user: Any) -> None:
    package = model.Session.get(model.Package, offer.package_id)
    kind, details = package.type if package else "dataset", _details(offer)
    if offer.reason:
        details["reason"] = offer.reason
    record(f"transfer.{verb}", actor=user.id, object_type=kind, object_id=offer.package_id, details=details)


def lrtzc_transfer_offer(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Offer the ownership of one object or of many to a person or an organisation; all of them or none.

    Nothing changes until they accept. They are told by e-mail, and on their page of transfers.

    :param ids: identifiers or names of objects that one may change, at most 200
    :param to: account name or e-mail address of the person
    :param organization: in place of `to`: identifier or name of an organisation for which one may publish
    :returns: the offers, each with `id`, `state`, `package`, `from`, `to`, `offered`, `closed`
    :raises ValidationError: where an object is offered already or is theirs already, or there is no such account
    """
    data = validated(data_dict, schema.offer(), context)
    tk.check_access("lrtzc_transfer_offer", context, data)
    user = asker(context)
    taker = _taker(context, data)
    packages = [_mine(context, each) for each in data["ids"]]
    offers = [_offer(package, taker, user) for package in {each.id: each for each in packages}.values()]
    try:
        model.Session.flush()
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"ids": [tk._("Some of these objects are offered to somebody already.")]}) from None
    for offer in offers:
        _trace("offer", offer, user)
    model.Session.commit()
    letters.offered(offers)
    return listing.described(offers, user)


def _taker(context: Any, data: dict[str, Any]) -> parties.Party:
    if bool(data.get("to")) == bool(data.get("organization")):
        raise tk.ValidationError({"to": [tk._("Say to which person or to which organisation.")]})
    return parties.person(data["to"]) if data.get("to") else parties.organisation(context, data["organization"])


def _mine(context: Any, name_or_id: str) -> Any:
    """Give an object that whoever asks may change; of others', nobody learns that they exist."""
    package = model.Package.get(name_or_id)
    try:
        if package is None or package.type not in TYPES:
            raise tk.NotAuthorized
        tk.check_access("package_update", logic.fresh_context(context), {"id": package.id})
    except tk.NotAuthorized:
        raise tk.NotAuthorized(tk._("There is no such object that you may transfer.")) from None
    if package.state == "deleted":
        raise tk.ValidationError({"ids": [tk._("“{title}” is deleted.").format(title=package.title or package.name)]})
    return package


def _offer(package: Any, taker: parties.Party, user: Any) -> Offer:
    giver = parties.owner_of(package)
    if giver == taker:
        message = tk._("“{title}” is theirs already.").format(title=package.title or package.name)
        raise tk.ValidationError({"to": [message]})
    offer = Offer(
        package_id=package.id,
        from_kind=giver.kind,
        from_id=giver.id,
        to_kind=taker.kind,
        to_id=taker.id,
        offered_by=user.id,
    )
    model.Session.add(offer)
    return offer


def _standing(ids: list[str], allowed: Any) -> list[Offer]:
    """Give offers that stand, locked; those that aren't whoever asks's to answer aren't there for them.

    :raises ObjectNotFound: for others' offers and unknown ones
    :raises ValidationError: for offers that were answered or withdrawn already
    """
    offers = Offer.locked(ids)
    if len(offers) != len(ids) or not all(allowed(each) for each in offers):
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("There is no such offer for you to answer."))
    if any(each.state != State.OFFERED for each in offers):
        model.Session.rollback()
        raise tk.ValidationError({"ids": [tk._("This offer was answered or withdrawn already.")]})
    return offers


def _to_me(user: Any) -> Any:
    return lambda offer: parties.speaks_for(user, parties.Party(offer.to_kind, offer.to_id))


def _from_me(user: Any) -> Any:
    return lambda offer: offer.offered_by == user.id or parties.speaks_for(
        user, parties.Party(offer.from_kind, offer.from_id)
    )


def lrtzc_transfer_accept(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Accept offers: the objects change hands now.

    An offer is void, and nothing of it changes, where the object was deleted or changed hands meanwhile, or whoever
    offered it may no longer change it.

    :param ids: identifiers of offers made to oneself, or to an organisation for which one may publish
    :returns: the offers, `accepted` or `void`
    :raises ValidationError: where one was answered or withdrawn already; then none is accepted
    """
    data = validated(data_dict, schema.offers(), context)
    tk.check_access("lrtzc_transfer_accept", context, data)
    user = asker(context)
    offers = _standing(data["ids"], _to_me(user))
    for taker in {parties.Party(offer.to_kind, offer.to_id) for offer in offers}:
        parties.hold(taker)
    moved: list[str] = []
    for offer in offers:
        if changing.still_holds(offer):
            changing.hand_over(context, offer)
            offer.close(State.ACCEPTED, user.id)
            moved.append(offer.package_id)
            _trace("accept", offer, user)
        else:
            offer.close(State.VOID, user.id)
            _trace("void", offer, user)
    model.Session.commit()
    changing.reindex(moved)
    letters.answered(offers)
    return listing.described(offers, user)


def _closed(offers: list[Offer], state: State, verb: str, user: Any) -> list[Offer]:
    """Close offers, with their traces; commits."""
    for offer in offers:
        offer.close(state, user.id)
        _trace(verb, offer, user)
    model.Session.commit()
    return offers


def lrtzc_transfer_refuse(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Refuse offers; the objects stay with their owners, who are told.

    :param ids: identifiers of offers made to oneself, or to an organisation for which one may publish
    :returns: the offers
    """
    data = validated(data_dict, schema.offers(), context)
    tk.check_access("lrtzc_transfer_refuse", context, data)
    user = asker(context)
    offers = _closed(_standing(data["ids"], _to_me(user)), State.REFUSED, "refuse", user)
    letters.answered(offers)
    return listing.described(offers, user)


def lrtzc_transfer_withdraw(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Take back offers that were not answered yet.

    :param ids: identifiers of offers that one made, or of what one's organisation owns
    :returns: the offers
    """
    data = validated(data_dict, schema.offers(), context)
    tk.check_access("lrtzc_transfer_withdraw", context, data)
    user = asker(context)
    offers = _closed(_standing(data["ids"], _from_me(user)), State.WITHDRAWN, "withdraw", user)
    letters.withdrawn(offers)
    return listing.described(offers, user)


def lrtzc_transfer_reopen(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Let offers stand again that one has refused or withdrawn oneself; the other side is told.

    :param ids: identifiers of the offers
    :returns: the offers
    :raises ValidationError: where one was accepted, its object changed hands or was deleted, or is offered anew
    """
    data = validated(data_dict, schema.offers(), context)
    tk.check_access("lrtzc_transfer_reopen", context, data)
    user = asker(context)
    offers = Offer.locked(data["ids"])
    if len(offers) != len(data["ids"]) or any(each.closed_by != user.id for each in offers):
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("There is no such offer for you to answer."))
    open_again = (State.REFUSED, State.WITHDRAWN)
    if not all(each.state in open_again and changing.still_holds(each) for each in offers):
        model.Session.rollback()
        raise tk.ValidationError({"ids": [tk._("This offer can't stand again: what it stood on has changed.")]})
    refused = [each for each in offers if each.state == State.REFUSED]
    for each in offers:
        each.reopen()
        _trace("reopen", each, user)
    try:
        model.Session.commit()
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"ids": [tk._("Some of these objects are offered to somebody already.")]}) from None
    letters.reopened(refused, [each for each in offers if each not in refused])
    return listing.described(offers, user)


@tk.side_effect_free
def lrtzc_transfer_list(context: Any, data_dict: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """List the offers made to oneself and by oneself, and to and of the organisations for which one may publish.

    :returns: `received` and `made`, which wait for an answer, and `closed`, the last 50 of both
    """
    tk.check_access("lrtzc_transfer_list", context, data_dict)
    user = asker(context)
    mine = parties.parties_of(user)
    concerned = sa.or_(Offer.to_id.in_(mine), Offer.from_id.in_(mine), Offer.offered_by == user.id)
    standing = sa.select(Offer).where(concerned, Offer.state == State.OFFERED).order_by(Offer.offered.desc(), Offer.id)
    closed = sa.select(Offer).where(concerned, Offer.state != State.OFFERED).order_by(Offer.closed.desc(), Offer.id)
    waiting = listing.described(list(model.Session.scalars(standing.limit(1_000))), user)
    return {
        "received": [each for each in waiting if each["to"]["id"] in mine],
        "made": [each for each in waiting if each["to"]["id"] not in mine or each["from"]["id"] in mine],
        "closed": listing.described(list(model.Session.scalars(closed.limit(50))), user),
    }


@tk.side_effect_free
def lrtzc_transfer_orphan_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the objects whose owner is gone: an account closed, erased or restricted, an organisation deleted.

    :param limit: how many, at most 200, which is the default
    :param offset: how many to leave out
    :returns: `count` of all, and `results`, the latest change first: each with `id`, `name`, `title`, `type`, `state`,
        `private`, and `owner`, in neutral words
    """
    data = validated(data_dict, schema.orphans(), context)
    tk.check_access("lrtzc_transfer_orphan_list", context, data)
    return orphans.page(data["limit"], data["offset"])


def lrtzc_transfer_hand_over(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Hand objects whose owner is gone over to a person or an organisation, at once; all of them or none.

    The new owner is told by e-mail, with the reason. Offers of these objects that wait for an answer are void.

    :param ids: identifiers of objects of `lrtzc_transfer_orphan_list`, at most 200
    :param to: account name or e-mail address of the person
    :param organization: in place of `to`: identifier or name of an organisation
    :param reason: why them, at most 500 signs; the new owner reads it
    :returns: the offers, `accepted`, as in `lrtzc_transfer_offer`
    :raises ValidationError: where an object has an owner, or isn't there any more
    """
    data = validated(data_dict, schema.handing_over(), context)
    tk.check_access("lrtzc_transfer_hand_over", context, data)
    user = asker(context)
    taker = _taker(context, data)
    if taker.kind == parties.PERSON and is_restricted(model.User.get(taker.id).plugin_extras):
        raise tk.ValidationError({"to": [tk._("This account isn't shown, so nothing can be handed over to it.")]})
    # offers before objects, as those who accept do: nobody waits in a circle
    standing = Offer.standing(data["ids"])
    packages = orphans.locked(data["ids"])
    if len(packages) != len(data["ids"]):
        model.Session.rollback()
        raise tk.ValidationError({"ids": [tk._("One of these has an owner again, or is gone: look at the list anew.")]})
    parties.hold(taker)
    for offer in standing:
        offer.close(State.VOID, user.id)
        _trace("void", offer, user)
    offers = [_offer(package, taker, user) for package in packages]
    for offer in offers:
        offer.reason = data["reason"]
        offer.close(State.ACCEPTED, user.id)
    model.Session.flush()
    for offer in offers:
        changing.hand_over(context, offer)
        _trace("hand_over", offer, user)
    model.Session.commit()
    changing.reindex([offer.package_id for offer in offers])
    letters.handed_over(offers)
    return listing.described(offers, user)
