"""OWSLib's CSW client, which GIS programs and national harvesters use, finds all records and their metadata."""

import pytest
from lxml import etree
from owslib import fes
from owslib.catalogue.csw2 import CatalogueServiceWeb

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
GMD = "http://www.isotc211.org/2005/gmd"


def harvest(client, schema, size=2):
    """Read page after page, as a harvester does."""
    found, start = {}, 1
    while True:
        client.getrecords2(esn="full", outputschema=schema, startposition=start, maxrecords=size)
        found.update(client.records)
        start = client.results["nextrecord"]
        if not start:
            return found


def test_client_harvests_all_and_asks_what_it_wants(portal, catalogue):
    client = CatalogueServiceWeb(f"{portal}/csw")
    assert client.identification.type == "CSW"
    assert {one.name for one in client.operations} >= {
        "GetCapabilities",
        "DescribeRecord",
        "GetRecords",
        "GetRecordById",
    }
    by_id = {one["id"]: one for one in catalogue.values()}

    dublin_core = harvest(client, "http://www.opengis.net/cat/csw/2.0.2")
    assert set(dublin_core) == set(by_id)
    for identifier, found in dublin_core.items():
        dataset = by_id[identifier]
        assert found.title == dataset["title"]
        assert found.abstract == dataset["notes"]
        assert set(found.subjects) >= {tag["name"] for tag in dataset["tags"]}
        assert {one["url"] for one in found.references} >= {one["url"] for one in dataset["resources"]}

    geographic = harvest(client, GMD)
    assert set(geographic) == set(by_id)
    assert geographic[next(iter(by_id))].identification[0].title == next(iter(by_id.values()))["title"]

    bornes = next(one for name, one in catalogue.items() if name.startswith("bornes"))
    eau = next(one for name, one in catalogue.items() if name.startswith("qualite"))

    def ids(*constraints, **options):
        client.getrecords2(constraints=list(constraints), maxrecords=50, **options)
        return set(client.records)

    assert ids(fes.PropertyIsLike("csw:AnyText", "%analyse%")) == {eau["id"]}
    assert ids(fes.PropertyIsEqualTo("dc:subject", "eau")) == {eau["id"]}
    assert ids(fes.PropertyIsEqualTo("dc:title", bornes["title"])) == {bornes["id"]}
    assert ids(fes.Not([fes.PropertyIsLike("dc:title", "%baignade%")])) == set(by_id) - {eau["id"]}
    both = fes.Or([fes.PropertyIsLike("dc:title", "Born%"), fes.PropertyIsEqualTo("dc:subject", "eau")])
    assert ids(both) == {bornes["id"], eau["id"]}
    assert ids(fes.PropertyIsGreaterThan("dct:modified", "2999-01-01")) == set()
    assert ids(fes.PropertyIsGreaterThanOrEqualTo("dct:modified", "2020-01-01")) == set(by_id)
    assert ids(cql="Title LIKE '%eau%' AND NOT Subject = 'mobilité'") == {eau["id"]}
    assert ids(fes.BBox([-1.25, 46.05, -1.05, 46.25])) >= {bornes["id"]}
    assert ids(fes.BBox([10, 50, 11, 51])) == set()
    client.getrecords2(sortby=fes.SortBy([fes.SortProperty("dc:title", "DESC")]), maxrecords=50, esn="brief")
    titles = [one.title for one in client.records.values()]
    assert titles == sorted(titles, reverse=True)
    client.getrecords2(resulttype="hits")
    assert client.results["matches"] == len(by_id)
    assert not client.records

    client.getrecordbyid(id=[bornes["id"], "nothing"])
    assert set(client.records) == {bornes["id"]}
    client.getrecordbyid(id=[bornes["id"]], outputschema=GMD)
    assert client.records[bornes["id"]].identification[0].title == bornes["title"]
    client.describerecord()
    client.getdomain("dc:subject", dtype="property")
    assert "eau" in client.results["values"]
    client.getdomain("GetRecords.resultType")
    assert "hits" in client.results["values"]


@pytest.fixture(scope="module")
def discovery():
    """The OGC's own schema of the answers."""
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("pycsw")
    if found is None:
        pytest.skip("pycsw, which carries the OGC's XML schemas, is not installed")
    path = Path(found.submodule_search_locations[0]) / "core/schemas/ogc/csw/2.0.2/CSW-discovery.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


def test_answers_are_valid_and_errors_are_reports(app, catalogue, discovery):
    identifier = next(iter(catalogue.values()))["id"]
    base = "/csw?service=CSW&version=2.0.2&request="
    for query in (
        "GetCapabilities",
        "GetCapabilities&sections=ServiceIdentification",
        "DescribeRecord",
        "GetRecords",
        "GetRecords&resultType=results&elementSetName=brief",
        "GetRecords&resultType=results&elementSetName=summary",
        "GetRecords&resultType=results&elementSetName=full",
        "GetRecords&resultType=validate",
        "GetRecords&resultType=results&q=eau&bbox=-2,45,0,47",
        f"GetRecordById&id={identifier}&elementSetName=full",
        "GetDomain&propertyName=dc:subject,dc:type",
        "GetDomain&parameterName=GetRecords.outputSchema",
    ):
        discovery.assertValid(etree.fromstring(app.get(base + query).body.encode()))

    for query, code in (
        ("Harvest", "OperationNotSupported"),
        ("GetRecords&maxRecords=x", "InvalidParameterValue"),
        ("GetRecords&constraint=Title", "InvalidParameterValue"),
        ("GetRecords&constraint=Title%20LIKE%20'{!join}*'%20AND%20(", "InvalidParameterValue"),
        ("GetRecordById", "MissingParameterValue"),
    ):
        report = etree.fromstring(app.get(base + query, status=400).body.encode())
        assert etree.QName(report).localname == "ExceptionReport"
        assert report[0].get("exceptionCode") == code

    bomb = b'<!DOCTYPE a [<!ENTITY x "xx">]><csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">&x;</csw:GetRecords>'
    for body in (b"", b"nonsense", bomb, b"<a/>" + b" " * 300_000):
        response = app.post("/csw", data=body, content_type="application/xml", status=400)
        assert "ExceptionReport" in response.body


def test_strangers_find_public_records_only(app, catalogue):
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    hidden = next(iter(catalogue.values()))
    call_action("package_patch", {"user": factories.Sysadmin()["name"]}, id=hidden["id"], private=True)
    base = "/csw?service=CSW&version=2.0.2&request="
    assert hidden["id"] not in app.get(base + "GetRecords&resultType=results&maxRecords=50").body
    assert hidden["id"] not in app.get(f"{base}GetRecordById&id={hidden['id']}").body
