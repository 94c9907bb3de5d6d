"""A small partner portal on loopback that speaks all kinds, well or badly."""

import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest

ISO = (
    '<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">'
    "<gmd:fileIdentifier><gco:CharacterString>{id}</gco:CharacterString></gmd:fileIdentifier>"
    "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>"
    "<gco:CharacterString>{title}</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation><gmd:abstract>"
    "<gco:CharacterString>{notes}</gco:CharacterString></gmd:abstract><gmd:resourceConstraints>"
    "<gmd:MD_LegalConstraints><gmd:otherConstraints><gco:CharacterString>{licence}</gco:CharacterString>"
    "</gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints></gmd:MD_DataIdentification>"
    "</gmd:identificationInfo><gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions>"
    "<gmd:MD_DigitalTransferOptions><gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{file}</gmd:URL>"
    "</gmd:linkage><gmd:name><gco:CharacterString>Fichier</gco:CharacterString></gmd:name></gmd:CI_OnlineResource>"
    "</gmd:onLine></gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
    "</gmd:MD_Metadata>"
)


def record(number, **changes):
    """Make a record in the tests' own shape: id, title, notes, licence, publisher, keywords, file."""
    return {
        "id": f"rec-{number:04}",
        "title": f"Comptages vélo {number}",
        "notes": f"Passages de vélos au compteur {number}.",
        "licence": "Licence Ouverte 2.0",
        "publisher": "Ville d’à côté",
        "keywords": ["vélo", "comptage"],
        "file": f"https://example.org/velo/{number}.csv",
        **changes,
    }


# A portal is declared once: each has an address that none had before it, which a free port alone may have had.
NUMBERS = itertools.count(1)


