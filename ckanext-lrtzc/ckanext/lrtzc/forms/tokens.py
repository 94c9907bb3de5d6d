"""Signed texts that pages carry: the page of a form, the private link of an answer, a personal invitation."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any

import ckan.plugins.toolkit as tk
from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

KEPT = "kept "
"""How the names of answers begin that were kept on a device."""
_NUMBER = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LIFETIME = 7 * 24 * 3600
"""Seconds for which a page of a form may be filled in."""


class TokenRefused(ValueError):
    """A page's token isn't ours, is for another form, is too old, or came back sooner than a person can."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


def _pages() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(tk.config["SECRET_KEY"]), salt="lrtzc form page")


def _links(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(tk.config["SECRET_KEY"]), salt=f"lrtzc form {purpose}")


def page_token(form_id: str) -> str:
    """Give the token of a page on which a form may be answered once."""
    return str(_pages().dumps([form_id, secrets.token_urlsafe(12)]))


def read_page_token(token: str, form_id: str, *, soonest: float = 0) -> str:
    """Give the name of the page that a token was made for.

    :param soonest: seconds under which no person answers
    :raises TokenRefused: `forged`, `expired` or `hasty`
    """
    try:
        found, made = _pages().loads(token, max_age=LIFETIME, return_timestamp=True)
    except SignatureExpired as error:
        raise TokenRefused("expired") from error
    except BadData as error:
        raise TokenRefused("forged") from error
    if not isinstance(found, list) or len(found) != 2 or found[0] != form_id:
        raise TokenRefused("forged")
    if soonest and (dt.datetime.now(dt.UTC) - made).total_seconds() < soonest:
        raise TokenRefused("hasty")
    return str(found[1])


def kept_name(number: str) -> str:
    """Give the name of an answer that was kept on a device, by the UUID that its page made; nothing for none.

    A page that opens without a network serves for several answers, which its token can't tell apart.
    """
    return f"{KEPT}{number}" if _NUMBER.fullmatch(number) else ""


def answer_token(answer_id: str) -> str:
    """Give the end of the private link of an answer; whoever has it may see, correct and withdraw it."""
    return str(_links("answer").dumps(answer_id))


def read_answer_token(token: str) -> str | None:
    """Give the answer that a private link leads to; None where it isn't ours."""
    return _read("answer", token)


def invitation_token(invitation_id: str) -> str:
    """Give the end of a personal invitation."""
    return str(_links("invitation").dumps(invitation_id))


def read_invitation_token(token: str) -> str | None:
    """Give the invitation that a link was made for; None where it isn't ours."""
    return _read("invitation", token)


def _read(purpose: str, token: str) -> str | None:
    try:
        found: Any = _links(purpose).loads(token)
    except BadData:
        return None
    return found if isinstance(found, str) else None
