"""Work done apart from the page: what takes time or depends on who is known, so that no answer tells it."""

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import letters, signing
from ckanext.lrtzc.personal.api import Request, requests

SIGN_UP, RESET, ADDRESS = "sign_up", "reset", "address"
ADDRESS_CHANGED, INVITATION = "address_changed", "invitation"
LIFETIMES = {
    SIGN_UP: dt.timedelta(hours=24),
    RESET: dt.timedelta(hours=1),
    ADDRESS: dt.timedelta(hours=24),
    ADDRESS_CHANGED: dt.timedelta(hours=24),
    INVITATION: dt.timedelta(days=7),
}


def ask(kind: str, content: dict[str, str]) -> None:
    """Keep a request and have its letter written. The same is done whoever asks, and whether or not they are known.

    :raises ckanext.lrtzc.personal.api.StoreAway: where the store doesn't answer.
    """
    number = requests.add(kind, {**content, "language": letters.language()}, LIFETIMES[kind])
    tk.enqueue_job(write, [number], title="Letter about an account", rq_kwargs={"timeout": 120})


def write(number: str) -> None:
    """Write the letter of a request; one that has its token already is left alone."""
    made = requests.with_token(number)
    if made is None:
        return
    request, token = made
    with letters.speaking(request.content.get("language", "fr")):
        _WRITERS[request.kind](request, token)


def _hours(kind: str) -> str:
    hours = int(LIFETIMES[kind].total_seconds()) // 3600
    return tk.ungettext(
        "The link works once, for {hours} hour.", "The link works once, for {hours} hours.", hours
    ).format(hours=hours)


def _taken(request: Request, *sentences: str) -> None:
    """Tell the holder of an address, and nobody else, that somebody asked for it."""
    requests.drop(request.id)
    last = tk._("If it wasn't you, there is nothing to do.")
    letters.send(request.content["email"], tk._("You already have an account"), *sentences, last)


def _sign_up(request: Request, token: str) -> None:
    code, address = request.content["language"], request.content["email"]
    if signing.find(address) is not None:
        _taken(
            request,
            tk._("Somebody, you perhaps, asked to create an account with this e-mail address. There is one already."),
            tk._("Sign in: {link}").format(link=letters.link(code, "user.login")),
            tk._("If you forgot the password, choose a new one: {link}").format(
                link=letters.link(code, "user.request_reset")
            ),
        )
        return
    letters.send(
        address,
        tk._("Confirm your e-mail address"),
        tk._("You asked to create an account. Open this link to confirm your address and choose a password:"),
        letters.link(code, "lrtzc_accounts.confirm", token=token),
        _hours(SIGN_UP),
        tk._("If it wasn't you, there is nothing to do: what was typed will be erased."),
    )


def _reset(request: Request, token: str) -> None:
    user, code = signing.find(request.content["login"]), request.content["language"]
    if user is None or not user.email:
        requests.drop(request.id)
        return
    letters.send(
        user.email,
        tk._("Choose a new password"),
        tk._("You asked for a new password for the account {name}. Open this link to choose it:").format(
            name=user.display_name
        ),
        letters.link(code, "lrtzc_accounts.reset", token=token),
        _hours(RESET),
        tk._("If it wasn't you, there is nothing to do: your password stays as it is."),
    )


def _address(request: Request, token: str) -> None:
    code, address = request.content["language"], request.content["email"]
    if signing.find(address) is not None:
        _taken(
            request,
            tk._("Somebody, you perhaps, wants this e-mail address for another account. It belongs to one already."),
        )
        return
    letters.send(
        address,
        tk._("Confirm your new e-mail address"),
        tk._("Open this link to use this address for your account:"),
        letters.link(code, "lrtzc_accounts.address", token=token),
        _hours(ADDRESS),
        tk._("If it wasn't you, there is nothing to do."),
    )


def _address_changed(request: Request, _token: str) -> None:
    """Tell the address that served until now, which somebody else may want to take from its holder."""
    requests.drop(request.id)
    letters.send(
        request.content["email"],
        tk._("Your e-mail address was changed"),
        tk._("Your account has another e-mail address from now on; this one serves no more."),
        tk._("If it wasn't you, write to us at once: {link}").format(
            link=letters.link(request.content["language"], "home.about")
        ),
    )


def _invitation(request: Request, token: str) -> None:
    code, days = request.content["language"], LIFETIMES[INVITATION].days
    letters.send(
        request.content["email"],
        tk._("You are invited"),
        tk._("You are invited to take part in {group}. Open this link to create your account:").format(
            group=" ".join(request.content["group"].split())
        ),
        letters.link(code, "lrtzc_accounts.invited", token=token),
        tk._("The link works once, for {days} days.").format(days=days),
        tk._("If you don't want to, there is nothing to do."),
    )


_WRITERS = {
    SIGN_UP: _sign_up,
    RESET: _reset,
    ADDRESS: _address,
    ADDRESS_CHANGED: _address_changed,
    INVITATION: _invitation,
}


def password_changed(user_id: str, code: str) -> None:
    """Tell a person that their password was changed."""
    user = model.User.get(user_id)
    if user is None or not user.email or user.state != "active":
        return
    with letters.speaking(code):
        letters.send(
            user.email,
            tk._("Your password was changed"),
            tk._("The password of your account {name} was changed. All other sessions are ended.").format(
                name=user.display_name
            ),
            tk._("If it wasn't you, choose a new one at once: {link}").format(
                link=letters.link(code, "user.request_reset")
            ),
        )
