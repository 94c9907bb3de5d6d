"""No way out gives what the decision holds back: every address and action is known, and every one is tried."""

import io
import json
import re
import zipfile
from fnmatch import fnmatchcase
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest

from .test_actions import ours
from .ways_out import GUARDED_ACTIONS, GUARDED_ROUTES, PUBLIC_ACTIONS, PUBLIC_ROUTES, WRITING_ACTIONS

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    # CKAN's own views, asked with identifiers of nothing
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore:fully NULL primary key"
    ),
]

SECRET = "zanzibar7391"
# Long enough to stand in no identifier and no time by chance: answers hold thousands of both.
NUMBERS = ("739157391573", "739167391673")
HIDDEN = (SECRET, *NUMBERS)
TABLE = f"commune;nom;valeur;lon;lat\nAytré;École;120;-1.1;46.1\nAytré;Villa {SECRET};{NUMBERS[0]};-1.2;46.2\n"
TABLE += f"Périgny;Usine {SECRET};{NUMBERS[1]};-1.3;46.3\n"
GROUPED = re.compile(r"(?<=\d)[\s,](?=\d)")


def rules():
    """Give (endpoint, rule) of every address."""
    from ckan.tests.helpers import _get_test_app

    application = _get_test_app().flask_app
    return sorted(((rule.endpoint, rule) for rule in application.url_map.iter_rules()), key=str)


def actions():
    from ckan.logic import _actions, get_action

    get_action("status_show")
    return dict(_actions)


def matching(name, *lists):
    return [pattern for patterns in lists for pattern in patterns if fnmatchcase(name, pattern)]


class TestAllAreKnown:
    def test_every_address_is_guarded_or_public_with_a_reason(self):
        unknown = {name for name, _rule in rules() if not matching(name, GUARDED_ROUTES, PUBLIC_ROUTES)}
        assert not unknown, f"neither guarded nor public in tests/contract/ways_out.py: {sorted(unknown)}"

    def test_every_action_is_guarded_or_public_with_a_reason(self):
        from ckanext.lrtzc.partners.views import NOT_ACTIONS

        unknown = {
            name for name in actions() if not matching(name, GUARDED_ACTIONS, PUBLIC_ACTIONS, WRITING_ACTIONS)
        } - set(NOT_ACTIONS)
        assert not unknown, f"neither guarded nor public in tests/contract/ways_out.py: {sorted(unknown)}"

    def test_no_reason_is_left_over(self):
        names, called = {name for name, _rule in rules()}, set(actions())
        left = [each for each in (*GUARDED_ROUTES, *PUBLIC_ROUTES) if not any(fnmatchcase(n, each) for n in names)]
        left += [
            each
            for each in (*GUARDED_ACTIONS, *PUBLIC_ACTIONS, *WRITING_ACTIONS)
            if not any(fnmatchcase(n, each) for n in called)
        ]
        assert not left, f"patterns that nothing matches any more: {left}"


@pytest.fixture(scope="module")
def place():
    """Keep what the tests of this module share."""
    return SimpleNamespace()


@pytest.fixture
def portal(rooms_db, place):
    """Give a dataset that is held back, of which a harmless part is opened to one person; made once."""
    if vars(place):
        return place
    import ckan.plugins.toolkit as tk
    from ckan import model
    from ckan.tests import factories
    from ckan.tests.helpers import call_action
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    from ckanext.lrtzc.batches.api import submit_file
    from ckanext.lrtzc.collection.api import make_collection

    owner, other, guest = (factories.UserWithToken() for _ in range(3))
    org = factories.Organization(users=[{"name": owner["name"], "capacity": "editor"}])
    group = factories.Group()
    dataset = factories.Dataset(owner_org=org["id"], title="Consommations", groups=[{"id": group["id"]}])
    as_owner = {"user": owner["name"], "ignore_auth": False}
    link = call_action(
        "resource_create",
        dict(as_owner),
        package_id=dataset["id"],
        url=f"https://x.test/{SECRET}.csv",
        hash=f"sha256:{SECRET}",
    )
    batch = submit_file(dataset["id"], io.BytesIO(TABLE.encode()), "releves.csv", owner["name"], wait=True)
    assert batch["state"] == "integrated"

    def call(name, **data):
        return tk.get_action(name)(dict(as_owner), data)

    call("lrtzc_access_restrict", id=dataset["id"], reason="Données de clients")
    call(
        "lrtzc_access_grant",
        id=dataset["id"],
        resource_id=batch["resource_id"],
        audience="person",
        audience_id=guest["name"],
        columns=["commune"],
        rows=[{"column": "valeur", "operator": "max", "values": ["1000"]}],
    )
    # a change, for the history to hold former states
    call("package_patch", id=dataset["id"], notes="Relevés de compteurs")
    source = HarvestSource(url="http://x.test", type="ckan", title="x")
    job = HarvestJob(source=source)
    record = HarvestObject(guid="g", job=job, source=source, content=SECRET, package_id=dataset["id"])
    model.Session.add_all([source, job, record])
    model.Session.commit()
    activity = tk.get_action("package_activity_list")({"ignore_auth": True}, {"id": dataset["id"]})[0]["id"]
    collected = factories.Dataset(owner_org=org["id"], title="Relevés")
    sent = make_collection(collected["id"], "document", [("releve.txt", f"Villa {SECRET}".encode())], owner["name"])
    assert sent["state"] == "integrated"
    call("lrtzc_access_restrict", id=collected["id"], reason="Données de clients")
    file = call("lrtzc_collection_file_list", id=collected["id"])["files"][0]
    vars(place).update(
        dataset=dataset, org=org, group=group, owner=owner, other=other, guest=guest, link=link, batch=batch,
        resource_id=batch["resource_id"], record=record.id, activity=activity, collected=collected, file_id=file["id"],
    )  # fmt: skip
    return place


