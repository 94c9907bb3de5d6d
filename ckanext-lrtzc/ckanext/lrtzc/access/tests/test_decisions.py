"""What is held back stays back, what is granted is given, and neither lasts longer than it should."""

import datetime as dt

import ckan.plugins.toolkit as tk
import pytest

from ckanext.lrtzc.access.tests.conftest import SECRET

pytestmark = pytest.mark.usefixtures("rooms_db")


def rows(held, who, **data):
    return held.call("datastore_search", who, resource_id=held.resource["id"], **data)["records"]


class TestHeldBack:
    def test_strangers_and_others_are_refused_in_words(self, held):
        for who in (None, held.other):
            with pytest.raises(tk.NotAuthorized, match="Données de clients"):
                rows(held, who)

    def test_the_owner_sees_all(self, held):
        assert len(rows(held, held.owner)) == 3

    def test_it_is_still_found_and_its_address_is_not_told(self, held):
        shown = held.call("package_show", None, id=held.dataset["id"])
        assert shown["resources"][0]["url"] == ""
        assert shown["resources"][0]["held_back"] is True
        assert held.call("package_show", held.owner, id=held.dataset["id"])["resources"][0]["url"].endswith(
            "secret.csv"
        )

    def test_lifting_opens_it(self, held):
        held.call("lrtzc_access_lift", held.owner, id=held.dataset["id"], resource_id=held.resource["id"])
        assert len(rows(held, None)) == 3


class TestGrants:
    def test_columns_and_rows(self, held, grant):
        grant(columns=["commune", "valeur"], rows=[{"column": "commune", "operator": "is", "values": ["Aytré"]}])
        found = rows(held, held.other)
        assert [set(row) for row in found] == [{"_id", "commune", "valeur"}] * 2
        assert {row["valeur"] for row in found} == {120, 73915}
        with pytest.raises(tk.NotAuthorized):
            rows(held, None)

    def test_a_period(self, held, grant):
        grant(
            rows=[
                {"column": "jour", "operator": "from", "values": ["01/01/2024"]},
                {"column": "jour", "operator": "to", "values": ["2024-12-31"]},
            ]
        )
        assert {row["valeur"] for row in rows(held, held.other)} == {120, 73916}

    def test_two_grants_add_up_cell_by_cell(self, held, grant):
        grant(columns=["commune", "valeur"], rows=[{"column": "commune", "operator": "is", "values": ["Périgny"]}])
        grant(columns=["commune", "nom"], rows=[{"column": "valeur", "operator": "max", "values": ["1 000"]}])
        found = {row["commune"]: row for row in rows(held, held.other)}
        assert found["Périgny"]["valeur"] == 73916
        assert found["Périgny"]["nom"] is None
        assert found["Aytré"]["nom"] == "École du port"
        assert found["Aytré"]["valeur"] is None

    def test_masks(self, held, grant):
        grant(
            columns=["commune", "nom", "valeur", "jour"],
            masks=[
                {"column": "nom", "coarser": "start", "size": 5},
                {"column": "valeur", "coarser": "step", "size": 1000},
                {"column": "jour", "coarser": "year"},
            ],
        )
        assert [(row["nom"], row["valeur"], row["jour"]) for row in rows(held, held.other, sort="_id")] == [
            ("École", 0, "2024-01-01"),
            ("Villa", 73000, "2025-01-01"),
            ("Usine", 73000, "2024-01-01"),
        ]

    def test_withdrawal_holds_at_the_next_call(self, held, grant):
        made = grant()
        assert len(rows(held, held.other)) == 3
        held.call("lrtzc_access_withdraw", held.owner, id=made["id"])
        with pytest.raises(tk.NotAuthorized):
            rows(held, held.other)

    def test_whoever_it_is_for_lists_it_page_by_page(self, held, grant):
        made = {grant(purpose=name)["id"] for name in ("a", "b")}
        pages = [held.call("lrtzc_access_mine", held.other, limit=1, offset=at) for at in (0, 1, 2)]
        assert [page["count"] for page in pages] == [2, 2, 2]
        assert {each["id"] for page in pages for each in page["grants"]} == made
        assert pages[2]["grants"] == []
        for odd in ({"limit": 501}, {"limit": -1}, {"offset": "x"}, {"offset": 10**30}, {"limit": [1]}):
            with pytest.raises(tk.ValidationError):
                held.call("lrtzc_access_mine", held.other, **odd)

    def test_it_ends(self, held, grant):
        from ckan import model

        from ckanext.lrtzc.access.model import AccessGrant

        made = grant(ends="2099-01-01")
        assert len(rows(held, held.other)) == 3
        AccessGrant.get(made["id"]).ends = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        model.Session.commit()
        with pytest.raises(tk.NotAuthorized):
            rows(held, held.other)

    def test_a_part_open_to_all(self, held, grant):
        grant(audience="everyone", audience_id=None, columns=["commune"])
        assert [set(row) for row in rows(held, None)] == [{"_id", "commune"}] * 3

    def test_a_column_that_went_closes_the_grant(self, held, grant):
        grant(rows=[{"column": "commune", "operator": "is", "values": ["Aytré"]}])
        from ckanext.lrtzc.explore.tests.conftest import execute

        execute(f'ALTER TABLE "{held.resource["id"]}" DROP COLUMN commune')
        assert rows(held, held.other) == []

    def test_members_of_a_group(self, held, grant):
        from ckan.tests import factories

        group = factories.Group(users=[{"name": held.other["name"], "capacity": "member"}])
        grant(audience="group", audience_id=group["name"])
        assert len(rows(held, held.other)) == 3
        held.call("member_delete", {"name": factories.Sysadmin()["name"]}, id=group["id"], object=held.other["id"],
                  object_type="user")  # fmt: skip
        with pytest.raises(tk.NotAuthorized):
            rows(held, held.other)


