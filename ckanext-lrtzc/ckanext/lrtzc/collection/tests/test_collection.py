"""Files come in as a batch, are found, shown and had together, and what is held back isn't."""

import io
import zipfile

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from PIL import Image
from rdflib import Graph
from rdflib.namespace import DCAT
from werkzeug.datastructures import FileStorage

from .conftest import EXIF_GPS, photo, zipped

pytestmark = [pytest.mark.usefixtures("rooms_db"), pytest.mark.filterwarnings("default::DeprecationWarning")]
TEXT = "Relevé de l'estran : la zostère naine couvre la vasière."


def files_of(dataset, **query):
    return call_action("lrtzc_collection_file_list", id=dataset["id"], **query)


class TestComingIn:
    def test_an_archive_with_what_it_should_not_hold(self, make, send):
        dataset = make()
        link = zipfile.ZipInfo("lien.jpg")
        link.external_attr = 0o120777 << 16
        sent = zipped(
            [
                ("vues/plage.jpg", photo(1, located=True)),
                ("vues/port.png", photo(2)),
                ("copies/plage bis.jpg", photo(1, located=True)),
                ("autre/plage.jpg", photo(3)),
                ("vues/dessin.svg", b"<svg onload='alert(1)'/>"),
                ("vues/notes.txt", TEXT.encode()),
                ("vues/comptages.csv", b"jour;passages\n2026-03-01;412\n"),
                (link, b"/etc/passwd"),
                ("__MACOSX/._plage.jpg", b"x"),
            ]
        )
        batch = send(dataset, ("photos.zip", sent))
        assert batch["state"] == "integrated", batch.get("error")
        assert batch["report"]["files"] == {"received": 8, "kept": 3, "duplicates": 1, "refused": 4, "stripped": 1}
        said = {(one["name"], one["code"]) for one in batch["report"]["listed"]}
        assert said == {
            ("port.png", "renamed"), ("plage bis.jpg", "duplicate"),
            ("plage.jpg", "same_name"), ("dessin.svg", "script"), ("notes.txt", "other_kind"), ("lien.jpg", "link"),
            ("comptages.csv", "table"),
        }  # fmt: skip
        found = files_of(dataset)
        assert [one["name"] for one in found["files"]] == ["plage.jpg", "port.jpg", "plage (2).jpg"]
        assert all(one["longitude"] is None for one in found["files"])
        shown = call_action("package_show", id=dataset["id"])["resources"]
        assert [(one["format"], one["lrtzc_files"], one["lrtzc_collection"]) for one in shown] == [("ZIP", 3, "photo")]
        # what came with a place isn't kept beside what has none
        assert batch["report"]["erased"]
        again = send(dataset, ("plage.jpg", photo(1, located=True)), ("neuf.jpg", photo(9)))
        assert again["report"]["files"]["duplicates"] == 1
        assert files_of(dataset)["count"] == 4

    def test_a_batch_of_which_nothing_can_be_taken_fails_with_the_reasons(self, make, send):
        dataset = make()
        batch = send(dataset, ("page.jpg", b"<!doctype html><script>alert(1)</script>"))
        assert batch["state"] == "failed"
        assert [one["code"] for one in batch["report"]["listed"]] == ["script"]
        assert call_action("package_show", id=dataset["id"])["resources"] == []

    def test_archives_that_lie_are_refused(self, make, send):
        dataset = make("document")
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("a.txt", b" " * (30 << 20))
        for content, code in (
            (zipped([("../../etc/passwd.txt", b"x")]), "zip_unsafe_name"),
            (bomb.getvalue(), "zip_bomb"),
            (zipped([]), "no_file"),
            (b"PK\x03\x04garbage", "bad_zip"),
        ):
            batch = send(dataset, ("x.zip", content))
            assert (batch["state"], batch["report"]["error"]["code"]) == ("failed", code)

    def test_the_antivirus_sees_each_file(self, make, send, tmp_path, ckan_config, monkeypatch):
        command = tmp_path / "look"
        command.write_text(
            '#!/bin/sh\nif head -c 4 "$1" | grep -q PK; then exit 0; fi\ngrep -q EICAR "$1" && exit 1\nexit 0\n'
        )
        command.chmod(0o755)
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.antivirus_command", str(command))
        batch = send(make("document"), ("bon.txt", TEXT.encode()), ("mauvais.txt", b"EICAR"))
        assert batch["report"]["files"]["kept"] == 1
        assert ("mauvais.txt", "infected") in {(one["name"], one["code"]) for one in batch["report"]["listed"]}

    def test_an_antivirus_that_looks_into_archives_names_whom_it_refuses(
        self, make, send, tmp_path, ckan_config, monkeypatch
    ):
        command = tmp_path / "look"
        command.write_text('#!/bin/sh\ngrep -q EICAR "$1" && exit 1\nexit 0\n')
        command.chmod(0o755)
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.antivirus_command", str(command))
        dataset = make("document")
        with pytest.raises(tk.ValidationError) as refused:
            send(dataset, ("bon.txt", TEXT.encode()), ("mauvais.txt", b"EICAR"))
        (told,) = refused.value.error_dict["upload"]
        assert "mauvais.txt" in told
        assert "bon.txt" not in told
        with pytest.raises(tk.ValidationError, match=r"mauvais\.txt"):
            send(dataset, ("mauvais.txt", b"EICAR"))

    def test_a_cut_leaves_nothing_and_starting_again_gives_all_of_it(self, make, send, monkeypatch):
        from ckanext.lrtzc.batches import jobs
        from ckanext.lrtzc.collection import publishing

        dataset = make()

        def cut(*_arguments, **_options):
            raise RuntimeError("cut")

        with monkeypatch.context() as patched:
            patched.setattr(publishing, "publish", cut)
            batch = send(dataset, ("a.jpg", photo(1)), ("b.jpg", photo(2)))
        assert batch["state"] == "failed"
        assert files_of(dataset)["count"] == 0
        monkeypatch.setattr(jobs, "enqueue", lambda _id: None)
        call_action("batch_retry", id=batch["id"])
        jobs.advance(batch["id"])
        assert files_of(dataset)["count"] == 2
        # a worker cut off just after its files were there: it starts again, and nothing is doubled
        model.Session.execute(
            sa.text("UPDATE lrtzc_batches_batch SET state = 'loading' WHERE id = :id"), {"id": batch["id"]}
        )
        model.Session.commit()
        jobs.advance(batch["id"])
        again = call_action("batch_show", id=batch["id"])
        assert (again["state"], again["report"]["files"]["kept"]) == ("integrated", 2)
        assert files_of(dataset)["count"] == 2

    def test_a_dataset_is_tables_or_one_collection(self, make, send):
        dataset = make()
        send(dataset, ("a.jpg", photo(1)))
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_collection_create", id=dataset["id"], kind="audio")
        table = factories.Dataset(owner_org=dataset["owner_org"])
        factories.Resource(package_id=table["id"], url="https://example.org/x.csv")
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_collection_create", id=table["id"], kind="photo")
        # rows have no place in it: whoever sends some is told where they have
        rows = FileStorage(io.BytesIO(b"a;b\n1;2\n"), filename="comptages.csv")
        with pytest.raises(tk.ValidationError, match="collection"):
            call_action("batch_create", {"user": dataset["editor"]}, package_id=dataset["id"], upload=rows)
        assert len(call_action("package_show", id=dataset["id"])["resources"]) == 1
        # its address isn't for anybody to change
        (resource,) = call_action("package_show", id=dataset["id"])["resources"]
        context = {"user": dataset["editor"], "ignore_auth": False}
        call_action("resource_patch", context, id=resource["id"], url="https://evil.example/x.zip", lrtzc_files=99)
        assert call_action("package_show", id=dataset["id"])["resources"][0]["url"] == resource["url"]


