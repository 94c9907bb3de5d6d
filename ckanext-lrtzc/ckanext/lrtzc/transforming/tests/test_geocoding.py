"""Geocoding by a service: sent to it and read of it, its faults, the batches and pages that have to do with it."""

import time
from html import unescape

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.egress.api import Limits
from ckanext.lrtzc.transforming import geocoder, preparing, trying
from ckanext.lrtzc.transforming.domain.geocoding import Address, Found, Unknown
from ckanext.lrtzc.transforming.domain.working import Unfit
from ckanext.lrtzc.transforming.geocoder import OPTION, Geocoder

from .geocoders import honest, serving, table, written

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "clean_redis"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]

HOTEL, GARE, DOUBTFUL, NOWHERE = "1 place de l'hôtel de ville", "3 rue de la gare", "quelque part", "nulle part"
FILE = (
    "nom;rue;ville\n"
    f"Dupont;{HOTEL};La Rochelle\nDurand;{GARE};Aytré\nPetit;{HOTEL};La Rochelle\nRoux;{DOUBTFUL};\nMorel;{NOWHERE};\n"
)
STEP = {
    "kind": "geocode",
    "params": {"columns": ["rue"], "city": "ville", "longitude": "longitude", "latitude": "latitude", "score": "score"},
}


@pytest.fixture
def service(monkeypatch, ckan_config):
    """Give a service of tests, which the portal may call though its address is private; it waits for no second try."""
    with serving() as server:
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [server.host])
        monkeypatch.setitem(tk.config, OPTION, server.address)
        monkeypatch.setattr(geocoder, "PAUSES", (0.0, 0.01))
        monkeypatch.setattr(geocoder, "LIMITS", Limits(seconds=30, size=10_000_000, redirects=0))
        yield server


def asked_of(service):
    return [[row["address"] for row in rows] for _path, _fields, rows in service.asked]


