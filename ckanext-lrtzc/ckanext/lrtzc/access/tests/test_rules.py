"""Rules of other plug-ins: the example of the documentation, and rules that behave badly."""

import datetime as dt
import io
import re
from pathlib import Path
from types import SimpleNamespace

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest

from ckanext.lrtzc.access import faults, point
from ckanext.lrtzc.access.api import Perimeter, Reason, Sentence, part, permit

pytestmark = pytest.mark.usefixtures("rooms_db")

PAGE = Path(__file__).parents[5] / "docs" / "access-rules.md"


@pytest.fixture
def with_rule(monkeypatch):
    """Give a function that adds a rule to those in force."""
    kept = dict(point.rules())

    def add(name, rule):
        monkeypatch.setattr(point, "rules", lambda: {**kept, name: rule})

    yield add
    faults.forget()


@pytest.fixture
def example():
    """Run the example of the documentation, and give what it defines."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL).group(1)
    space: dict = {"__name__": "example"}
    exec(compile(code, str(PAGE), "exec"), space)
    return SimpleNamespace(**space)


def rows(held, who):
    return held.call("datastore_search", who, resource_id=held.resource["id"], sort="_id")["records"]


class TestExample:
    @pytest.fixture
    def at(self, example, with_rule, monkeypatch):
        """Give a function that puts the example's rule in force at some hour."""

        def at(hour):
            class Clock(dt.datetime):
                @classmethod
                def now(cls, tz=None):
                    return cls(2030, 1, 1, hour, tzinfo=tz)

            example.judge.__globals__["dt"] = SimpleNamespace(datetime=Clock, UTC=dt.UTC)
            with_rule("night", example.judge)

        return at

    def test_it_is_a_plugin(self, example):
        assert issubclass(example.NightPlugin, p.SingletonPlugin)

    def test_by_day_days_are_months(self, held, grant, at):
        grant(columns=["commune", "jour"])
        at(12)
        assert [row["jour"] for row in rows(held, held.other)] == ["2024-03-01", "2025-06-01", "2024-07-01"]
        assert [row["jour"] for row in rows(held, held.owner)] == ["2024-03-01", "2025-06-01", "2024-07-01"]

    def test_by_night_nothing_is_given_and_the_words_say_so(self, held, grant, at):
        grant()
        at(23)
        with pytest.raises(tk.NotAuthorized, match=r"between 22:00 and 6:00.*Come back"):
            rows(held, held.other)

    def test_another_rule_gives_no_more_than_rights_do(self, held, with_rule):
        with_rule("generous", lambda question: permit())
        with pytest.raises(tk.NotAuthorized):
            rows(held, held.other)

    def test_open_data_stays_open(self, held, at):
        held.call("lrtzc_access_lift", held.owner, id=held.dataset["id"], resource_id=held.resource["id"])
        at(23)
        assert len(rows(held, None)) == 3


class TestRawForms:
    def test_batches_are_refused_to_an_owner_from_whom_a_rule_holds_something_back(self, held, with_rule):
        from ckanext.lrtzc.batches.api import submit_file

        batch = submit_file(held.dataset["id"], io.BytesIO(b"a\n1\n"), "a.csv", held.owner["name"], wait=True)
        assert held.call("batch_show", held.owner, id=batch["id"])["id"] == batch["id"]
        secret = Reason("secret", Sentence("A part of it is secret."))
        with_rule("secret", lambda question: part([Perimeter(columns=frozenset("b"))], secret))
        for name, asked in (("batch_show", {"id": batch["id"]}), ("batch_list", {"package_id": held.dataset["id"]})):
            with pytest.raises(tk.NotAuthorized, match="A part of it is secret"):
                held.call(name, held.owner, **asked)


class TestBadRules:
    @pytest.mark.parametrize("wrong", [lambda question: 1 / 0, lambda question: True, lambda question: None])
    def test_one_that_fails_refuses_and_administrators_are_told(self, held, with_rule, wrong):
        from ckan.tests import factories

        with_rule("broken", wrong)
        with pytest.raises(tk.NotAuthorized, match="could not be decided"):
            rows(held, held.owner)
        with pytest.raises(tk.NotAuthorized):
            held.call("lrtzc_access_faults", held.owner)
        (fault,) = held.call("lrtzc_access_faults", factories.Sysadmin())
        assert (fault["rule"], fault["kind"]) == ("broken", "failed")
        held.call("lrtzc_access_faults_forget", factories.Sysadmin())
        assert held.call("lrtzc_access_faults", factories.Sysadmin()) == []

    def test_one_that_is_slow_answers_and_administrators_are_told(self, held, with_rule, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.access.slow_rule", -1)
        with_rule("slow", lambda question: permit())
        assert len(rows(held, held.owner)) == 3
        assert {fault.kind for fault in faults.listed()} == {"slow"}

    def test_what_is_said_of_a_fault_is_short(self, with_rule):
        faults.note("x", faults.FAILED, "a" * 10_000)
        faults.note("x", faults.FAILED, "b")
        (fault,) = faults.listed()
        assert (fault.words, fault.count) == ("b", 2)
