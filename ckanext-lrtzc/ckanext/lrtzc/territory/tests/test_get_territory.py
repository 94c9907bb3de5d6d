import pytest

from ckanext.lrtzc.territory import TerritoryError, get_territory
from ckanext.lrtzc.territory.tests.territories import write_territory


def test_the_option_names_the_folder(ckan_config, monkeypatch, tmp_path):
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.territory", str(write_territory(tmp_path)))
    assert get_territory().short_name.say() == "Ajaccio"
    assert get_territory() is get_territory()


def test_an_empty_option_is_explained(ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.territory", "")
    with pytest.raises(TerritoryError, match=r"ckanext\.lrtzc\.territory is empty"):
        get_territory()
