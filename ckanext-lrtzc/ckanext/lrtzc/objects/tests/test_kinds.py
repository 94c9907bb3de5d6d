"""The four kinds of object: by the action API, by their pages, and whose they are."""

import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects import revisions
from ckanext.lrtzc.objects.domain.forge import (
    Forge,
    Repository,
    read_hosts,
    read_revision,
    repository,
    revision_address,
)
from ckanext.lrtzc.objects.domain.kinds import KINDS, STEP_FIELDS, Type
from ckanext.lrtzc.objects.tests.test_datasets import program, run
from ckanext.lrtzc.objects.tests.test_form import Browser

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")

SHEET = {
    "purpose": "Choisir les rues à planter d'abord",
    "input_data": "Arbres et températures; aucune donnée personnelle",
    "method": "Une note par rue: ombre 60 %, passage 40 %",
    "effects": "Le service propose un ordre, les élus décident",
    "recourse": "Écrire au service des espaces verts",
}
WHOLE = {"notes": "Ce que c'est", "license_id": "lov2"}
LINK = {"url": "https://example.org/script.py", "name": "script"}


def of(kind, **more):
    """Give what an object of a kind needs to be published."""
    own = {"algorithm": SHEET, "use-case": {"purpose": SHEET["purpose"]}}.get(kind, {})
    return {"type": kind, "title": f"Un {kind} à essayer", "resources": [LINK], **WHOLE, **own, **more}


@pytest.fixture
def citizen(rooms_db):
    """A person who belongs to no organisation."""
    return factories.User(fullname="Camille Citoyenne")


class TestKinds:
    def test_each_has_its_fields_in_its_steps(self):
        for kind in KINDS.values():
            placed = {field for step in kind.steps for field in STEP_FIELDS[step]}
            assert kind.fields - placed <= {"issued", "modified"}, kind.type

    @pytest.mark.parametrize("kind", [*Type])
    def test_a_person_publishes_one_of_their_own(self, citizen, kind):
        made = run("package_create", citizen, **of(kind))
        assert made["type"] == kind
        assert made.get("owner_org") is None
        assert made["creator_user_id"] == citizen["id"]
        found = run("package_search", None, fq=f'dataset_type:"{kind}"', q=made["title"])
        assert made["id"] in [each["id"] for each in found["results"]]

    @pytest.mark.parametrize("field", [*SHEET])
    def test_an_algorithm_has_a_whole_transparency_sheet(self, citizen, field):
        with pytest.raises(tk.ValidationError) as error:
            run("package_create", citizen, **of("algorithm", **{field: " "}))
        assert field in error.value.error_dict

    def test_an_organisation_states_the_legal_ground_of_its_algorithms(self, editor, organisation):
        given = of("algorithm", owner_org=organisation["id"])
        with pytest.raises(tk.ValidationError) as error:
            run("package_create", editor, **given)
        assert "legal_ground" in error.value.error_dict
        made = run("package_create", editor, **given, legal_ground="Délibération du 12 mars 2024")
        assert made["legal_ground"].startswith("Délibération")
        assert run("package_patch", editor, id=made["id"], notes="Autre")["notes"] == "Autre"

    def test_wrong_values_are_refused_by_field(self, citizen):
        for kind, field, value in (
            ("use-case", "maturity", "soon"),
            ("use-case", "purpose", ""),
            ("restitution", "result_kind", ["map"]),
            ("algorithm", "license_id", None),
            ("algorithm", "license_id", "notspecified"),
        ):
            with pytest.raises(tk.ValidationError) as error:
                run("package_create", citizen, **of(kind, **{field: value}))
            assert field in error.value.error_dict

    def test_an_unknown_type_is_refused(self, citizen):
        with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
            run("package_create", citizen, **of("harvest"))
        with pytest.raises(tk.ValidationError):
            run("lrtzc_objects_draft_create", citizen, id=model.types.make_uuid(), type="harvest", title="x")


