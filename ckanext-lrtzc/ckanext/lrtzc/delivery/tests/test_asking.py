"""What the API is asked in a form that no answer has is told as a fault of the question."""

import json

import pytest

from ckanext.lrtzc.delivery import asking

pytestmark = pytest.mark.usefixtures("rooms_db")


def ask(app, name, **parameters):
    answer = app.post(f"/api/3/action/{name}", json=parameters, expect_errors=True)
    return answer.status_code, json.loads(answer.body)


class TestOddQuestions:
    @pytest.mark.parametrize("odd", [5, True, [], ["x"], {}, {"$gt": ""}, "a\0b"])
    def test_an_identifier_is_a_text(self, app, odd):
        status, said = ask(app, "package_show", id=odd)
        assert status == 409
        assert said["success"] is False
        assert said["error"]["__type"] == "Validation Error"
        assert list(said["error"]) == ["id", "__type"]

    def test_what_is_missing_is_named(self, app):
        status, said = ask(app, "group_autocomplete")
        assert (status, list(said["error"])) == (409, ["q", "__type"])

    def test_values_of_another_kind_are_named(self, app, monkeypatch):
        kept = []
        monkeypatch.setattr(asking.log, "warning", lambda *said, exc_info: kept.append(exc_info))
        status, said = ask(app, "group_autocomplete", q={"a": 1}, limit=5)
        assert (status, list(said["error"])) == (409, ["q", "__type"])
        assert isinstance(kept[0], AttributeError), "what was thrown is kept in the log"


class TestFaultsOfOurs:
    def test_they_stay_faults(self):
        """A fault in our own code is one, whatever was sent."""
        with pytest.raises(KeyError):
            asking.checked(lambda context, data_dict: data_dict["missing"])({}, {"odd": [1]})
