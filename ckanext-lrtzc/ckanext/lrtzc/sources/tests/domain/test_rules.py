"""When a source is tried again, what is new of it, and how its address and its runs are read."""

import datetime as dt

import pytest

from ckanext.lrtzc.schedule import Schedule
from ckanext.lrtzc.sources.domain.faults import SENTENCES, Code, Fault
from ckanext.lrtzc.sources.domain.novelty import Found, Verdict, beside, digest_in, mark_of, plan
from ckanext.lrtzc.sources.domain.pacing import SOON_TRIES, is_silent, next_after, wait_after
from ckanext.lrtzc.sources.domain.places import place_of, public_part
from ckanext.lrtzc.sources.domain.states import OVER, Event, State, TransitionError, after

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def minutes(schedule, failures, *, passing):
    following = next_after(schedule, NOON, failures, passing=passing)
    return None if following is None else (following - NOON).total_seconds() / 60


class TestPacing:
    def test_each_wait_is_twice_the_one_before_until_the_schedule_takes_over(self):
        waits = [minutes(Schedule.DAILY, number, passing=True) for number in range(1, SOON_TRIES + 2)]
        assert waits == [5, 10, 20, 40, 80, 160, 1440]

    def test_a_wait_is_never_longer_than_the_schedules(self):
        assert minutes(Schedule.HOURLY, 5, passing=True) == 60

    def test_what_a_person_must_mend_waits_for_the_hour(self):
        assert minutes(Schedule.DAILY, 1, passing=False) == 1440

    def test_what_is_run_when_asked_stays_so(self):
        assert minutes(Schedule.MANUAL, 3, passing=True) is None

    def test_there_is_no_wait_without_a_failure(self):
        assert wait_after(0) is None

    @pytest.mark.parametrize(
        ("days", "ago", "told", "silent"),
        [(0, 400, None, False), (2, 1, None, False), (2, 3, None, True), (2, 3, 1, False), (2, 3, 4, True)],
    )
    def test_silence_is_told_once_each_time(self, days, ago, told, silent):
        before = NOON - dt.timedelta(days=ago)
        assert is_silent(days, before, NOON - dt.timedelta(days=told) if told else None, NOON) is silent


class TestNovelty:
    OLD = Found("old.csv", "1/3", 3, NOON - dt.timedelta(days=1))
    NEW = Found("new.csv", "2/3", 3, NOON)

    def test_the_oldest_is_taken_first_and_what_was_taken_is_not(self):
        steps = plan([self.NEW, self.OLD], {"new.csv": "1/3"}, last_only=False)
        assert steps == [(self.OLD, Verdict.READ), (self.NEW, Verdict.READ)]
        steps = plan([self.NEW, self.OLD], {"new.csv": "2/3", "old.csv": "1/3"}, last_only=False)
        assert {verdict for _found, verdict in steps} == {Verdict.SAME}

    def test_only_the_newest_is_read_where_each_takes_the_place_of_the_others(self):
        steps = plan([self.NEW, self.OLD], {}, last_only=True)
        assert steps == [(self.OLD, Verdict.OVERTAKEN), (self.NEW, Verdict.READ)]
        steps = plan([self.NEW, self.OLD], {"new.csv": "2/3"}, last_only=True)
        assert [verdict for _found, verdict in steps] == [Verdict.OVERTAKEN, Verdict.SAME]
        assert plan([], {}, last_only=True) == []

    def test_a_file_without_a_mark_is_always_read(self):
        found = Found("a.csv")
        assert plan([found], {"a.csv": ""}, last_only=False) == [(found, Verdict.READ)]

    def test_a_size_alone_is_no_mark(self):
        assert mark_of(None, 21) == ""
        assert mark_of(1, 21) != mark_of(1, 22)

    def test_checksums_are_found_beside_files_and_in_their_text(self):
        assert beside(["a.csv", "a.csv.md5", "a.csv.sha256", "b.sha1"]) == {"a.csv": ("sha256", "a.csv.sha256")}
        assert digest_in("SHA256 (a.csv) = " + "AB" * 32, "sha256") == "ab" * 32
        assert digest_in("nothing of the kind", "md5") is None


class TestPlaces:
    PORTS = {"sftp": 22}

    def test_an_address_is_taken_apart(self):
        place = place_of(" sftp://Files.Example.org:2222/a%20b/../c/ ", self.PORTS, "")
        assert (place.scheme, place.host, place.port, place.path) == ("sftp", "files.example.org", 2222, "/c")
        assert place_of("sftp://h", self.PORTS, "").path == "/"

    @pytest.mark.parametrize(
        "address", ["", "h/a", "ftp://h", "sftp://u:p@h", "sftp://h:99999", "sftp://h/?q", "sftp://h/\na", "sftp:///a"]
    )
    def test_what_is_none_is_refused(self, address):
        with pytest.raises(Fault) as refused:
            place_of(address, self.PORTS, "sftp://example.org")
        assert refused.value.code == Code.ADDRESS

    def test_the_ledger_is_told_the_server_only(self):
        assert public_part("https://u:p@h.example/a?key=secret") == "https://h.example"


class TestRuns:
    def test_a_run_that_is_over_stays_so(self):
        for state in OVER:
            for event in Event:
                with pytest.raises(TransitionError):
                    after(state, event)
        assert after(after(State.WAITING, Event.START), Event.FALL_SHORT) is State.INCOMPLETE

    def test_every_code_has_its_sentence(self):
        assert set(SENTENCES) == set(Code)