class TestOwners:
    def test_nobody_else_may_change_what_is_a_persons(self, citizen, editor, organisation):
        made = run("package_create", citizen, **of("algorithm"))
        for other in (factories.User(), editor):
            for action, data in (
                ("package_patch", {"title": "À moi"}),
                ("package_delete", {}),
                ("lrtzc_objects_withhold", {}),
                ("resource_create", {"package_id": made["id"], "url": "https://example.org/x"}),
            ):
                with pytest.raises(tk.NotAuthorized):
                    run(action, other, id=made["id"], **data)
        assert run("package_patch", citizen, id=made["id"], title="Autre")["title"] == "Autre"
        assert run("package_patch", factories.Sysadmin(), id=made["id"], notes="Vu")["notes"] == "Vu"

    def test_a_draft_is_seen_by_its_owner_only(self, citizen, editor, organisation):
        for hidden in ({"state": "draft"}, {"private": True}):
            made = run("package_create", citizen, **of("use-case", title="Caché", **hidden))
            for other in (None, editor):
                with pytest.raises(tk.NotAuthorized):
                    run("package_show", other, id=made["id"])
                found = run("package_search", other, q="Caché", include_drafts=True, include_private=True)
                assert made["id"] not in [each["id"] for each in found["results"]]
            assert run("package_show", citizen, id=made["id"])["id"] == made["id"]
            assert made["id"] in [each["id"] for each in run("lrtzc_objects_draft_list", citizen)]

    def test_the_owner_and_the_type_cannot_be_set(self, citizen, editor, organisation):
        made = run("package_create", citizen, **of("algorithm", creator_user_id=editor["id"]))
        other = run("package_create", editor, **of("dataset", owner_org=organisation["id"]))
        kept = run(
            "package_patch", citizen, id=made["id"], type="dataset", creator_user_id=editor["id"], identifier="x"
        )
        assert (kept["type"], kept["creator_user_id"], kept.get("identifier")) == ("algorithm", citizen["id"], None)
        mine = factories.Organization(users=[{"name": editor["name"], "capacity": "admin"}])
        for owner in (mine["id"], "", None):
            kept = run("package_patch", editor, id=other["id"], owner_org=owner)
            assert kept["owner_org"] == organisation["id"]

    def test_a_draft_may_still_change_hands_within_what_one_edits(self, editor, organisation):
        draft = run("package_create", editor, **of("dataset", owner_org=organisation["id"], state="draft"))
        assert run("package_patch", editor, id=draft["id"], owner_org="").get("owner_org") is None
        foreign = factories.Organization()
        with pytest.raises(tk.ValidationError):
            run("package_patch", editor, id=draft["id"], owner_org=foreign["id"])

    def test_a_person_cannot_publish_for_an_organisation_that_isnt_theirs(self, citizen, organisation):
        with pytest.raises((tk.NotAuthorized, tk.ValidationError)):
            run("package_create", citizen, **of("algorithm", owner_org=organisation["id"]))
        with pytest.raises(tk.NotAuthorized):
            run("package_create", None, **of("algorithm"))
        group = factories.Group()
        with pytest.raises(tk.NotAuthorized):
            run("package_create", citizen, **of("algorithm", groups=[{"id": group["id"]}]))

    def test_programs_name_the_organisation(self):
        with pytest.raises(tk.ValidationError):
            program("package_create", title="Sans personne", name="sans-personne")

    def test_an_organisation_that_owns_something_is_kept(self, editor, organisation):
        run("package_create", editor, **of("use-case", owner_org=organisation["id"]))
        with pytest.raises(tk.ValidationError):
            call_action("organization_delete", id=organisation["id"])


@pytest.fixture
def browser(app, citizen):
    return Browser(app, citizen)


