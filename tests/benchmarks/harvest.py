"""Harvest a local partner by our room and by ckanext-harvest as it comes, in the same run; print a table.

`python tests/benchmarks/harvest.py run/test/test.ini [--datasets 2000] [--stock 100]`

The partner serves the same catalogue as CKAN's action API and as DCAT in Turtle. Each side runs alone in a process
of its own, and does what the gather and fetch consumers do. Ours: the rooms of the portal, the portal's schema.
Stock: a CKAN with `harvest` and `ckan_harvester` alone. Both write to the database and the index of the file given,
which a test session empties. Rates are datasets a second of wall-clock time, indexed and searchable when counted.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import report

WORDS = [
    "énergie",
    "vélo",
    "bus",
    "eau",
    "déchets",
    "logement",
    "carbone",
    "arbres",
    "école",
    "port",
    "bruit",
    "air",
    "commune",
    "budget",
    "voirie",
    "quartier",
]


def dataset(run: str, number: int) -> dict:
    """Make one dataset as CKAN's API gives it."""
    word = WORDS[number % len(WORDS)]
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run}/{number}")),
        "name": f"bench-{run}-{number}",
        "title": f"Mesures {word} {run} {number}",
        "notes": f"Relevés {word} du point {number}. " + " ".join(WORDS) + ".",
        "license_id": "lov2",
        "license_title": "Licence Ouverte 2.0",
        "metadata_modified": "2026-01-01T00:00:00.000000",
        "state": "active",
        "type": "dataset",
        "private": False,
        "organization": {"id": "x", "name": "voisine", "title": "Ville voisine"},
        "tags": [{"name": w, "display_name": w} for w in (word, WORDS[(number + 5) % len(WORDS)], "mesures")],
        "groups": [],
        "extras": [{"key": "frequency", "value": "monthly"}],
        "resources": [
            {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run}/{number}/{n}")),
                "url": f"https://example.org/{run}/{number}.{form}",
                "name": form,
                "format": form.upper(),
                "description": "",
            }
            for n, form in enumerate(("csv", "json"))
        ],
    }


def turtle(base: str, datasets: list[dict], following: str) -> str:
    """Write datasets in DCAT."""
    prefixes = {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "hydra": "http://www.w3.org/ns/hydra/core#",
    }
    licence = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
    frequency = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
    rows = [f"@prefix {name}: <{address}> ." for name, address in prefixes.items()]
    for d in datasets:
        keywords = ", ".join(json.dumps(tag["name"], ensure_ascii=False) for tag in d["tags"])
        files = ", ".join(
            f"[ a dcat:Distribution ; dcat:accessURL <{r['url']}> ;"
            f' dct:title "{r["name"]}" ; dct:format "{r["format"]}" ]'
            for r in d["resources"]
        )
        rows.append(
            f'<{base}/dcat/{d["id"]}> a dcat:Dataset ; dct:title "{d["title"]}"@fr ;'
            f' dct:description "{d["notes"]}"@fr ;'
            f' dct:identifier "{d["id"]}-dcat" ; dct:license <{licence}> ; dct:accrualPeriodicity <{frequency}> ;'
            ' dct:publisher [ a foaf:Organization ; foaf:name "Ville lointaine" ] ;'
            f" dcat:keyword {keywords} ; dcat:distribution {files} ."
        )
    if following:
        rows.append(f"<{base}/page> a hydra:PartialCollectionView ; hydra:next <{following}> .")
    return "\n".join(rows)


def serve(run: str, count: int) -> tuple[ThreadingHTTPServer, str]:
    """Serve the partner; pages are made beforehand, so that its own work isn't measured."""
    datasets = [dataset(run, number) for number in range(count)]
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/package_search"):
                start, rows = int(query.get("start", 0)), int(query.get("rows", 10))
                key = f"json {start} {rows}"
                if key not in pages:
                    result = {"count": count, "results": datasets[start : start + rows]}
                    pages[key] = json.dumps({"success": True, "result": result}).encode()
            else:
                start = int(query.get("start", 0))
                key = f"ttl {start}"
                if key not in pages:
                    more = f"{address}/catalog.ttl?start={start + 500}" if start + 500 < count else ""
                    pages[key] = turtle(address, datasets[start : start + 500], more).encode()
            body = pages[key]
            self.send_response(200)
            self.send_header("Content-Type", "application/json" if key.startswith("json") else "text/turtle")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, address


