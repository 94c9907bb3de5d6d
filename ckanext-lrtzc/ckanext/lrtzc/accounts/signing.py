"""Who is signed in: finding an account, checking a password in constant time, and sessions that end when they must.

A session carries a number of its own, and a stamp made of the account's password hash and of what ended all sessions
before: signing out ends a session wherever its cookie was copied to, changing the password or a second factor ends all
others. It is begun only here, after all that is asked of the person was given.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.common import session
from ckan.lib.api_token import get_user_from_token
from ckan.lib.helpers import helper_functions as h
from ckan.views.user import regenerate_session, rotate_token
from flask import current_app, g
from passlib.hash import pbkdf2_sha512

from ckanext.lrtzc.accounts.domain import names
from ckanext.lrtzc.accounts.domain.sessions import KEY, Sessions, sessions_of

STAMP = "lrtzc_accounts_stamp"
NUMBER = "lrtzc_accounts_session"
# What a person has to do before they go on, as names of our pages.
FIRST = "lrtzc_accounts_first"
# Who gave the right password and has to prove themselves by a second factor yet.
WAITING = "lrtzc_accounts_waiting"
PATIENCE = 600
# What flask-login says of a session made from a cookie of CKAN's “remember me”, which we give no more.
_FRESH = "_fresh"
_REMEMBER = "remember_token"
_USER = "_user_id"
_nobody = ""


def find(login: str) -> model.User | None:
    """Give the active account that somebody means by its name, e-mail address or user name.

    A user name that two people bear means neither.
    """
    if not login or "\x00" in login:
        return None
    asked = (model.User.name == login, sa.func.lower(model.User.email) == login.lower())
    for condition in (*asked, sa.func.lower(model.User.fullname) == names.clean(login).lower()):
        found = list(
            model.Session.scalars(sa.select(model.User).where(model.User.state == "active", condition).limit(2))
        )
        if found:
            return found[0] if len(found) == 1 else None
    return None


def authenticate(login: str, password: str) -> model.User | None:
    """Give the account of that name and password; the same time is taken where there is no such account."""
    global _nobody
    user = find(login)
    if user is not None and user.password:
        return user if user.validate_password(password) else None
    _nobody = _nobody or pbkdf2_sha512.hash("nobody's password")
    pbkdf2_sha512.verify(password, _nobody)
    return None


def is_password_of(user: model.User, password: str) -> bool:
    """Say whether it is the person's password."""
    return bool(user.password) and user.validate_password(password)


def begin(user: model.User, *, remember: bool = False, tasks: list[str] | None = None) -> None:
    """Begin a session of its own: none that was given from outside is taken over."""
    regenerate_session()
    session.clear()
    session.permanent = remember
    tk.login_user(user)
    session[STAMP], session[NUMBER] = stamp(user), secrets.token_hex(6)
    if tasks:
        session[FIRST] = tasks
    rotate_token()


def wait(user: model.User, *, remember: bool, target: str | None, tasks: list[str]) -> None:
    """Note that somebody gave the right password; it opens nothing by itself, and for ten minutes."""
    session.clear()
    noted = {"user": user.id, "stamp": stamp(user), "until": int(time.time()) + PATIENCE}
    session[WAITING] = {**noted, "remember": remember, "target": target or "", "tasks": tasks}


def waiting() -> dict[str, Any] | None:
    """Give what was noted of who has to prove themselves yet."""
    noted = session.get(WAITING)
    return noted if noted and noted["until"] > time.time() else None


def go_on(user: model.User, noted: dict[str, Any]) -> Any:
    """Begin the session of who has proved themselves, unless the password was changed meanwhile."""
    if not hmac.compare_digest(str(noted["stamp"]), stamp(user)):
        return tk.redirect_to("user.login")
    begin(user, remember=noted["remember"], tasks=noted["tasks"])
    return next_page(user, noted["target"])


def end() -> None:
    """End the session under way, wherever its cookie was copied to, and forget what was noted of it; commits."""
    user_id = session.get(_USER)
    if tk.current_user.is_authenticated and tk.current_user.id == user_id:
        now = int(time.time())
        until = now + int(current_app.permanent_session_lifetime.total_seconds()) + 1
        number = str(session.get(NUMBER, ""))
        _keep(user_id, lambda kept: kept.without(number, now, until))
    for name in (STAMP, NUMBER, FIRST, WAITING):
        session.pop(name, None)


def end_others(user: model.User) -> None:
    """End all sessions of a person but this one; commits."""
    _keep(user.id, Sessions.without_any)
    session[STAMP] = stamp(user)


def _keep(user_id: str, change: Callable[[Sessions], Sessions]) -> None:
    user = model.Session.get(model.User, user_id, with_for_update=True, populate_existing=True)
    if user is not None and user.state == "active":
        user.plugin_extras = {**(user.plugin_extras or {}), KEY: change(sessions_of(user.plugin_extras)).kept()}
    model.Session.commit()


def first() -> list[str]:
    """Give what whoever is signed in has to do before they go on."""
    return [] if tk.current_user.is_anonymous else list(session.get(FIRST, ()))


def done(task: str) -> None:
    """Note that something is done that had to be."""
    session[FIRST] = [each for each in session.get(FIRST, ()) if each != task]


def renew(user: model.User) -> None:
    """Let this session go on after the password was changed; the others end."""
    session[STAMP] = stamp(user)
    done("password")
    rotate_token()


def stamp(user: model.User) -> str:
    """Give what a session of this account carries until its password is changed, or all its sessions end."""
    turn = sessions_of(user.plugin_extras).turn
    text = f"{user.id}:{user.password}{f':{turn}' if turn else ''}".encode()
    return hmac.digest(str(tk.config["SECRET_KEY"]).encode(), b"session stamp:" + text, "sha256").hex()[:32]


def identify(user_id: str) -> Any:
    """Give the account of a session, or nobody where the session is over; a program's key goes before it."""
    user = model.User.get(user_id)
    key = tk.request.headers.get(tk.config["apitoken_header_name"], "")
    if user is None:
        return None
    if _goes_on(user):
        # with a key, CKAN asks whose it is, and takes the session's account where it is nobody's
        return None if key else user
    for name in (_USER, STAMP, NUMBER):
        session.pop(name, None)
    # CKAN itself would take the session's account beside a key that is nobody's
    found = get_user_from_token(key) if key else None
    if found is None:
        return model.AnonymousUser()
    g.login_via_auth_header = True
    return found


def _goes_on(user: model.User) -> bool:
    kept = session.get(STAMP)
    if kept is None and (session.get(_FRESH, True) or _REMEMBER not in tk.request.cookies):
        # A session begun before there were stamps; one that a cookie brings back without its stamp is over.
        kept = session[STAMP] = stamp(user)
    if kept is None or not hmac.compare_digest(str(kept), stamp(user)):
        return False
    return session.get(NUMBER) not in sessions_of(user.plugin_extras).ended


def next_page(user: model.User, target: str | None) -> Any:
    """Send a person who has signed in to where they came from, or to their own space in their language."""
    if target and h.url_is_local(target):
        return tk.redirect_to(target)
    language = (user.plugin_extras or {}).get("lrtzc_accounts", {}).get("language")
    return tk.redirect_to(tk.h.url_for("lrtzc_accounts.workspace", locale=language or None))
