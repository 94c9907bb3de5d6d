"""The words to both sides of a transfer, each in the language of who reads them, where the portal can send any."""

from collections.abc import Callable, Sequence

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts.api import Reader, link, write_each
from ckanext.lrtzc.transfers.model import Offer, State
from ckanext.lrtzc.transfers.parties import PERSON, Party, accounts_of, names_of

Words = Callable[[], tuple[str, str]]
"""Gives a letter's subject and its first sentence, in the language that is spoken when it is called."""


def offered(offers: Sequence[Offer]) -> None:
    """Tell those to whom objects are offered."""

    def words() -> tuple[str, str]:
        return tk._("Objects are offered to you"), tk._("{name} offers you the ownership of:")

    _write(_taker(offers), words, offers, _giver(offers))


def answered(offers: Sequence[Offer]) -> None:
    """Tell those who offered what became of each; an answer may concern the offers of several."""
    said: dict[State, Words] = {
        State.ACCEPTED: lambda: (tk._("Your offer was answered"), tk._("{name} accepted the ownership of:")),
        State.REFUSED: lambda: (tk._("Your offer was answered"), tk._("{name} refused the ownership of:")),
        State.VOID: lambda: (
            tk._("Your offer was answered"),
            tk._("{name} could no longer accept, since it was deleted or changed hands:"),
        ),
    }
    for by in {offer.offered_by for offer in offers}:
        for state, words in said.items():
            some = [offer for offer in offers if offer.offered_by == by and offer.state == state]
            if some:
                _write(Party(PERSON, by), words, some, _taker(some))


def withdrawn(offers: Sequence[Offer]) -> None:
    """Tell those to whom objects were offered that they no longer are."""

    def words() -> tuple[str, str]:
        return tk._("An offer was withdrawn"), tk._("{name} withdrew the offer of the ownership of:")

    for taker in {Party(offer.to_kind, offer.to_id) for offer in offers}:
        some = [offer for offer in offers if Party(offer.to_kind, offer.to_id) == taker]
        _write(taker, words, some, _giver(some))


def reopened(refused: Sequence[Offer], taken_back: Sequence[Offer]) -> None:
    """Tell those who offered that a refusal is taken back, and those to whom it is made that an offer stands again."""

    def thinks_again() -> tuple[str, str]:
        return (
            tk._("An offer stands again"),
            tk._("{name} takes the refusal back, and thinks again about the ownership of:"),
        )

    def offers_again() -> tuple[str, str]:
        return tk._("An offer stands again"), tk._("{name} offers you again the ownership of:")

    for by in {offer.offered_by for offer in refused}:
        some = [offer for offer in refused if offer.offered_by == by]
        _write(Party(PERSON, by), thinks_again, some, _taker(some))
    for taker in {Party(offer.to_kind, offer.to_id) for offer in taken_back}:
        some = [offer for offer in taken_back if Party(offer.to_kind, offer.to_id) == taker]
        _write(taker, offers_again, some, _giver(some))


def handed_over(offers: Sequence[Offer]) -> None:
    """Tell the new owner of objects whose owner is gone what is theirs now, and why."""

    def words() -> tuple[str, str]:
        said = tk._("The portal's administrators hand these objects over to you, since {name} is no longer there:")
        return tk._("Objects are yours now"), said

    for giver in {_giver([offer]) for offer in offers}:
        some = [offer for offer in offers if _giver([offer]) == giver]
        _write(_taker(some), words, some, giver, reason=some[0].reason)


def _giver(offers: Sequence[Offer]) -> Party:
    return Party(offers[0].from_kind, offers[0].from_id)


def _taker(offers: Sequence[Offer]) -> Party:
    return Party(offers[0].to_kind, offers[0].to_id)


def _write(to: Party, words: Words, offers: Sequence[Offer], about: Party, reason: str = "") -> None:
    packages = [model.Package.get(offer.package_id) for offer in offers]
    titles = "\n".join(f"- {package.title or package.name}" for package in packages if package is not None)

    def letter(reader: Reader) -> Sequence[str]:
        subject, sentence = words()
        return (
            subject,
            sentence.format(name=names_of({about})[about]),
            titles,
            tk._("Their reason: {reason}").format(reason=reason) if reason else "",
            tk._("See your transfers: {address}").format(address=link(reader.language, "lrtzc_transfers.mine")),
        )

    write_each(accounts_of(to), letter)