class TestPages:
    def test_a_citizen_publishes_an_algorithm_step_by_step(self, browser, citizen):
        page = browser.get("/algorithm/new")
        assert "Publier un algorithme" in page.body
        browser.post("/algorithm/new", title="Priorité des rues", tag_string="rues", programming_language="R", **WHOLE)
        draft = browser.location().split("/")[-2]
        assert browser.location() == f"/algorithm/edit/{draft}/explain"
        browser.get(f"/algorithm/edit/{draft}/explain")
        # something wrong: what was typed is given back
        page = browser.post(f"/algorithm/edit/{draft}/explain", status=422, **{**SHEET, "method": "x" * 20_001})
        assert SHEET["effects"] in page.body
        browser.post(f"/algorithm/edit/{draft}/explain", **SHEET)
        assert browser.location().endswith("/files")
        browser.get(f"/algorithm/edit/{draft}/files")
        script = (io.BytesIO(b"print(1)\n"), "rues.R")
        browser.post(f"/algorithm/edit/{draft}/files", upload=script)
        browser.get(f"/algorithm/edit/{draft}/review")
        browser.post(f"/algorithm/edit/{draft}/visibility", go="publish")
        page = browser.get("/algorithm/priorite-des-rues")
        for text in ("Fiche de transparence", "60 %", "Camille Citoyenne", "rues.R", "Algorithme"):
            assert text in page.body
        assert call_action("package_show", id=draft)["resources"][0]["size"] == 9

    @pytest.mark.parametrize("kind", [Type.RESTITUTION, Type.USE_CASE])
    def test_each_kind_has_its_pages(self, browser, citizen, kind):
        browser.get(f"/{kind}/new")
        browser.post(f"/{kind}/new", title=f"Par page {kind}", **WHOLE)
        draft = browser.location().split("/")[-2]
        for step in KINDS[kind].steps:
            browser.get(f"/{kind}/edit/{draft}/{step}")
        browser.get(f"/dataset/edit/{draft}/describe", status=404)
        assert "Brouillon" in browser.get(f"/{kind}/{draft}").body
        if kind is Type.USE_CASE:
            browser.get(f"/{kind}/edit/{draft}/explain")
            browser.post(f"/{kind}/edit/{draft}/explain", purpose="Planter", maturity="service")
        else:
            run("resource_create", citizen, package_id=draft, **LINK)
        browser.get(f"/{kind}/edit/{draft}/coverage")
        browser.post(f"/{kind}/edit/{draft}/coverage", communes=["17300"], area="communes")
        browser.get(f"/{kind}/edit/{draft}/review")
        browser.post(f"/{kind}/edit/{draft}/visibility", go="publish")
        assert call_action("package_show", id=draft)["communes"] == ["17300"]

    def test_all_kinds_are_in_the_one_catalogue(self, app, citizen):
        made = {kind: run("package_create", citizen, **of(kind, title=f"Partout {kind}")) for kind in Type}
        page = app.get("/dataset/?q=partout")
        assert all(f'href="/{kind}/{each["name"]}"' in page.body for kind, each in made.items())
        assert "Type d&#39;objet" in page.body or "Type d'objet" in page.body
        assert "dataset_type=use-case" in page.body
        page = app.get("/use-case/?q=partout")
        assert f'href="/use-case/{made["use-case"]["name"]}"' in page.body
        assert f'href="/algorithm/{made["algorithm"]["name"]}"' not in page.body

    def test_only_datasets_are_exported_as_datasets(self, app, citizen):
        made = {kind: run("package_create", citizen, **of(kind, title=f"Exporté {kind}")) for kind in Type}
        catalogue = app.get("/catalog.ttl").body
        assert made["dataset"]["id"] in catalogue
        assert all(made[kind]["id"] not in catalogue for kind in Type if kind != "dataset")
        for form in (".ttl", ".xml", ".jsonld"):
            app.get(f"/dataset/{made['algorithm']['name']}{form}", status=404)


class FakeForge(BaseHTTPRequestHandler):
    """Answers as Gitea's API does."""

    answer = json.dumps([{"sha": "c0ffee" + "0" * 34, "commit": {"committer": {"date": "2026-03-01T10:00:00Z"}}}])

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.answer.encode())
        type(self).asked = self.path

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def forge(monkeypatch, ckan_config):
    server = HTTPServer(("127.0.0.1", 0), FakeForge)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.objects.forges", f"gitea:{host}")
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.egress.allowed_hosts", host)
    yield f"http://{host}"
    server.shutdown()
    server.server_close()


