"""Links by the action API and by page: which are made, who sees them, and what is asked before something goes."""

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import rdflib
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.links.domain.drawing import MOST, Node, draw
from ckanext.lrtzc.links.domain.kinds import TARGETS, LinkKind, may_join
from ckanext.lrtzc.links.model import Link
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")


def link(user, kind, source, target):
    return run("lrtzc_link_create", user, kind=kind, source_id=source["id"], target_id=target["id"])


def seen(user, package, **more):
    return {
        (each["kind"], each["way"], each["id"])
        for each in run("lrtzc_link_list", user, id=package["id"], **more)["links"]
    }


class TestRules:
    def test_only_some_types_are_joined(self):
        assert may_join(LinkKind.USES, "use-case", "dataset")
        assert not may_join(LinkKind.USES, "dataset", "use-case")
        assert set(TARGETS) == set(LinkKind)

    @pytest.mark.parametrize(("left", "right"), [(9, 1), (0, 3), (2, 0)])
    def test_a_drawing_holds_its_boxes_and_says_how_many_are_left_out(self, left, right):
        nodes = [Node(f"Objet {number}", "dataset", "/x") for number in range(9)]
        drawing = draw(Node("Moi", "use-case", ""), nodes[:left], nodes[:right], 1_000)
        assert len(drawing.boxes) == len(drawing.lines) == min(left, MOST) + right
        assert drawing.more == 1_000 - len(drawing.boxes)
        boxes = [drawing.centre, *drawing.boxes]
        assert all(0 <= box.y <= drawing.height - 50 and 0 <= box.x <= drawing.width - 210 for box in boxes)
        assert len({(box.x, box.y) for box in boxes}) == len(boxes)


class TestLinking:
    def test_both_ends_show_it_and_it_can_be_taken_away(self, make, person):
        case, data = make("use-case"), make()
        made = link(person, "uses", case, data)
        assert link(person, "uses", case, data)["id"] == made["id"]
        assert seen(None, case) == {("uses", "out", data["id"])}
        assert seen(None, data) == {("uses", "in", case["id"])}
        run("lrtzc_link_delete", person, id=made["id"])
        assert seen(None, case) == set()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "eats"},
            {"kind": ["uses"]},
            {"kind": "derived_from"},
            {"target_id": ""},
            {"target_id": {"a": 1}},
            {"target_id": "\x00"},
            {"source_id": None},
        ],
    )
    def test_wrong_links_are_refused(self, make, person, wrong):
        case, data = make("use-case"), make()
        with pytest.raises(tk.ValidationError):
            call_action(
                "lrtzc_link_create",
                {"user": person["name"], "ignore_auth": False},
                **{"kind": "uses", "source_id": case["id"], "target_id": data["id"], **wrong},
            )

    def test_nothing_goes_round(self, make, person):
        first, second, third = make(), make(), make()
        link(person, "derived_from", second, first)
        link(person, "derived_from", third, second)
        with pytest.raises(tk.ValidationError) as error:
            link(person, "derived_from", first, third)
        assert "target_id" in error.value.error_dict
        with pytest.raises(tk.ValidationError):
            link(person, "derived_from", first, first)
        case, result = make("use-case"), make("restitution")
        link(person, "produced_by", result, case)
        with pytest.raises(tk.ValidationError):
            link(person, "uses", case, result)

    def test_one_speaks_for_ones_own_objects_only(self, make, person, other):
        case, data, hidden = make("use-case"), make(), make(private=True)
        for user in (other, None):
            with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
                link(user, "uses", case, data)
        made = link(person, "uses", case, data)
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_link_delete", other, id=made["id"])
        theirs = make("use-case", user=other)
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            link(other, "uses", theirs, hidden)
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            run("lrtzc_link_list", other, id=hidden["id"])

    def test_what_one_may_not_see_is_neither_shown_nor_counted(self, app, make, person, other):
        data = make()
        for number in range(3):
            link(other, "uses", make("use-case", user=other, title=f"Public {number}"), data)
        draft = make("use-case", user=other, title="Secret zanzibar", private=True)
        link(other, "uses", draft, data)
        for user, number in ((None, 3), (person, 3), (other, 4), (factories.Sysadmin(), 4)):
            links = run("lrtzc_link_list", user, id=data["id"])["links"]
            assert {each["total"] for each in links} == {number}
            assert len(links) == number
        page = app.get(f"/dataset/{data['name']}")
        assert "zanzibar" not in page.body
        assert "Public 2" in page.body
        assert "zanzibar" not in app.get(f"/dataset/{data['name']}.ttl").body
        assert "zanzibar" not in app.get(f"/dataset/{data['name']}/links").body