def text_of(body):
    """Give the words of an answer, those in a compressed or columnar file too."""
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    if body[:4] == b"PAR1":
        import pyarrow.parquet as parquet

        return str(parquet.read_table(io.BytesIO(body)).to_pylist())
    return body.decode(errors="replace")


def identifiers(portal, endpoint):
    """Give what `<id>` may stand for in an address of this endpoint."""
    room = endpoint.split(".")[0]
    if endpoint.startswith(("organization.", "activity.organization", "feeds.organization")):
        return [portal.org["name"]]
    if endpoint.startswith(("group.", "activity.group", "feeds.group")):
        return [portal.group["name"]]
    if endpoint.startswith(("user.", "activity.user")):
        return [portal.owner["name"]]
    if endpoint == "harvester.object_show":
        return [portal.record]
    if room == "lrtzc_collection":
        return [portal.collected["name"]]
    if room == "activity":
        return [portal.dataset["id"], portal.activity]
    return [portal.dataset["id"], portal.dataset["name"]]


QUERIES = {
    "dataset.search": ["", f"?q={SECRET}", f"?q=res_url:*{SECRET}*", f"?res_url=https://x.test/{SECRET}.csv"],
    "datastore.dump": [
        "", "?format=json", "?format=xml", "?format=tsv", f"?q={SECRET}", "?sort=nom", "?fields=nom,valeur",
        '?filters={"nom":"x"}', '?filters={"valeur":{"gt":1000}}', "?distinct=true&fields=commune", "?limit=1&offset=1",
    ],
    "lrtzc_explore.page": [
        "", "?view=stats", "?view=map", "?view=chart", f"?q={SECRET}", "?sort=asc.nom", f"?is.nom={SECRET}",
        "?min.valeur=1000", "?columns=nom", "?near=-1.2,46.2,1000", "?view=chart&mark=bar&x=nom",
    ],
    "lrtzc_explore.export": ["", "?columns=nom", "?min.valeur=1000", "?sort=desc.valeur"],
    "lrtzc_explore.chart": ["?mark=bar&x=nom", "?mark=bar&x=commune&y=valeur&sum=max", "?x=commune"],
    "feeds.custom": ["", f"?q={SECRET}"],
    "lrtzc_standards_csw.endpoint": [
        "?service=CSW&version=2.0.2&request=GetRecords&typeNames=csw:Record&elementSetName=full&resultType=results",
        f"?service=CSW&version=2.0.2&request=GetRecords&typeNames=csw:Record&elementSetName=full&resultType=results"
        f"&constraintLanguage=CQL_TEXT&constraint=csw:AnyText%20LIKE%20'%25{SECRET}%25'",
    ],
}  # fmt: skip


