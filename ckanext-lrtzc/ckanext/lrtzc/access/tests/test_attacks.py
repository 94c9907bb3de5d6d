"""Wrong types, other people's things, twice at once: each answer is a clear refusal, and nothing is half done."""

import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("rooms_db")

ODD = [
    None,
    "",
    0,
    -1,
    True,
    1.5,
    [],
    {},
    [{}],
    {"a": 1},
    "\0",
    "\ud800",
    "é" * 5000,
    "' OR 1=1 --",
    "../../etc/passwd",
]
WRITING = ("lrtzc_access_restrict", "lrtzc_access_lift", "lrtzc_access_grant", "lrtzc_access_withdraw")
READING = ("lrtzc_access_show", "lrtzc_access_decide")


def refusal(held, action, who, **asked):
    with pytest.raises((tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)) as refused:
        held.call(action, who, **asked)
    return refused.value


class TestOddInput:
    @pytest.mark.parametrize("action", [*WRITING, *READING])
    def test_as_identifier(self, held, action):
        for odd in ODD:
            refusal(held, action, held.owner, id=odd)

    @pytest.mark.parametrize("key", ["columns", "rows", "masks", "starts", "ends", "audience", "audience_id"])
    def test_in_a_grant(self, held, key):
        what = {"id": held.dataset["id"], "resource_id": held.resource["id"]}
        nothing = ([], {}) if key in ("rows", "masks") else ()
        for odd in ODD[2:]:
            if odd in nothing and odd is not False:
                continue
            asked = {"audience": "person", "audience_id": held.other["name"], key: odd}
            refusal(held, "lrtzc_access_grant", held.owner, **what, **asked)
        assert held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])["count"] == 0

    def test_conditions(self, held, grant):
        for rows in (
            [{"column": "nom", "operator": "is"}],
            [{"column": "nom", "operator": "like", "values": ["a"]}],
            [{"column": "valeur", "operator": "min", "values": ["beaucoup"]}],
            [{"column": "nowhere", "operator": "is", "values": ["a"]}],
            [{"column": "_full_text", "operator": "contains", "values": ["a"]}],
            [{"column": "nom", "operator": "is", "values": [{"$gt": ""}]}],
            [{"column": "nom", "operator": "is", "values": ["a\0"]}],
            [{"column": "nom", "operator": "is", "values": ["a"]}] * 51,
        ):
            with pytest.raises(tk.ValidationError):
                grant(rows=rows)

    def test_hostile_texts_are_kept_and_shown_as_they_are(self, held, grant):
        made = grant(purpose="<script>alert(1)</script>")
        assert made["purpose"] == "<script>alert(1)</script>"