class TestBreaking:
    def test_others_use_cases_are_not_broken_without_a_word(self, make, person, other):
        data = make()
        case = make("use-case", user=other, title="Planter des arbres")
        link(other, "uses", case, data)
        for action, more in (
            ("package_delete", {}),
            ("package_patch", {"private": True}),
            ("package_patch", {"state": "draft"}),
            ("package_patch", {"state": "deleted"}),
            ("package_patch", {"resources": []}),
            ("lrtzc_objects_withhold", {}),
            ("lrtzc_access_restrict", {"reason": "Clients"}),
        ):
            with pytest.raises(tk.ValidationError) as error:
                run(action, person, id=data["id"], **more)
            assert "Planter des arbres" in error.value.error_dict["confirm_breaks"][0]
        assert run("package_patch", person, id=data["id"], notes="Autre")["notes"] == "Autre"
        told = run("lrtzc_link_breakage", person, id=data["id"])
        assert (told["total"], told["foreign_total"], told["confirm"]) == (1, 1, True)
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_link_breakage", other, id=data["id"])
        run("lrtzc_access_restrict", person, id=data["id"], reason="Clients", confirm_breaks=True)
        assert run("lrtzc_access_restrict", person, id=data["id"], reason="Nos clients")["reason"] == "Nos clients"
        run("lrtzc_objects_withhold", person, id=data["id"], confirm_breaks=True)
        assert run("package_show", person, id=data["id"])["private"]
        run("package_patch", person, id=data["id"], private=False)
        run("package_delete", person, id=data["id"], confirm_breaks="true")
        assert call_action("package_show", id=data["id"])["state"] == "deleted"
        assert seen(other, case) == set()

    def test_a_file_is_not_taken_away_without_a_word(self, make, person, other):
        data = make(resources=[{"url": "https://example.org/a.csv"}, {"url": "https://example.org/b.csv"}])
        link(other, "uses", make("use-case", user=other, title="Planter des arbres"), data)
        first = {"id": data["resources"][0]["id"]}
        with pytest.raises(tk.ValidationError) as error:
            run("resource_delete", person, **first)
        assert "Planter des arbres" in error.value.error_dict["confirm_breaks"][0]
        with pytest.raises(tk.NotAuthorized):
            run("resource_delete", other, **first, confirm_breaks=True)
        run("resource_delete", person, **first, confirm_breaks=True)
        assert [each["id"] for each in run("package_show", None, id=data["id"])["resources"]] == [
            data["resources"][1]["id"]
        ]

    def test_many_at_once_are_all_asked_about_before_one_is_changed(self, make, person, other):
        organisation = factories.Organization(users=[{"name": person["name"], "capacity": "admin"}])
        made = [make(owner_org=organisation["id"]) for _ in range(2)]
        link(other, "uses", make("use-case", user=other), made[1])
        asked = {"datasets": [each["id"] for each in made], "org_id": organisation["id"]}
        for action in ("bulk_update_private", "bulk_update_delete"):
            with pytest.raises(tk.ValidationError):
                run(action, person, **asked)
        assert [run("package_show", None, id=each["id"])["private"] for each in made] == [False, False]
        run("bulk_update_private", person, **asked, confirm_breaks=True)
        assert [run("package_show", person, id=each["id"])["private"] for each in made] == [True, True]

    def test_ones_own_need_no_word_and_hidden_ones_are_not_told(self, make, person, other):
        data = make()
        link(person, "uses", make("use-case"), data)
        link(other, "uses", make("use-case", user=other, private=True), data)
        told = run("lrtzc_link_breakage", person, id=data["id"])
        assert (told["total"], told["confirm"]) == (1, False)
        run("package_delete", person, id=data["id"])

    def test_what_is_erased_leaves_no_link(self, make, person):
        case, data = make("use-case"), make()
        link(person, "uses", case, data)
        run("dataset_purge", factories.Sysadmin(), id=data["id"])
        assert not model.Session.scalar(sa.select(sa.func.count()).where(Link.source_id == case["id"]))


