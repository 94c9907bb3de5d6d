"""Typing errors, suggestions, colons: what people type."""

import re

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")


@pytest.fixture
def catalogue():
    organization = factories.Organization()
    made = {"electricite": "Consommation d’électricité des écoles", "arbres": "Arbres remarquables"}
    names = {key: factories.Dataset(title=title, owner_org=organization["id"])["name"] for key, title in made.items()}
    factories.Dataset(title="Xylophones cachés", owner_org=organization["id"], private=True)
    return names


def page(app, words):
    return app.get("/dataset/", query_string={"q": words}).body


@pytest.mark.parametrize("typed", ["eletricite", "electrisité ecole"])
def test_a_typing_error_finds_what_was_meant_and_says_so(app, catalogue, typed):
    body = page(app, typed)
    assert f"/dataset/{catalogue['electricite']}" in body
    assert re.search(r"«\s?électricité", body)


def test_a_program_gets_what_it_asked_for(catalogue):
    assert call_action("package_search", q="eletricite")["count"] == 0


def test_a_correction_never_tells_of_what_one_may_not_see(app, catalogue):
    assert "ylophones" not in page(app, "xilophones")


def test_a_colon_of_a_sentence_is_no_error(app, catalogue):
    assert f"/dataset/{catalogue['arbres']}" in page(app, "arbres : remarquables")
    assert f"/dataset/{catalogue['arbres']}" in page(app, "arbres:remarquables")
    assert call_action("package_search", q=f"name:{catalogue['arbres']}")["count"] == 1


def suggested(typed, **more):
    found = tk.get_action("search_suggest")({"user": "", "ignore_auth": False}, {"q": typed, **more})
    return [one["name"] for one in found]


def test_what_begins_as_one_types_is_suggested(app, catalogue):
    assert suggested("élec") == [catalogue["electricite"]]
    assert suggested("ecoles elec") == [catalogue["electricite"]]
    assert suggested("rem") == [catalogue["arbres"]]
    assert suggested("e") == []
    assert f'data-address="/dataset/{catalogue["arbres"]}"' in app.get("/search/suggest?q=arb").body


def test_what_one_may_not_see_is_not_suggested(catalogue):
    assert suggested("xylo") == []


HOSTILE = ["", "   ", '"', "a" * 5000, "{!join from=a to=b}x", "*:*", "\\", "(((", "<script>", "\x00"]


def test_whatever_is_typed_gets_an_answer(app, catalogue):
    for typed in HOSTILE:
        assert isinstance(suggested(typed), list)
        assert app.get("/search/suggest", query_string={"q": typed}).status_code == 200
        assert app.get("/dataset/", query_string={"q": typed}).status_code == 200


@pytest.mark.parametrize("given", [{}, {"q": ["a"]}, {"q": {"a": 1}}, {"q": "abc", "limit": "many"}])
def test_what_is_not_a_question_is_refused(given):
    with pytest.raises(tk.ValidationError):
        tk.get_action("search_suggest")({"user": "", "ignore_auth": False}, given)
