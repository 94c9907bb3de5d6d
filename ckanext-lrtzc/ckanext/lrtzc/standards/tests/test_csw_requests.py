"""Requests and filters of CSW: both bindings read alike, bad ones answered with the right code."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.standards.domain.csw import solr
from ckanext.lrtzc.standards.domain.csw.cql import read_cql
from ckanext.lrtzc.standards.domain.csw.errors import CswError
from ckanext.lrtzc.standards.domain.csw.fes import read_filter
from ckanext.lrtzc.standards.domain.csw.query import And, Compare, Like, Not, Property
from ckanext.lrtzc.standards.domain.csw.request import GetCapabilities, GetRecordById, GetRecords, from_pairs, from_xml
from ckanext.lrtzc.standards.domain.xml import UnreadableXml, read

BASE = {"service": "CSW", "version": "2.0.2"}


def pairs(**more):
    return from_pairs({**BASE, **more})


def xml_records(inside, **attributes):
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return from_xml(
        f"""<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ogc="http://www.opengis.net/ogc"
        xmlns:gml="http://www.opengis.net/gml" service="CSW" version="2.0.2"{written}>
        <csw:Query typeNames="csw:Record">{inside}</csw:Query></csw:GetRecords>""".encode()
    )


def filter_of(inside):
    return read_filter(
        read(
            f'<ogc:Filter xmlns:ogc="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml">'
            f"{inside}</ogc:Filter>".encode()
        )
    )


class TestRequests:
    def test_names_are_read_in_any_case(self):
        found = from_pairs({"SERVICE": "csw", "Request": "getcapabilities"})
        assert isinstance(found, GetCapabilities)

    def test_both_bindings_read_alike(self):
        by_pairs = pairs(
            request="GetRecords",
            resultType="results",
            maxRecords="5",
            startPosition="11",
            elementSetName="full",
            constraintLanguage="CQL_TEXT",
            constraint="Title LIKE '%eau%'",
            sortBy="dc:title:D",
        )
        by_xml = xml_records(
            """<csw:ElementSetName>full</csw:ElementSetName>
            <csw:Constraint version="1.1.0"><ogc:Filter><ogc:PropertyIsLike wildCard="%" singleChar="_" escapeChar="\\">
            <ogc:PropertyName>dc:title</ogc:PropertyName><ogc:Literal>%eau%</ogc:Literal></ogc:PropertyIsLike>
            </ogc:Filter></csw:Constraint><ogc:SortBy><ogc:SortProperty><ogc:PropertyName>dc:title</ogc:PropertyName>
            <ogc:SortOrder>DESC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>""",
            resultType="results",
            maxRecords="5",
            startPosition="11",
        )
        assert by_pairs == by_xml

    @pytest.mark.parametrize(
        ("given_", "code", "locator"),
        [
            ({}, "MissingParameterValue", "service"),
            ({"service": "WFS", "request": "GetRecords"}, "InvalidParameterValue", "service"),
            ({"service": "CSW"}, "MissingParameterValue", "request"),
            ({**BASE, "request": "Transaction"}, "OperationNotSupported", "request"),
            ({"service": "CSW", "request": "GetRecords"}, "MissingParameterValue", "version"),
            ({**BASE, "version": "3.0.0", "request": "GetRecords"}, "InvalidParameterValue", "version"),
            (
                {"service": "CSW", "request": "GetCapabilities", "AcceptVersions": "3.0.0"},
                "VersionNegotiationFailed",
                "AcceptVersions",
            ),
            ({**BASE, "request": "GetRecordById"}, "MissingParameterValue", "id"),
            ({**BASE, "request": "GetRecords", "outputSchema": "urn:x"}, "InvalidParameterValue", "outputSchema"),
            ({**BASE, "request": "GetRecords", "startPosition": "0"}, "InvalidParameterValue", "startPosition"),
            ({**BASE, "request": "GetRecords", "maxRecords": "-1"}, "InvalidParameterValue", "maxRecords"),
            ({**BASE, "request": "GetRecords", "maxRecords": "٣"}, "InvalidParameterValue", "maxRecords"),
            ({**BASE, "request": "GetRecords", "typeNames": "gco:Thing"}, "InvalidParameterValue", "typeNames"),
            ({**BASE, "request": "GetRecords", "sortBy": "Abstract:A"}, "InvalidParameterValue", "SortBy"),
            ({**BASE, "request": "GetRecords", "bbox": "a,b,c,d"}, "InvalidParameterValue", "bbox"),
            ({**BASE, "request": "GetDomain"}, "MissingParameterValue", "PropertyName"),
        ],
    )
    def test_what_can_not_be_answered_is_named(self, given_, code, locator):
        with pytest.raises(CswError) as caught:
            from_pairs(given_)
        assert (caught.value.code, caught.value.locator) == (code, locator)

    def test_identifiers_posted_or_in_the_address(self):
        posted = from_xml(
            b'<GetRecordById xmlns="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2">'
            b"<Id>a</Id><Id>b</Id></GetRecordById>"
        )
        assert posted == pairs(request="GetRecordById", id="a,b")
        assert isinstance(posted, GetRecordById)

    def test_soap_envelope_is_opened(self):
        found = from_xml(
            b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
            b'<GetCapabilities xmlns="http://www.opengis.net/cat/csw/2.0.2" service="CSW"/></s:Body></s:Envelope>'
        )
        assert isinstance(found, GetCapabilities)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not xml",
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            b'<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>',
            b"<a>" * 5000,
            b"<a xmlns='\xff'/>",
        ],
        ids=["empty", "text", "external entity", "entity bomb", "deep", "encoding"],
    )
    def test_dangerous_xml_is_refused(self, body):
        with pytest.raises(CswError) as caught:
            from_xml(body)
        assert caught.value.code in {"NoApplicableCode", "MissingParameterValue"}

    @settings(deadline=None)
    @given(
        st.dictionaries(st.sampled_from(["service", "version", "request", "constraint", "bbox", "q", "id"]), st.text())
    )
    def test_any_pairs_are_read_or_refused(self, given_):
        with suppress(CswError):
            from_pairs({**BASE, "request": "GetRecords", **given_})


class TestFilters:
    def test_cql_and_xml_make_the_same_tree(self):
        by_cql = read_cql(
            "(dc:subject = 'eau' AND NOT dct:modified < '2024-01-01') OR BBOX(ows:BoundingBox, -2, 45, 0, 47)"
        )
        by_xml = filter_of(
            """<ogc:Or><ogc:And>
            <ogc:PropertyIsEqualTo><ogc:PropertyName>dc:subject</ogc:PropertyName>
            <ogc:Literal>eau</ogc:Literal></ogc:PropertyIsEqualTo>
            <ogc:Not><ogc:PropertyIsLessThan><ogc:PropertyName>dct:modified</ogc:PropertyName>
            <ogc:Literal>2024-01-01</ogc:Literal></ogc:PropertyIsLessThan></ogc:Not>
            </ogc:And><ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName><gml:Envelope>
            <gml:lowerCorner>-2 45</gml:lowerCorner><gml:upperCorner>0 47</gml:upperCorner>
            </gml:Envelope></ogc:BBOX></ogc:Or>"""
        )
        assert by_cql == by_xml

    def test_latitude_comes_first_where_the_reference_system_says_so(self):
        found = filter_of(
            """<ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName>
            <gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>45 -2</gml:lowerCorner>
            <gml:upperCorner>47 0</gml:upperCorner></gml:Envelope></ogc:BBOX>"""
        )
        assert (found.west, found.south) == (-2, 45)

    def test_quotes_are_doubled_in_texts(self):
        assert read_cql("Title = 'l''eau'") == Compare(Property.TITLE, "=", "l'eau")

    def test_not_like_and_is_not_null(self):
        assert read_cql("Title NOT LIKE 'a%'") == Not(Like(Property.TITLE, "a*"))
        assert isinstance(read_cql("Abstract IS NOT NULL"), Not)

    @pytest.mark.parametrize(
        "cql",
        [
            "",
            "Title",
            "Title =",
            "Title = 'a",
            "Title = 'a' AND",
            "Colour = 'red'",
            "Title > 'a' OR (",
            "BBOX(ows:BoundingBox, 1, 2, 3)",
            "BBOX(ows:BoundingBox, 10, 0, -10, 5)",
            "modified BETWEEN '2024' AND",
            "Title = 'a'; DROP TABLE package",
            "NOT " * 100 + "Title = 'a'",
            "(" * 100 + "Title = 'a'" + ")" * 100,
            " OR ".join(["Title = 'a'"] * 500),
            "a" * 9000,
        ],
    )
    def test_what_is_not_cql_is_refused(self, cql):
        with pytest.raises(CswError):
            read_cql(cql)

    @settings(deadline=None)
    @given(st.text())
    def test_any_text_is_read_or_refused(self, cql):
        with suppress(CswError):
            assert solr.query(read_cql(cql))

    @pytest.mark.parametrize(
        ("cql", "expected"),
        [
            ("Title = 'Pistes \"cyclables\"'", 'title_string:"Pistes \\"cyclables\\""'),
            ("Type = 'dataset'", "*:*"),
            ("Type = 'service'", solr.NOTHING),
            ("Modified >= '2024-03'", "metadata_modified:[2024-03-01T00:00:00Z TO *]"),
            ("Modified <= '2024-02'", "metadata_modified:[* TO 2024-02-29T23:59:59.999Z]"),
            ("Modified > '2024'", "metadata_modified:{2024-12-31T23:59:59.999Z TO *]"),
            ("Identifier = 'a'", '(id:"a" OR name:"a")'),
            ("Abstract IS NULL", "(*:* NOT notes:[* TO *])"),
            ("Subject LIKE 'éol%'", "tags:éol*"),
            ("Subject LIKE '{!join}%'", "tags:\\{\\!join\\}*"),
        ],
    )
    def test_query_of_the_index(self, cql, expected):
        assert solr.query(read_cql(cql)) == expected

    @pytest.mark.parametrize("cql", ["Title < 'a'", "Modified = 'hier'", "Modified LIKE '2024%'", "BoundingBox = '1'"])
    def test_operators_without_sense_are_refused(self, cql):
        with pytest.raises(CswError):
            solr.query(read_cql(cql))

    def test_words_are_searched_as_french_understands_them_and_inside_words(self):
        assert solr.query(read_cql("AnyText LIKE '%énergie%'")) == '((text:"énergie" OR text:*énergie*))'

    def test_filter_with_too_many_levels_is_refused(self):
        deep = "<ogc:Not>" * 60 + "</ogc:Not>" * 60
        with pytest.raises(CswError):
            filter_of(deep)

    def test_conditions_combine(self):
        found = pairs(request="GetRecords", bbox="-2,45,0,47", q="eau")
        assert isinstance(found, GetRecords)
        assert isinstance(found.condition, And)


def test_entities_are_not_resolved():
    with pytest.raises(UnreadableXml):
        read(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>')
