"""Texts are searched without accents, signs and plural."""

from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.moderation.domain.words import asked, folded


def test_accents_signs_and_plural_go():
    assert folded("L’Énergie des CŒURS!") == "l energie des coeurs"
    assert asked("Énergies % _ x") == ["energie", "x"]


@given(st.text())
def test_a_text_holds_the_words_asked_of_it(text):
    assert folded(folded(text)) == folded(text)
    assert all(word in folded(text) for word in asked(text))
