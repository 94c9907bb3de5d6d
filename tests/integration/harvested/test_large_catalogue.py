"""A catalogue of 2,000 datasets is read page by page: no page costs more time, statements or memory than another."""

import json
import logging
import time
import tracemalloc

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
DATASETS, PAGE = 2_000, 100


@pytest.fixture
def many(catalogue, ckan_config):
    """Copy one indexed dataset 2,000 times in the index, which alone feeds the catalogue's pages."""
    from ckan.lib.search.common import make_connection

    index = make_connection()
    model = next(iter(catalogue.values()))
    [document] = index.search(f'id:"{model["id"]}"', fq=f'site_id:"{ckan_config["ckan.site_id"]}"').docs
    left_out = {"_version_", "indexed_ts", "score", "metadata_modified", "metadata_created"}
    document = {key: value for key, value in document.items() if key not in left_out and isinstance(value, str | list)}
    copies = []
    for number in range(DATASETS):
        identifier = f"00000000-0000-4000-8000-{number:012d}"
        said = {}
        for field in ("data_dict", "validated_data_dict"):
            described = json.loads(document[field])
            described.update(id=identifier, name=f"jeu-{number}")
            said[field] = json.dumps(described)
        copies.append(
            {
                **document,
                **said,
                "id": identifier,
                "index_id": identifier,
                "name": f"jeu-{number}",
                "permission_labels": ["public"],
                "metadata_created": "2024-01-01T00:00:00Z",
                "metadata_modified": "2024-01-01T00:00:00Z",
            }
        )
    index.add(copies, commit=True)
    yield
    index.delete(q=f'name:jeu-* AND site_id:"{ckan_config["ckan.site_id"]}"', commit=True)


def test_every_page_costs_the_same(app, many):
    from ckan.model import meta
    from sqlalchemy import event

    counted = []
    event.listen(meta.engine, "before_cursor_execute", lambda *_: counted.append(1))
    app.get("/catalog.ttl?page=2")
    durations, statements, peaks = {}, [], []
    for number in (3, 11, 19):
        counted.clear()
        begun = time.process_time()
        body = app.get(f"/catalog.ttl?page={number}").body
        durations[number] = time.process_time() - begun
        statements.append(len(counted))
        assert body.count("a dcat:Dataset ") == PAGE
    for number in (4, 18):
        tracemalloc.start()
        app.get(f"/catalog.ttl?page={number}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(set(statements)) == 1
    assert max(peaks) < 1.3 * min(peaks)
    first, last = durations[3], durations[19]
    figures = f"{statements[0]} statements, CPU {first:.2f} s then {last:.2f} s, peak {max(peaks) / 2**20:.1f} MiB"
    logging.getLogger(__name__).warning(figures)
    assert last < 2 * first + 0.5, figures
