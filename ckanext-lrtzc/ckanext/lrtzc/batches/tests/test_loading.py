"""What is loaded can be read as if CKAN had made it, and changes at once or not at all."""

import json

import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine

from ckanext.lrtzc.batches import jobs
from ckanext.lrtzc.batches.loading import building, widening
from ckanext.lrtzc.batches.model import Batch

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

CSV = """code_insee;commune;habitants;surface_km2;maj;actif;latitude;longitude
17300;La Rochelle;77 205;28,43;01/02/2024;oui;46,160;-1,151
17028;Aytré;9 200;10,8;12/11/2023;non;46,126;-1,111
2A004;Ajaccio;71 361;82,03;31/12/2023;oui;41,926;8,736
"""


def described(table):
    """Give what the database knows of a table: columns, indexes, triggers, rights."""
    queries = {
        "columns": "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
        "replace(pg_get_expr(d.adbin, d.adrelid), c.relname, 'T'), "
        # the language of the words, which only tables that were loaded note at once
        "CASE WHEN a.attname <> '_full_text' THEN col_description(c.oid, a.attnum) END "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
        "WHERE c.relname = :t AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        "triggers": "SELECT tgname, replace(pg_get_triggerdef(g.oid), c.relname, 'T') FROM pg_trigger g "
        "JOIN pg_class c ON c.oid = g.tgrelid WHERE c.relname = :t",
        "key": "SELECT replace(conname, c.relname, 'T'), pg_get_constraintdef(k.oid) FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid WHERE c.relname = :t",
        "table": "SELECT relkind, relpersistence, relacl::text, pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relname = :t",
        "sequence": "SELECT replace(pg_get_serial_sequence('\"' || :t || '\"', '_id'), :t, 'T')",
    }
    with get_write_engine().connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(sa.text(q), {"t": table})] for name, q in queries.items()
        }


def test_types_dictionary_and_rows(send, rows, package):
    batch = send(CSV, "Communes.csv")
    assert batch["state"] == "integrated", batch
    assert (batch["rows_read"], batch["rows_accepted"], batch["rows_refused"]) == (3, 3, 0)
    found = rows(batch["resource_id"], sort="_id")
    assert {field["id"]: field["type"] for field in found["fields"]} == {
        "_id": "int", "code_insee": "text", "commune": "text", "habitants": "int8", "surface_km2": "numeric",
        "maj": "date", "actif": "bool", "latitude": "numeric", "longitude": "numeric",
    } | {"_id": found["fields"][0]["type"]}  # fmt: skip
    assert found["total"] == 3
    first = found["records"][0]
    assert (first["code_insee"], first["habitants"], str(first["surface_km2"])) == ("17300", 77205, "28.43")
    assert first["maj"].startswith("2024-02-01")
    assert [record["code_insee"] for record in rows(batch["resource_id"], q="Aytré")["records"]] == ["17028"]
    resource = call_action("resource_show", id=batch["resource_id"])
    assert resource["format"] == "CSV"
    assert resource["mimetype"] == "text/csv"
    assert resource["datastore_active"] is True
    assert resource["hash"] == f"sha256:{batch['sha256']}"
    assert resource["size"] == len(CSV.encode())
    assert resource["url"].endswith("/communes.csv")
    assert resource["package_id"] == package["id"]


def test_the_geometry_is_hidden_and_indexed(send, rows):
    batch = send(CSV)
    assert "_geometry" not in [field["id"] for field in rows(batch["resource_id"])["fields"]]
    table = sa.table(batch["resource_id"], sa.column("_geometry"), sa.column("_id"))
    with get_read_engine().connect() as connection:
        point = connection.scalar(sa.select(sa.func.ST_AsText(table.c._geometry)).where(table.c._id == 1))
        methods = connection.scalars(
            sa.text("SELECT indexdef FROM pg_indexes WHERE tablename = :t"), {"t": batch["resource_id"]}
        ).all()
    assert point == "POINT(-1.151 46.16)"
    assert any("gist" in method for method in methods)
    assert any("gin" in method for method in methods)


