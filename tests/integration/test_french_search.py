"""The search understands French: endings, elision, accents, ligatures, words of the trade."""

import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")


@pytest.fixture
def catalogue():
    texts = {
        "bornes": ("Bornes pour véhicules électriques", "Points de recharge ouverts au public"),
        "bilan": ("Bilan énergétique des bâtiments", "La consommation d’énergie des écoles et de l'Hôtel de ville"),
        "toits": ("Production photovoltaïque des toits", "Ce que les écoles produisent"),
        "coeur": ("Cœur de ville", "Piétonnisation du centre"),
    }
    organization = factories.Organization()
    return {
        key: factories.Dataset(title=title, notes=notes, owner_org=organization["id"])["id"]
        for key, (title, notes) in texts.items()
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("energies", "bilan"),
        ("énergie", "bilan"),
        ("l'énergie", "bilan"),
        ("l’énergie", "bilan"),
        ("batiment", "bilan"),
        ("école", "bilan"),
        ("coeur", "coeur"),
        ("cœur", "coeur"),
        ("véhicule électrique", "bornes"),
        ("recharges", "bornes"),
        ("panneaux solaires", "toits"),
        ("panneau solaire école", "toits"),
        ("borne de recharge VE", "bornes"),
    ],
)
def test_a_word_is_found_whatever_its_ending_or_accents(catalogue, words, found):
    result = call_action("package_search", q=words)
    assert catalogue[found] in [dataset["id"] for dataset in result["results"]]


def test_a_word_that_stands_nowhere_finds_nothing(catalogue):
    assert call_action("package_search", q="zygomatique")["count"] == 0
