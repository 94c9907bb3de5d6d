"""What is told of answers: shares, steps of time, and caution where few answered."""

import pytest

from ckanext.lrtzc.forms.domain.results import Figure, bars, steps, topics_of, unit_of


class TestTopics:
    def test_each_question_is_told_of_as_its_kind_wants_and_what_is_computed_is_not(self):
        from ckanext.lrtzc.forms.domain import reading
        from ckanext.lrtzc.forms.tests.conftest import sheets

        definition, _faults = reading.look(sheets())
        told = {topic.column: topic for topic in topics_of(definition, "fr")}
        assert list(told) == ["street", "state", "why", "height", "place"]
        assert told["state"].choices == {"good": "Bon", "bad": "Mauvais"}
        assert told["height"].figure is Figure.NUMBERS
        assert told["place"].figure is Figure.COUNT
        assert told["height"].label == "Hauteur (m)"


class TestSteps:
    @pytest.mark.parametrize(("days", "unit"), [(0, "day"), (31, "day"), (32, "week"), (400, "month"), (4_000, "year")])
    def test_a_span_is_cut_into_few_steps(self, days, unit):
        assert unit_of(days) == unit

    def test_steps_without_answers_are_told_as_such(self):
        assert steps("2023-11-01", "2024-02-01", "month") == ["2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01"]
        assert steps("2024-02-26", "2024-03-04", "week") == ["2024-02-26", "2024-03-04"]
        assert steps("2022-01-01", "2023-01-01", "year") == ["2022-01-01", "2023-01-01"]


class TestBars:
    def test_the_longest_fills_its_line_and_shares_are_of_those_who_answered(self):
        first, second = bars([("a", 4), ("b", 1)], 5, cautious=False)
        assert (first.width, first.share) == (100.0, 0.8)
        assert second.width == 25.0
        assert bars([], 0, cautious=False) == []

    def test_of_personal_data_few_answers_are_not_told_nor_found_by_subtraction(self):
        told = bars([("a", 40), ("b", 12), ("c", 3)], 55, cautious=True)
        assert [bar.label for bar in told] == ["a"]
        told = bars([("a", 40), ("b", 2), ("c", 3)], 45, cautious=True)
        assert [bar.label for bar in told] == ["a"]