def test_the_table_is_what_datastore_create_makes(send, package):
    fields = [
        {"id": "nom", "type": "text", "info": {"label": "Le nom", "notes": "", "unit": ""}},
        {"id": "n", "type": "int8"},
        {"id": "jour", "type": "date"},
    ]
    context = {"user": package["editor"]}
    made = call_action("datastore_create", context, resource={"package_id": package["id"]}, fields=fields)
    batch = send("nom;n;jour\na;1;2024-01-01\n", columns={"nom": {"label": "Le nom"}})
    assert batch["state"] == "integrated", batch
    assert described(batch["resource_id"]) == described(made["resource_id"])


def test_ckans_own_actions_work_on_it(send, rows, app):
    batch = send(CSV)
    resource = batch["resource_id"]
    info = call_action("datastore_info", id=resource)
    assert info["meta"]["count"] == 3
    call_action("datastore_upsert", resource_id=resource, method="insert", force=True, records=[{"commune": "Périgny"}])
    found = rows(resource, q="Périgny")["records"]
    assert found[0]["_id"] == 4
    call_action("datastore_create", resource_id=resource, force=True, fields=[{"id": "commune", "type": "text"}])
    dump = app.get(f"/datastore/dump/{resource}", headers={"Authorization": factories.SysadminWithToken()["token"]})
    assert "La Rochelle" in dump.body
    assert "_geometry" not in dump.body
    call_action("datastore_records_delete", resource_id=resource, force=True, filters={"commune": "Aytré"})
    assert rows(resource)["total"] == 3


def test_words_are_found_by_their_other_endings_in_french(send, rows):
    def found(words):
        return [row["rang"] for row in rows(resource_id, q=words, sort="_id")["records"]]

    resource_id = send("rang;texte\n1;Gare routière\n2;Piste cyclable\n")["resource_id"]
    assert found("gares routières") == [1]
    send("rang;texte\n3;Gares rurales\n", resource_id=resource_id, mode="append")
    assert found("gare") == [1, 3]
    changed = [{"_id": 2, "texte": "Ancienne gare"}]
    call_action("datastore_upsert", resource_id=resource_id, method="update", force=True, records=changed)
    assert found("gares") == [1, 2, 3]


def test_a_reload_keeps_types_dictionary_and_aliases(send, rows, unique):
    first = send(CSV, columns={"habitants": {"label": "Population", "type": "numeric", "unit": "hab."}})
    resource = first["resource_id"]
    call_action("datastore_create", resource_id=resource, force=True, aliases=[unique])
    again = send(CSV.replace("77 205", "77 300"), resource_id=resource)
    assert again["state"] == "integrated", again
    found = rows(resource, sort="_id")
    (field,) = [field for field in found["fields"] if field["id"] == "habitants"]
    assert field["type"] == "numeric"
    assert field["info"]["label"] == "Population"
    assert field["info"]["unit"] == "hab."
    assert str(found["records"][0]["habitants"]) == "77300"
    assert rows(unique)["total"] == 3


def test_a_reload_that_loses_columns_asks_first(send, rows, package):
    first = send(CSV)
    less = "\n".join(line.rsplit(";", 2)[0] for line in CSV.splitlines())
    waiting = send(less, resource_id=first["resource_id"])
    assert waiting["state"] == "analysed"
    assert len(rows(first["resource_id"])["fields"]) == 9
    from ckan.plugins import toolkit as tk

    with pytest.raises(tk.ValidationError) as refusal:
        call_action("batch_confirm", id=waiting["id"])
    assert "latitude, longitude" in refusal.value.error_dict["accept_changes"][0]
    call_action("batch_confirm", context={"lrtzc_now": True}, id=waiting["id"], accept_changes=True)
    jobs.advance(waiting["id"])
    assert len(rows(first["resource_id"])["fields"]) == 7


