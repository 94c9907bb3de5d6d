"""One contract for all kinds of partners, and what each makes of real catalogues."""

import json

import pytest

from ckanext.lrtzc.partners.domain.dataset import Ground, fit
from ckanext.lrtzc.partners.domain.kinds import KINDS
from ckanext.lrtzc.partners.domain.record import Reply, Unreadable


def fetch_from(portal):
    """Give a `Fetch` that asks the test portal without the network."""

    def fetch(address, method, body, headers):
        path = address.removeprefix(portal.url)
        status, answered, content = portal.broken(path, body or b"") or portal._page(path, body or b"")
        assert status == 200, address
        return Reply(address, answered.get("Content-Type", ""), content)

    return fetch


class KindContract:
    """What every kind keeps; a subclass names its kind."""

    name = ""

    def records(self, portal):
        pages = KINDS[self.name].pages(portal.address(self.name), {}, fetch_from(portal))
        return [record for page in pages for record in page.records]

    def test_all_pages_are_read_once(self, portal, make_record):
        portal.records, portal.page = [make_record(number) for number in range(7)], 3
        titles = [record.title for record in self.records(portal)]
        assert titles == [f"Comptages vélo {number}" for number in range(7)]

    def test_a_record_has_an_identity_and_an_unmoving_hash(self, portal):
        first, second = self.records(portal), self.records(portal)
        assert len({record.guid for record in first}) == 3
        assert [r.digest for r in first] == [r.digest for r in second]

    def test_a_change_of_any_field_changes_the_hash_of_that_record_alone(self, portal):
        before = self.records(portal)
        portal.records[1]["notes"] += " Plus."
        after = self.records(portal)
        assert [a.digest == b.digest for a, b in zip(after, before, strict=True)] == [True, False, True]

    def test_likeness_outlives_the_identity(self, portal):
        before = self.records(portal)
        for record in portal.records:
            record["id"] += "-bis"
        after = self.records(portal)
        assert {r.guid for r in before}.isdisjoint(r.guid for r in after)
        assert len({r.likeness for r in before} & {r.likeness for r in after}) == 3

    def test_a_record_becomes_a_dataset(self, portal):
        raw = self.records(portal)[0].raw
        dataset, problems = fit(KINDS[self.name].harvested(raw), Ground())
        assert not [problem for problem in problems if problem.fatal]
        assert dataset["title"] == "Comptages vélo 0"
        assert dataset["notes"] == "Passages de vélos au compteur 0."
        assert dataset["license_id"] == "lov2"
        assert dataset["resources"]

    @pytest.mark.parametrize(
        "body", [b"", b"<!doctype html><p>Bonjour", b"{", b"[" * 10_000, b"<a>", b"\xff\xfe\x00", b"null", b"[]", b"{}"]
    )
    def test_what_is_no_catalogue_is_refused_with_a_sentence(self, portal, body):
        portal.broken = lambda path, asked: (200, {"Content-Type": "application/octet-stream"}, body)
        with pytest.raises(Unreadable) as refused:
            self.records(portal)
        assert str(refused.value)

    def test_entities_are_refused(self, portal):
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>'
        )
        portal.broken = lambda path, asked: (200, {"Content-Type": "application/rdf+xml"}, bomb)
        with pytest.raises(Unreadable):
            self.records(portal)

    def test_the_same_page_again_and_again_is_left(self, portal):
        portal.page = 1
        first = portal._page
        seen = []

        def stuck(path, body):
            seen.append(path)
            if len(seen) == 1:
                portal.kept = first(path, body)
            return portal.kept

        portal.broken = stuck
        with pytest.raises(Unreadable):
            self.records(portal)


class TestDcat(KindContract):
    name = "dcat"


class TestCkan(KindContract):
    name = "ckan"


class TestCsw(KindContract):
    name = "csw"


class TestUdata(KindContract):
    name = "udata"


class TestOpendatasoft(KindContract):
    name = "opendatasoft"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("catalog.xml", 4),
        ("datara--5a26b0f6-0ccf-46ad-ac58-734054b91977.rdf.xml", 1),
        ("geonetwork.xml", 1),
        ("paged-collection-1.jsonld", 4),
    ],
)
def test_real_dcat_catalogues_are_understood(shared_data, name, count):
    def fetch(address, method, body, headers):
        file = "paged-collection-2.jsonld" if "page=2" in address else name
        return Reply(address, "", (shared_data / "dcat" / file).read_bytes())

    kind = KINDS["dcat"]
    records = [r for page in kind.pages(f"https://example.org/{name}", {}, fetch) for r in page.records]
    assert len(records) == count
    for record in records:
        dataset, problems = fit(kind.harvested(record.raw), Ground())
        assert dataset["title"]
        assert not [problem for problem in problems if problem.fatal]
        assert all(resource["url"].startswith("http") for resource in dataset.get("resources", []))


def test_real_iso_records_are_understood(shared_data):
    def fetch(address, method, body, headers):
        number = 3 if b'startPosition="3"' in body else 1
        content = (shared_data / "csw" / f"geonetwork-iso19139-page-{number}.xml").read_bytes()
        return Reply(address, "application/xml", content.replace(b'nextRecord="5"', b'nextRecord="0"'))

    kind = KINDS["csw"]
    pages = kind.pages("https://example.org/csw?service=CSW&request=GetCapabilities", {}, fetch)
    records = [record for page in (next(pages), next(pages)) for record in page.records]
    assert len(records) == 4
    found = [fit(kind.harvested(record.raw), Ground())[0] for record in records]
    assert {dataset["license_id"] for dataset in found} == {"lov2"}
    assert all(dataset["notes"] and dataset["contact"] for dataset in found)
    assert any("spatial" in dataset for dataset in found)


def test_json_ld_contexts_are_bundled_and_never_fetched():
    asked = []

    def fetch_with(context):
        document = {
            "@context": context,
            "@id": "https://example.org/d/1",
            "@type": "Dataset",
            "title": "Arbres",
            "keyword": ["arbre"],
        }

        def fetch(address, method, body, headers):
            asked.append(address)
            return Reply(address, "application/ld+json", json.dumps(document).encode())

        return fetch

    kind = KINDS["dcat"]
    known = "https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld"
    pages = list(kind.pages("https://example.org/c.jsonld", {}, fetch_with(known)))
    assert [record.title for record in pages[0].records] == ["Arbres"]
    with pytest.raises(Unreadable) as refused:
        list(kind.pages("https://example.org/c.jsonld", {}, fetch_with("http://169.254.169.254/context")))
    assert "169.254.169.254" in str(refused.value)
    assert set(asked) == {"https://example.org/c.jsonld"}
