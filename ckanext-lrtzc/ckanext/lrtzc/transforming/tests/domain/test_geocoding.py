"""Addresses made places: what of the rows is asked, what of an answer is believed."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.transforming.domain.catalogue import StepError, step_of
from ckanext.lrtzc.transforming.domain.geocoding import Address, Found, Unknown, answer, question
from ckanext.lrtzc.transforming.domain.running import Run
from ckanext.lrtzc.transforming.domain.working import Tools, Unfit

HEAD = "id,address,longitude,latitude,result_score,result_label,result_status\n"
HOTEL = Found(-1.15, 46.16, 0.9, "1 Place de l’Hôtel de Ville 17000 La Rochelle")
PARAMS = {"columns": ["a"], "longitude": "lon", "latitude": "lat", "score": "score", "label": "found"}


def made(rows, places, names=("a", "b"), **params):
    """Give (rows after the step, its report, the addresses asked for chunk after chunk) in chunks of three rows."""
    asked = []

    def answered(addresses):
        asked.append(addresses)
        return [places.get(each, places.get(each.text, Unknown.NOWHERE)) for each in addresses]

    def nothing(values):
        return values.is_null()

    tools = Tools(nothing, nothing, nothing, nothing, nothing, answered)
    run = Run([step_of({"kind": "geocode", "params": PARAMS | params})], names, tools)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    frame = frame.with_columns(pl.int_range(1, len(frame) + 1, dtype=pl.Int64).alias("_position"))
    found = pl.concat(list(run.apply(frame.iter_slices(3))))
    return found.select(run.names).rows(), run.report()[0], asked


def test_each_address_is_asked_for_once_a_chunk_and_all_its_rows_have_its_place():
    rows = [("1 place", "x"), (" 1  place ", "y"), ("ailleurs", "z"), ("1 place", "t"), (None, "u"), ("", "v")]
    found, report, asked = made(rows, {"1 place": HOTEL})
    assert [[each.text for each in chunk] for chunk in asked] == [["1 place", "ailleurs"], ["1 place"]]
    there = ("-1.15", "46.16", "0.9", HOTEL.label)
    assert [row[2:] for row in found] == [there, there, (None,) * 4, there, (None,) * 4, (None,) * 4]
    assert (report["changed"], report["left"], report["doubtful"], report["unasked"]) == (12, 1, 0, 0)


def test_a_score_that_is_too_low_gives_no_place_and_is_counted():
    places = {"sûr": Found(1, 2, 0.5, "Sûr"), "douteux": Found(3, 4, 0.49, "Douteux")}
    found, report, _asked = made([("sûr", ""), ("douteux", ""), ("douteux", "")], places)
    assert [row[2:] for row in found] == [("1", "2", "0.5", "Sûr")] + [(None, None, "0.49", None)] * 2
    assert (report["left"], report["doubtful"]) == (0, 2)
    found, report, _asked = made([("douteux", "")], places, minimum="0,4", score="", label="")
    assert (found, report["params"]["minimum"]) == ([("douteux", "", "3", "4")], 0.4)


def test_only_the_columns_that_are_named_are_asked_and_codes_tell_addresses_apart():
    rows = [("3 rue", "Jean Dupont", "17440", "17028", "Aytré"), ("3 rue", "Anne", "17000", None, "La Rochelle")]
    places = {Address("3 rue Aytré", "17440", "17028"): HOTEL}
    names = ("a", "nom", "cp", "insee", "ville")
    found, _report, asked = made(rows, places, names, city="ville", postcode="cp", citycode="insee", score="", label="")
    assert asked == [[Address("3 rue Aytré", "17440", "17028"), Address("3 rue La Rochelle", "17000", "")]]
    assert [row[5] for row in found] == ["-1.15", None]
    assert "Dupont" not in question(asked[0]).body.decode()


def test_what_is_no_address_is_not_asked():
    rows = [("x" * 201, ""), ("..,;", ""), ("ab", ""), ("\x00\n", ""), ('12 "rue"\r\nHaute', "")]
    _found, report, asked = made(rows, {})
    assert [each.text for chunk in asked for each in chunk] == ["12 rue Haute"]
    assert report["left"] == 4, "one of them is empty"


def test_rows_that_were_not_asked_for_are_told_apart_from_those_found_nowhere():
    _found, report, _asked = made([("a b c", ""), ("d e f", "")], {"a b c": Unknown.UNASKED})
    assert (report["left"], report["unasked"]) == (1, 1)


@pytest.mark.parametrize(
    "params",
    [{"columns": []}, {"minimum": "beaucoup"}, {"minimum": 1.1}, {"minimum": -0.1}, {"minimum": "nan"},
     {"minimum": "1e-1"}, {"minimum": []}, {"minimum": True}, {"longitude": ""}, {"latitude": "_id"},
     {"city": ["a"]}, {"columns": "a"}, {"minimum": "9" * 400}, {"minimum": "."}],
)  # fmt: skip
def test_what_is_no_such_step_is_refused(params):
    with pytest.raises(StepError):
        step_of({"kind": "geocode", "params": PARAMS | params})


def test_a_step_that_does_not_apply_says_why():
    for params, code in (
        ({"city": "absente"}, "column"),
        ({"postcode": "absent"}, "column"),
        ({"score": "lon"}, "taken"),
    ):
        with pytest.raises(Unfit) as refused:
            made([("x", "")], {}, **params)
        assert (refused.value.code, refused.value.params["number"]) == (code, 1)
    kept = step_of({"kind": "geocode", "params": PARAMS})
    assert kept.params["minimum"] == 0.5
    assert step_of(kept.as_dict()) == kept


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
def test_whatever_the_cells_hold_the_table_that_is_sent_has_a_row_for_each(cells):
    _found, _report, asked = made([list(row) for row in cells], {}, postcode="b")
    for addresses in asked:
        if not addresses:
            continue
        sent = question(addresses)
        boundary = sent.media_type.partition("boundary=")[2].encode()
        table = sent.body.split(b"charset=utf-8\r\n\r\n", 1)[1].split(b"--" + boundary)[0].decode()
        rows = list(csv.DictReader(io.StringIO(table, newline="")))
        assert [row["id"] for row in rows] == list(sent.ids)
        assert [(row["address"], row["postcode"]) for row in rows] == [(each.text, each.postcode) for each in addresses]
        assert len(set(sent.ids) | set(question(addresses).ids)) == 2 * len(sent.ids), "no two questions are alike"


def test_an_answer_is_read_as_it_is_documented():
    told = "1,x,-1.15,46.16,0.9,1 Place de l’Hôtel de Ville 17000 La Rochelle,ok\n2,y,,,,,not-found\n3,z,1,2,,,error\n"
    assert answer(f"\ufeff{HEAD}{told}".encode(), ["1", "2", "3"]) == [HOTEL, Unknown.NOWHERE, Unknown.NOWHERE]
    older = "id,latitude,longitude,result_score\r\n1,46.16,-1.15,0.9\r\n"
    assert answer(older.encode(), ["1"]) == [Found(-1.15, 46.16, 0.9, "")]
    assert answer(HEAD.encode(), []) == []


GOOD = ["1,x,1,2,0.9,X,ok", "2,y,3,4,0.8,Y,ok"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html><body>Service indisponible</body></html>", b"\xff\xfe\x00", b'{"error": "quota"}',
        HEAD.encode(), (HEAD + GOOD[0]).encode(), (HEAD + "\n".join(reversed(GOOD))).encode(),
        (HEAD + "\n".join([*GOOD, GOOD[0]])).encode(), (HEAD + "\n".join([GOOD[0], GOOD[0]])).encode(),
        (HEAD + GOOD[0] + "\n2,y,3").encode(), (HEAD + GOOD[0] + "\n2,y,3,4,0.8,Y,ok,encore").encode(),
        (HEAD + GOOD[0] + "\n2,y,3,94,0.8,Y,ok").encode(), (HEAD + GOOD[0] + "\n2,y,nan,4,0.8,Y,ok").encode(),
        (HEAD + GOOD[0] + "\n2,y,3,4,,Y,ok").encode(), (HEAD + GOOD[0] + "\n2,y,trois,4,0.8,Y,ok").encode(),
        (HEAD + GOOD[0] + "\n2,y,3,4,-1,Y,ok").encode(), (HEAD + GOOD[0] + '\n2,"y,3,4,0.8,Y,ok').encode(),
        (HEAD + "1,x,,,,,error\n2,y,,,,,error").encode(), (HEAD + GOOD[0] + '\n2,y"y",3,"4"x,0.8,Y,ok').encode(),
        HEAD.replace("id,", "numero,").encode() + "\n".join(GOOD).encode(), b"id," * 200_000 + b"\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_to_that_question_is_refused(body):
    with pytest.raises(ValueError, match=r".*"):
        answer(body, ["1", "2"])
