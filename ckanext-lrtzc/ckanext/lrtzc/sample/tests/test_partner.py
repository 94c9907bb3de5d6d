import ckan.plugins.toolkit as tk
import pytest

from ckanext.lrtzc.sample import partner
from ckanext.lrtzc.sample.domain.content import Content, SampleError

DECLARED = {"title": "Voisins", "kind": "dcat", "path": "catalog.ttl", "owner_org": "voisins"}
ADDRESS = "http://localhost:9/catalog.ttl"


class Portal:
    """Stands for the partners' room: keeps what is declared and run."""

    def __init__(self):
        self.declared, self.ran, self.states, self.refuses = [], [], [], False

    def get_action(self, name):
        return getattr(self, name)

    def organization_show(self, _context, data_dict):
        return {"id": f"id-of-{data_dict['id']}"}

    def partner_list(self, _context, data_dict):
        assert data_dict == {"owner_org": "id-of-voisins"}
        return self.declared

    def partner_create(self, _context, data_dict):
        if self.refuses:
            raise tk.ValidationError({"address": ["localhost doesn't answer."]})
        self.declared.append(data_dict | {"id": "p1"})
        return self.declared[-1]

    def partner_run(self, _context, data_dict):
        self.ran.append(data_dict["id"])

    def partner_show(self, _context, data_dict):
        state = self.states.pop(0)
        return {"title": "Voisins", "datasets": 15, "last_run": state and {"state": state}}


@pytest.fixture
def portal(monkeypatch, ckan_config, tmp_path):
    (tmp_path / "partner.py").write_text(
        "import sys, pathlib; pathlib.Path(sys.argv[2], 'url').write_text(sys.argv[1])"
    )
    (tmp_path / "served").mkdir()
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.sample.partner_url", "http://localhost:9/")
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.sample.partner_folder", str(tmp_path / "served"))
    fake = Portal()
    monkeypatch.setattr(partner.tk, "get_action", fake.get_action)
    return fake


def start(tmp_path, declared=DECLARED):
    content = Content(organizations=[], people=[], datasets=[], objects=[], reuses=[], needs=[], partner=declared)
    return partner.start_partner(tmp_path, content, {"user": "site"}, lambda _line: None)


def test_is_written_declared_and_run_once(portal, tmp_path):
    assert start(tmp_path) == "p1"
    assert (tmp_path / "served" / "url").read_text() == "http://localhost:9"
    assert portal.declared[0]["address"] == ADDRESS
    assert "path" not in portal.declared[0]
    assert start(tmp_path) is None
    assert portal.ran == ["p1"]


def test_one_that_does_not_answer_is_named(portal, tmp_path):
    portal.refuses = True
    with pytest.raises(SampleError, match=ADDRESS):
        start(tmp_path)
    assert portal.ran == []


def test_none_is_described_or_served(portal, ckan_config, monkeypatch, tmp_path):
    assert start(tmp_path, None) is None
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.sample.partner_url", "")
    assert start(tmp_path) is None
    assert portal.declared == []


def test_its_harvest_is_awaited(portal, monkeypatch):
    monkeypatch.setattr(partner.time, "sleep", lambda _seconds: None)
    portal.states = [None, "gathering", "importing", "finished"]
    lines = []
    partner.await_harvest("p1", {}, lines.append)
    assert lines == ["15 datasets harvested from Voisins (finished)"]


def test_a_harvest_that_takes_long_is_left_to_the_workers(portal, monkeypatch):
    monkeypatch.setattr(partner, "SECONDS", 0)
    lines = []
    partner.await_harvest("p1", {}, lines.append)
    assert lines == ["The partner's harvest is in the queue: a worker takes it up."]