class TestPages:
    def test_links_are_made_seen_both_ways_and_walked(self, app, make, person):
        case, data = make("use-case", title="Planter"), make(title="Arbres")
        browser = Browser(app, person)
        browser.get(f"/use-case/{case['name']}/links")
        address = f"http://localhost/dataset/{data['name']}?x=1"
        browser.post(f"/use-case/{case['name']}/links", kind="uses", target=address)
        page = app.get(f"/use-case/{case['name']}")
        assert "<svg viewBox" in page.body
        assert f'href="/dataset/{data["name"]}#links"' in page.body
        assert f'href="/use-case/{case["name"]}#links"' in app.get(f"/dataset/{data['name']}").body
        browser.get(f"/use-case/{case['name']}/links")
        wrong = browser.post(f"/use-case/{case['name']}/links", status=422, kind="uses", target="nulle-part")
        assert "nulle-part" in wrong.body
        made = run("lrtzc_link_list", None, id=case["id"])["links"][0]["link_id"]
        browser.post(f"/use-case/{case['name']}/links", remove=made)
        assert seen(None, case) == set()
        Browser(app, factories.User()).post(f"/use-case/{case['name']}/links", 403, kind="uses", target=data["name"])

    def test_deleting_shows_what_breaks_first(self, app, make, person, other):
        data, case = make(), make("use-case", user=other, title="Planter encore")
        link(other, "uses", case, data)
        browser = Browser(app, person)
        for page in (f"/dataset/delete/{data['name']}", f"/dataset/edit/{data['id']}/review"):
            assert "Planter encore" in browser.get(page).body
        browser.post(f"/dataset/edit/{data['id']}/visibility", status=422, go="withhold")
        file = f"/dataset/{data['name']}/resource/{data['resources'][0]['id']}/delete"
        assert "Planter encore" in browser.get(file).body
        browser.post(file, status=422, delete="yes")
        held = f"/dataset/{data['name']}/access"
        assert "Planter encore" in browser.get(held).body
        browser.post(held, status=400, go="restrict", reason="Clients")
        browser.get(f"/dataset/delete/{data['name']}")
        browser.post(f"/dataset/delete/{data['name']}", status=422, delete="yes")
        browser.post(f"/dataset/delete/{data['name']}", delete="yes", confirm_breaks="true")
        assert call_action("package_show", id=data["id"])["state"] == "deleted"

    def test_lineage_is_said_in_prov(self, app, make, person):
        data, script, case = make(), make("algorithm"), make("use-case")
        result, copy = make("restitution"), make("dataset")
        for kind, source, target in (
            ("uses", case, script),
            ("produced_by", result, data),
            ("produced_by", result, case),
            ("derived_from", copy, data),
        ):
            link(person, kind, source, target)
        site = tk.config["ckan.site_url"]
        at = {
            each["id"]: rdflib.URIRef(f"{site}/{each['type']}/{each['id']}")
            for each in (data, script, case, result, copy)
        }
        graph = rdflib.Graph().parse(data=app.get(f"/restitution/{result['name']}.ttl").body, format="turtle")
        ref = at[result["id"]]
        assert (ref, PROV.wasGeneratedBy, at[case["id"]]) in graph
        assert list(graph.objects(ref, PROV.wasGeneratedBy / PROV.used)) == [at[data["id"]]]
        graph = rdflib.Graph().parse(data=app.get(f"/dataset/{data['name']}.ttl").body, format="turtle")
        assert (at[copy["id"]], PROV.wasDerivedFrom, at[data["id"]]) in graph
        graph = rdflib.Graph().parse(data=app.get(f"/use-case/{case['name']}.xml").body, format="xml")
        assert (at[case["id"]], PROV.used, at[script["id"]]) in graph
        described = json.loads(app.get(f"/use-case/{case['name']}.jsonld").body)
        assert str(at[script["id"]]) in json.dumps(described)


def statements_of(app, path):
    """Give the number of SQL statements of a page."""
    told = []

    def note(_conn, _cursor, statement, *_rest):
        told.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        app.get(path)
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    return len(told)


def test_a_page_of_a_thousand_links_asks_no_more_than_one_of_three(app, make, person):
    few, many = make(title="Trois liens"), make(title="Mille liens")
    for data, number in ((few, 3), (many, 1_000)):
        rows = [
            {"id": model.types.make_uuid(), "name": f"lien-{number}-{one}-{data['id'][:8]}", "title": f"Cas {one}",
             "type": "use-case", "state": "active", "private": False, "creator_user_id": person["id"]}
            for one in range(number)
        ]  # fmt: skip
        model.Session.execute(sa.insert(model.Package), rows)
        links = [
            {
                "id": row["id"],
                "kind": "uses",
                "source_id": row["id"],
                "target_id": data["id"],
                "created_by": person["id"],
            }
            for row in rows
        ]
        model.Session.execute(sa.insert(Link), links)
        model.Session.commit()
    app.get(f"/dataset/{few['name']}?warm")
    numbers = [statements_of(app, f"/dataset/{each['name']}?counted") for each in (few, many)]
    assert numbers[0] == numbers[1] > 0
    assert "1 000" in app.get(f"/dataset/{many['name']}").body.replace("\u202f", " ").replace("\xa0", " ")
    pages = [statements_of(app, f"/dataset/{each['name']}/links?counted") for each in (few, many)]
    assert pages[0] == pages[1] > 0