class PartnerPortal:
    """A catalogue served as every kind, `page` records a page; what `broken` gives is answered in its stead."""

    def __init__(self):
        self.records = [record(number) for number in range(3)]
        self.page = 100
        self.broken = lambda path, body: None
        self.asked = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                portal._answer(self, b"")

            def do_POST(self):
                portal._answer(self, self.rfile.read(int(self.headers.get("content-length") or 0)))

            def log_message(self, *_args):
                return

        number = next(NUMBERS)
        self.server = ThreadingHTTPServer((f"127.1.{number // 250}.{number % 250 + 1}", 0), Handler)
        self.host = "{}:{}".format(*self.server.server_address)
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self, kind):
        return self.url + {"dcat": "/catalog.ttl", "csw": "/csw"}.get(kind, "")

    def _answer(self, handler, body):
        self.asked.append(handler.path)
        status, headers, content = self.broken(handler.path, body) or self._page(handler.path, body)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if not any(name.lower() == "content-length" for name in headers):
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        try:
            handler.wfile.write(content)
        except OSError:
            return

    def _page(self, path, body):
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        serve = {
            "/api/3/action/package_search": self._ckan,
            "/api/1/datasets/": self._udata,
            "/api/explore/v2.1/catalog/datasets": self._opendatasoft,
            "/catalog.ttl": self._dcat,
            "/csw": self._csw,
        }.get(parts.path)
        if serve is None:
            return 404, {"Content-Type": "text/html"}, b"<!doctype html><title>404</title>"
        media, content = serve(query, body)
        return 200, {"Content-Type": media}, content.encode()

    def _slice(self, start):
        return self.records[start : start + self.page]

    def _ckan(self, query, _body):
        results = [
            {
                "id": r["id"],
                "name": r["id"],
                "title": r["title"],
                "notes": r["notes"],
                "license_title": r["licence"],
                "organization": {"title": r["publisher"]},
                "tags": [{"name": word} for word in r["keywords"]],
                "resources": [{"url": r["file"], "name": "Fichier", "format": "CSV"}],
            }
            for r in self._slice(int(query["start"]))
        ]
        answer = {"success": True, "result": {"count": len(self.records), "results": results}}
        return "application/json", json.dumps(answer)

    def _udata(self, query, _body):
        number = int(query.get("page", 1))
        start = (number - 1) * self.page
        data = [
            {
                "id": r["id"],
                "title": r["title"],
                "description": r["notes"],
                "license": r["licence"],
                "organization": {"name": r["publisher"]},
                "tags": r["keywords"],
                "resources": [{"url": r["file"], "title": "Fichier", "format": "csv"}],
            }
            for r in self._slice(start)
        ]
        more = start + self.page < len(self.records)
        following = f"{self.url}/api/1/datasets/?page={number + 1}" if more else None
        return "application/json", json.dumps({"data": data, "total": len(self.records), "next_page": following})

    def _opendatasoft(self, query, _body):
        results = [
            {
                "dataset_id": r["id"],
                "dataset_uid": r["id"],
                "has_records": True,
                "metas": {
                    "default": {
                        "title": r["title"],
                        "description": r["notes"],
                        "license": r["licence"],
                        "publisher": r["publisher"],
                        "keyword": r["keywords"],
                    }
                },
            }
            for r in self._slice(int(query["offset"]))
        ]
        return "application/json", json.dumps({"total_count": len(self.records), "results": results})

    def _dcat(self, query, _body):
        number = int(query.get("page", 1))
        start = (number - 1) * self.page
        rows = [
            "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .",
            "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .",
            f"<{self.url}/catalog> a dcat:Catalog .",
        ]
        for r in self._slice(start):
            keywords = ", ".join(json.dumps(word) for word in r["keywords"])
            rows.append(
                f"<{self.url}/dataset/{r['id']}> a dcat:Dataset ; dct:title {json.dumps(r['title'])}@fr ;"
                f" dct:description {json.dumps(r['notes'])}@fr ; dct:license {json.dumps(r['licence'])} ;"
                f" dct:publisher [ a foaf:Agent ; foaf:name {json.dumps(r['publisher'])} ] ;"
                + (f" dcat:keyword {keywords} ;" if keywords else "")
                + f" dcat:distribution [ a dcat:Distribution ; dcat:accessURL <{r['file']}> ; dct:title 'Fichier' ] ."
            )
        if start + self.page < len(self.records):
            rows.append(
                f"<{self.url}/catalog.ttl?page={number}> a hydra:PagedCollection ;"
                f" hydra:totalItems {len(self.records)} ;"
                f" hydra:next <{self.url}/catalog.ttl?page={number + 1}> ."
            )
        return "text/turtle", "\n".join(rows)

    def _csw(self, _query, body):
        start = int(body.split(b'startPosition="')[1].split(b'"')[0]) - 1
        chosen = self._slice(start)
        following = start + len(chosen) + 1
        following = following if following <= len(self.records) else 0
        content = "".join(ISO.format(**{name: escape(str(value)) for name, value in r.items()}) for r in chosen)
        return "application/xml", (
            '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults'
            f' numberOfRecordsMatched="{len(self.records)}" numberOfRecordsReturned="{len(chosen)}"'
            f' nextRecord="{following}">{content}</csw:SearchResults></csw:GetRecordsResponse>'
        )


@pytest.fixture
def portal():
    """Give a partner portal that is served while the test runs."""
    served = PartnerPortal()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def make_record():
    """Give the maker of records."""
    return record


@pytest.fixture
def harvest(portal, ckan_config, monkeypatch):
    """Give `harvest(kind)`: declares the portal once, runs it as the two consumers would, gives the run."""
    import ckan.plugins.toolkit as tk
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    from ckanext.lrtzc.partners import jobs

    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [portal.host])
    sources = {}

    def run(kind="ckan", **settings):
        if kind not in sources:
            organization = factories.Organization()
            sources[kind] = call_action(
                "partner_create",
                title=f"Portail {kind}",
                kind=kind,
                address=portal.address(kind),
                owner_org=organization["id"],
                check=False,
                **settings,
            )["id"]
        return consume(jobs.start(sources[kind]))

    run.sources = sources
    return run


def consume(run_id):
    """Do what the gather and fetch consumers do with the queue."""
    from ckan import model
    from ckanext.harvest import queue
    from ckanext.harvest.model import HarvestJob, HarvestObject

    from ckanext.lrtzc.partners.model import Run

    job = HarvestJob.get(run_id)
    harvester = queue.get_harvester(job.source.type)
    for piece in queue.gather_stage(harvester, job):
        queue.fetch_and_import_stages(harvester, HarvestObject.get(piece))
    model.Session.expire_all()
    return model.Session.get(Run, run_id)
