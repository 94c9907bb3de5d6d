"""Work that is spared changes no answer."""

import http.server
import os
import re
import threading

import ckan.lib.helpers as core_helpers
import ckan.model as model
import ckan.plugins.toolkit as tk
import pysolr
import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from ckanext.lrtzc.delivery import economy


class _Solr(http.server.BaseHTTPRequestHandler):
    """Answers as Solr, counts its connections, and hangs up where the query says so."""

    protocol_version = "HTTP/1.1"
    opened = 0
    asked: list[str] = []

    def setup(self):
        super().setup()
        type(self).opened += 1

    def do_GET(self):
        self.asked.append(self.headers.get("Authorization") or "")
        status = 400 if "wrong" in self.path else 200
        body = b'{"response": {"numFound": 3, "docs": []}, "error": {"msg": "undefined field"}}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        # what a server does that closes a connection nobody used for a while: it doesn't announce it
        self.close_connection = "last" in self.path

    def log_message(self, *args):
        pass


@pytest.fixture
def solr():
    _Solr.opened, _Solr.asked = 0, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Solr)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    economy._sessions.clear()
    yield server.server_address[1]
    economy._sessions.clear()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("with_plugins")
class TestConnectionsToSolr:
    def test_questions_share_a_connection(self, solr):
        for _ in range(3):
            assert pysolr.Solr(f"http://127.0.0.1:{solr}/solr").search("*:*").hits == 3
        assert _Solr.opened == 1

    def test_a_connection_that_was_closed_meanwhile_is_opened_again(self, solr):
        for question in ("last", "*:*"):
            assert pysolr.Solr(f"http://127.0.0.1:{solr}/solr").search(question).hits == 3
        assert _Solr.opened == 2

    def test_an_account_in_the_address_is_given(self, solr):
        pysolr.Solr(f"http://reader:s%40cret@127.0.0.1:{solr}/solr").search("*:*")
        assert _Solr.asked == ["Basic cmVhZGVyOnNAY3JldA=="]

    def test_what_solr_refuses_is_told(self, solr):
        with pytest.raises(pysolr.SolrError, match="undefined field"):
            pysolr.Solr(f"http://127.0.0.1:{solr}/solr").search("wrong")

    def test_that_nobody_answers_is_told_as_before(self):
        with pytest.raises(pysolr.SolrError, match="Failed to connect"):
            pysolr.Solr("http://127.0.0.1:9/solr").search("*:*")

    def test_a_forked_process_opens_its_own(self, solr):
        pysolr.Solr(f"http://127.0.0.1:{solr}/solr").search("*:*")
        child = os.fork()
        if not child:
            os._exit(0 if not economy._sessions else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert economy._sessions


@pytest.mark.usefixtures("rooms_db", "clean_index")
def test_a_setting_changed_by_another_process_is_seen_by_the_next_page(app):
    app.get("/developers")
    model.set_system_info("ckan.site_description", "Un portail")
    model.set_system_info("ckan.config_update", "1")
    try:
        app.get("/developers")
        assert tk.config["ckan.site_description"] == "Un portail"
    finally:
        model.delete_system_info("ckan.site_description")
        model.set_system_info("ckan.config_update", "2")
        app.get("/developers")


@pytest.fixture
def engine():
    address = model.ensure_engine().url
    made = sa.create_engine(address, pool_size=2, max_overflow=0)
    economy.ask_idle_connections_only(made)
    yield made
    made.dispose()


@pytest.mark.usefixtures("with_plugins")
class TestConnectionsToTheDatabase:
    def number(self, engine):
        with engine.connect() as connection:
            return connection.scalar(sa.text("SELECT pg_backend_pid()"))

    def test_the_portal_s_own_are_looked_after(self):
        engine = model.ensure_engine()
        assert not engine.pool._pre_ping
        assert sum("ask_idle" in one.__qualname__ for one in engine.pool.dispatch.checkout) == 1

    def test_those_that_were_cut_while_idle_are_made_anew(self, engine, monkeypatch):
        with engine.connect() as one, engine.connect() as other:
            both = [connection.scalar(sa.text("SELECT pg_backend_pid()")) for connection in (one, other)]
        with model.ensure_engine().connect() as killer:
            for number in both:
                killer.execute(sa.text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        monkeypatch.setattr(economy, "_IDLE", 0)
        assert self.number(engine) not in both
        assert self.number(engine) not in both

    def test_those_that_answered_a_moment_ago_are_not_asked(self, engine, monkeypatch):
        asked = []
        monkeypatch.setattr(engine.dialect, "do_ping", lambda connection: asked.append(connection) or True)
        assert self.number(engine) == self.number(engine)
        assert not asked
        monkeypatch.setattr(economy, "_IDLE", 0)
        self.number(engine)
        assert len(asked) == 1


@pytest.mark.usefixtures("with_plugins")
class TestWordsOfTemplates:
    def render(self, app, text, **words):
        template = app.flask_app.jinja_env.from_string(text)
        with app.flask_app.test_request_context("/"):
            return template.render(**words)

    def test_they_are_in_the_language_of_the_page(self, app):
        assert "À propos" in app.get("/").body
        assert "About" in app.get("/en/").body

    def test_a_language_that_is_forced_for_a_while_is_followed(self, app):
        template = app.flask_app.jinja_env.from_string('{{ _("Datasets") }}')
        with app.flask_app.test_request_context("/"):
            said = [template.render()]
            with force_locale("en"):
                said.append(template.render())
            said.append(template.render())
        assert said == ["Jeux de données", "Datasets", "Jeux de données"]

    def test_what_fills_them_in_is_escaped_and_percent_signs_stay(self, app):
        assert self.render(app, '{{ _("<b>%(name)s</b>", name=word) }}', word="<i>") == "<b>&lt;i&gt;</b>"
        assert self.render(app, '{{ _("100 %% sure") }}') == "100 % sure"


@pytest.mark.usefixtures("with_plugins")
@pytest.mark.parametrize(
    "text",
    [
        "Consommation d'énergie des bâtiments, par an",
        "Un mot\r\n\r\npuis un autre\r\nligne",
        "  un retrait\n    puis du code",
        "- une liste\n- de mots",
        "1. une\n2. deux",
        "Titre\n=====\ntexte",
        "Titre\n---\ntexte",
        "# Titre\n**gras** et _maigre_, [lien](https://example.org), `code` & <b>HTML</b> &amp; \\*",
        "a < b > c \"guillemets\" 'apostrophes' 100 %",
        "mot " * 80,
        "mot  " * 80,
        "abcdefghi " * 19 + "j",
        "\x02caractères\x03 interdits\x00",
    ],
)
@pytest.mark.parametrize("length", [0, 40, 190])
def test_the_beginning_of_a_text_is_what_ckan_makes_of_it_but_for_its_end(text, length):
    theirs = re.sub(r"[ .,;:!?]*\.\.\.$", "…", core_helpers.markdown_extract(text, length))
    assert tk.h.markdown_extract(text, length).split() == theirs.split()


@pytest.mark.usefixtures("with_plugins")
def test_a_word_longer_than_the_room_is_cut():
    assert tk.h.markdown_extract("é" * 300, 40) == "é" * 37 + "…"
