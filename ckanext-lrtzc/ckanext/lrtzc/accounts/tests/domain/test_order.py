"""The order of a workspace's blocks: chosen ones first, new ones last, one place at a time."""

from ckanext.lrtzc.accounts.domain.order import arranged, moved


def test_what_was_chosen_comes_first_and_what_is_gone_is_forgotten():
    assert arranged(["a", "b", "c"], ["c", "gone", "a", "c"]) == ["c", "a", "b"]


def test_one_goes_a_place_up_or_down_and_no_further_than_the_ends():
    assert moved("abc", "b", "up") == ["b", "a", "c"]
    assert moved("abc", "b", "down") == ["a", "c", "b"]
    assert moved("abc", "a", "up") == moved("abc", "c", "down") == ["a", "b", "c"]
    assert moved("abc", "x", "up") == moved("abc", "a", "sideways") == ["a", "b", "c"]
