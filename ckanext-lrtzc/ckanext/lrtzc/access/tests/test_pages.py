"""Pages of access as owners, those to whom something was opened, and strangers see them."""

import ckan.plugins.toolkit as tk
import pytest

from ckanext.lrtzc.access.tests.conftest import SECRET

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")


@pytest.fixture
def at(held):
    """Give a function that gives the address of a page of the dataset."""

    def address(end="", dataset=True):
        return f"/en/dataset/{held.dataset['name']}{end}"

    return address


@pytest.fixture
def explorer(held):
    return f"/en/dataset/{held.dataset['name']}/resource/{held.resource['id']}/explore"


class TestOwnersPage:
    def test_only_those_who_may_change_the_dataset(self, app, held, at):
        for end in ("/access", "/access/grant"):
            app.get(at(end), status=403)
        for end in ("/access", "/access/grant"):
            app.set_session_user(held.other["name"])
            app.get(at(end), status=403)
            app.post(at(end), status=403, data={"go": "lift", "resource": held.resource["id"]})

    def test_it_says_what_is_held_back_and_why(self, app, held, at):
        app.set_session_user(held.owner["name"])
        page = app.get(at("/access"), status=200)
        assert "Données de clients" in page.body
        assert "Held back in part" in page.body

    def test_hold_back_and_open_again(self, app, held, at):
        app.set_session_user(held.owner["name"])
        app.post(at("/access"), data={"go": "restrict", "resource": "", "reason": "Sous embargo"}, status=200)
        assert "Sous embargo" in app.get(at("/access")).body
        app.post(at("/access"), data={"go": "lift", "resource": ""})
        app.post(at("/access"), data={"go": "lift", "resource": held.resource["id"]})
        assert held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])["restrictions"] == []

    def test_a_reason_that_is_too_long_is_kept_and_told(self, app, held, at):
        app.set_session_user(held.owner["name"])
        page = app.post(at("/access"), data={"go": "restrict", "resource": "", "reason": "x" * 1001}, status=400)
        assert "x" * 1001 in page.body
        assert "longer than 1000" in page.body

    def test_openings_in_words_and_their_withdrawal(self, app, held, at, grant):
        made = grant(
            columns=["commune", "valeur"],
            rows=[{"column": "commune", "operator": "is", "values": ["Aytré"]}],
            ends="2099-01-01",
            purpose="Étude des besoins",
        )
        app.set_session_user(held.owner["name"])
        body = app.get(at("/access")).body
        assert "Columns Commune and valeur; rows where Commune is Aytré." in body
        assert "December 31, 2098 included" in body
        assert "Étude des besoins" in body
        asked = app.get(at(f"/access/withdraw/{made['id']}"), status=200)
        assert "Withdraw this opening?" in asked.body
        app.post(at(f"/access/withdraw/{made['id']}"))
        with pytest.raises(tk.NotAuthorized):
            held.call("datastore_search", held.other, resource_id=held.resource["id"])
        assert "withdrawn on" in app.get(at("/access")).body

    def test_what_people_write_is_shown_as_text(self, app, held, at, grant, explorer):
        call = held.call
        mark = "<img src=x onerror=alert(1)>{0}{reason}%s"
        call("lrtzc_access_restrict", held.owner, id=held.dataset["id"], reason=mark)
        made = grant(purpose=mark, rows=[{"column": "nom", "operator": "contains", "values": [mark]}])
        app.set_session_user(held.owner["name"])
        for end in (
            "/access",
            f"/access/withdraw/{made['id']}",
            "/access/grant?contains.nom=" + mark.replace("%", "%25"),
        ):
            body = app.get(at(end), status=200).body
            assert "<img src=x" not in body
            assert "&lt;img src=x onerror=alert(1)&gt;{0}{reason}%s" in body
        app.set_session_user(held.other["name"])
        for path in ("/en/access/mine", explorer, at("")):
            body = app.get(path, status=200).body
            assert "<img src=x" not in body
            assert "{0}{reason}%s" in body

    def test_an_opening_of_another_dataset_is_not_found(self, app, held, at, grant):
        from ckan.tests import factories

        made = grant()
        other = factories.Dataset(owner_org=held.org["id"])
        app.set_session_user(held.owner["name"])
        app.post(f"/en/dataset/{other['name']}/access/withdraw/{made['id']}", status=404)
        app.get(at("/access/withdraw/nothing"), status=404)

    def test_pages_of_many_openings(self, app, held, at, grant):
        for number in range(51):
            grant(purpose=f"n° {number}")
        app.set_session_user(held.owner["name"])
        assert app.get(at("/access")).body.count('class="access-grant"') == 50
        assert app.get(at("/access?page=2")).body.count('class="access-grant"') == 1
        for page in ("0", "-1", "x", "9" * 30, "7"):
            app.get(at(f"/access?page={page}"), status=200)