def addresses(portal):
    """Give (endpoint, address) of everything that can be read, its parameters filled in with what is held back."""
    for endpoint, rule in rules():
        if "GET" not in rule.methods or endpoint in ("static", "webassets.index", "home.redirect_locale"):
            continue
        if endpoint in ("user.logout",):
            continue
        choices = {
            "id": identifiers(portal, endpoint),
            "identifier": [portal.dataset["name"], portal.dataset["id"]],
            "_id": [portal.dataset["name"]],
            "resource_id": [portal.resource_id, portal.link["id"]],
            "resource": [portal.resource_id, portal.link["id"]],
            "batch_id": [portal.batch["id"]],
            "file_id": [portal.file_id],
            "activity_id": [portal.activity],
            "name": ["csv", "json", "xlsx", "geojson", "parquet"],
            "form": ["ttl", "xml", "jsonld", "n3"],
            "_format": ["ttl", "xml", "jsonld"],
            "key": ["1", "2", "3"],
            "filename": ["releves.csv"],
            "view_id": [portal.resource_id],
            "logic_function": [],
            "run_id": ["none"],
        }
        filled = [{}]
        for name in sorted(rule.arguments - set(rule.defaults or {})):
            values = choices.get(name, ["0"])
            filled = [{**one, name: value} for one in filled for value in values]
        for values in filled:
            built = rule.build(values, append_unknown=False)
            if built:
                for query in QUERIES.get(endpoint, [""]):
                    yield endpoint, built[1] + query


def leaks(body):
    text = GROUPED.sub("", text_of(body))
    return [word for word in HIDDEN if word in text]


@pytest.mark.parametrize("who", ["stranger", "other", "guest"])
def test_no_address_gives_what_is_held_back(app, portal, who):
    headers = {} if who == "stranger" else {"Authorization": getattr(portal, who)["token"]}
    faults, seen, opened = [], 0, 0
    for endpoint, address in addresses(portal):
        answer = app.get(address, headers=headers, expect_errors=True, follow_redirects=False)
        body, query = answer.data, address.partition("?")[2]
        seen += 1
        opened += answer.status_code == 200 and "/explore/export." in address
        if answer.status_code >= 500 and endpoint.startswith("lrtzc"):
            faults.append(f"{answer.status_code} {endpoint} {address}")
        # an address is shown as it was asked, in links and fields
        found = [word for word in leaks(body) if word not in query]
        if found or SECRET in answer.headers.get("Location", "").replace(query, ""):
            faults.append(f"{found} given by {endpoint}: {address}")
    assert not faults, "\n".join(faults)
    assert seen > 300
    assert bool(opened) == (who == "guest"), "who was granted a part exports it, the others don't"


def test_the_owner_reads_all_of_it(app, portal):
    headers = {"Authorization": portal.owner["token"]}
    file = f"/dataset/{portal.dataset['id']}/resource/{portal.resource_id}/download/releves.csv"
    assert SECRET in app.get(file, headers=headers).body
    assert SECRET in app.get(f"/datastore/dump/{portal.resource_id}", headers=headers).body


def parameters(portal, reading):
    dataset, resource = portal.dataset["id"], portal.resource_id
    yield {"id": dataset}
    if reading:
        yield {}
        yield {"id": resource}
        yield {"resource_id": resource}
        yield {"id": portal.link["id"]}
        yield {"package_id": dataset}
        yield {"id": portal.record}
        yield {"id": portal.activity, "object_type": "package"}
        yield {"id": portal.batch["id"]}
        yield {"id": portal.org["id"], "include_datasets": True}
        yield {"id": portal.group["id"], "include_datasets": True}
        yield {"id": portal.owner["id"], "include_datasets": True}
        yield {"q": f"res_url:*{SECRET}*", "facet.field": '["res_url","hash"]', "rows": 10}
        yield {"q": "*:*", "fl": "id,validated_data_dict"}
        yield {"q": "*:*", "fl": "x:validated_data_dict"}
        yield {"q": "*:*", "fl": "val*", "include_private": True, "use_default_schema": True}
        yield {"id": dataset, "use_default_schema": True}
        yield {"query": f"url:{SECRET}"}
        yield {"query": "hash:sha256"}
        yield {"limit": 100, "offset": 0}


@pytest.mark.parametrize("who", ["stranger", "other", "guest"])
def test_no_action_gives_what_is_held_back(app, portal, who):
    headers = {} if who == "stranger" else {"Authorization": getattr(portal, who)["token"]}
    faults = []
    for name, action in sorted(actions().items()):
        reading = getattr(action, "side_effect_free", False)
        if name == "user_delete" or (not reading and who == "guest"):
            continue
        for asked in parameters(portal, reading):
            answer = app.post(f"/api/3/action/{name}", json=asked, headers=headers, expect_errors=True)
            given = answer.body
            for value in asked.values():
                if SECRET in str(value):  # a question may be repeated in the answer
                    for repeated in (json.dumps(value)[1:-1], quote_plus(value), quote(value)):
                        given = given.replace(repeated, "")
            found = [word for word in HIDDEN if word in given]
            if found:
                faults.append(f"{found} given by {name} {asked}")
            if answer.status_code >= 500 and name in ours():
                faults.append(f"{answer.status_code} {name} {asked}")
    assert not faults, "\n".join(faults)
