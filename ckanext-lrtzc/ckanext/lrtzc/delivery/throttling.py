"""How often one may try: by address and by account, counted in Redis so that all processes agree."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from flask import Flask, request, session
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from ckanext.lrtzc.delivery.domain.backoff import (
    FROM_EVERYWHERE,
    FROM_ONE_PLACE,
    Patience,
    account_digest,
    network_of,
)

log = logging.getLogger(__name__)

_PREFIX = "ckanext.lrtzc.delivery.limit."
_REMEMBERED = 24 * 3600
_WRITING = ("POST", "PUT", "PATCH", "DELETE")


def address() -> str:
    """Give what stands for the visitor's place; behind nginx, the one that nginx saw."""
    return network_of(request.remote_addr or "")


@dataclass(frozen=True)
class Rule:
    """A kind of request, and the account it concerns ("" when it concerns none)."""

    name: str
    applies: Callable[[], bool]
    account: Callable[[], str]


def _typed(*fields: str) -> str:
    body = request.get_json(silent=True) if request.is_json else None
    given = body if isinstance(body, dict) else request.form
    value = next((str(given[field]) for field in fields if given.get(field)), "")
    return account_digest(value) if value else ""


def _called(field: str) -> str:
    """Give what stands for the machine of an address that was sent."""
    try:
        host = (urlsplit(request.form.get(field, "")).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return account_digest(host) if host else ""


def _posted(*names: str) -> bool:
    """Tell whether one of these pages or actions is asked to do something."""
    view = request.view_args or {}
    name = view.get("logic_function") if request.endpoint == "api.action" else request.endpoint
    return request.method == "POST" and name in names


def _person() -> str:
    user = tk.current_user
    return str(user.id) if user.is_authenticated else ""


def _waiting() -> str:
    """Give whose second factor is asked for."""
    return str((session.get("lrtzc_accounts_waiting") or {}).get("user", ""))


def _is_collecting() -> bool:
    """Tell whether a telephone sends an answer to a form."""
    return request.method == "POST" and (request.endpoint or "").startswith("lrtzc_openrosa.")


def _is_api_write() -> bool:
    """Tell whether an action that isn't a reading one is called."""
    view = request.view_args or {}
    name = view.get("logic_function") if request.endpoint == "api.action" else None
    if not name or request.method != "POST":
        return False
    try:
        return not getattr(tk.get_action(name), "side_effect_free", False)
    except KeyError:
        return False


RULES = (
    Rule("sign_in", lambda: request.endpoint == "user.login" and request.method == "POST", lambda: _typed("login")),
    Rule(
        "password_reset",
        lambda: _posted(
            *("user.request_reset", "user.perform_reset", "lrtzc_accounts.reset"),
            *("lrtzc_account_reset_request", "lrtzc_account_reset"),
        ),
        lambda: _typed("user", "login"),
    ),
    Rule(
        "sign_up",
        lambda: _posted(
            *("lrtzc_accounts.sign_up", "lrtzc_accounts.confirm", "lrtzc_account_sign_up", "lrtzc_account_confirm")
        ),
        lambda: _typed("email"),
    ),
    Rule(
        "answer",
        lambda: _posted(
            "lrtzc_forms.fill",
            "lrtzc_forms.send",
            "lrtzc_forms.correct",
            "lrtzc_form_answer",
            "lrtzc_answer_correct",
        ),
        _person,
    ),
    # A telephone sends all that was filled in off-line at once, and a team shares one address.
    Rule("collect", _is_collecting, lambda: account_digest(request.headers.get("Authorization", "") or request.path)),
    # Whoever asks the hub has it call a program once: neither by one visitor nor at one machine more than it may bear.
    Rule("hub", lambda: _posted("lrtzc_hub.hub"), lambda: _called("hub.callback")),
    Rule("second_factor", lambda: _posted("lrtzc_accounts.prove"), _waiting),
    # Who knows a session but not the password may not try it out there.
    Rule(
        "sign_in",
        lambda: _posted("lrtzc_accounts.password", "lrtzc_accounts.security", "lrtzc_account_password"),
        _person,
    ),
    Rule(
        "upload",
        lambda: request.method in _WRITING
        and request.mimetype == "multipart/form-data"
        and not _is_collecting()
        and _holds_a_file(),
        _person,
    ),
    Rule("api_write", _is_api_write, _person),
)


def _holds_a_file() -> bool:
    return any(upload.filename for upload in request.files.values())


def install(app: Flask, config: Any) -> None:
    """Apply the rules to every request, and count failed sign-ins."""
    if not config["ckanext.lrtzc.delivery.limits"]:
        return
    limiter = Limiter(
        address,
        app=app,
        storage_uri=config["ckan.redis.url"],
        strategy="moving-window",
        key_prefix=f"lrtzc:{config['ckan.site_id']}",
    )
    allowed = {
        rule.name: {kind: parse_many(config[f"{_PREFIX}{rule.name}_{kind}"]) for kind in ("address", "account")}
        for rule in RULES
    }

    @app.before_request
    def refuse_too_many() -> None:
        for rule in RULES:
            if not rule.applies():
                continue
            if rule.name == "sign_in":
                _refuse_locked(rule.account())
            _count(limiter, rule.name, "address", address(), allowed[rule.name]["address"])
            account = rule.account()
            if account:
                _count(limiter, rule.name, "account", account, allowed[rule.name]["account"])

    tk.signals.failed_login.connect(_failed)
    tk.signals.user_logged_in.connect(_succeeded)


def _count(limiter: Limiter, rule: str, kind: str, who: str, items: list[RateLimitItem]) -> None:
    for item in items:
        try:
            if limiter.limiter.hit(item, rule, kind, who):
                continue
            again = limiter.limiter.get_window_stats(item, rule, kind, who).reset_time
        except RedisError as error:
            log.error("Requests are not counted, Redis is away: %s", error)
            return
        _refuse(max(1, round(again - time.time())))


def _refuse(seconds: int) -> None:
    raise TooManyRequests(
        description=tk._("Too many attempts. Please try again in {wait}.").format(wait=_in_words(seconds)),
        retry_after=seconds,
    )


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return tk.ungettext("{number} second", "{number} seconds", seconds).format(number=seconds)
    minutes = -(-seconds // 60)
    return tk.ungettext("{number} minute", "{number} minutes", minutes).format(number=minutes)


def _places(account: str) -> tuple[tuple[str, Patience], tuple[str, Patience]]:
    root = f"lrtzc:sign-in:{tk.config['ckan.site_id']}:{account}"
    return (f"{root}:{address()}", FROM_ONE_PLACE), (root, FROM_EVERYWHERE)


def _refuse_locked(account: str) -> None:
    try:
        connection = connect_to_redis()
        waits = [connection.ttl(f"{name}:locked") for name, _ in _places(account)]
    except RedisError as error:
        log.error("Lock-outs are not known, Redis is away: %s", error)
        return
    if max(waits) > 0:
        _refuse(max(waits))


def _failed(login: Any, **_: Any) -> None:
    if not tk.request:
        return
    try:
        connection = connect_to_redis()
        for name, patience in _places(account_digest(str(login or ""))):
            failures = int(connection.incr(f"{name}:failures"))
            connection.expire(f"{name}:failures", _REMEMBERED)
            wait = patience.wait(failures)
            if wait:
                connection.set(f"{name}:locked", 1, ex=wait)
    except RedisError as error:
        log.error("A failed sign-in is not counted, Redis is away: %s", error)


def _succeeded(_: Any, user: Any = None, **__: Any) -> None:
    """Forget the failures of this place for the account that signed in."""
    if not tk.request or user is None:
        return
    typed = {user.name, user.email or "", request.form.get("login", "")}
    try:
        connection = connect_to_redis()
        for login in filter(None, typed):
            place, _everywhere = _places(account_digest(login))
            connection.delete(f"{place[0]}:failures", f"{place[0]}:locked")
    except RedisError as error:
        log.error("Failed sign-ins are not forgotten, Redis is away: %s", error)