class TestOpening:
    def data(self, held, go="open", **more):
        return {
            "go": go,
            "resource": held.resource["id"],
            "which": "some",
            "column": ["commune", "valeur"],
            "filter_column[]": ["commune"],
            "filter_operator[]": ["is"],
            "filter_value[]": ["Aytré"],
            "audience": "person",
            "person": held.other["email"],
            "purpose": "Étude",
            "ends": "2098-12-31",
            **more,
        }

    def test_two_columns_until_a_day(self, app, held, at):
        app.set_session_user(held.owner["name"])
        page = app.post(at("/access/grant"), data=self.data(held), status=200)
        assert "It is opened" in page.body
        (made,) = held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])["grants"]
        assert made["audience_id"] == held.other["id"]
        assert sorted(made["columns"]) == ["commune", "valeur"]
        assert made["ends"].startswith("2098-12-31T23:00") or made["ends"].startswith("2099-01-01")
        found = held.call("datastore_search", held.other, resource_id=held.resource["id"])["records"]
        assert [set(row) for row in found] == [{"_id", "commune", "valeur"}] * 2

    def test_the_preview_shows_that_part_and_nothing_else(self, app, held, at):
        app.set_session_user(held.owner["name"])
        page = app.post(
            at("/access/grant"), data=self.data(held, "preview", **{"filter_value[]": "Périgny"}), status=200
        )
        assert "What they will see" in page.body
        assert "<strong>1 row</strong>" in page.body
        assert "73916" in page.body.replace(",", "")
        assert SECRET not in page.body
        assert held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])["count"] == 0

    def test_conditions_come_and_go_without_losing_the_rest(self, app, held, at):
        app.set_session_user(held.owner["name"])
        page = app.post(at("/access/grant"), data=self.data(held, "add"), status=200)
        assert page.body.count('name="filter_column[]"') == 2
        assert 'value="Aytré"' in page.body
        assert 'value="Étude"' in page.body
        page = app.post(at("/access/grant"), data=self.data(held, "remove-1"), status=200)
        assert 'name="filter_column[]"' not in page.body
        assert 'name="mask_column[]"' in app.post(at("/access/grant"), data=self.data(held, "coarsen")).body

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"column": []}, "Choose at least one column."),
            (
                {"filter_column[]": ["valeur"], "filter_operator[]": ["min"], "filter_value[]": ["beaucoup"]},
                "not a number",
            ),
            ({"filter_operator[]": ["min"]}, "This comparison doesn"),
            ({"filter_value[]": [""]}, "Write a value."),
            ({"filter_column[]": ["_full_text"]}, "Choose a column."),
            ({"filter_operator[]": ["drop table"]}, "Choose how to compare."),
            ({"period": "jour", "period_from": "31 juin"}, "is not a date"),
            ({"mask_column[]": ["commune"], "mask_how[]": ["year"]}, "suit the column"),
            ({"person": "nobody@nowhere.test"}, "No account has this name"),
            ({"person": ""}, "Say to whom."),
            ({"audience": "group", "group": "nothing"}, "There is no organisation or group"),
            ({"ends": "2001-01-01"}, "The last day is in the past"),
            ({"ends": "demain"}, "is not a date"),
            ({"purpose": "x" * 301}, "longer than 300"),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_said_and_nothing_lost(self, app, held, at, changed, said):
        app.set_session_user(held.owner["name"])
        page = app.post(at("/access/grant"), data=self.data(held, **changed), status=400)
        assert said in page.body.replace("&#39;", "'")
        assert 'name="purpose"' in page.body
        assert held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])["count"] == 0

    def test_the_explorers_selection_fills_the_form(self, app, held, at):
        app.set_session_user(held.owner["name"])
        query = f"?resource={held.resource['id']}&column=commune&contains.nom=port&from.jour=2024-01-01&q=x"
        body = app.get(at("/access/grant") + query, status=200).body
        assert 'value="commune" checked' in body
        assert 'value="nom" checked' not in body
        assert 'value="port"' in body
        assert 'name="period_from" type="date" value="2024-01-01"' in body
        assert "were left out" in body

    def test_the_explorer_offers_it_to_owners_only(self, app, held, explorer, grant):
        grant()
        app.set_session_user(held.other["name"])
        assert "Open this selection to somebody" not in app.get(explorer).body
        app.set_session_user(held.owner["name"])
        body = app.get(f"{explorer}?is.commune=Aytr%C3%A9&column=valeur").body
        assert f"/access/grant?resource={held.resource['id']}&amp;is.commune=Aytr%C3%A9&amp;column=valeur" in body

    def test_odd_addresses(self, app, held, at):
        app.set_session_user(held.owner["name"])
        app.get(at("/access/grant?resource=nothing"), status=404)
        app.get(at("/access/grant?resource=all&min.x=1"), status=200)
        app.get(at("/access/grant?in.commune=" + "a" * 3000), status=200)

    def test_htmx_gets_the_form_alone(self, app, held, at):
        app.set_session_user(held.owner["name"])
        answer = app.post(at("/access/grant"), data=self.data(held, "add"), headers={"HX-Request": "true"})
        assert answer.body.lstrip().startswith("<form")


