"""What must hold before data is published without a hand."""

from dataclasses import replace

import pytest

from ckanext.lrtzc.opening.domain.conditions import Condition, Facts, judged

MET = Facts(0, True, 1, ["integrated"], [{"verdict": "good"}], 0, False)


def test_where_all_is_met_nothing_holds_it_back():
    assert all(judged(MET).values())
    assert all(judged(replace(MET, states=[], reports=[])).values()), "links and files without rules"


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"missing": 1}, Condition.DESCRIBED),
        ({"open_licence": False}, Condition.LICENCE),
        ({"files": 0}, Condition.DATA),
        ({"states": ["integrated", "failed"]}, Condition.RECEIVED),
        ({"states": ["quarantined"]}, Condition.RECEIVED),
        ({"states": ["analysed"]}, Condition.RECEIVED),
        ({"states": ["waiting"]}, Condition.MODERATION),
        ({"waiting": 1}, Condition.MODERATION),
        ({"reports": [{"verdict": "good"}, {"verdict": "released"}]}, Condition.QUALITY),
        ({"reports": [{}]}, Condition.QUALITY),
        ({"held_back": True}, Condition.OPEN),
    ],
)
def test_each_thing_that_lacks_is_said_by_itself(change, lacking):
    found = judged(replace(MET, **change))
    assert [code for code, met in found.items() if not met] == [lacking]