class TestService:
    def test_it_is_asked_as_addok_is_and_told_nothing_but_addresses(self, service):
        places = Geocoder().places([Address(f"{GARE} Aytré", "17440"), Address(NOWHERE)])
        assert places == [Found(-1.1147, 46.1294, 0.93, "3 Rue de la Gare 17440 Aytré"), Unknown.NOWHERE]
        ((path, fields, sent),) = service.asked
        assert path == "/geocodage/search/csv"
        assert fields == {"columns": "address", "encoding": "utf-8", "delimiter": ",", "postcode": "postcode"}
        assert [(row["address"], row["postcode"], row["citycode"]) for row in sent] == [
            (f"{GARE} Aytré", "17440", ""),
            (NOWHERE, "", ""),
        ]

    def test_many_addresses_are_asked_by_parts_and_once(self, service, monkeypatch):
        monkeypatch.setattr(geocoder, "AT_ONCE", 3)
        addresses = [Address(f"{number} rue") for number in range(7)]
        asking = Geocoder()
        assert len(asking.places(addresses)) == 7
        assert asking.places(addresses[:2]) == [Unknown.NOWHERE] * 2
        assert [len(part) for part in asked_of(service)] == [3, 3, 1]

    def test_few_are_asked_where_few_are_looked_at_and_some_more_while_none_is_found(self, service):
        addresses = [Address(f"{number} rue") for number in range(40)]
        assert Geocoder(few=3).places(addresses).count(Unknown.UNASKED) == 10
        found = Geocoder(few=3).places([Address(DOUBTFUL), *addresses])
        assert (found[0].score, found.count(Unknown.UNASKED)) == (0.31, 38)
        assert Geocoder(few=0).places(addresses) == [Unknown.UNASKED] * 40

    @pytest.mark.parametrize(
        ("fault", "code", "tries"),
        [
            (lambda h, _r: h.send(503, "en panne"), "geocoder_busy", 3),
            (lambda h, _r: h.send(429, "trop", Retry_After="0"), "geocoder_busy", 3),
            (lambda h, _r: h.send(404, "rien"), "geocoder_answer", 1),
            (lambda h, _r: h.send(200, "<html>bonjour</html>", Content_Type="text/html"), "geocoder_answer", 1),
            (lambda h, r: h.send(200, written(table(r)[:-1])), "geocoder_answer", 1),
            (lambda h, r: h.send(200, written([table(r)[0], *reversed(table(r)[1:])])), "geocoder_answer", 1),
            (lambda h, _r: h.send(302, "", Location="http://169.254.169.254/latest/"), "geocoder_answer", 1),
            (lambda h, _r: h.send(307, "", Location="https://example.org/"), "geocoder_answer", 1),
            (lambda h, _r: h.hang_up(), "geocoder_away", 3),
            (lambda h, _r: h.send(200, b"x" * 10_100_000), "geocoder_answer", 1),
        ],
    )  # fmt: skip
    def test_what_is_no_answer_is_a_failure_after_as_many_tries_as_make_sense(self, service, fault, code, tries):
        service.answer = fault
        with pytest.raises(Unfit) as failed:
            Geocoder().places([Address(GARE), Address(HOTEL)])
        assert (failed.value.code, len(service.asked)) == (code, tries)

    def test_a_service_that_stalls_is_given_up(self, service, monkeypatch):
        monkeypatch.setattr(geocoder, "LIMITS", Limits(seconds=5, connect=1, stall=0.2, redirects=0))
        service.answer = lambda handler, _rows: time.sleep(1)
        with pytest.raises(Unfit) as failed:
            Geocoder().places([Address(GARE)])
        assert (failed.value.code, failed.value.params["host"]) == ("geocoder_away", "127.0.0.1")

    def test_a_service_that_comes_back_is_asked_again_and_no_sooner_than_it_says(self, service, monkeypatch):
        waits = []
        monkeypatch.setattr(geocoder.time, "sleep", waits.append)
        monkeypatch.setattr(geocoder, "PAUSES", (1.0, 3.0, 20.0))
        answers = [
            lambda h, _r: h.send(429, "", Retry_After="7"),
            lambda h, _r: h.send(503, "", Retry_After="99999"),
            honest,
        ]
        service.answer = lambda handler, rows: answers.pop(0)(handler, rows)
        assert Geocoder().places([Address(f"{GARE} Aytré")])[0].score == 0.93
        assert waits == [7.0, 20.0]

    def test_an_address_inside_is_never_called(self, service, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", "")
        for address in (service.address, "http://169.254.169.254", "file:///etc", "http://[", "x"):
            monkeypatch.setitem(tk.config, OPTION, address)
            with pytest.raises(Unfit) as failed:
                Geocoder().places([Address(GARE)])
            assert failed.value.code == "geocoder_refused", address
        monkeypatch.setitem(tk.config, OPTION, " ")
        with pytest.raises(Unfit, match="geocoder_none"):
            Geocoder().places([Address(GARE)])
        assert service.asked == []


class TestBatches:
    def test_rows_are_placed_on_the_map_and_the_report_tells_of_those_that_are_not(self, service, send, act, rows):
        file = send(FILE)["resource_id"]
        act("lrtzc_steps_update", resource_id=file, steps=[STEP])
        batch = send(FILE, resource_id=file)
        assert batch["state"] == "integrated", batch["report"]
        known = [(row["longitude"], row["latitude"], row["score"]) for row in rows(file)]
        hotel, gare = (-1.1508, 46.1601, 0.97), (-1.1147, 46.1294, 0.93)
        assert known == [hotel, gare, hotel, (None, None, 0.31), (None, None, None)]
        assert preparing.stored(file).placed
        told = batch["report"]["transformations"][0]
        assert (told["left"], told["doubtful"], told["unasked"]) == (1, 1, 0)
        assert "Dupont" not in str(service.asked)

    def test_what_comes_first_is_proposed_by_few_addresses_and_loaded_by_all(self, service, send, act, monkeypatch):
        monkeypatch.setattr(preparing, "FEW", 2)
        file = send(FILE)["resource_id"]
        act("lrtzc_steps_update", resource_id=file, steps=[STEP])
        send(FILE, resource_id=file)
        assert asked_of(service) == [
            [f"{HOTEL} La Rochelle", f"{GARE} Aytré"],
            [f"{HOTEL} La Rochelle", f"{GARE} Aytré", DOUBTFUL, NOWHERE],
        ]

    def test_a_file_of_which_no_first_address_is_found_has_columns_of_numbers_all_the_same(self, service, send, act):
        file = send(FILE)["resource_id"]
        act("lrtzc_steps_update", resource_id=file, steps=[STEP])
        batch = send("nom;rue;ville\nx;nulle part;\n", resource_id=file)
        assert batch["state"] == "integrated", batch["report"]
        kinds = {column["name"]: column["type"] for column in batch["settings"]["columns"]}
        assert (kinds["longitude"], kinds["score"]) == ("numeric", "numeric")

    def test_a_service_that_fails_stops_the_batch_which_goes_in_when_it_is_tried_again(self, service, send, act, rows):
        from ckanext.lrtzc.batches import jobs

        file = send(FILE)["resource_id"]
        before = rows(file)
        act("lrtzc_steps_update", resource_id=file, steps=[STEP])
        service.answer = lambda handler, _rows: handler.send(503, "")
        batch = send(FILE, resource_id=file)
        assert (batch["state"], rows(file)) == ("failed", before)
        assert batch["error"] == (
            "Transformation 1 can't be made now: the geocoding service 127.0.0.1 has too much to do or is out of order "
            "(error 503). Nothing was changed; try again later."
        )
        # it is there when the file is looked at, and gives others' places when it is loaded
        answers = [honest, lambda h, r: h.send(200, written([table(r)[0], *reversed(table(r)[1:])]))]
        service.answer = lambda handler, rows: answers.pop(0)(handler, rows)
        act("batch_retry", id=batch["id"])
        jobs.advance(batch["id"])
        failed = act("batch_show", id=batch["id"])
        assert (failed["state"], rows(file)) == ("failed", before)
        assert "No row was placed by it" in failed["error"]
        service.answer = honest
        act("batch_retry", id=batch["id"])
        jobs.advance(batch["id"])
        assert act("batch_show", id=batch["id"])["state"] == "integrated"
        assert rows(file)[0]["longitude"] == -1.1508

    def test_it_is_tried_on_few_rows_before_it_is_kept(self, service, send, act, monkeypatch):
        monkeypatch.setattr(trying, "FEW", 2)
        file = send(FILE)["resource_id"]
        tried = act("lrtzc_steps_try", resource_id=file, steps=[STEP])
        assert tried["after"]["rows"][1]["cells"] == ["Durand", GARE, "Aytré", "-1.1147", "46.1294", "0.93"]
        assert (tried["steps"][0]["left"], tried["steps"][0]["unasked"]) == (0, 2)
        assert asked_of(service) == [[f"{HOTEL} La Rochelle", f"{GARE} Aytré"]]

    def test_steps_that_cannot_be_are_not_kept(self, service, send, act, monkeypatch):
        file = send(FILE)["resource_id"]
        for wrong, said in (
            ({"latitude": "longitude"}, "Another column has this name"),
            ({"label": "score"}, "Another column has this name"),
            ({"minimum": "2"}, "a number from 0 to 1"),
        ):
            with pytest.raises(tk.ValidationError, match=said):
                act("lrtzc_steps_update", resource_id=file, steps=[STEP | {"params": STEP["params"] | wrong}])
        monkeypatch.setitem(tk.config, OPTION, "")
        with pytest.raises(tk.ValidationError, match="no geocoding service"):
            act("lrtzc_steps_update", resource_id=file, steps=[STEP])

    def test_a_service_that_is_taken_away_stops_the_batches_of_files_that_ask_it(self, service, send, act, monkeypatch):
        file = send(FILE)["resource_id"]
        act("lrtzc_steps_update", resource_id=file, steps=[STEP])
        monkeypatch.setitem(tk.config, OPTION, "")
        batch = send(FILE, resource_id=file)
        assert (batch["state"], "has no geocoding service" in batch["error"]) == ("failed", True)


class TestPages:
    @pytest.fixture
    def page(self, send, package, app):
        file = send(FILE)["resource_id"]
        app.set_session_user(model.User.get(package["editor"]).id)
        return f"/en/dataset/{package['name']}/resource/{file}/transformations"

    def test_the_form_says_to_whom_addresses_go_and_is_tried_and_saved(self, service, page, app):
        form = unescape(app.get(f"{page}/step?kind=geocode").body)
        assert "are sent to 127.0.0.1, and nothing else" in form
        assert 'value="0.5"' in form
        assert 'value="longitude"' in form
        typed = {f"param-{name}": value for name, value in STEP["params"].items()} | {"number": "0"}
        tried = unescape(app.post(f"{page}/step?kind=geocode", data={**typed, "try": "yes"}).body)
        assert "-1.1508" in tried
        assert "1 address found with too low a score, which has no place" in tried
        assert app.post(f"{page}/step?kind=geocode", data=typed, follow_redirects=False).status_code == 303
        shown = unescape(app.get(page).body)
        assert "Find the place of the addresses in “rue” and “ville”, where the score is 0.5 at least." in shown
        wrong = unescape(app.post(f"{page}/step/0", data={**typed, "param-minimum": "trop", "number": "1"}).body)
        assert "Give a number from 0 to 1" in wrong
        assert 'value="trop"' in wrong
        french = unescape(app.get(page.replace("/en/", "/fr/") + "/step/0").body)
        assert 'value="0,5"' in french

    def test_a_page_waits_for_no_service_that_fails(self, service, page, app):
        service.answer = lambda handler, _rows: handler.send(503, "")
        typed = {f"param-{name}": value for name, value in STEP["params"].items()} | {"number": "0", "try": "yes"}
        tried = unescape(app.post(f"{page}/step?kind=geocode", data=typed).body)
        assert "has too much to do or is out of order" in tried
        assert len(service.asked) == 1

    def test_where_there_is_no_service_it_is_not_offered_and_that_is_said(self, service, page, app, monkeypatch):
        assert 'value="geocode"' in app.get(page).body
        monkeypatch.setitem(tk.config, OPTION, "")
        shown = unescape(app.get(page).body)
        assert 'value="geocode"' not in shown
        assert "this portal has no geocoding service" in shown
        monkeypatch.setitem(tk.config, OPTION, service.address)
        for kind, typed in (("geocode", STEP["params"]), ("normalise", {"columns": ["ville"]})):
            given = {f"param-{name}": value for name, value in typed.items()}
            app.post(f"{page}/step?kind={kind}", data=given, follow_redirects=False)
        monkeypatch.setitem(tk.config, OPTION, "")
        shown = unescape(app.get(page).body)
        assert shown.count("Step 1: This portal has no geocoding service") == 1
        assert "Step 1 can't be made of it" in shown
        refused = unescape(app.post(page, data={"do": "up-1", "number": "2"}).body)
        assert "Step 2: This portal has no geocoding service" in refused
        assert app.get(f"{page}/step?kind=geocode").status_code == 200


class TestSetting:
    @pytest.fixture
    def administrator(self, ckan_config):
        yield {"Authorization": factories.SysadminWithToken()["token"]}
        model.Session.query(model.SystemInfo).filter(model.SystemInfo.key == OPTION).delete()
        model.Session.commit()

    def test_administrators_name_the_service_or_none(self, app, administrator):
        assert geocoder.service() == "https://data.geopf.fr/geocodage"
        page = "/ckan-admin/config"
        assert "Adresse du service de géocodage" in unescape(app.get(f"/fr{page}", headers=administrator).body)
        app.post(page, data={OPTION: "https://adresses.example.org/", "save": "yes"}, headers=administrator)
        assert (geocoder.service(), geocoder.host()) == ("https://adresses.example.org", "adresses.example.org")
        for wrong in (
            "adresses",
            "ftp://x.example",
            "http://127.0.0.1/",
            "http://a:b@x.example",
            "https://x.example/?q=",
        ):
            shown = app.post(page, data={OPTION: wrong, "save": "yes"}, headers=administrator)
            assert "error-message" in shown.body, wrong
            assert geocoder.host() == "adresses.example.org"
        app.post(page, data={OPTION: "", "save": "yes"}, headers=administrator)
        assert geocoder.service() == ""
