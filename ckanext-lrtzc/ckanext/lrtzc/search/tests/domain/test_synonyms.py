"""Groups of synonyms are checked, and asked for as the words of a search stand."""

from pathlib import Path

import pytest

from ckanext.lrtzc.search.domain.synonyms import (
    TERMS,
    Fault,
    Group,
    Thesaurus,
    WrongGroupError,
    cleaned,
    effective,
    key,
    read_file,
)

FILE = Path(__file__).parents[6] / "config" / "territory" / "synonyms.txt"
SOLAR = Group("1", ("PV", "photovoltaïque", "panneau solaire"))
CAR = Group("2", ("VE", "véhicule électrique"))
PLAN = Group("3", ("PLU", "plan local d'urbanisme"))


@pytest.fixture
def thesaurus():
    return Thesaurus([SOLAR, CAR, PLAN])


SUN = "((+panneaux +solaires) OR PV^0.8 OR photovoltaïque^0.8)"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pv", '(pv OR photovoltaïque^0.8 OR "panneau solaire"^0.8)'),
        ("plans locaux d’urbanisme", None),
        ("plan local d’urbanisme ?", " ".join(["((+plan +local +d’urbanisme) OR PLU^0.8)"] * 3)),
        ("toits photovoltaiques", '(toits) (photovoltaiques OR PV^0.8 OR "panneau solaire"^0.8)'),
        ("toits avec panneaux solaires", f"(toits) (avec) {SUN} {SUN}"),
        ("OR AND pv", '(or) (and) (pv OR photovoltaïque^0.8 OR "panneau solaire"^0.8)'),
    ],
)
def test_the_longest_term_is_asked_for_with_the_others_of_its_group(thesaurus, query, expected):
    found = thesaurus.expand(query)
    assert (found.query if found else None) == expected


def test_what_is_asked_for_has_a_bound():
    many = [
        Group(str(number), (f"mot{number}", *(f"autre{number} {each}" for each in range(11)))) for number in range(30)
    ]
    assert Thesaurus(many).expand(" ".join(f"mot{number}" for number in range(30))).query.count('"') <= 2 * 120


def test_words_of_rows_are_asked_for_one_by_one(thesaurus):
    assert thesaurus.expand("pv").rows == "(pv OR photovoltaïque^0.8 OR (+panneau +solaire)^0.8)"


@pytest.mark.parametrize(
    "query",
    ['"pv"', "pv -toit", "+pv", "title:pv", "pv*", "(pv", "pv^9", "pv~", "{!lucene}pv", "pv || x", "", "a " * 40],
)
def test_what_is_no_plain_words_is_left_as_it_is(thesaurus, query):
    assert thesaurus.expand(query) is None


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (["seul"], Fault.FEW),
        (["Vélo", "vélos", "VELO"], Fault.FEW),
        (["a", "bicyclette"], Fault.SIGNS),
        (["x" * 61, "y"], Fault.LONG),
        (["un deux trois quatre cinq six sept", "y"], Fault.LONG),
        ([f"mot{number}" for number in range(TERMS + 1)], Fault.MANY),
        (["<script>alert(1)</script>", "vélo"], Fault.SIGNS),
        (['a" OR *:*', "vélo"], Fault.SIGNS),
        (["vé\u202elo", "bicyclette"], Fault.SIGNS),
        (["{!lucene}", "vélo"], Fault.SIGNS),
        (["voiture", "Véhicules électriques"], Fault.ELSEWHERE),
    ],
)
def test_what_cannot_be_a_group_is_refused_with_the_reason(terms, fault):
    with pytest.raises(WrongGroupError) as refused:
        cleaned(terms, [CAR])
    assert refused.value.fault is fault


def test_terms_stay_as_they_were_typed_each_once():
    assert cleaned(["  Borne  de recharge ", "bornes de recharges", "IRVE", ""]) == ("Borne de recharge", "IRVE")
    assert key("L’Autobus") == key("autobus")


def test_the_configuration_s_file_has_no_group_that_is_left_out():
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = read_file(FILE.read_text("utf-8"))
    assert len(found) == len(lines) >= 15
    assert [len(one.terms) for one in found] == [len(line.split(",")) for line in lines]


def test_what_administrators_made_comes_before_the_file():
    kept = {"1": (), "2": ("VE", "voiture électrique"), "9": ("eau", "flotte")}
    found = effective([SOLAR, CAR, PLAN], kept)
    assert [one.terms for one in found] == [kept["2"], PLAN.terms, kept["9"]]
