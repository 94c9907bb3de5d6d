"""A second CKAN (own databases, own Solr core, stock plug-ins) harvests us and holds the same metadata."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

INI = """[DEFAULT]
debug = false
[app:main]
use = egg:ckan
ckan.plugins = {plugins}
ckan.site_url = http://partner.example
ckan.site_id = partner
sqlalchemy.url = {database}
solr_url = {solr}
ckan.redis.url = {redis}
SECRET_KEY = {secret}
ckan.storage_path = {folder}
ckan.webassets.path = {folder}/webassets
ckan.files.storage.default.type = ckan:fs
ckan.files.storage.default.initialize = true
ckan.files.storage.default.path = {folder}/files
ckan.harvest.mq.type = redis
ckan.auth.create_dataset_if_not_in_organization = true
ckan.auth.create_unowned_dataset = true
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(levelname)s %(name)s %(message)s
"""


@pytest.fixture
def partner(ckan_config, tmp_path):
    """Give a function that makes the partner harvest an address and gives what it holds afterwards."""
    solr = re.sub(r"/solr/\w+$", "/solr/ckan_partner", ckan_config["solr_url"])
    if not requests.get(f"{solr}/select?q=*:*&rows=0", timeout=10).ok:
        pytest.skip("the Solr core of the partner isn't there: start the services of the tests")

    def harvest(address, kind, plugins):
        ini, target = tmp_path / "partner.ini", tmp_path / "held.json"
        ini.write_text(
            INI.format(
                plugins=plugins,
                database=re.sub(r"/ckan\w*$", "/ckan_partner", ckan_config["sqlalchemy.url"]),
                solr=solr,
                redis=re.sub(r"/\d+$", "/5", ckan_config["ckan.redis.url"]),
                secret="partner" * 6,
                folder=tmp_path,
            )
        )
        program = Path(__file__).with_name("partner_portal.py")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CKAN")}
        done = subprocess.run(
            [sys.executable, program, ini, address, kind, target],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
            env=environment,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        held = json.loads(target.read_text())
        assert not held["errors"], held["errors"]
        return held["datasets"]

    return harvest


def extras(dataset):
    return {one["key"]: one["value"] for one in dataset["extras"]}


def assert_core(found, dataset):
    assert found["title"] == dataset["title"]
    assert found["notes"] == dataset["notes"]
    assert {tag["name"] for tag in found["tags"]} == {tag["name"] for tag in dataset["tags"]}
    assert len(found["resources"]) == len(dataset["resources"])
    by_name = {one["name"]: one for one in found["resources"]}
    for resource in dataset["resources"]:
        held = by_name[resource["name"]]
        assert held["url"] == resource["url"]
        assert held["format"] == resource["format"]
        assert (held.get("description") or "") == (resource.get("description") or "")


def test_partner_harvests_dcat_without_loss(portal, catalogue, partner):
    held = partner(f"{portal}/catalog.ttl", "dcat_rdf", "harvest dcat dcat_rdf_harvester")
    assert len(held) == len(catalogue)
    by_title = {one["title"]: one for one in held}
    for dataset in catalogue.values():
        found = by_title[dataset["title"]]
        assert_core(found, dataset)
        more = extras(found)
        assert more["identifier"] == (dataset.get("identifier") or dataset["id"])
        assert more["uri"] == f"{portal}/dataset/{dataset['id']}"
        named = dataset.get("publisher") or [{"name": dataset["organization"]["title"]}]
        assert more["publisher_name"] == named[0]["name"]
        for person in dataset.get("contact") or []:
            assert more["contact_name"] == person["name"]
            assert more["contact_email"] == person["email"]
        for field in ("frequency", "access_rights", "provenance"):
            if dataset.get(field):
                assert more[field] == dataset[field]
        for field in ("language", "conforms_to", "hvd_category"):
            if dataset.get(field):
                assert set(json.loads(more[field])) == set(dataset[field])
        if dataset.get("theme"):
            assert set(json.loads(more["theme"])) >= set(dataset["theme"])
        if dataset.get("issued"):
            assert more["issued"] == dataset["issued"]
        if dataset.get("temporal_coverage"):
            assert more["temporal_start"] == dataset["temporal_coverage"][0]["start"]
            assert more["temporal_end"] == dataset["temporal_coverage"][0]["end"]
        for mine, theirs in zip(
            dataset["resources"], sorted(found["resources"], key=lambda one: one["position"]), strict=True
        ):
            held_one = next(one for one in found["resources"] if one["name"] == mine["name"])
            if mine.get("size"):
                assert int(held_one["size"]) == mine["size"]
            if mine.get("hash"):
                assert held_one["hash"].endswith(mine["hash"].rpartition(":")[2])
            assert theirs["license"].startswith("http")


def test_partner_harvests_ckan_s_own_interface(portal, catalogue, partner):
    held = partner(portal, "ckan", "harvest ckan_harvester")
    assert {one["id"] for one in held} == {one["id"] for one in catalogue.values()}
    by_id = {one["id"]: one for one in held}
    for dataset in catalogue.values():
        assert_core(by_id[dataset["id"]], dataset)
        assert by_id[dataset["id"]]["license_id"] == dataset["license_id"]
