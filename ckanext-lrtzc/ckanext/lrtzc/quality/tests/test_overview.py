"""How files stand, who is told of data that was stopped, and schemas that others keep for all."""

import json
import threading
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.quality import alerts
from ckanext.lrtzc.quality.domain.rules import Kind
from ckanext.lrtzc.quality.model import Kept, Threshold
from ckanext.lrtzc.quality.tests.tables import BAD, GOOD

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "clean_redis"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]


@pytest.fixture
def stopped(send, file, rule, package):
    """Give a file whose last data was put aside."""
    rule("range", ["n"], maximum=100)
    call_action(
        "lrtzc_quality_threshold_update", {"user": package["editor"]}, resource_id=file, minimum=0.9, below="quarantine"
    )
    assert send(GOOD, resource_id=file)["state"] == "integrated"
    batch = send(BAD, resource_id=file)
    assert batch["state"] == "quarantined", batch
    return batch


def seen(user, **asked):
    return tk.get_action("lrtzc_quality_overview")({"user": user, "ignore_auth": False}, asked)


def test_files_are_shown_to_those_who_may_change_them_and_what_is_amiss_comes_first(stopped, package, app):
    found = seen(package["editor"])
    assert (found["count"], found["stopped"]) == (1, 1)
    told = found["files"][0]
    assert (told["dataset"], told["rules"], told["minimum"]) == (package["name"], 1, 0.9)
    assert (told["last"]["id"], told["last"]["report"]["verdict"]) == (stopped["id"], "quarantined")
    assert told["before"]["report"]["share"] == 1
    assert round(told["trend"], 3) == round(2 / 3 - 1, 3)
    other = factories.User()
    assert seen(other["name"]) == {"count": 0, "stopped": 0, "files": []}
    assert seen(factories.Sysadmin()["name"])["count"] >= 1
    with pytest.raises(tk.NotAuthorized):
        seen("")
    app.set_session_user(model.User.get(package["editor"]).id)
    body = unescape(app.get("/quality").body)
    assert package["title"] in body
    assert "66,66" in body
    assert "−33,3" in body
    assert app.get("/quality?page=x&page=2").status_code == app.get("/quality?page=99999999999").status_code == 200


def test_who_looks_after_the_data_is_told_once(stopped, package, monkeypatch):
    letters = []
    monkeypatch.setattr(
        tk, "mail_recipient", lambda _name, address, subject, body, **_: letters.append((address, subject, body))
    )
    monkeypatch.setitem(tk.config, "smtp.server", "localhost")
    chief = factories.User()
    call_action("organization_member_create", id=package["owner_org"], username=chief["name"], role="admin")
    reader = factories.User()
    call_action("organization_member_create", id=package["owner_org"], username=reader["name"], role="member")
    alerts.tick("")
    alerts.tick("")
    mine = [each for each in letters if package["title"] in each[2]]
    addresses = {model.User.get(package["editor"]).email, model.User.get(chief["id"]).email}
    assert addresses <= {each[0] for each in mine}
    assert model.User.get(reader["id"]).email not in {each[0] for each in mine}
    assert len({each[0] for each in mine}) == len(mine)
    assert all(stopped["id"] in body for _address, _subject, body in mine)


class Keeper(BaseHTTPRequestHandler):
    """Gives a catalogue of schemas, and what it names."""

    def do_GET(self):
        """Answer."""
        here = f"http://{self.headers['Host']}"
        entry = {"name": "arbres", "title": "Arbres publics", "schema_url": f"{here}/arbres.json"}
        broken = {"name": "casse", "title": "Cassé", "schema_url": f"{here}/casse"}
        answers = {
            "/schemas.json": {"schemas": [entry, broken]},
            "/arbres.json": {
                "fields": [{"name": "code", "constraints": {"required": True}}, {"name": "absent", "type": "date"}]
            },
        }
        body = json.dumps(answers[self.path]).encode() if self.path in answers else b"<html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def keeper(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.quality.schemas", f"http://{host}/schemas.json")
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [host])
    yield host
    server.shutdown()
    thread.join(60)
    server.server_close()


