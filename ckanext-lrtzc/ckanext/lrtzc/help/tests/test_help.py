"""Help is on each page, closed, in the language of the page; all of it is at /aide, and searched there."""

import pytest

from ckanext.lrtzc.help.topics import FOLDER, LANGUAGES, Reader, Text, Topic, containing, for_page, read


def test_every_file_is_of_a_topic_and_is_short_in_both_languages():
    topics = read(FOLDER)
    for language in LANGUAGES:
        assert {path.stem for path in (FOLDER / language).glob("*.md")} == {each.code for each in topics}
    for topic in topics:
        for text in topic.texts.values():
            assert text.title, topic.code
            assert 100 < len(text.body) < 900, topic.code
        assert topic.texts["fr"] != topic.texts["en"], topic.code


def topic(code, *pages, words="x"):
    return Topic(code, Reader.VISITOR, pages, {"fr": Text(code, words)})


def test_the_topic_that_names_a_page_comes_before_one_that_matches_it():
    topics = (topic("all", "a.*"), topic("own", "a.read"))
    assert for_page(topics, "a.read").code == "own"
    assert for_page(topics, "a.edit").code == "all"
    assert for_page(topics, "b.read") is None


def test_words_are_found_whatever_their_case_all_of_them():
    topics = (topic("Une", words="Deux trois"), topic("Autre", words="deux"))
    assert [each.code for each in containing(topics, "DEUX une", "fr")] == ["Une"]
    assert len(containing(topics, "", "en")) == 2


@pytest.mark.usefixtures("rooms_db", "clean_index")
def test_a_page_has_its_help_and_aide_has_all_of_it(app):
    body = app.get("/dataset").body
    assert body.count('<details class="page-help">') == 1
    assert "l'énergie" in body.replace("&#39;", "'")
    english = app.get("/en/dataset").body
    assert "Endings, accents" in english
    whole = app.get("/aide").body
    assert whole.count('class="help-topic"') == len(read(FOLDER))
    found = app.get("/aide?q=corbeille+EFFAC").body
    assert 0 < found.count('class="help-topic"') < 6
    hostile = app.get("/aide?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").body
    assert "<script>alert" not in hostile
    assert "Profils" in app.get("/aide/profiles").body or "profils" in app.get("/aide/profiles").body
    assert app.get("/aide/..%2Fsecret", status=404)