class TestNoWayAround:
    def test_a_hidden_column_is_unknown(self, held, grant):
        grant(columns=["commune"])
        for asked in (
            {"filters": {"nom": f"Villa {SECRET}"}},
            {"sort": "nom"},
            {"fields": "nom"},
            {"fields": ["nom"], "distinct": True},
            {"q": {"nom": "Villa"}},
            {"filters": {"valeur": {"gt": 73000}, "nom": {"gte": "A"}}},
        ):
            with pytest.raises(tk.ValidationError):
                rows(held, held.other, **asked)

    def test_hidden_words_are_not_found(self, held, grant):
        grant(columns=["commune"])
        for key in ("q", "full_text"):
            assert rows(held, held.other, **{key: SECRET}) == []
            assert len(rows(held, held.other, **{key: "Aytré"})) == 2

    def test_every_format_of_records(self, held, grant):
        grant(columns=["commune", "valeur"], rows=[{"column": "valeur", "operator": "max", "values": ["1000"]}])
        for form in ("objects", "lists", "csv", "tsv"):
            self.format(held, form)

    def format(self, held, form):
        answer = held.call("datastore_search", held.other, resource_id=held.resource["id"], records_format=form)
        assert SECRET not in str(answer)
        assert "73915" not in str(answer)
        assert answer["total"] == 1
        assert [field["id"] for field in answer["fields"]] == ["_id", "commune", "valeur"]
        assert answer["fields"][2]["info"] == {"unit": "kWh"}
        assert answer["resource_id"] == held.resource["id"]

    def test_info_tells_of_the_part_only(self, held, grant):
        grant(columns=["commune"], rows=[{"column": "valeur", "operator": "max", "values": ["1000"]}])
        info = held.call("datastore_info", held.other, id=held.resource["id"])
        assert [field["id"] for field in info["fields"]] == ["commune"]
        assert info["meta"]["count"] == 1
        assert "size" not in info["meta"]


class TestCaches:
    def test_what_one_person_was_given_is_no_validator_for_another(self, app, held, grant):
        from ckan.tests import factories

        guest = factories.UserWithToken()
        headers = {"Authorization": guest["token"]}
        made = grant(audience_id=guest["name"], columns=["commune", "valeur"])
        address = (
            f"/dataset/{held.dataset['name']}/resource/{held.resource['id']}/explore/chart.json?mark=bar&x=commune"
        )
        given = app.get(address, headers=headers)
        assert "Périgny" in given.body
        tag = {"If-None-Match": given.headers["ETag"]}
        assert app.get(address, headers={**headers, **tag}).status_code == 304
        assert app.get(address, headers=tag, expect_errors=True).status_code == 403
        held.call("lrtzc_access_withdraw", held.owner, id=made["id"])
        assert app.get(address, headers={**headers, **tag}, expect_errors=True).status_code == 403

    def test_a_page_for_all_is_not_the_one_of_whom_it_was_opened_to(self, app, held, grant):
        from ckan.tests import factories

        guest = factories.UserWithToken()
        grant(audience_id=guest["name"])
        address = f"/dataset/{held.dataset['name']}/resource/{held.resource['id']}"
        mine = app.get(address, headers={"Authorization": guest["token"]})
        assert SECRET in mine.body
        assert "public" not in mine.headers.get("Cache-Control", "")
        for _ in range(2):
            assert SECRET not in app.get(address).body
