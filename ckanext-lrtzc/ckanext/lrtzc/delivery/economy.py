"""What CKAN does anew for each page and needn't. None of it changes an answer.

It is connections to Solr and questions whether those to the database still stand, looks at settings and at the sources
of bundles, and the way to a language's words.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import ckan.plugins.toolkit as tk
import pysolr
import requests
import sqlalchemy as sa
import urllib3
from ckan.lib import webassets_tools
from ckan.lib.app_globals import app_globals
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale, get_translations
from jinja2 import Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from sqlalchemy.engine import Engine

from ckanext.lrtzc.delivery import generation
from ckanext.lrtzc.delivery.wsgi import MARK

#: More than the threads of one process.
_CONNECTIONS = 32


class _SolrSession:
    """What pysolr asks of a session of `requests`, on connections that stay open.

    pysolr as CKAN uses it makes a session, and so a connection, for every question.
    """

    def __init__(self, verify: bool):
        certificates = "CERT_REQUIRED" if verify else "CERT_NONE"
        self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, cert_reqs=certificates)

    def get(self, url: str, **asked: Any) -> "_SolrReply":
        """Ask by GET; see `_ask` for errors."""
        return self._ask("GET", url, **asked)

    def post(self, url: str, **asked: Any) -> "_SolrReply":
        """Ask by POST; see `_ask` for errors."""
        return self._ask("POST", url, **asked)

    def _ask(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str], timeout: float, **_: Any
    ) -> "_SolrReply":
        """Ask, and read the whole answer.

        :param timeout: in seconds
        :raises requests.RequestException: `Timeout` or `ConnectionError`, of which pysolr makes an error of its own
        """
        parts = urlsplit(url)
        if parts.username:
            account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers = {**headers, **urllib3.make_headers(basic_auth=account)}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        options: dict[str, Any] = {"body": data, "headers": headers, "timeout": timeout, "retries": False}
        connections = self._pool.connection_from_host(parts.hostname, parts.port, parts.scheme)
        try:
            try:
                reply = connections.urlopen(method, target, **options)
            except urllib3.exceptions.ProtocolError:  # closed by Solr after a while without questions
                reply = connections.urlopen(method, target, **options)
        except urllib3.exceptions.HTTPError as error:
            # a refused connection counts as a timeout for urllib3
            refused = isinstance(error, urllib3.exceptions.NewConnectionError)
            late = isinstance(error, urllib3.exceptions.TimeoutError) and not refused
            raise (requests.Timeout if late else requests.ConnectionError)(error) from error
        return _SolrReply(reply.status, reply.headers, reply.data)


@dataclass(frozen=True)
class _SolrReply:
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


_sessions: dict[bool, _SolrSession] = {}


def _solr_session(solr: pysolr.Solr) -> _SolrSession:
    return _sessions.get(solr.verify) or _sessions.setdefault(solr.verify, _SolrSession(solr.verify))


def keep_solr_connections() -> None:
    """Let the process keep its connections to Solr.

    A process that is forked off opens its own: what two processes read from one connection is anybody's answer.
    """
    pysolr.Solr.get_session = _solr_session


os.register_at_fork(after_in_child=_sessions.clear)


_IDLE = 1.0
"""Seconds after which a connection to the database is asked whether it still stands."""


def ask_idle_connections_only(engine: Engine) -> None:
    """Spare the database the question whether a connection stands that answered a moment ago.

    CKAN has it asked before each page (`sqlalchemy.pool_pre_ping`, which is off for this engine).
    """

    def used(_connection: Any, record: Any) -> None:
        record.info["lrtzc_used"] = time.monotonic()

    def ask(connection: Any, record: Any, _holder: Any) -> None:
        last = record.info.get("lrtzc_used")
        if last is None or time.monotonic() - last < _IDLE:
            return
        try:
            stands = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            stands = False
        if not stands:
            # a database that began anew left none of them
            raise sa.exc.InvalidatePoolError

    sa.event.listen(engine, "checkin", used)
    sa.event.listen(engine, "checkout", ask)


_LOOKED = 1.0
"""Seconds for which a request that changes something goes by the settings of the last look."""


class _Settings:
    """Looks for settings changed by an administrator when something was changed at all.

    CKAN asks the database before each page, in a transaction of its own. Every committed write of any process puts a
    new mark in force, that of a setting too, so the mark tells when it is worth asking.
    """

    def __init__(self) -> None:
        self._seen: str | None = None
        self._looked = -_LOOKED

    def look(self) -> None:
        """Ask the database where the mark isn't the one of the last look."""
        moment = time.monotonic()
        if has_request_context() and request.method == "POST" and moment - self._looked < _LOOKED:
            return
        self._looked = moment
        mark = _mark()
        if mark is None or mark != self._seen:
            type(app_globals)._check_uptodate(app_globals)
            self._seen = mark


def _mark() -> str | None:
    if has_request_context() and MARK in request.environ:
        return request.environ[MARK]
    return generation.current()


def look_at_settings_after_changes() -> None:
    """Spare the database the question whether settings were changed, as long as nothing was."""
    app_globals._check_uptodate = _Settings().look


def remember_asset_addresses() -> None:
    """Look at a bundle's sources when it is first asked for, not before each page."""
    if tk.config["debug"]:
        return
    for bundle in webassets_tools.env:
        bundle.urls = cache(bundle.urls)


class _Template(Template):
    """A template whose macros are found with fewer steps where others import them, as each snippet does."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        known = self.environment.globals
        if ctx is not None and self._module is not None and known.keys() >= ctx.globals_keys:
            return self._module
        return super()._get_default_module(ctx)


def import_lightly(app: Flask) -> None:
    """Let templates share a module of macros where the importing one has no globals of its own."""
    app.jinja_env.template_class = _Template


def translate_lightly(app: Flask) -> None:
    """Give templates a shorter way to the words of a language: a page asks for a hundred of them."""
    words: Any = app.jinja_env.globals
    words["_"] = words["gettext"] = _gettext


def _translations() -> Any:
    locale = get_locale()
    kept = g.get("lrtzc_translations")
    if kept is None or kept[0] is not locale:
        kept = g.lrtzc_translations = (locale, get_translations())
    return kept[1]


@pass_context
def _gettext(context: Context, text: str, /, **variables: Any) -> str:
    """Translate a text of a template, and fill it in, by the rules of Jinja's own `gettext` (new style)."""
    found = _translations().ugettext(text)
    if context.eval_ctx.autoescape:
        found = Markup(found)  # noqa: S704 - the texts of templates and catalogues are ours
    return found % variables if "%" in found else found