def application(ini: str):
    """Load CKAN and give its Flask application."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    made = make_app(load_config(ini))
    return getattr(made, "_wsgi_app", made)


def consume(run_id: str) -> None:
    """Do what the two consumers of ckanext-harvest do."""
    from ckanext.harvest import queue
    from ckanext.harvest.model import HarvestJob, HarvestObject

    job = HarvestJob.get(run_id)
    harvester = queue.get_harvester(job.source.type)
    for identity in queue.gather_stage(harvester, job):
        queue.fetch_and_import_stages(harvester, HarvestObject.get(identity))
    job = HarvestJob.get(run_id)
    job.status = "Finished"
    job.save()


def searchable(words: str, wanted: int) -> int:
    """Wait until the search finds `wanted` datasets (at most a minute); give how many it finds."""
    import ckan.plugins.toolkit as tk

    for turn in range(600):
        # another page each time: within one request, the portal asks the search a question once
        asked = {"q": "", "fq": f"title:{words}", "rows": 0, "start": turn}
        found = tk.get_action("package_search")({"ignore_auth": True}, asked)["count"]
        if found >= wanted:
            return found
        time.sleep(0.1)
    return found


def organisation() -> str:
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    name = f"bench-{uuid.uuid4().hex[:8]}"
    context = {"ignore_auth": True, "user": user}
    return tk.get_action("organization_create")(context, {"name": name, "title": name})["id"]


def side_ours(address: str, count: int, run: str, kind: str) -> dict:
    import ckan.plugins.toolkit as tk
    from ckan import model

    from ckanext.lrtzc.partners import jobs
    from ckanext.lrtzc.partners.model import Run

    tk.config["ckanext.lrtzc.egress.allowed_hosts"] = [urlsplit(address).netloc]
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    partner = tk.get_action("partner_create")(
        {"ignore_auth": True, "user": user},
        {
            "title": f"Banc {kind} {run}",
            "kind": kind,
            "address": address + ("/catalog.ttl" if kind == "dcat" else ""),
            "owner_org": organisation(),
        },
    )

    def timed() -> tuple[float, Run]:
        run_id = jobs.start(partner["id"])
        started = time.perf_counter()
        consume(run_id)
        model.Session.expire_all()
        return started, model.Session.get(Run, run_id)

    spent = time.process_time()
    started, first = timed()
    found = searchable(run, count)
    spent = time.process_time() - spent
    created = time.perf_counter() - started
    again = time.process_time()
    started, second = timed()
    again = time.process_time() - again
    unchanged = time.perf_counter() - started
    ok = (first.state, first.added, second.state, second.unchanged, found >= count)
    if ok != ("finished", count, "finished", count, True):
        raise SystemExit(f"the harvest did not do what is measured: {ok} {first.message % first.params}")
    return {"created": count / created, "unchanged": count / unchanged, "cpu": count / spent, "again": count / again}


def side_stock(address: str, count: int, run: str, _kind: str) -> dict:
    import ckan.plugins.toolkit as tk
    from ckan import model

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def context() -> dict:
        return {"ignore_auth": True, "user": user, "model": model, "session": model.Session}

    source = tk.get_action("harvest_source_create")(
        context(),
        {"title": "stock", "name": f"stock-{run}", "url": address, "source_type": "ckan", "frequency": "MANUAL",
         "owner_org": organisation(), "config": json.dumps({"force_all": True})},
    )  # fmt: skip

    def timed() -> float:
        run_id = tk.get_action("harvest_job_create")(context(), {"source_id": source["id"], "run": False})["id"]
        started = time.perf_counter()
        consume(run_id)
        return started

    spent = time.process_time()
    started = timed()
    searchable(run, count)
    spent = time.process_time() - spent
    created = time.perf_counter() - started
    again = time.process_time()
    started = timed()
    again = time.process_time() - again
    unchanged = time.perf_counter() - started
    return {"created": count / created, "unchanged": count / unchanged, "cpu": count / spent, "again": count / again}


def side(name: str, ini: str, *args) -> dict:
    """Run one side in a process of its own; give its rates."""
    command = [sys.executable, __file__, ini, "--side", name, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--datasets", type=int, default=2000)
    parser.add_argument("--stock", type=int, default=100)
    parser.add_argument("--side", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        name, address, count, run, kind = options.side
        with application(options.ini).test_request_context():
            rates = (side_ours if name == "ours" else side_stock)(address, int(count), run, kind)
        print(json.dumps(rates))
        return
    ini = Path(options.ini).resolve()
    stock_ini = ini.with_name("harvest-stock.ini")
    stock_ini.write_text(
        f"[app:main]\nuse = config:{ini}\nckan.plugins = harvest ckan_harvester\nscheming.dataset_schemas =\n"
    )
    rows = []
    for label, name, file, count, kind in (
        ("ours, CKAN partner", "ours", ini, options.datasets, "ckan"),
        ("ours, DCAT partner", "ours", ini, options.datasets, "dcat"),
        (
            "ckanext-harvest as it comes (CKAN harvester, all records asked for again)",
            "stock",
            stock_ini,
            options.stock,
            "ckan",
        ),
    ):
        run = f"b{uuid.uuid4().hex[:8]}"
        server, address = serve(run, count)
        rates = side(name, str(file), address, count, run, kind)
        server.shutdown()
        numbers = [f"{rates['created']:,.1f}", f"{rates['unchanged']:,.0f}", f"{rates['cpu']:,.0f}"]
        rows.append([label, count, *numbers, f"{rates['again']:,.0f}"])
    stock_ini.unlink()
    load = ", ".join(f"{number:.0f}" for number in os.getloadavg())
    report.write(
        "harvest",
        "Harvest",
        "python tests/benchmarks/harvest.py run/test/test.ini",
        ["side", "datasets", "created/s", "unchanged/s", "created per s of processor", "unchanged per s of processor"],
        rows,
        "One process for each side, one after the other, from the same local partner: wall-clock rates, indexed and "
        "searchable when counted, each dataset with its trace in the ledger. Limits: 50 created and 3,000 unchanged a "
        f"second. Load of the machine at the end (1, 5, 15 minutes): {load}; where it is more than the cores, "
        "wall-clock rates of all sides fall, and the columns of the processor (of that one process) say what the work "
        "itself costs.",
    )


if __name__ == "__main__":
    main()
