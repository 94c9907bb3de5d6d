"""A dataset with something to hide, its owner, and people who ask."""

from types import SimpleNamespace

import pytest

SECRET = "Zanzibar-7391"
FIELDS = [
    {"id": "commune", "type": "text", "info": {"label": "Commune"}},
    {"id": "nom", "type": "text"},
    {"id": "valeur", "type": "int8", "info": {"unit": "kWh"}},
    {"id": "jour", "type": "date"},
]
ROWS = [
    {"commune": "Aytré", "nom": "École du port", "valeur": 120, "jour": "2024-03-01"},
    {"commune": "Aytré", "nom": f"Villa {SECRET}", "valeur": 73915, "jour": "2025-06-30"},
    {"commune": "Périgny", "nom": f"Usine {SECRET}", "valeur": 73916, "jour": "2024-07-14"},
]


@pytest.fixture
def held(make_dataset_with_table):
    """Give a public dataset whose one resource is held back: `dataset`, `resource`, `owner`, `other`, `org`, `call`."""
    from ckan.plugins import toolkit as tk
    from ckan.tests import factories

    made = make_dataset_with_table(FIELDS, ROWS, title="Consommations")

    def call(action, who, **data):
        """Call an action as somebody, rights checked; None is a stranger."""
        return tk.get_action(action)({"user": who["name"] if who else "", "ignore_auth": False}, data)

    asked = {"id": made.dataset["id"], "resource_id": made.resource["id"], "reason": "Données de clients"}
    call("lrtzc_access_restrict", made.owner, **asked)
    return SimpleNamespace(**vars(made), other=factories.User(), call=call)


@pytest.fixture
def grant(held):
    """Give a function that opens a part of the resource to a person: `grant(columns=…, rows=…)`."""

    def make(**what):
        asked = {"audience": "person", "audience_id": held.other["name"], **what}
        return held.call(
            "lrtzc_access_grant", held.owner, id=held.dataset["id"], resource_id=held.resource["id"], **asked
        )

    return make