def test_appending_and_upserting(send, rows):
    first = send("id;nom\n1;un\n2;deux\n")
    resource = first["resource_id"]
    assert send("id;nom\n3;trois\n", resource_id=resource, mode="append")["state"] == "integrated"
    assert rows(resource)["total"] == 3
    batch = send("id;nom\n2;DEUX\n4;quatre\n4;QUATRE\n;sans\n", resource_id=resource, mode="upsert", key=("id",))
    assert batch["state"] == "integrated", batch
    assert [(r["id"], r["nom"]) for r in rows(resource, sort="id")["records"]] == [
        (1, "un"), (2, "DEUX"), (3, "trois"), (4, "QUATRE"),
    ]  # fmt: skip
    assert (batch["rows_read"], batch["rows_accepted"], batch["rows_refused"]) == (4, 2, 2)
    reasons = {reason["code"]: reason["examples"][0]["line"] for reason in batch["report"]["reasons"]}
    assert reasons == {"duplicate_key": 3, "missing_key": 5}
    assert [r["nom"] for r in rows(resource, q="quatre")["records"]] == ["QUATRE"]


WIDER = "id;nom;note;latitude;longitude\n2;DEUX;neuf;46,160;-1,151\n3;trois;autre;46,126;-1,111\n"


def test_readers_go_on_with_what_there_is_while_columns_are_added(send, rows, monkeypatch):
    resource = send("id;nom\n1;un\n2;deux\n")["resource_id"]
    count_rows, seen = building.count_rows, []

    def looked(*arguments):
        count_rows(*arguments)
        with get_read_engine().connect() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
            assert connection.scalar(sa.text(f'SELECT count(*) FROM "{resource}"')) == 2
        seen.append(rows(resource, sort="id"))

    monkeypatch.setattr(building, "count_rows", looked)
    batch = send(WIDER, resource_id=resource, mode="upsert", key=("id",))
    assert batch["state"] == "integrated", batch
    (during,) = seen
    assert [(r["id"], r["nom"]) for r in during["records"]] == [(1, "un"), (2, "deux")]
    assert [field["id"] for field in during["fields"]] == ["_id", "id", "nom"]
    after = rows(resource, sort="id")
    assert [field["id"] for field in after["fields"]] == ["_id", "id", "nom", "note", "latitude", "longitude"]
    assert [(r["nom"], r["note"]) for r in after["records"]] == [("un", None), ("DEUX", "neuf"), ("trois", "autre")]
    assert [r["id"] for r in rows(resource, q="neuf")["records"]] == [2]
    with get_read_engine().connect() as connection:
        places = sa.text(f'SELECT id, ST_X(_geometry) FROM "{resource}" WHERE _geometry IS NOT NULL ORDER BY id')
        assert [tuple(row) for row in connection.execute(places)] == [(2, -1.151), (3, -1.111)]
        indexed = sa.text("SELECT count(*) FROM pg_indexes WHERE tablename = :t AND indexdef LIKE '%gist (_geometry)%'")
        assert connection.scalar(indexed, {"t": resource}) == 1


def test_columns_that_a_load_began_to_add_go_where_it_fails_or_is_cut_off(send, rows, monkeypatch):
    resource = send("id;nom\n1;un\n2;deux\n")["resource_id"]
    before = described(resource)

    def broken(*_arguments):
        raise RuntimeError("power cut")

    monkeypatch.setattr(widening, "finish", broken)
    assert send(WIDER, resource_id=resource, mode="upsert", key=("id",))["state"] == "failed"
    assert described(resource) == before
    # nobody cleans up behind a worker that is killed; the next load does
    monkeypatch.setattr(widening, "undo", lambda *_arguments: None)
    assert send(WIDER, resource_id=resource, mode="upsert", key=("id",))["state"] == "failed"
    assert any(name.startswith("_lrtzc_new_") for name, *_facts in described(resource)["columns"])
    monkeypatch.undo()
    assert send("id;nom\n3;trois\n", resource_id=resource, mode="append")["state"] == "integrated"
    assert described(resource)["columns"] == before["columns"]
    assert rows(resource)["total"] == 3


def test_rows_stay_found_by_the_texts_that_a_batch_does_not_bring(send, rows):
    resource = send("id;nom;lieu\n1;un;Aytré\n2;deux;Lagord\n")["resource_id"]
    batch = send("id;nom;note\n1;premier;neuf\n", resource_id=resource, mode="upsert", key=("id",))
    assert batch["state"] == "integrated", batch
    for word in ("Aytré", "premier", "neuf"):
        assert [r["id"] for r in rows(resource, q=word)["records"]] == [1], word


