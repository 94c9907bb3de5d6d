"""What servers of the web answer, whose file is the shelf's: plain ones, CMIS, S3, SOAP."""

import hashlib
import json
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


def web_answer(shelf):
    """Answer with the file of the address's name, by its ETag; the account `wrong` is refused."""

    def answer(request):
        # a collection of OGC API Features is asked for by an address around its name
        name = urlsplit(request.path).path.removeprefix("/collections").removesuffix("/items").lstrip("/")
        if request.command == "PUT":
            if shelf.takes:
                shelf.put(name, request.sent)
            return request.answer(201 if shelf.takes else 403)
        if request.headers.get("Authorization") == "Basic d3Jvbmc6d3Jvbmc=":
            return request.answer(401)
        if name not in shelf.files:
            return request.answer(404)
        data, moment = shelf.files[name]
        etag = f'"{hashlib.sha1(data).hexdigest()}-{moment}"'
        if request.headers.get("If-None-Match") == etag:
            return request.answer(304, ETag=etag)
        return request.answer(200, shelf.take(name), ETag=etag)

    return answer


def cmis_answer(shelf):
    """Answer as the browser binding of CMIS 1.1 does, a folder's children two a page."""

    def told(name):
        data, moment = shelf.files[name]
        told = {"cmis:objectId": f"id-{name}", "cmis:name": name, "cmis:baseTypeId": "cmis:document"}
        return told | {"cmis:lastModificationDate": moment * 1000, "cmis:contentStreamLength": len(data)}

    def answer(request):
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if request.headers.get("Authorization") == "Basic d3Jvbmc6d3Jvbmc=":
            return request.answer(401)
        if parts.path == "/browser":
            here = f"http://{request.headers['Host']}"
            return request.answer(200, json.dumps({"depot": {"rootFolderUrl": f"{here}/browser/root"}}).encode())
        name = asked.get("objectId", "").removeprefix("id-")
        match asked["cmisselector"]:
            case "children" if parts.path == "/browser/root/out":
                start = int(asked["skipCount"])
                folder = {"cmis:objectId": "f", "cmis:name": "old", "cmis:baseTypeId": "cmis:folder"}
                found = [*map(told, sorted(shelf.files)), folder]
                objects = [{"object": {"succinctProperties": one}} for one in found[start : start + 2]]
                body = {"objects": objects, "hasMoreItems": len(found) > start + 2}
            case "object" if name in shelf.files:
                body = {"succinctProperties": told(name)}
            case "content" if name in shelf.files:
                return request.answer(200, shelf.take(name), Content_Type="text/csv")
            case _:
                return request.answer(404, b'{"exception": "objectNotFound"}')
        return request.answer(200, json.dumps(body).encode(), Content_Type="application/json")

    return answer


def s3_answer(shelf):
    """Answer as S3 does to ListObjectsV2 (two files a page), GetObject and HeadObject, for the key `AKI` only."""

    def answer(request):
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "Credential=AKI/" not in request.headers.get("Authorization", ""):
            return request.answer(403)
        if request.command == "PUT":
            whole = request.headers["x-amz-content-sha256"] == hashlib.sha256(request.sent).hexdigest()
            shelf.put(unquote(parts.path).removeprefix("/bucket/out/"), request.sent)
            return request.answer(200 if whole and shelf.takes else 403)
        if "list-type" not in asked:
            name = unquote(parts.path).removeprefix("/bucket/out/")
            if name not in shelf.files:
                return request.answer(404)
            etag = hashlib.md5(shelf.files[name][0]).hexdigest()
            return request.answer(200, shelf.take(name), ETag=f'"{etag}"')
        start = int(asked.get("continuation-token", "0"))
        names = sorted(shelf.files)[start:]
        more = f"<NextContinuationToken>{start + 2}</NextContinuationToken>" if len(names) > 2 else ""
        entries = "".join(
            f"<Contents><Key>out/{escape(name)}</Key>"
            f"<LastModified>2026-01-0{1 + start + number}T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{hashlib.md5(shelf.files[name][0]).hexdigest()}&quot;</ETag>"
            f"<Size>{len(shelf.files[name][0])}</Size></Contents>"
            for number, name in enumerate(names[:2])
        )
        page = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{entries}{more}</ListBucketResult>'
        return request.answer(200, page.encode(), Content_Type="application/xml")

    return answer


_WSDL = """<?xml version="1.0"?>
<definitions name="Counts" targetNamespace="urn:counts" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:counts"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
  <types><x:schema targetNamespace="urn:counts" elementFormDefault="qualified">
    <x:element name="GetCounts"><x:complexType><x:sequence>
      <x:element name="year" type="x:int" minOccurs="0"/></x:sequence></x:complexType></x:element>
    <x:element name="Counts"><x:complexType><x:sequence>
      <x:element name="count" minOccurs="0" maxOccurs="unbounded"><x:complexType><x:sequence>
        <x:element name="lieu" type="x:string"/><x:element name="passages" type="x:int"/>
      </x:sequence></x:complexType></x:element></x:sequence></x:complexType></x:element>
  </x:schema></types>
  <message name="In"><part name="parameters" element="t:GetCounts"/></message>
  <message name="Out"><part name="parameters" element="t:Counts"/></message>
  <portType name="Port"><operation name="GetCounts">
    <input message="t:In"/><output message="t:Out"/></operation></portType>
  <binding name="Binding" type="t:Port"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetCounts"><soap:operation soapAction="get"/><input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output></operation></binding>
  <service name="Service"><port name="Port" binding="t:Binding"><soap:address location="{address}"/></port></service>
</definitions>"""


def soap_answer(shelf):
    """Answer as a service does: its description, and the records of the shelf's file."""
    envelope = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'

    def answer(request):
        if request.headers.get("Authorization") == "Basic d3Jvbmc6d3Jvbmc=":
            return request.answer(401)
        if request.command == "GET":
            location = request.server.location or f"http://{request.headers['Host']}/counts"
            return request.answer(200, _WSDL.format(address=location).encode(), Content_Type="text/xml")
        if "year" in str(request.server.asked[-1][3]):
            fault = "<e:Fault><faultcode>e:Client</faultcode><faultstring>no such year</faultstring></e:Fault>"
            return request.answer(500, envelope.format(fault).encode(), Content_Type="text/xml")
        data = shelf.files["counts.csv"][0]
        if len(data) > 100_000:
            return request.answer(200, data, Content_Type="text/xml")
        rows = "".join(
            f"<count><lieu>{row['lieu']}</lieu><passages>{row['passages']}</passages></count>"
            for row in json.loads(data)
        )
        body = f'<Counts xmlns="urn:counts">{rows}</Counts>'
        return request.answer(200, envelope.format(body).encode(), Content_Type="text/xml")

    return answer