class TestThosePeople:
    def test_it_is_listed_with_why_and_until_when(self, app, held, grant):
        grant(columns=["commune"], purpose="Étude", ends="2099-01-01")
        app.set_session_user(held.other["name"])
        body = app.get("/en/access/mine", status=200).body
        for said in ("Consommations", "Column Commune; all rows.", "For: Étude", "December 31, 2098 included"):
            assert said in body

    def test_nothing_yet_and_nobody(self, app, held):
        assert "/user/login" in app.get("/en/access/mine", follow_redirects=False).headers["Location"]
        app.set_session_user(held.other["name"])
        assert "Nothing for now" in app.get("/en/access/mine").body

    def test_the_explorer_shows_the_part_says_so_and_leaves_a_trace(self, app, held, grant, explorer):
        from ckan.tests.helpers import call_action

        grant(columns=["commune"], purpose="Étude", ends="2099-01-01")
        app.set_session_user(held.other["name"])
        body = app.get(explorer, status=200).body
        assert "which its publisher opened to you, for: Étude" in body.replace("“", "").replace("”", "")
        assert "Column Commune; all rows." in body
        assert SECRET not in body
        taken = app.get(f"{explorer}/export.csv", status=200).body
        assert taken.split() == ["Commune", "Aytré", "Aytré", "Périgny"] or taken.split()[0] == "commune"
        traces = call_action("lrtzc_ledger_search", object_id=held.resource["id"], operation="access")["entries"]
        assert {"access.read", "access.download"} <= {trace["operation"] for trace in traces}


class TestHeldBack:
    def test_the_explorer_says_why_instead_of_hiding(self, app, held, explorer):
        for end in ("", "/row/1", "/columns"):
            body = app.get(explorer + end, status=403).body
            assert "Données de clients" in body
            assert "If somebody opened it to you, sign in." in body
        for end in ("/export.csv", "/chart.json?view=chart", "/dictionary.json"):
            answer = app.get(explorer + end, status=403)
            assert answer.content_type.startswith("application/problem+json")
            assert answer.json["code"] == "held_back"

    def test_a_page_that_was_open_when_it_ended_is_loaded_anew(self, app, held, explorer):
        answer = app.get(explorer, headers={"HX-Request": "true"}, status=403)
        assert answer.headers["HX-Refresh"] == "true"

    def test_what_cannot_be_found_does_not_exist(self, app, held, explorer):
        from ckan.tests.helpers import call_action

        call_action("package_patch", {"user": held.owner["name"]}, id=held.dataset["id"], private=True)
        for end in ("", "/row/1", "/export.csv"):
            app.get(explorer + end, status=404)

    def test_the_pages_say_so_and_offer_no_file(self, app, held):
        page = app.get(f"/en/dataset/{held.dataset['name']}").body
        assert "Données de clients" in page
        assert "secret.csv" not in page
        file = app.get(f"/en/dataset/{held.dataset['name']}/resource/{held.resource['id']}").body
        assert "Données de clients" in file
        for way_out in ('btn-primary" href', "/download/"):
            assert way_out not in file
        assert "Some data on request" in app.get("/en/dataset/").body

    def test_a_program_that_asks_for_the_file_gets_the_reason(self, app, held):
        path = f"/dataset/{held.dataset['id']}/resource/{held.resource['id']}/download/secret.csv"
        answer = app.get(path, headers={"Accept": "application/json"}, status=403)
        assert answer.json["code"] == "held_back"

    def test_a_part_open_to_all_for_a_time_is_not_shared_beyond(self, app, held, grant, explorer):
        grant(audience="everyone", audience_id=None, columns=["commune"], ends="2099-01-01")
        answer = app.get(explorer, status=200)
        assert "public" not in answer.headers["Cache-Control"]
        assert "You see the part of this data that is open to all." in answer.body


class TestRules:
    def test_administrators_only(self, app, held):
        app.get("/ckan-admin/access-rules", status=403)
        app.set_session_user(held.owner["name"])
        app.get("/ckan-admin/access-rules", status=403)

    def test_rules_faults_and_forgetting(self, app, held):
        from ckan.tests import factories

        from ckanext.lrtzc.access import faults

        faults.note("rights", faults.FAILED, "KeyError: <b>x</b>")
        app.set_session_user(factories.Sysadmin()["name"])
        body = app.get("/en/ckan-admin/access-rules", status=200).body
        assert "KeyError: &lt;b&gt;" in body
        assert "The portal itself" in body
        page = app.post("/en/ckan-admin/access-rules", data={})
        assert "KeyError" not in page.body
