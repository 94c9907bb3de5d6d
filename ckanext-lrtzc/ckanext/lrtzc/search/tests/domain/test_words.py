"""Words of cells and of searches."""

from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.search.domain import words


def test_words_of_cells_are_distinct_and_keep_their_accents():
    found, more = words.words_of(["Érable champêtre", "érable", "2A004", "x", "a" * 50])
    assert found == ["érable", "champêtre", "2a004"]
    assert not more


def test_no_more_words_than_the_bound_are_kept_and_it_is_told():
    found, more = words.words_of((f"mot{number}" for number in range(100)), most=10)
    assert len(found) == 10
    assert more


def test_a_colon_of_a_sentence_is_no_field():
    assert words.plain_query("ouvert à 12:30") == "ouvert à 12 30"
    assert words.plain_query("énergie:solaire") == "énergie solaire"
    assert words.plain_query('license_id:"lov2" vélo') == 'license_id:"lov2" vélo'


def test_a_question_is_searched_for_by_its_telling_words():
    assert words.essential("combien de logements") == "de logements"
    assert words.essential("jeux de données") == "jeux de données"
    assert words.essential('"nombre de logements"') == '"nombre de logements"'


def test_a_correction_is_written_as_it_stands_in_what_it_finds():
    assert words.accented("energie renouvelable", ["L’énergie des toits"]) == "énergie renouvelable"


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=20))
def test_no_text_makes_it_fail(query, cells):
    found, _more = words.words_of(cells)
    assert all(len(word) <= words.WORD_LENGTH for word in found)
    words.accented(words.plain_query(query), cells)
