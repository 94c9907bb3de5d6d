"""Judge the search by questions in French over the sample catalogue, against CKAN's own search over the same objects.

`python tests/benchmarks/relevance.py [address of a portal with sample content]`

Ours is asked by its page, as a person does. Stock is CKAN's schema in a Solr core of its own, holding the same objects
as CKAN indexes them, asked as CKAN 2.12 asks it (fields, weights, minimum of words). Recall@5: of the objects that
answer a question, the share among the first five found; the mean over all questions. Then how long ours takes: a search
by words and a suggestion, by HTTP, one after the other.
"""

import argparse
import html
import json
import re
import statistics
import time
import urllib.request
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote, urlencode

import instances
import pysolr
import report
import yaml

QUESTIONS = Path(__file__).with_name("relevance.yaml")
FIRST = 5
LIMIT = 0.95
CORE = "ckan_relevance"
FIELDS = "name^4 title^4 tags^2 groups^2 text"


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def objects(portal: str) -> list[dict]:
    """Give all objects of the portal that strangers see."""
    found: list[dict] = []
    while True:
        page = json.loads(get(f"{portal}/api/3/action/package_search?rows=100&start={len(found)}"))["result"]
        found += page["results"]
        if len(found) >= page["count"] or not page["results"]:
            return found


def ours(portal: str) -> Callable[[str], list[str]]:
    def ask(words: str) -> list[str]:
        body = get(f"{portal}/dataset/?q={quote(words)}")
        links = re.findall(r'class="result__title"[^>]*><a href="/[^"/]+/([^"]+)"', body)
        return [html.unescape(name) for name in links]

    return ask


def stock(portal: str) -> Callable[[str], list[str]]:
    told = instances.settings()
    instances.core(told, CORE, stock=True)
    solr = pysolr.Solr(f"http://127.0.0.1:{told['SOLR_PORT']}/solr/{CORE}", always_commit=True)
    solr.delete(q="*:*")
    solr.add([document(one) for one in objects(portal)])

    def ask(words: str) -> list[str]:
        found = solr.search(
            words, defType="dismax", qf=FIELDS, mm="2<-1 5<80%", tie="0.1", **{"q.op": "AND"}, fl="name", rows=FIRST
        )
        return [one["name"] for one in found]

    return ask


def document(one: dict) -> dict:
    """Give what CKAN's index holds of a dataset, as far as its search reads it."""
    resources = one.get("resources") or []
    return {
        "index_id": one["id"],
        "id": one["id"],
        "site_id": "relevance",
        "entity_type": "package",
        "state": "active",
        "name": one["name"],
        "title": one["title"],
        "notes": one.get("notes") or "",
        "author": one.get("author") or "",
        "tags": [tag["name"] for tag in one.get("tags") or []],
        "organization": (one.get("organization") or {}).get("name") or "",
        "license": one.get("license_title") or "",
        "res_name": [resource.get("name") or "" for resource in resources],
        "res_description": [resource.get("description") or "" for resource in resources],
        "res_format": [resource.get("format") or "" for resource in resources],
    }


def recall(found: list[str], expected: list[str]) -> float:
    return sum(any(fnmatch(name, one) for name in found[:FIRST]) for one in expected) / len(expected)


def milliseconds(call: Callable[[str], object], words: list[str]) -> list[float]:
    taken = []
    for one in words:
        started = time.perf_counter()
        call(one)
        taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)


def main() -> None:
    """Ask all questions, say which were answered badly, and write the section of docs/performance.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portal", nargs="?", default=f"http://localhost:{instances.settings()['PORT']}")
    portal = parser.parse_args().portal.rstrip("/")
    questions = yaml.safe_load(QUESTIONS.read_text())
    sides = {"ours": ours(portal), "CKAN 2.12's search": stock(portal)}
    rows, means = [], {}
    for name, ask in sides.items():
        each = [(one, recall(ask(one["q"]), one["expect"])) for one in questions]
        for one, value in each:
            if value < 1:
                print(f"{name}: {one['q']!r} found {ask(one['q'])[:FIRST]}, wanted {one['expect']}")
        kinds = {one["hard"]: [value for other, value in each if other["hard"] == one["hard"]] for one in questions}
        means[name] = statistics.mean(value for _, value in each)
        rows.append([name, f"{means[name]:.3f}", *(f"{statistics.mean(kinds[kind]):.2f}" for kind in sorted(kinds))])
    words = [one["q"] for one in questions] * 3
    searches = milliseconds(lambda q: get(f"{portal}/api/3/action/package_search?{urlencode({'q': q})}"), words)
    suggestions = milliseconds(lambda q: get(f"{portal}/search/suggest?{urlencode({'q': q[:5]})}"), words)
    p95 = [values[int(len(values) * 0.95)] for values in (searches, suggestions)]
    report.write(
        "relevance",
        "Relevance of the search",
        "python tests/benchmarks/relevance.py",
        ["search", f"recall@{FIRST} (limit {LIMIT})", *sorted({one["hard"] for one in questions})],
        rows,
        f"{len(questions)} questions in French (`tests/benchmarks/relevance.yaml`) over the sample catalogue; both "
        f"sides hold the same objects. By HTTP, one after the other, 95th percentile: a search by words "
        f"{p95[0]:.0f} ms, a suggestion {p95[1]:.0f} ms.",
    )


if __name__ == "__main__":
    main()