class TestOtherPeople:
    @pytest.mark.parametrize("action", ["lrtzc_access_show", *WRITING[:3]])
    def test_they_decide_nothing(self, held, action):
        for who in (None, held.other):
            asked = {"audience": "everyone"} if action == "lrtzc_access_grant" else {}
            assert isinstance(refusal(held, action, who, id=held.dataset["id"], **asked), tk.NotAuthorized)

    def test_they_withdraw_nothing(self, held, grant):
        made = grant()
        assert isinstance(refusal(held, "lrtzc_access_withdraw", held.other, id=made["id"]), tk.NotAuthorized)
        assert len(held.call("lrtzc_access_mine", held.other)["grants"]) == 1

    def test_a_resource_of_another_dataset_is_refused(self, held):
        from ckan.tests import factories

        own = factories.Dataset(user=held.other, owner_org=factories.Organization(user=held.other)["id"])
        for action in ("lrtzc_access_restrict", "lrtzc_access_grant"):
            error = refusal(
                held, action, held.other, id=own["id"], resource_id=held.resource["id"], audience="everyone"
            )
            assert isinstance(error, tk.ValidationError)

    def test_a_name_that_is_posted_changes_nothing(self, held, grant):
        made = grant(created_by=held.other["id"], withdrawn="2020-01-01", package_id="x")
        assert made["created_by"] == held.owner["id"]
        assert made["withdrawn"] is None

    def test_identifiers_that_contradict_each_other(self, held):
        """What is decided on is what is read, whichever of the two names CKAN takes."""
        from ckan.tests.helpers import call_action

        editor = {"user": held.owner["name"]}
        own = call_action("resource_create", dict(editor), package_id=held.dataset["id"], url="https://x.test/open.csv")
        table = {"resource_id": own["id"], "fields": [{"id": "a"}], "records": [{"a": "1"}], "force": True}
        call_action("datastore_create", dict(editor), **table)
        for names in (
            {"id": held.resource["id"], "resource_id": own["id"]},
            {"resource_id": held.resource["id"], "id": own["id"]},
        ):
            try:
                found = held.call("datastore_search", None, **names)
            except tk.NotAuthorized:
                continue
            assert found["records"] == [{"_id": 1, "a": 1}]

    def test_a_deleted_account_has_nothing(self, held, grant):
        from ckan import model

        grant()
        user = model.User.get(held.other["name"])
        user.state = "deleted"
        model.Session.commit()
        with pytest.raises(tk.NotAuthorized):
            held.call("datastore_search", held.other, resource_id=held.resource["id"])


class TestVeryMany:
    def test_openings_to_one_person_are_bounded(self, held, grant, monkeypatch):
        from ckanext.lrtzc.access import granting

        monkeypatch.setattr(granting, "MOST_TO_ONE", 2)
        made = grant()
        grant()
        with pytest.raises(tk.ValidationError, match="2 openings"):
            grant()
        grant(audience="everyone", audience_id=None, columns=["commune"])
        held.call("lrtzc_access_withdraw", held.owner, id=made["id"])
        grant()


class TestTwiceAtOnce:
    def test_the_same_restriction_is_one(self, at_once, held):
        def restrict():
            return held.call("lrtzc_access_restrict", held.owner, id=held.dataset["id"], reason="x")

        refused = [answer for answer in at_once(*[restrict] * 4) if isinstance(answer, Exception)]
        assert len(refused) < 4
        assert all(isinstance(each, tk.ValidationError) for each in refused)
        shown = held.call("lrtzc_access_show", held.owner, id=held.dataset["id"])
        assert len([each for each in shown["restrictions"] if each["resource_id"] is None]) == 1

    def test_withdrawn_twice_is_withdrawn_once(self, held, grant):
        made = grant()
        first = held.call("lrtzc_access_withdraw", held.owner, id=made["id"])
        assert held.call("lrtzc_access_withdraw", held.owner, id=made["id"])["withdrawn"] == first["withdrawn"]


class TestTraces:
    def test_decisions_and_uses_are_in_the_ledger(self, held, grant):
        from ckan.tests import factories

        made = grant(columns=["commune"], purpose="Étude")
        held.call("datastore_search", held.other, resource_id=held.resource["id"])
        held.call("lrtzc_access_withdraw", held.owner, id=made["id"])
        entries = held.call("lrtzc_ledger_search", factories.Sysadmin(), operation="access.")["entries"]
        ours = [e for e in entries if e["object_id"] in (held.dataset["id"], held.resource["id"])]
        assert [e["operation"] for e in reversed(ours)] == [
            "access.restrict", "access.grant", "access.download", "access.withdraw",
        ]  # fmt: skip

    def test_open_data_leaves_none(self, held):
        from ckan.tests import factories

        held.call("lrtzc_access_lift", held.owner, id=held.dataset["id"], resource_id=held.resource["id"])
        held.call("datastore_search", None, resource_id=held.resource["id"])
        entries = held.call("lrtzc_ledger_search", factories.Sysadmin(), operation="access.download")["entries"]
        assert held.resource["id"] not in {entry["object_id"] for entry in entries}
