"""Pages of sources, as an owner sees them."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.delivery.tests.test_work import statements
from ckanext.lrtzc.sources import taking
from ckanext.lrtzc.sources.model import Run

NAME, PASSWORD = "collecte", "ouvre-toi"
pytestmark = pytest.mark.usefixtures("rooms_db")


@pytest.fixture
def package(rooms_db):
    user = factories.User(password="Motdepasse-long-1")
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0")
    return dataset | {"editor": user}


@pytest.fixture
def browse(app, package, sftp, monkeypatch):
    """Give a function that visits a page of the dataset as its editor, in French unless told."""
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [sftp.host])

    def browse(path="", form=None, status=200, user=package["editor"], locale=""):
        headers = {"Authorization": factories.APIToken(user=user["name"])["token"]} if user else {}
        address = f"{locale}/dataset/{package['name']}/sources{path}"
        if form is None:
            return app.get(address, headers=headers, status=status, follow_redirects=False)
        return app.post(address, data=form, headers=headers, status=status, follow_redirects=False)

    return browse


def form(sftp, **more):
    typed = {"username": NAME, "password": PASSWORD, "host_key": sftp.fingerprint, **more}
    named = {f"setting-{name}": value for name, value in typed.items()}
    return {"title": "Comptages du port", "address": sftp.address, **named}


def test_a_source_is_declared_planned_run_paused_and_deleted(browse, sftp, shelf, package):
    shelf.put("comptages.csv", "lieu;passages\nPort;1\n")
    assert "SFTP" in browse().body
    assert "Clé du serveur" in browse("/new?kind=sftp").body
    first = browse("/new?kind=sftp", form(sftp, host_key=""), 422).body
    assert f'value="{sftp.fingerprint}"' in first
    assert PASSWORD not in first
    answer = browse("/new?kind=sftp", form(sftp), 303)
    source = call_action("lrtzc_source_list", package_id=package["id"])["sources"][0]
    path = f"/{source['id']}"
    assert answer.headers["Location"].endswith(f"{path}/plan?first=yes")
    planned = browse(f"{path}/plan?first=yes").body
    assert "comptages.csv" in planned
    assert "au format CSV" in planned
    assert "key" in str(browse(f"{path}/plan", {"mode": "upsert", "schedule": "daily"}, 422).body)
    browse(f"{path}/plan", {"mode": "replace", "schedule": "daily", "least": "", "most": "5", "silence_days": "3"}, 303)
    kept = call_action("lrtzc_source_show", id=source["id"])
    assert (kept["schedule"], kept["most"], kept["silence_days"]) == ("daily", 5_000_000, 3)
    assert kept["next_run"]
    browse(f"{path}/pause", {"paused": "yes"}, 303)
    assert "En pause" in browse(path).body
    browse(f"{path}/pause", {"paused": "no"}, 303)
    run = Run(source_id=source["id"], by_hand=True)
    model.Session.add(run)
    model.Session.commit()
    assert "data-refresh" in browse(path).body
    taking.run(run.id, wait=True)
    shown = browse(path).body
    assert "Terminé" in shown
    assert "data-refresh" not in browse(f"{path}/progress").body
    report = browse(f"{path}/runs/{run.id}").body
    assert "comptages.csv" in report
    assert "/batch/" in report
    assert "comptages.csv" in browse(f"{path}/files").body
    for page in ("", "/edit", "/plan", f"/runs/{run.id}"):
        for locale in ("", "/en"):
            body = browse(path + page, locale=locale).body
            assert PASSWORD not in body
    assert NAME in browse(f"{path}/edit").body
    browse(f"{path}/edit", form(sftp, password="") | {"title": "Autre nom"}, 303)
    assert "Autre nom" in browse().body
    browse(f"{path}/run", {}, 303)
    browse(f"{path}/remove", {}, 303)
    assert "Autre nom" in browse().body, "the message that says it is deleted"
    browse(path, status=404)


def test_pages_need_the_right_and_a_source_of_this_dataset(browse, sftp, package):
    browse("/new?kind=sftp", form(sftp), 303)
    source = call_action("lrtzc_source_list", package_id=package["id"])["sources"][0]
    stranger = factories.User()
    for path in ("", "/new?kind=sftp", f"/{source['id']}", f"/{source['id']}/plan"):
        browse(path, status=403, user=stranger)
    browse("/nothing", status=404)
    browse("/new?kind=gopher", status=303)


def test_administrators_see_all_sources_by_a_constant_number_of_statements(app, browse, sftp, package):
    browse("/new?kind=sftp", form(sftp), 303)
    editor = {"Authorization": factories.APIToken(user=package["editor"]["name"])["token"]}
    app.get("/ckan-admin/sources", headers=editor, status=403)
    administrator = factories.Sysadmin()
    headers = {"Authorization": factories.APIToken(user=administrator["name"])["token"]}
    counts = []
    for _more in range(2):
        for path in ("/ckan-admin/sources", f"/dataset/{package['name']}/sources"):
            app.get(path, headers=headers)
            with statements() as made:
                assert "Comptages du port" in app.get(path, headers=headers).body
            counts.append(len(made))
        for _number in range(3):
            browse("/new?kind=sftp", form(sftp), 303)
    assert counts[:2] == counts[2:]
    assert max(counts) < 40