def test_a_load_that_fails_leaves_all_as_it_was(send, rows, monkeypatch):
    first = send(CSV)
    before = described(first["resource_id"])

    def broken(*_arguments):
        raise RuntimeError("power cut")

    monkeypatch.setattr(building, "rename", broken)
    failed = send(CSV.replace("Aytré", "Lagord"), resource_id=first["resource_id"])
    assert failed["state"] == "failed"
    assert "Reference" in failed["error"] or "Référence" in failed["error"]
    assert described(first["resource_id"]) == before
    assert rows(first["resource_id"], q="Lagord")["total"] == 0
    monkeypatch.undo()
    call_action("batch_retry", id=failed["id"])
    jobs.advance(failed["id"])
    assert rows(first["resource_id"], q="Lagord")["total"] == 1


def test_a_worker_killed_half_way_can_start_again(send, rows):
    batch = send(CSV, wait=False)
    stored = Batch.get(batch["id"])
    stored.state = "loading"
    import ckan.model as model

    model.Session.commit()
    with get_write_engine().begin() as connection:
        connection.execute(sa.text(f'CREATE TABLE "_lrtzc_staging_{batch["id"].replace("-", "")}" (x int)'))
        connection.execute(sa.text('CREATE TABLE "_lrtzc_staging_0123456789abcdef" (x int)'))
    jobs.advance(batch["id"])
    assert rows(batch["resource_id"])["total"] == 3
    with get_write_engine().connect() as connection:
        left = connection.scalars(
            sa.text("SELECT relname FROM pg_class WHERE relname LIKE '\\_lrtzc\\_staging%'")
        ).all()
    assert left == []


def test_rows_that_do_not_fit_are_refused_with_line_and_column(send, package):
    data = "n;v\n1;1\n2;x\n3\n4;4\n"
    batch = send(data, columns={"v": {"type": "int8"}})
    assert (batch["rows_read"], batch["rows_accepted"], batch["rows_refused"]) == (4, 2, 2)
    places = {(r["code"], r["column"], r["examples"][0]["line"]) for r in batch["report"]["reasons"]}
    assert places == {("bad_value", "v", 3), ("ragged_row", "", 4)}


def test_nobody_there_a_column_that_does_not_fit_becomes_text(send, rows, ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.analysis_rows", 10)
    data = "n\n" + "".join(f"{i}\n" for i in range(200_000)) + "douze\n"
    batch = send(data)
    assert (batch["rows_accepted"], batch["rows_refused"]) == (200_001, 0)
    assert rows(batch["resource_id"], q="douze")["total"] == 1


def test_hostile_strings_are_kept_as_they_are(send, rows, shared_data):
    strings = json.loads((shared_data / "hostile" / "blns.json").read_text())
    strings = [s for s in strings if s.strip() and "\0" not in s]
    records = [{"n": i, "texte": s, s[:40] if i < 60 else "x": "v"} for i, s in enumerate(strings)]
    batch = send(json.dumps(records), "hostile.json")
    assert batch["state"] == "integrated", batch
    found = rows(batch["resource_id"], limit=1000, sort="_id", fields=["texte"])
    assert [record["texte"] for record in found["records"]] == strings


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.geojson", json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [-1, 46]}},
            {"type": "Feature", "properties": {"n": 2}, "geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]}},
            {"type": "Feature", "properties": {"n": 3}, "geometry": {"type": "Polygon", "coordinates": [
                [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
        ]})),
    ],
)  # fmt: skip
def test_a_broken_geometry_is_reported_and_the_rest_goes_on(send, rows, name, data):
    batch = send(data, name)
    assert batch["state"] == "integrated", batch
    assert [record["n"] for record in rows(batch["resource_id"])["records"]] == [1, 3]
    assert {reason["code"] for reason in batch["report"]["reasons"]} == {"geometry_unreadable", "geometry_repaired"}
