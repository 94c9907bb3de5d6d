"""One clock: the territory's, and CKAN's where there is no territory."""

import datetime as dt

import pytest

from ckanext.lrtzc import clock
from ckanext.lrtzc.territory.tests.territories import YAML, write_territory

NEW_YEAR = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)


@pytest.mark.usefixtures("with_request_context")
def test_days_are_those_of_the_territory(ckan_config, monkeypatch, tmp_path):
    far = YAML.replace("Europe/Paris", "Pacific/Auckland")
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.territory", str(write_territory(tmp_path, far)))
    monkeypatch.setitem(ckan_config, "ckan.display_timezone", "America/New_York")
    assert clock.zone().key == "Pacific/Auckland"
    assert clock.local_day(NEW_YEAR) == dt.date(2027, 1, 1)
    assert clock.midnight(dt.date(2027, 1, 1)).astimezone(dt.UTC) == NEW_YEAR - dt.timedelta(hours=1)
    assert clock.local_now().utcoffset() in (dt.timedelta(hours=12), dt.timedelta(hours=13))


@pytest.mark.usefixtures("with_request_context")
def test_without_a_territory_they_are_those_of_ckan(ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.territory", "")
    monkeypatch.setitem(ckan_config, "ckan.display_timezone", "America/New_York")
    assert clock.zone().key == "America/New_York"
    # not by the sun: pytz would give 4:56
    assert clock.midnight(dt.date(2026, 12, 31)).utcoffset() == dt.timedelta(hours=-5)
    assert clock.local_day(dt.datetime(2027, 1, 1, 4, tzinfo=dt.UTC)) == dt.date(2026, 12, 31)
