"""Wrong and hostile values for every action and page of the ledger: answered plainly, never by a fault of ours."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("rooms_db")

ODD = [
    "",
    " ",
    "\x00",
    "\ud800",
    "' OR 1=1 --",
    "%",
    "_" * 201,
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "𝕊" * 60,
    None,
    True,
    -1,
    0,
    1.5,
    10**40,
    float("nan"),
    float("inf"),
    [],
    ["a", {"b": 1}],
    {},
    {"$ne": 1},
]
FIELDS = {
    "lrtzc_ledger_search": ("operation", "outcome", "actor", "object_id", "since", "until", "before"),
    "lrtzc_ledger_mine": ("before",),
    "lrtzc_ledger_accesses": ("dataset", "before"),
    "lrtzc_ledger_reuses": ("dataset", "days"),
    "lrtzc_ledger_proof": ("index", "old", "size"),
    "lrtzc_ledger_cosign": ("note",),
    "lrtzc_ledger_traces_update": ("keep",),
}


@pytest.mark.parametrize("action", FIELDS)
def test_an_action_answers_or_refuses(action):
    context = {"user": factories.Sysadmin()["name"]}
    for field in FIELDS[action]:
        for value in ODD:
            try:
                call_action(action, dict(context), **{field: value})
            except (tk.ValidationError, tk.ObjectNotFound):
                continue
            finally:
                model.Session.rollback()
    for option in ("ckanext.lrtzc.ledger.traces", "ckanext.lrtzc.ledger.retention"):
        model.delete_system_info(option)


@pytest.mark.parametrize("body", ["", "[]", '"text"', "{", '{"index": {"a": 1}}', '{"note": "\\ud800"}', '{"old": []}'])
@pytest.mark.parametrize("action", ["lrtzc_ledger_proof", "lrtzc_ledger_cosign"])
def test_what_programs_send_is_never_our_fault(app, action, body):
    answer = app.post(f"/api/3/action/{action}", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 404, 409), answer.body
    assert "Traceback" not in answer.body


PAGES = {
    "entries": ("operation", "since", "before"),
    "entries/export": ("actor", "until", "format"),
    "mine": ("before",),
    "accesses": ("dataset", "before"),
    "reuses": ("dataset", "days"),
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_or_refuses(app, path):
    app.set_session_user(factories.Sysadmin()["name"])
    for field in PAGES[path]:
        for value in ("\x00", "\ud800", "' OR 1=1 --", "<script>alert(1)</script>", "-1", "9" * 40, "NaN", "[]"):
            query = {field: value.encode(errors="surrogatepass")}
            answer = app.get(f"/ledger/{path}", query_string=query)
            assert answer.status_code in (200, 400, 404), (field, value)
            assert "<script>alert" not in answer.body


@pytest.mark.parametrize("path", ["mine", "accesses", "reuses"])
def test_strangers_are_asked_to_sign_in(app, path):
    app.get(f"/ledger/{path}", status=403)


def test_another_persons_dataset_is_not_told_of(app):
    dataset = factories.Dataset(owner_org=factories.Organization()["id"])
    for action in ("lrtzc_ledger_accesses", "lrtzc_ledger_reuses"):
        with pytest.raises(tk.ObjectNotFound):
            call_action(action, {"user": factories.User()["name"]}, dataset=dataset["name"])