class TestForges:
    @pytest.mark.parametrize(
        ("address", "asked"),
        [
            ("https://github.com/ckan/ckan", "https://api.github.com/repos/ckan/ckan/commits/HEAD"),
            ("https://github.com/ckan/ckan/tree/v2", "https://api.github.com/repos/ckan/ckan/commits/v2"),
            (
                "https://gitlab.com/a/b/c/-/blob/main/x.py",
                "https://gitlab.com/api/v4/projects/a%2Fb%2Fc/repository/commits?per_page=1&ref_name=main",
            ),
            (
                "https://codeberg.org/a/b.git",
                "https://codeberg.org/api/v1/repos/a/b/commits?limit=1&stat=false&files=false",
            ),
        ],
    )
    def test_addresses(self, address, asked):
        assert revision_address(repository(address, read_hosts([]))) == asked

    @pytest.mark.parametrize(
        "address", ["https://example.org/a/b", "https://github.com/a", "ftp://github.com/a/b", "https://[", "", "x"]
    )
    def test_other_addresses_are_no_repository(self, address):
        assert repository(address, read_hosts([])) is None

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'[{"sha": "<script>"}]', b'{"sha": 5}', b"[" * 9000, b"null"])
    def test_answers_that_name_no_revision(self, body):
        assert all(read_revision(forge, body) is None for forge in Forge)

    def test_each_software_is_read(self):
        sha = "a" * 40
        for forge, answer in (
            (Forge.GITHUB, {"sha": sha, "commit": {"committer": {"date": "2026-01-01T00:00:00Z"}}}),
            (Forge.GITLAB, [{"id": sha, "committed_date": "2026-01-01T00:00:00Z"}]),
        ):
            assert read_revision(forge, json.dumps(answer).encode()).commit == sha
        assert revision_address(Repository(Forge.GITHUB, "https://forge.example.org", "a/b")).startswith(
            "https://forge.example.org/api/v3/"
        )

    def test_a_link_shows_its_revision_and_forgets_it_with_its_address(self, app, citizen, forge):
        made = run("package_create", citizen, **of("algorithm", state="draft", resources=[]))
        browser = Browser(app, citizen)
        browser.get(f"/algorithm/edit/{made['id']}/files")
        browser.post(f"/algorithm/edit/{made['id']}/files", url=f"{forge}/ville/rues", name="Dépôt")
        assert "c0ffee0000" in browser.get(f"/algorithm/edit/{made['id']}/files").body
        assert FakeForge.asked.startswith("/api/v1/repos/ville/rues/commits")
        link = run("package_show", citizen, id=made["id"])["resources"][0]
        forged = run("resource_patch", citizen, id=link["id"], lrtzc_revision="f" * 40)
        assert forged["lrtzc_revision"].startswith("c0ffee")
        moved = run("resource_patch", citizen, id=link["id"], url=f"{forge}/ville/autre")
        assert "lrtzc_revision" not in moved
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_objects_revision_read", factories.User(), id=link["id"])
        assert re.fullmatch("c0ffee0+", run("lrtzc_objects_revision_read", citizen, id=link["id"])["lrtzc_revision"])

    def test_a_worker_reads_the_revision_of_a_link_that_a_program_writes(self, citizen, forge, monkeypatch):
        asked = []
        monkeypatch.setattr(tk, "enqueue_job", lambda job, args=(), **_: asked.append((job, args)))
        links = [{"url": f"{forge}/ville/rues"}, LINK]
        made = run("package_create", citizen, **of("algorithm", resources=links))
        mine = [(job, args) for job, args in asked if job is revisions.read]
        assert mine == [(revisions.read, [made["resources"][0]["id"]])]
        assert revisions.read(made["resources"][0]["id"])
        kept = run("package_show", None, id=made["id"])["resources"]
        assert kept[0]["lrtzc_revision"].startswith("c0ffee")
        assert "lrtzc_revision" not in kept[1]
        assert not revisions.read(made["resources"][0]["id"]), "the same revision is written once"
        run("resource_patch", citizen, id=kept[0]["id"], description="Le code")
        assert [job for job, _ in asked].count(revisions.read) == 1
        asked.clear()
        monkeypatch.setattr(revisions, "_looked", float("-inf"))
        revisions.tick()
        revisions.tick()
        assert asked == [(revisions.read_old, [])]

    def test_each_link_is_asked_about_once_a_day(self, citizen, forge, clean_redis):
        made = run("package_create", citizen, **of("restitution", resources=[{"url": f"{forge}/ville/ombre"}]))
        assert revisions.read_old() == 1
        FakeForge.asked = ""
        assert revisions.read_old() == 0
        assert FakeForge.asked == ""
        assert run("package_show", None, id=made["id"])["resources"][0]["lrtzc_revision"].startswith("c0ffee")

    def test_a_link_that_is_no_repository_says_so(self, citizen):
        made = run("package_create", citizen, **of("algorithm"))
        with pytest.raises(tk.ValidationError) as error:
            run("lrtzc_objects_revision_read", citizen, id=made["resources"][0]["id"])
        assert "url" in error.value.error_dict