class TestGoingOut:
    def test_pages_files_parts_and_the_zip(self, app, make, send):
        dataset = make(keeps_position=True)
        send(dataset, ("été.jpg", photo(1, located=True)), *((f"vue {n}.jpg", photo(n)) for n in range(2, 28)))
        base = f"/dataset/{dataset['name']}/collection"
        page = app.get(base).body
        assert page.count('/small"') == 24
        assert "page=2" in page
        assert app.get(f"{base}?page=2").body.count('/small"') == 3
        assert app.get(f"{base}?q=été").body.count('/small"') == 1
        assert app.get(f"{base}?since=2024-09-01").body.count('/small"') == 3
        assert "vue 5.jpg" in app.get(f"{base}?view=list").body
        first = files_of(dataset, limit=1)["files"][0]
        one = app.get(f"{base}/{first['id']}").body
        assert "46.16" in one
        assert 'rel="next"' in one
        assert 'rel="prev"' not in one
        answer = app.get(f"{base}/{first['id']}/content")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(answer.data)).getexif().get_ifd(EXIF_GPS)
        part = app.get(f"{base}/{first['id']}/content", headers={"Range": "bytes=2-5"})
        assert (part.status_code, part.data) == (206, answer.data[2:6])
        small = app.get(f"{base}/{first['id']}/small").data
        assert not Image.open(io.BytesIO(small)).getexif()
        places = app.get(f"{base}/places.geojson").json["features"]
        assert [one["geometry"]["coordinates"] for one in places] == [[-1.15, 46.16]]
        with zipfile.ZipFile(io.BytesIO(app.get(f"{base}/files.zip").data)) as whole:
            assert whole.testzip() is None
            assert len(whole.namelist()) == 27
            assert whole.read("été.jpg") == answer.data
        with zipfile.ZipFile(io.BytesIO(app.get(f"{base}/files.zip?file={first['id']}").data)) as chosen:
            assert chosen.namelist() == ["été.jpg"]
        assert "27 photos" in app.get(f"/dataset/{dataset['name']}").body
        # DCAT-AP: the ZIP of all is the distribution
        said = Graph().parse(data=app.get(f"/dataset/{dataset['name']}.ttl").body, format="turtle")
        [(distribution, address)] = said.subject_objects(DCAT.downloadURL)
        assert str(address).endswith(f"/dataset/{dataset['id']}/collection/files.zip")
        assert [str(kind) for kind in said.objects(distribution, DCAT.mediaType)] == [
            "https://www.iana.org/assignments/media-types/application/zip"
        ]

    def test_what_is_held_back_is_given_to_nobody_else(self, app, make, send):
        dataset = make("document")
        send(dataset, ("releve.txt", TEXT.encode()))
        (file,) = files_of(dataset)["files"]
        other = factories.UserWithToken()
        base = f"/dataset/{dataset['name']}/collection"
        paths = (
            "",
            f"/{file['id']}",
            f"/{file['id']}/content",
            f"/{file['id']}/small",
            "/files.zip",
            "/places.geojson",
        )
        call_action("lrtzc_access_restrict", {"user": dataset["editor"]}, id=dataset["id"], reason="En cours")
        for headers in ({}, {"Authorization": other["token"]}):
            for path in paths:
                answer = app.get(base + path, headers=headers, expect_errors=True)
                assert answer.status_code == 403, path
                assert "zostère" not in answer.body
            page = app.get(f"/dataset/{dataset['name']}", headers=headers).body
            assert "releve.txt" not in page
        for name, more in (("file_list", {}), ("file_show", {"file_id": file["id"]})):
            context = {"user": other["name"], "ignore_auth": False}
            with pytest.raises(tk.NotAuthorized):
                tk.get_action(f"lrtzc_collection_{name}")(context, {"id": dataset["id"], **more})
        # files of another collection aren't reached by way of one's own
        mine = make("document")
        send(mine, ("a.txt", b"Bonjour"))
        assert app.get(f"/dataset/{mine['name']}/collection/{file['id']}", expect_errors=True).status_code == 404

    def test_a_page_of_many_files_costs_as_many_statements_as_one_of_few(self, app, make, send):
        few, many = make(), make()
        send(few, ("a.jpg", photo(1)))
        send(many, *((f"{n}.jpg", photo(n)) for n in range(40)))
        counts = []

        def count(*_arguments):
            counts[-1] += 1

        sa.event.listen(sa.engine.Engine, "before_cursor_execute", count)
        try:
            for visit, dataset in enumerate((few, few, many)):
                counts.append(0)
                # each address its own, so that no page is one shown before
                app.get(f"/dataset/{dataset['name']}/collection?since=2000-01-0{visit + 1}")
        finally:
            sa.event.remove(sa.engine.Engine, "before_cursor_execute", count)
        assert counts[2] <= counts[1] + 1


