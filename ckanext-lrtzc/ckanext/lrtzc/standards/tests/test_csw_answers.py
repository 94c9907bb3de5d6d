"""The answers of CSW are valid by the OGC's schema, whatever the records hold."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from ckanext.lrtzc.standards.domain.csw import response
from ckanext.lrtzc.standards.domain.csw.errors import CswError
from ckanext.lrtzc.standards.domain.csw.records import element
from ckanext.lrtzc.standards.domain.csw.request import (
    CSW_SCHEMA,
    ELEMENT_SETS,
    SCHEMAS,
    DescribeRecord,
    GetCapabilities,
    GetRecords,
)
from ckanext.lrtzc.standards.domain.record import record
from ckanext.lrtzc.standards.domain.xml import NS
from ckanext.lrtzc.standards.tests.samples import HOSTILE, SITE, full_dataset


@pytest.fixture(scope="module")
def discovery():
    found = find_spec("pycsw")
    if found is None or not found.submodule_search_locations:
        pytest.skip("pycsw, which carries the OGC's XML schemas, is not installed")
    path = Path(found.submodule_search_locations[0]) / "core/schemas/ogc/csw/2.0.2/CSW-discovery.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


def valid(schema, document):
    schema.assertValid(etree.fromstring(document))


def test_capabilities(discovery):
    valid(discovery, response.capabilities(GetCapabilities(), SITE, f"{SITE.url}/csw", 100))
    some = response.capabilities(GetCapabilities(("ServiceProvider",)), SITE, f"{SITE.url}/csw", 100)
    assert b"OperationsMetadata" not in some


def test_description_of_records(discovery):
    valid(discovery, response.described(DescribeRecord(("csw:Record", "gmd:MD_Metadata"))))


@pytest.mark.parametrize("elements", ELEMENT_SETS)
def test_records(discovery, elements):
    datasets = [full_dataset(), {"id": "bare"}]
    datasets += [full_dataset(title=text, notes=text, tags=[{"name": text}], provenance=text) for text in HOSTILE]
    nodes = [element(record(one, SITE), CSW_SCHEMA, elements, SITE) for one in datasets]
    valid(discovery, response.records(GetRecords(elements=elements, result="results"), nodes, 500))
    nodes = [element(record(one, SITE), CSW_SCHEMA, elements, SITE) for one in datasets]
    valid(discovery, response.by_id(nodes))


def test_some_elements_of_a_record():
    [node] = [element(record(full_dataset(), SITE), CSW_SCHEMA, "full", SITE, ("identifier", "title"))]
    assert [one.tag.rpartition("}")[2] for one in node] == ["identifier", "title"]


@pytest.mark.parametrize(
    ("start", "found", "matched", "following"), [(1, 2, 5, "3"), (4, 2, 5, "0"), (1, 0, 0, "0"), (9, 0, 5, "0")]
)
def test_next_record(start, found, matched, following):
    nodes = [element(record({"id": str(n)}, SITE), CSW_SCHEMA, "brief", SITE) for n in range(found)]
    document = etree.fromstring(response.records(GetRecords(start=start, result="results"), nodes, matched))
    assert document.find("csw:SearchResults", NS).get("nextRecord") == following


def test_domain_acknowledgement_and_errors(discovery):
    valid(discovery, response.domain([("PropertyName", "dc:subject", ("eau", "<&>")), ("ParameterName", "x", ())]))
    valid(discovery, response.acknowledgement(response.echo_of_pairs(), "1"))
    report = etree.fromstring(response.report(CswError("InvalidParameterValue", "id", "<&> ]]>")))
    assert report[0].get("locator") == "id"
    assert "".join(report.itertext()) == "<&> ]]>"


def test_schemas_are_named():
    assert all(
        one.encode() in response.capabilities(GetCapabilities(), SITE, "http://a.example/csw", 9) for one in SCHEMAS
    )
