"""Files that change half-way, or lack what tells their rows apart: nothing is lost in silence, nor half done."""

import ckan.plugins.toolkit as tk
import pytest
import xlsxwriter
from ckan.tests.helpers import call_action

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

FIRST = "id;nom;v\n1;un;1,5\n2;deux;2,5\n"
# far more than is read at once
MANY = 150_000


def reasons(batch):
    return {each["code"]: each["count"] for each in batch["report"]["reasons"]}


class TestKeys:
    def test_keys_that_come_twice_however_far_apart_or_written_are_one_and_the_last_counts(self, send, rows):
        resource_id = send(FIRST)["resource_id"]
        many = "".join(f"{n};rang {n};0\n" for n in range(3, MANY))
        data = f"id;nom;v\n1;premier;1\n{many}01;second;2\n1,0;x;3\n 2 ;deux bis;4\n1;dernier;9\n3;trois bis;5\n"
        batch = send(data, resource_id=resource_id, mode="upsert", key=("id",))
        assert batch["state"] == "integrated", batch
        found = rows(resource_id, sort="id", limit=3)
        assert found["total"] == MANY - 1
        assert [(r["id"], r["nom"]) for r in found["records"]] == [(1, "dernier"), (2, "deux bis"), (3, "trois bis")]
        assert batch["rows_read"] == batch["rows_accepted"] + batch["rows_refused"]
        # to send it again changes nothing
        again = send(data, resource_id=resource_id, mode="upsert", key=("id",))
        assert (again["state"], rows(resource_id, limit=0)["total"]) == ("integrated", MANY - 1)

    def test_a_file_without_the_column_of_the_key_changes_nothing_and_says_which(self, send, rows, package):
        resource_id = send(FIRST)["resource_id"]
        batch = send("nom;v\nDEUX;9\n", resource_id=resource_id, mode="upsert", key=("id",))
        assert (batch["state"], batch["report"]["error"]["code"]) == ("failed", "lost_key")
        assert "id" in batch["error"]
        assert [r["nom"] for r in rows(resource_id, sort="id")["records"]] == ["un", "deux"]
        # somebody who looks at it by the page is told the same, and cannot have it joined by nothing
        call_action("batch_retry", id=batch["id"])
        looked = send("nom;v\nDEUX;9\n", resource_id=resource_id, mode="upsert", key=("id",), wait=False)
        for key in ([], ["id"], ["absent"], ["nom", "absent"]):
            with pytest.raises(tk.ValidationError):
                call_action("batch_confirm", {"lrtzc_now": True}, id=looked["id"], mode="upsert", key=key)
        assert [r["nom"] for r in rows(resource_id, sort="id")["records"]] == ["un", "deux"]

    def test_a_key_that_some_rows_lack_leaves_them_out_with_their_line(self, send, rows):
        resource_id = send(FIRST)["resource_id"]
        batch = send("id;nom;v\n;sans;1\n2;DEUX;9\n", resource_id=resource_id, mode="upsert", key=("id", "nom"))
        assert reasons(batch) == {"missing_key": 1}
        assert sorted(r["nom"] for r in rows(resource_id)["records"]) == ["DEUX", "deux", "un"]


class TestTypes:
    """A column is of numbers as far as anybody looked, and of words later on."""

    LATE = "n;v\n" + "".join(f"{n};{n}\n" for n in range(MANY)) + f"{MANY};douze\n"

    @pytest.fixture(autouse=True)
    def few(self, ckan_config, monkeypatch):
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.analysis_rows", 1_000)

    def test_in_a_first_load_by_a_program_nothing_is_lost(self, send, rows):
        batch = send(self.LATE)
        assert (batch["state"], batch["rows_accepted"]) == ("integrated", MANY + 1)
        found = rows(batch["resource_id"], sort="_id desc", limit=1)
        assert [field["type"] for field in found["fields"][1:]] == ["int8", "text"]
        assert found["records"][0]["v"] == "douze"

    @pytest.mark.parametrize("mode", ["append", "upsert", "replace"])
    def test_in_a_table_that_has_a_type_the_row_is_refused_with_its_line_and_the_table_keeps_it(self, send, rows, mode):
        resource_id = send("n;v\n0;1\n")["resource_id"]
        batch = send(self.LATE, resource_id=resource_id, mode=mode, key=("n",) if mode == "upsert" else ())
        found = rows(resource_id, limit=0)
        if batch["state"] == "analysed":
            # it asks first
            assert found["total"] == 1
            return
        assert batch["state"] == "integrated", batch
        assert [field["type"] for field in found["fields"][1:]] == ["int8", "int8"]
        (reason,) = batch["report"]["reasons"]
        assert (reason["code"], reason["column"], reason["count"]) == ("bad_value", "v", 1)
        assert reason["examples"][0]["line"] == MANY + 2
        assert found["total"] == MANY + (mode == "append")

    def test_in_a_spreadsheet(self, send, rows, tmp_path):
        path = tmp_path / "x.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["n", "v"])
            for n in range(1, 3_000):
                sheet.write_row(n, 0, [n, n / 2])
            sheet.write_row(3_000, 0, [3_000, "douze"])
        batch = send(path.read_bytes(), "x.xlsx")
        found = rows(batch["resource_id"], sort="_id desc", limit=2)
        assert (batch["state"], found["total"]) == ("integrated", 3_000)
        assert [str(r["v"]) for r in found["records"]] == ["douze", "1499.5"]


HALF = ("id;nom;v\n" + "".join(f"{n};rang {n};0\n" for n in range(MANY))).encode()


@pytest.mark.parametrize("after", [b"", b"8;x;2\n" * MANY], ids=["the last row", "amid rows"])
def test_a_file_whose_later_blocks_break_leaves_all_as_it_was(send, rows, after):
    resource_id = send(FIRST)["resource_id"]
    batch = send(HALF + b'7;"jamais ferm\xc3\xa9;1\n' + after, resource_id=resource_id)
    assert (batch["state"], batch["report"]["error"]["code"]) == ("failed", "quote_never_closed")
    assert [r["nom"] for r in rows(resource_id, sort="id")["records"]] == ["un", "deux"]


def test_a_batch_whose_rows_are_in_does_not_fail_since_a_line_of_its_report_can_not_be_found(send, rows):
    resource_id = send(FIRST)["resource_id"]
    huge = b'"' + b"x" * (9 << 20) + b'";1;2\n'
    batch = send(HALF + huge, resource_id=resource_id)
    found = rows(resource_id, limit=1, sort="id")
    assert (batch["state"], found["total"], found["records"][0]["nom"]) == ("integrated", MANY, "rang 0")
    assert reasons(batch) == {"bad_value": 1}