@pytest.mark.usefixtures("clean_index", "clean_redis")
def test_a_word_of_a_document_finds_its_dataset_and_says_in_which_file(app, make, send):
    from ckanext.lrtzc.search import jobs

    dataset = make("document")
    send(dataset, ("lettre.txt", b"Rien de tel"), ("releve.txt", "Le bécasseau variable se repose.".encode()))
    jobs.read_due()
    (_first, second) = files_of(dataset)["files"]
    body = app.get("/dataset/", query_string={"q": "bécasseaux"}).body
    assert "<mark>bécasseau</mark> variable" in body
    assert "releve.txt" in body
    assert f"/dataset/{dataset['name']}/collection/{second['id']}" in body
    call_action("lrtzc_access_restrict", {"user": dataset["editor"]}, id=dataset["id"], reason="En cours")
    assert "bécasseau</mark>" not in app.get("/dataset/", query_string={"q": "bécasseaux"}).body
    jobs.read_due()
    assert call_action("package_search", {"ignore_auth": False, "user": ""}, q="bécasseaux")["count"] == 0


class TestByPage:
    def test_from_the_first_choice_to_the_removal(self, app, monkeypatch):
        from ckanext.lrtzc.batches import jobs

        user = factories.User()
        organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
        dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0") | {"editor": user["name"]}
        monkeypatch.setattr(jobs, "enqueue", lambda _id: None)
        app.set_session_user(dataset["editor"])
        base = f"/dataset/{dataset['name']}/collection"
        assert f"{base.rsplit('/', 2)[0]}" in app.get(f"/dataset/edit/{dataset['id']}/files").body
        assert app.post(f"{base}/new", data={}, expect_errors=True).status_code == 422
        answer = app.post(f"{base}/new", data={"kind": "photo"}, follow_redirects=False)
        assert answer.headers["Location"].endswith("/collection/send")

        def sent(*files, **more):
            data = {"upload": [(io.BytesIO(content), name) for name, content in files], **more}
            answer = app.post(f"{base}/send", data=data, content_type="multipart/form-data", follow_redirects=False)
            (batch, *_) = call_action("batch_list", package_id=dataset["id"])
            jobs.advance(batch["id"])
            return answer.headers["Location"]

        upload = app.get(f"/dataset/{dataset['name']}/upload", follow_redirects=False)
        assert upload.headers["Location"].endswith("/collection/send")
        address = sent(("a.jpg", photo(1)), ("b.jpg", photo(2)), ("c.svg", b"<svg/>"))
        report = app.get(address).body
        assert "c.svg" in report
        assert "badge-alert" in report
        first, second = files_of(dataset)["files"]
        sent(("mieux.jpg", photo(200)), replaces=first["id"])
        found = files_of(dataset)["files"]
        assert {one["id"] for one in found} == {first["id"], second["id"]}
        assert {one["name"] for one in found} == {"mieux.jpg", "b.jpg"}
        app.post(f"{base}/{second['id']}/change", data={"caption": "La <b>tour</b> au soir"}, follow_redirects=False)
        assert "La &lt;b&gt;tour&lt;/b&gt; au soir" in app.get(base).body
        assert 'alt="La &lt;b&gt;tour&lt;/b&gt; au soir"' in app.get(f"{base}/{second['id']}").body
        removed = app.get(f"{base}/{second['id']}/content")
        assert removed.status_code == 200
        app.post(f"{base}/{second['id']}/remove", data={}, follow_redirects=False)
        assert app.get(f"{base}/{second['id']}/content", expect_errors=True).status_code == 404
        assert files_of(dataset)["count"] == 1

    def test_others_change_nothing(self, app, make, send):
        dataset, other = make(), factories.UserWithToken()
        send(dataset, ("a.jpg", photo(1)))
        (file,) = files_of(dataset)["files"]
        context = {"user": other["name"], "ignore_auth": False}
        for name, data in (
            ("create", {"kind": "photo"}),
            ("submit", {"upload": []}),
            ("file_update", {"file_id": file["id"], "caption": "x"}),
            ("file_remove", {"file_id": file["id"]}),
        ):
            with pytest.raises((tk.NotAuthorized, tk.ValidationError)):
                tk.get_action(f"lrtzc_collection_{name}")(dict(context), {"id": dataset["id"], **data})
        assert files_of(dataset)["count"] == 1
