"""A publisher sends a file, confirms its columns, reads its report; nobody else does."""

import io
import re

import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches import jobs

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")
CSV = "code_insee;habitants;maj\n17300;77 205;01/02/2024\n01004;x;31/12/2023\n"


@pytest.fixture
def session(app, package):
    """Give the application with the editor signed in."""
    app.set_session_user(package["editor"])
    return app


@pytest.fixture
def not_queued(monkeypatch):
    import ckan.plugins.toolkit as tk

    monkeypatch.setattr(tk, "enqueue_job", lambda *_arguments, **_options: None)


def sent(session, package, data, name="communes.csv"):
    files = {"upload": (io.BytesIO(data.encode()), name), "resource_id": ""}
    return session.post(
        f"/dataset/{package['name']}/upload", data=files, content_type="multipart/form-data", follow_redirects=False
    )


def test_from_file_to_report(session, package, not_queued):
    assert session.get(f"/dataset/{package['name']}/upload").status_code == 200
    answer = sent(session, package, CSV)
    address = answer.headers["Location"]
    page = session.get(address)
    assert "17300" in page.body
    assert re.search(r'name="type-0".*?value="text" selected', page.body, re.S)
    assert re.search(r'name="type-2".*?value="date" selected', page.body, re.S)
    (batch,) = call_action("batch_list", package_id=package["id"])
    form = {"mode": "replace", "bad": "refuse"}
    for place, kind in enumerate(("text", "int8", "date")):
        form |= {f"keep-{place}": "1", f"type-{place}": kind, f"label-{place}": f"Colonne {place}"}
    confirmed = session.post(f"{address}/confirm", data=form, follow_redirects=False)
    assert confirmed.status_code == 302
    waiting = session.get(address)
    assert "<progress" in waiting.body
    assert "data-progress" in session.get(f"{address}/progress").body
    jobs.advance(batch["id"])
    assert "data-progress" not in session.get(f"{address}/progress").body
    report = session.get(address)
    assert "«\u00a0x\u00a0»" in report.body or "“x”" in report.body
    refused = session.get(f"{address}/refused.csv")
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in refused.headers["Content-Disposition"]
    assert "01004" in refused.body
    info = call_action("datastore_info", id=batch["resource_id"])
    assert [field["info"]["label"] for field in info["fields"]] == ["Colonne 0", "Colonne 1", "Colonne 2"]
    columns = f"/dataset/{package['name']}/resource/{batch['resource_id']}/columns"
    assert "Colonne 1" in session.get(columns).body
    session.post(columns, data={"label-0": "Code INSEE", "notes-0": "de la commune"}, follow_redirects=False)
    info = call_action("datastore_info", id=batch["resource_id"])
    assert info["fields"][0]["info"]["label"] == "Code INSEE"


def test_cells_at_fault_are_framed(session, package, not_queued):
    data = "n\n" + "1\n" * 5 + "douze\n"
    address = sent(session, package, data).headers["Location"]
    form = {"mode": "replace", "keep-0": "", "type-0": "int8"}
    form.pop("keep-0")
    page = session.post(f"{address}/confirm", data=form, expect_errors=True)
    assert page.status_code == 400
    assert 'class="is-wrong"' in page.body


def test_a_refused_file_is_said_on_the_page(session, package):
    page = session.post(
        f"/dataset/{package['name']}/upload",
        data={"upload": (io.BytesIO(b""), "vide.csv")},
        content_type="multipart/form-data",
    )
    assert page.status_code == 400
    assert "vide.csv" in page.body
    page = session.get(sent(session, package, "%PDF-1.7").headers["Location"])
    assert "PDF" in page.body


def test_several_files_become_several_batches(session, package, not_queued):
    files = {"upload": [(io.BytesIO(b"n\n1\n"), "a.csv"), (io.BytesIO(b"n\n2\n"), "b.csv")]}
    session.post(f"/dataset/{package['name']}/upload", data=files, content_type="multipart/form-data")
    batches = call_action("batch_list", package_id=package["id"])
    assert sorted(batch["name"] for batch in batches) == ["a.csv", "b.csv"]
    assert len({batch["resource_id"] for batch in batches}) == 2


