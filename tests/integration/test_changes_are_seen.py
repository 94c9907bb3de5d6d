"""A change is seen by the next visitor, and personal pages stay personal, through the nginx of production."""

import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx isn't installed")


@pytest.fixture(scope="module")
def tools():
    sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
    import freshness
    import instances

    yield instances, freshness
    sys.path.remove(str(ROOT / "tests" / "benchmarks"))


@pytest.fixture(scope="module")
def portal(tools):
    """Run the web server and nginx on the stores of the tests; gives their addresses, a token and a dataset."""
    instances, freshness = tools
    told = instances.settings()
    base, ini = int(told["PORT"]), Path(told["RUN"]) / "ckan.ini"
    if not ini.exists():
        pytest.skip("the services of the tests aren't there: make services-test")
    instances.BENCH.mkdir(parents=True, exist_ok=True)
    shutil.chown(instances.BENCH, told["SERVICE_USER"])
    instances.as_service("mkdir", "-p", str(instances.BENCH / "edge"))
    behind = instances.BENCH / "behind.ini"
    behind.write_text(
        f"[app:main]\nuse = config:{ini}\nckanext.lrtzc.delivery.trusted_proxies = 1\n"
        f"ckanext.lrtzc.delivery.edge_folder = {instances.BENCH}/edge\n"
    )
    shutil.chown(behind, told["SERVICE_USER"])
    port = base + 45
    with instances.web(behind, port) as web, instances.nginx(port, base + 46) as edge:
        token = instances.token(ini)
        word = f"fraicheur-{token[-8:].lower().replace('_', 'x').replace('-', 'y')}"
        organisation = freshness.call(web, token, "organization_create", {"name": word, "title": word})
        dataset = {"name": word, "title": word, "owner_org": organisation["id"], "license_id": "lov2"}
        dataset |= {"notes": "Un jeu de données qui change."}
        freshness.call(web, token, "package_create", dataset)
        yield web, edge, token, word
        freshness.call(web, token, "dataset_purge", {"id": word})
        freshness.call(web, token, "organization_purge", {"id": word})


@pytest.fixture
def visitor(portal, tools):
    with tools[1].Visitor(portal[1]) as visitor:
        yield visitor


def test_a_change_is_seen_by_the_next_visitor_under_load(portal, tools):
    web, edge, token, name = portal
    found = tools[1].measure(web, edge, token, name, changes=8, visitors=4)
    assert found["stale"] == found["failed"] == 0, found
    assert found["pages"] > 8


def test_strangers_share_a_page_and_the_nonce_fits_it(portal, visitor):
    name = portal[3]
    answers = [visitor.ask(f"/dataset/{name}") for _ in range(2)]
    assert answers[0][1] == answers[1][1]
    for reply, body in answers:
        nonce = re.search(r"'nonce-([^']+)'", reply.headers["Content-Security-Policy"]).group(1)
        used = set(re.findall(r'nonce="([^"]*)"', body.decode()))
        assert used == {nonce}
        assert "X-Accel-Expires" not in reply.headers
        assert reply.headers.get_all("Strict-Transport-Security") == ["max-age=63072000; includeSubDomains"]
        assert "Set-Cookie" not in reply.headers


def test_nothing_changed_is_answered_without_a_body_and_with_the_same_policy_if_any(portal, visitor):
    name = portal[3]
    first, _ = visitor.ask(f"/dataset/{name}")
    again, body = visitor.ask(f"/dataset/{name}", If_None_Match=first.headers["ETag"])
    assert again.status == 304
    assert body == b""
    policy = again.headers.get("Content-Security-Policy")
    assert policy in (None, first.headers["Content-Security-Policy"])


def test_those_who_read_gzip_get_it_and_others_do_not(portal, visitor):
    packed, small = visitor.ask("/", Accept_Encoding="gzip")
    plain, large = visitor.ask("/")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(small) < len(large)


def test_a_person_is_never_given_a_shared_page_nor_leaves_one(portal, visitor):
    token, name = portal[2:]
    visitor.ask(f"/dataset/{name}")
    mine, body = visitor.ask(f"/dataset/{name}", Authorization=token)
    assert mine.headers["Cache-Control"].startswith("private")
    shared, after = visitor.ask(f"/dataset/{name}")
    assert shared.headers["Cache-Control"].startswith("public")
    assert after != body


def test_a_session_cookie_is_enough_to_get_ones_own_page(portal, visitor):
    name = portal[3]
    reply, _ = visitor.ask(f"/dataset/{name}", Cookie="ckan=anything")
    assert reply.headers["Cache-Control"].startswith("private")


def test_machines_are_not_given_the_page_of_people(portal, visitor):
    name = portal[3]
    visitor.ask(f"/dataset/{name}")
    reply, _ = visitor.ask(f"/dataset/{name}", Accept="text/turtle")
    assert "text/html" not in reply.headers.get("Content-Type", "") or reply.status in (302, 303)


def test_the_state_of_the_stores_is_not_for_strangers(portal, visitor):
    assert visitor.ask("/readyz")[0].status == 404
    assert visitor.ask("/healthz")[0].status == 200
