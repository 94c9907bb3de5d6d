"""Which changes are told, and what is said of several."""

import pytest

from ckanext.lrtzc.following.domain.changes import Change, Stand, change_of, is_material, summed_up

DRAFT, PUBLIC = Stand("draft", False), Stand("active", False)
WITHHELD, DELETED = Stand("active", True), Stand("deleted", False)


@pytest.mark.parametrize(
    ("before", "after", "material", "change"),
    [
        (None, PUBLIC, True, Change.PUBLISHED),
        (DRAFT, PUBLIC, True, Change.PUBLISHED),
        (WITHHELD, PUBLIC, False, Change.PUBLISHED),
        (DELETED, PUBLIC, False, Change.PUBLISHED),
        (PUBLIC, WITHHELD, True, Change.WITHDRAWN),
        (PUBLIC, DRAFT, False, Change.WITHDRAWN),
        (PUBLIC, DELETED, False, Change.DELETED),
        (PUBLIC, PUBLIC, True, Change.METADATA),
        (WITHHELD, WITHHELD, True, Change.METADATA),
        (PUBLIC, PUBLIC, False, None),
        (DRAFT, DRAFT, True, None),
        (DRAFT, DELETED, True, None),
        (WITHHELD, DELETED, True, None),
        (None, DRAFT, True, None),
        (None, WITHHELD, True, None),
    ],
)
def test_what_became_of_an_object(before, after, material, change):
    assert change_of(before, after, material) is change


def test_what_the_portal_keeps_by_itself_is_no_change():
    assert not is_material({"metadata_modified", "creator_user_id", "name"}, {}, {})
    assert not is_material(set(), {"modified": "2026-01-01", "x": ""}, {"modified": "2026-02-01"})
    assert is_material({"license_id"}, {}, {})
    assert is_material(set(), {"frequency": "ANNUAL"}, {"frequency": "DAILY"})
    assert is_material(set(), {}, {"communes": '["17028"]'})


@pytest.mark.parametrize(
    ("changes", "seen", "public", "said"),
    [
        (["data", "data", "metadata"], True, True, ["data", "metadata"]),
        (["withdrawn", "published", "data"], True, True, ["published"]),
        (["withdrawn", "data"], True, False, ["data", "withdrawn"]),
        (["published", "data", "withdrawn"], False, False, ["withdrawn"]),
        (["withdrawn", "deleted"], False, False, ["deleted"]),
        (["withdrawn", "published"], False, False, []),
        (["data", "metadata"], False, False, []),
        (["deleted"], True, True, []),
        ([], True, True, []),
    ],
)
def test_several_changes_are_said_once_and_only_to_who_may_know(changes, seen, public, said):
    assert summed_up([[each] for each in changes], seen=seen, public=public) == said


def test_what_one_operation_does_is_one_change():
    assert summed_up([["metadata", "published", "data"]], seen=True, public=True) == ["published"]
    assert summed_up([["data", "data"]], seen=True, public=True) == ["data"]