def test_a_schema_kept_for_all_is_chosen_by_name(app, keeper, file, package):
    editor = model.User.get(package["editor"])
    app.set_session_user(editor.id)
    at = f"/dataset/{package['name']}/quality/{file}"
    page = app.get(f"{at}/schemas").body
    assert page.index("Arbres publics") < page.index("Cassé")
    app.post(f"{at}/schema", data={"name": "arbres", "failure": "refuse_row"}, follow_redirects=False, status=303)
    rules = call_action("lrtzc_quality_rule_list", resource_id=file)["rules"]
    assert [(each["kind"], each["columns"], each["failure"]) for each in rules] == [
        ("required", ["code"], "refuse_row")
    ]
    for name in ("casse", "nommé nulle part", f"http://{keeper}/arbres.json"):
        body = app.post(f"{at}/schema", data={"name": name}, status=400).body
        assert "alert-error" in body
    assert len(call_action("lrtzc_quality_rule_list", resource_id=file)["rules"]) == 1


def test_a_catalogue_that_cannot_be_read_is_said_and_asked_again(app, file, package, monkeypatch):
    app.set_session_user(model.User.get(package["editor"]).id)
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.quality.schemas", "http://127.0.0.1:9/schemas.json")
    page = app.get(f"/dataset/{package['name']}/quality/{file}/schemas", status=400).body
    assert "alert-error" in page
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.quality.schemas", "")
    assert "aucun catalogue" in app.get(f"/dataset/{package['name']}/quality/{file}/schemas").body


def many(count):
    lines = [f"{17000 + number};{number};2024-01-01;2024-02-01" for number in range(count)]
    return "code;n;debut;fin\n" + "\n".join(lines) + "\n"


def test_rules_that_the_data_keeps_are_offered_and_added_by_hand_only(app, send, file, package):
    send(many(30), resource_id=file)
    app.set_session_user(model.User.get(package["editor"]).id)
    at = f"/dataset/{package['name']}/quality/{file}"
    page = app.get(f"{at}/suggestions").body
    assert "est rempli." in unescape(page)
    assert call_action("lrtzc_quality_rule_list", resource_id=file)["rules"] == []
    for kind in Kind:
        app.get(f"{at}/rule?kind={kind}", status=200)
    assert "bon\nmoyen" in app.get(f"{at}/rule?kind=values&columns=code&param-values=bon%0Amoyen").body
    form = app.get(f"{at}/rule?kind=compare&columns=debut&other=fin&param-operator=le").body
    assert '<option value="fin" selected' in form
    data = {"columns": "debut", "other": "fin", "param-operator": "le", "failure": "flag"}
    app.post(f"{at}/rule?kind=compare", data=data, follow_redirects=False, status=303)
    offered = tk.get_action("lrtzc_quality_suggest")({"user": package["editor"]}, {"resource_id": file})
    assert offered["rows"] == 30
    assert "compare" not in {each["kind"] for each in offered["rules"]}
    with pytest.raises(tk.NotAuthorized):
        call_action("lrtzc_quality_suggest", {"user": factories.User()["name"], "ignore_auth": False}, resource_id=file)


def test_what_was_measured_is_shown_to_who_may_take_the_data_whole(app, send, file, rule, package):
    page = f"/dataset/{package['name']}"
    assert 'id="measured"' not in app.get(page).body
    rule("range", ["n"], maximum=100)
    rule("fresh", ["fin"], days=36500)
    assert send(BAD.replace("200;", ";").replace("17300;;", ";200;"), resource_id=file)["state"] == "integrated"
    for address in (page, f"{page}/resource/{file}"):
        body = unescape(app.get(address).body)
        assert "66,66" in body
        assert "83,33" in body
        assert 'datetime="2024-02-01"' in body
    call_action("lrtzc_access_restrict", {"user": package["editor"]}, id=package["id"], reason="À revoir.")
    assert 'id="measured"' not in app.get(page).body


def test_rules_go_with_their_file_and_not_before(file, rule, package):
    rule("required", ["code"])
    call_action("lrtzc_quality_threshold_update", {"user": package["editor"]}, resource_id=file, minimum=0.9)
    call_action("package_delete", {"user": package["editor"]}, id=package["id"])
    alerts.tick("")
    assert Kept.of_resource(file)
    call_action("package_update", {"user": factories.Sysadmin()["name"]}, **package | {"resources": []})
    alerts.tick("")
    assert not Kept.of_resource(file)
    assert model.Session.get(Threshold, file) is None