def test_strangers_see_nothing(app, package, send):
    batch = send("n\n1\n")
    paths = ("upload", "batches", f"batch/{batch['id']}", f"batch/{batch['id']}/refused.csv")
    for path in paths:
        assert app.get(f"/dataset/{package['name']}/{path}", follow_redirects=False).status_code in (302, 403, 404)
    app.set_session_user(factories.User()["name"])
    for path in paths:
        assert app.get(f"/dataset/{package['name']}/{path}").status_code in (403, 404)


def test_a_body_over_the_limit_is_refused_before_it_is_read(session, package, monkeypatch):
    from ckanext.lrtzc.batches import storage, views

    monkeypatch.setattr(storage, "max_size", lambda: 1000)
    monkeypatch.setattr(views, "_MARGIN", 0)
    body = {"upload": (io.BytesIO(b"1" * 2000), "x.csv")}
    page = session.post(f"/dataset/{package['name']}/upload", data=body, content_type="multipart/form-data")
    assert page.status_code == 413
    assert "1000" in page.body
    answer = session.post("/api/3/action/resource_create", data={"x": "1" * 2000})
    assert answer.status_code == 413
    assert answer.json["success"] is False
    assert call_action("batch_list", package_id=package["id"]) == []


def test_hostile_column_names_are_only_text(session, package, not_queued):
    data = '"<script>alert(1)</script>";"{{7*7}}"\n"<img src=x onerror=alert(1)>";2\n'
    page = session.get(sent(session, package, data).headers["Location"])
    assert "<script>alert(1)" not in page.body
    assert "<img src=x" not in page.body
    assert "{{7*7}}" in page.body


def test_downloads_are_saved_and_never_shown(app, send):
    batch = send("n\n1\n", "page.html")
    answer = app.get(call_action("resource_show", id=batch["resource_id"])["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "page.html" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith("text/csv")


def test_batches_of_all_ones_datasets_are_listed_and_filtered(app, package, send):
    import ckan.model as model
    import ckan.plugins.toolkit as tk

    def found(user, **asked):
        context = {"user": user, "auth_user_obj": model.User.get(user)}
        return tk.get_action("batch_search")(context, asked)

    editor = package["editor"]
    good, bad = send("code;n\n1;2\n"), send("code;n\n", name="vide.csv")
    listed = found(editor)
    assert [each["id"] for each in listed["results"]] == [bad["id"], good["id"]]
    assert listed["states"] == {"integrated": 1, "failed": 1}
    assert listed["results"][0]["dataset"]["name"] == package["name"]
    assert not {"report", "analysis", "settings"} & set(listed["results"][0])
    today = listed["results"][0]["created"][:10]
    for asked, count in (
        ({"state": "failed"}, 1),
        ({"author": editor}, 2),
        ({"author": "nobody-of-this-name"}, 0),
        ({"package_id": package["name"]}, 2),
        ({"package_id": "no-such-dataset"}, 0),
        ({"since": "2000-01-01", "until": "2000-12-31"}, 0),
        ({"since": "2000-01-01", "until": "9999-12-31"}, 2),
        ({"since": today, "limit": 1}, 2),
    ):
        assert found(editor, **asked)["count"] == count, asked
    for wrong in ({"state": "lost"}, {"since": "soon"}, {"limit": -1}):
        with pytest.raises(tk.ValidationError):
            found(editor, **wrong)
    assert found(factories.User()["name"])["count"] == 0
    assert found(factories.Sysadmin()["name"], package_id=package["id"])["count"] == 2
    app.set_session_user(editor)
    assert "vide.csv" in app.get("/batches").body
    assert "vide.csv" not in app.get("/batches?state=integrated").body
    app.get("/batches?since=soon", status=400)
