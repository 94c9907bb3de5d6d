"""What delivery does inside Flask: who is asking, tokens of forms, and the layer around the application."""

import hmac
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.i18n import get_locales_from_config
from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from ckanext.lrtzc.delivery import asking, economy, generation, problems, throttling
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.delivery.domain.headers import SiteRules
from ckanext.lrtzc.delivery.domain.store import PageStore
from ckanext.lrtzc.delivery.wsgi import DOWNLOAD, Delivery, Settings

_PREFIX = "ckanext.lrtzc.delivery."


def wrap(app: Flask, config: Any) -> Flask:
    """Put delivery around CKAN's application and its hooks into it.

    Secure cookies follow the site's address, so that no deployment forgets them.
    """
    settings = _settings(config)
    if settings.rules.secure:
        for name in ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE"):
            config[name] = app.config[name] = True
    if not app.config.get("MAX_CONTENT_LENGTH"):
        app.config["MAX_CONTENT_LENGTH"] = settings.largest_body
    app.before_request(_mark_person)
    app.before_request(_require_token)
    app.after_request(_after)
    app.context_processor(lambda: {"csrf_token": _token})
    templates: Any = app.jinja_env.globals
    templates["csrf_token"] = _token
    throttling.install(app, config)
    problems.install(app)
    asking.check_questions(app)
    economy.look_at_settings_after_changes()
    economy.remember_asset_addresses()
    economy.import_lightly(app)
    economy.translate_lightly(app)
    store = PageStore(config[_PREFIX + "page_store_mb"] * 1024 * 1024)
    wsgi = Delivery(app.wsgi_app, settings, store)
    proxies = config[_PREFIX + "trusted_proxies"]
    app.wsgi_app = ProxyFix(wsgi, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else wsgi
    return app


def _settings(config: Any) -> Settings:
    token_header = config["apitoken_header_name"].upper().replace("-", "_")
    return Settings(
        rules=SiteRules(
            secure=config["ckan.site_url"].startswith("https://"),
            map_hosts=tuple(tk.aslist(config[_PREFIX + "map_hosts"])),
            hsts_seconds=config[_PREFIX + "hsts_seconds"],
        ),
        secret=hmac.digest(config["SECRET_KEY"].encode(), b"lrtzc page nonce", "sha256"),
        session_cookies=frozenset({config["SESSION_COOKIE_NAME"], config["REMEMBER_COOKIE_NAME"]}),
        token_header=f"HTTP_{token_header}",
        locales=frozenset(get_locales_from_config()),
        default_locale=config["ckan.locale_default"],
        share_pages=config[_PREFIX + "share_pages"],
        behind_nginx=bool(config[_PREFIX + "trusted_proxies"]),
        lifetime=config[_PREFIX + "page_lifetime"],
        largest_body=(config["ckan.max_resource_size"] + 10) * 1024 * 1024,
    )


def _mark_person() -> None:
    """Note that an answer is for one person: it is never shared."""
    if tk.current_user.is_authenticated:
        keep_personal()


def _require_token() -> None:
    """Ask for the form's token from everyone who is signed in by a cookie.

    CKAN exempts a view for good once a stranger or a holder of an API token has called it, which would leave
    it open to forged requests against those signed in. Strangers have nothing to forge but a sign-in, which
    browsers that tell where a request comes from let us refuse.
    """
    if request.method not in current_app.config["WTF_CSRF_METHODS"] or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if tk.current_user.is_authenticated:
        if _has_session() and not g.get("csrf_valid"):
            current_app.extensions["csrf"].protect()
    elif request.headers.get("Sec-Fetch-Site") == "cross-site" and not problems.is_for_machine():
        tk.abort(403, tk._("This form was sent from another site."))


def _token() -> str:
    """Give the token of a form: nothing for a stranger, whose pages are shared and need none."""
    return generate_csrf() if _has_session() else ""


def _has_session() -> bool:
    return tk.current_user.is_authenticated and not g.get("login_via_auth_header")


def _after(response: Response) -> Response:
    if g.pop("lrtzc_delivery_wrote", False):
        # The index was told after the rows were: a page made between the two is not to be shown again.
        generation.renew()
    endpoint = request.endpoint or ""
    if endpoint.endswith(".download") or request.path.startswith("/uploads/"):
        request.environ[DOWNLOAD] = True
        if response.status_code == 200 and not (response.mimetype or "").startswith("image/"):
            name = request.path.rsplit("/", 1)[-1]
            response.headers.setdefault("Content-Disposition", f'attachment; filename="{_plain(name)}"')
    if endpoint == "user.logout":
        response.headers["Clear-Site-Data"] = '"cache"'
    if not _has_session():
        # a token that nothing will ask for must not make a stranger known by a cookie
        field = current_app.config["WTF_CSRF_FIELD_NAME"]
        if set(session.keys()) <= {field, "_permanent"}:
            session.clear()
            if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
                session.modified = False
    return response


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in name)[:150] or "file"
