"""The pages of the portal, and the parts of their addresses that depend on its content."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

# Name of the page, its path (a name in braces is found in the content), the status it answers with.
PUBLIC = [
    ("home", "/", 200),
    ("home-en", "/en/", 200),
    ("catalogue", "/dataset/", 200),
    ("catalogue-filtered", "/dataset/?q=énergie&vocab_axis=energy", 200),
    ("catalogue-nothing", "/dataset/?q=zzzzzzzzz", 200),
    ("catalogue-en", "/en/dataset/", 200),
    ("where", "/search/where?q=eau", 200),
    ("dataset", "{dataset}", 200),
    ("dataset-en", "/en{dataset}", 200),
    ("algorithms", "/algorithm/", 200),
    ("algorithm", "/algorithm/priorite-plantation-rues", 200),
    ("restitution", "/restitution/carte-fraicheur-rues", 200),
    ("use-case", "/use-case/planter-ou-l-ombre-manque", 200),
    ("use-case-en", "/en/use-case/planter-ou-l-ombre-manque", 200),
    ("links", "/use-case/planter-ou-l-ombre-manque/links", 200),
    ("resource", "{resource}", 200),
    ("explorer", "{resource}/explore", 200),
    ("explorer-en", "/en{resource}/explore", 200),
    ("explorer-filter", "{resource}/explore?filter={column}", 200),
    ("explorer-wrong", "{resource}/explore?view=nowhere", 400),
    ("explorer-statistics", "{resource}/explore?view=stats", 200),
    ("explorer-chart", "{resource}/explore?view=chart", 200),
    ("explorer-places", "{mapped}/explore", 200),
    ("explorer-map", "{mapped}/explore?view=map", 200),
    ("explorer-columns", "{resource}/explore/columns", 200),
    ("explorer-row", "{resource}/explore/row/1", 200),
    ("versions", "{resource}/versions", 200),
    ("version", "{resource}/versions/1", 200),
    ("version-en", "/en{resource}/versions/1", 200),
    ("versions-not-kept", "{resource}/versions/compare?before=1&after=99", 400),
    ("gallery", "{gallery}", 200),
    ("gallery-en", "/en{gallery}", 200),
    ("gallery-map", "{gallery}?view=map", 200),
    ("gallery-nothing", "{gallery}?q=zzzzzzzzz", 200),
    ("gallery-documents", "{documents}", 200),
    ("gallery-file", "{photo}", 200),
    ("reuses", "/reuses", 200),
    ("reuses-en", "/en/reuses", 200),
    ("reuse", "{reuse}", 200),
    ("needs", "/needs", 200),
    ("needs-en", "/en/needs?sort=latest", 200),
    ("need", "{need}", 200),
    ("need-answered", "/en{answered}", 200),
    ("take-part", "/reward", 200),
    ("take-part-en", "/en/reward?period=ever", 200),
    ("help", "/aide", 200),
    ("help-found", "/en/aide?q=zzzzzzzzz", 200),
    ("help-topic", "/aide/search", 200),
    ("organisations", "/organization/", 200),
    ("organisation", "{organisation}", 200),
    ("groups", "/group/", 200),
    ("about", "/about", 200),
    ("legal", "/page/mentions-legales", 200),
    ("personal-data", "/page/donnees-personnelles", 200),
    ("accessibility", "/page/accessibilite", 200),
    ("developers", "/developers", 200),
    ("sign-in", "/user/login", 200),
    ("password", "/user/reset", 200),
    ("sign-up", "/account/new", 200),
    ("link-over", "/account/confirm/no-such-link", 410),
    ("letters-over", "/following/stop/no-such-link", 404),
    ("signed-out", "/user/logged_out_redirect", 200),
    ("form", "/form/{form}", 200),
    ("form-en", "/en/form/{form}", 200),
    ("form-results", "/form/{form}/results", 200),
    ("survey", "/form/{survey}", 200),
    ("survey-results", "/form/{survey}/results", 200),
    ("survey-results-more", "/en/form/{survey}/results?page=2", 200),
    ("no-form", "/form/no-such-form", 404),
    ("no-answer", "/answer/no-such-answer", 404),
    ("no-page", "/nulle/part", 404),
    ("not-found", "/dataset/ce-jeu-n-existe-pas", 404),
    ("no-right", "/ledger/entries", 403),
    ("ledger", "/ledger", 200),
    ("ledger-en", "/en/ledger", 200),
]
# Only signed-in people see these.
PRIVATE = [
    ("dashboard", "/dashboard/datasets"),
    ("drafts", "/dashboard/drafts"),
    ("my-organisations", "/dashboard/organizations"),
    ("overview", "/account/workspace"),
    ("following", "/following"),
    ("profile", "/account/profile"),
    ("identity", "/account/identity"),
    ("security", "/account/security"),
    ("own-password", "/account/password"),
    ("leave", "/account/leave"),
    ("rights", "/ckan-admin/profiles"),
    ("keys", "/user/{me}/api-tokens"),
    ("account", "/user/{me}"),
    ("accounts", "/user/"),
    ("new-organisation", "/organization/new"),
    ("organisation-edit", "/organization/edit/{org}"),
    ("organisation-members", "/organization/members/{org}"),
    ("organisation-manage", "/organization/manage_members/{org}"),
    ("organisation-add", "/organization/member_new/{org}"),
    ("organisation-delete", "/organization/delete/{org}"),
    ("new-group", "/group/new"),
    ("publish-1", "/dataset/new"),
    ("publish-2", "/dataset/edit/{name}/coverage"),
    ("publish-3", "/dataset/edit/{name}/files"),
    ("publish-4", "/dataset/edit/{name}/review"),
    ("dataset-delete", "/dataset/delete/{name}"),
    ("dataset-groups", "/dataset/groups/{name}"),
    ("publish-algorithm", "/algorithm/new"),
    ("explain-algorithm", "/algorithm/edit/priorite-plantation-rues/explain"),
    ("files-algorithm", "/algorithm/edit/priorite-plantation-rues/files"),
    ("duplicate", "/algorithm/priorite-plantation-rues/duplicate"),
    ("transfers", "/transfers"),
    ("transfer", "/transfers/new"),
    ("subscriptions", "/subscriptions"),
    ("subscribe", "{dataset}/subscriptions"),
    ("push-new", "{dataset}/subscriptions/new-place?kind=sftp"),
    ("push-new-messages", "{dataset}/subscriptions/new-place?kind=mqtt"),
    ("administration-subscriptions", "/ckan-admin/subscriptions"),
    ("retention", "{dataset}/retention"),
    ("opening", "{dataset}/opening"),
    ("organisation-opening", "/organization/{org}/opening"),
    ("orchestration", "/ckan-admin/orchestration"),
    ("administration-retention", "/ckan-admin/retention"),
    ("my-points", "/reward/mine"),
    ("administration-points", "/ckan-admin/reward"),
    ("administration-challenges", "/ckan-admin/challenges"),
    ("administration-pseudonyms", "/ckan-admin/pseudonyms"),
    ("my-reuses", "/reuses/mine"),
    ("reuse-new", "/reuses/new"),
    ("reuse-withdraw", "{reuse}/withdraw"),
    ("my-answers", "/answers"),
    ("answered", "/answer/{answer}"),
    ("answer-correct", "/answer/{answer}/correct"),
    ("forms", "/dataset/arbres-a-arroser/forms"),
    ("form-new", "/dataset/arbres-a-arroser/forms/new"),
    ("form-settings", "/form/{form}/manage"),
    ("form-questions", "/form/{survey}/build"),
    ("form-question", "/form/{survey}/build/question?kind=one"),
    ("form-matrix", "/form/{survey}/build/question?kind=matrix"),
    ("my-needs", "/needs/mine"),
    ("need-new", "/needs/new"),
    ("need-inside", "{need}"),
    ("need-withdraw", "{need}/withdraw"),
    ("gallery-inside", "{gallery}"),
    ("gallery-file-inside", "{photo}"),
    ("gallery-caption", "{photo}/change"),
    ("gallery-send", "{gallery}/send"),
    ("gallery-replace", "{gallery}/send?replaces={photo_id}"),
    ("gallery-new", "{dataset}/collection/new"),
    ("undo-over", "/undo/over"),
    ("decisions", "/moderation"),
    ("decided", "/moderation?state=decided"),
    ("moderators", "/ckan-admin/moderation"),
    ("upload", "{dataset}/upload"),
    ("files-received", "{dataset}/batches"),
    ("all-files-received", "/batches"),
    ("file-received", "{batch}"),
    ("timing", "{resource}/timing"),
    ("validation", "{dataset}/moderation"),
    ("versions-erase", "{resource}/versions/erase"),
    ("quality", "/quality"),
    ("rules", "{rules}"),
    ("rules-offered", "{rules}/suggestions"),
    ("rules-tried", "{rules}/try"),
    ("rule-new", "{rules}/rule?kind=overlap"),
    ("sources", "{dataset}/sources"),
    ("source-new", "{dataset}/sources/new?kind=sftp"),
    ("source-new-api", "{dataset}/sources/new?kind=rest"),
    ("administration-sources", "/ckan-admin/sources"),
    ("dictionary", "{resource}/columns"),
    ("transformations", "{resource}/transformations"),
    ("transformation-new", "{resource}/transformations/step?kind=filter"),
    ("transformation-geocode", "{resource}/transformations/step?kind=geocode"),
    ("file-new", "{dataset}/resource/new"),
    ("file-edit", "{resource}/edit"),
    ("file-delete", "{resource}/delete"),
    ("partners", "/partners/"),
    ("partner-new", "/partners/new"),
    ("partner", "{partner}"),
    ("partner-edit", "{partner}/edit"),
    ("partner-preview", "{partner}/preview"),
    ("partner-delete", "{partner}/delete"),
    ("partner-report", "{report}"),
    ("access-mine", "/access/mine"),
    ("access-dataset", "{dataset}/access"),
    ("access-grant", "{dataset}/access/grant"),
    ("access-rules", "/ckan-admin/access-rules"),
    ("administration", "/ckan-admin/"),
    ("search-index", "/ckan-admin/search-index"),
    ("synonyms", "/ckan-admin/synonyms"),
    ("administration-portal", "/ckan-admin/portal"),
    ("ledger-search", "/ledger/entries"),
    ("ledger-wrong", "/ledger/entries?since=x"),
    ("ledger-traces", "/ledger/traces"),
    ("ledger-accesses", "/ledger/accesses"),
    ("ledger-reuses", "/en/ledger/reuses"),
    ("ledger-mine", "/ledger/mine"),
    ("administration-words", "/ckan-admin/config"),
    ("administration-transfers", "/ckan-admin/transfers"),
    ("administration-trash", "/ckan-admin/trash"),
    ("administration-reset", "/ckan-admin/reset_config"),
]


def places(ask: Callable[..., Any], read: Callable[[str], str]) -> dict[str, str]:
    """Give the paths that depend on content.

    A dataset, one of its files with rows and that one's rules, a file with places, a column; collections and a photo;
    a reuse, a need, and one that was answered; two forms.

    :param ask: calls a reading action and gives its result
    :param read: gives what stands at an address of the portal
    """
    found = ask("package_search", rows=100)["results"]
    assert found, "the portal under test has no dataset: load the sample content"
    with_rows = [
        (dataset, resource)
        for dataset in found
        for resource in dataset["resources"]
        if resource.get("datastore_active") and resource.get("url_type") != "datastore"
    ]
    assert with_rows, "the portal under test has no rows to explore: load the sample content"
    dataset, resource = with_rows[0]
    mapped, places = next((both for both in with_rows if both[1]["format"] == "GeoJSON"), with_rows[0])
    fields = ask("datastore_search", resource_id=resource["id"], limit=0)["fields"]
    return {
        "dataset": f"/dataset/{dataset['name']}",
        "resource": f"/dataset/{dataset['name']}/resource/{resource['id']}",
        "rules": f"/dataset/{dataset['name']}/quality/{resource['id']}",
        "mapped": f"/dataset/{mapped['name']}/resource/{places['id']}",
        "column": fields[1]["id"],
        "organisation": f"/organization/{dataset['organization']['name']}",
        **_said(ask),
        **_collected(ask, found),
        **{name: _form(read, dataset) for name, dataset in FORMS.items()},
    }


FORMS = {"form": "arbres-a-arroser", "survey": "enquete-deplacements"}


def _form(read: Callable[[str], str], dataset: str) -> str:
    """Give the form of a dataset, as telephones are told of it."""
    listed = re.search("<formID>(.*?)</formID>", read(f"/openrosa/dataset/{dataset}/formList"))
    assert listed, f"nobody can answer a form of {dataset}: load the sample content"
    return listed[1]


def _said(ask: Callable[..., Any]) -> dict[str, str]:
    reuses, needs = ask("lrtzc_reuse_list")["results"], ask("lrtzc_need_list")["results"]
    answered = next((one for one in needs if one["status"] == "met"), needs[0])
    need = next((one for one in needs if one is not answered), answered)
    return {
        "reuse": f"/reuses/{reuses[0]['name']}",
        "need": f"/needs/{need['name']}",
        "answered": f"/needs/{answered['name']}",
    }


def _collected(ask: Callable[..., Any], datasets: list[dict[str, Any]]) -> dict[str, str]:
    def of_kind(kind: str) -> str:
        held = (one for one in datasets for each in one["resources"] if each.get("lrtzc_collection") == kind)
        return max(held, key=lambda one: one["resources"][0]["lrtzc_files"])["name"]

    photos = of_kind("photo")
    photo = ask("lrtzc_collection_file_list", id=photos, limit=1)["files"][0]["id"]
    gallery = f"/dataset/{photos}/collection"
    documents = f"/dataset/{of_kind('document')}/collection"
    return {"gallery": gallery, "documents": documents, "photo": f"{gallery}/{photo}", "photo_id": photo}


@contextmanager
def answered(portal: str, form: str, key: str = "") -> Iterator[str]:
    """Give the end of the private link of an answer to the form “form”, which is withdrawn in the end.

    :param key: the API token of who answers, if anybody known does
    """

    def act(action: str, **data: Any) -> Any:
        headers = {"Authorization": key} if key else {}
        done = requests.post(f"{portal}/api/3/action/{action}", json=data, headers=headers, timeout=120)
        done.raise_for_status()
        return done.json()["result"]

    said = {"state": "thirsty", "place": "46.16, -1.15", "seen": "2026-08-01", "help": "no"}
    token = act("lrtzc_form_read", form=form)["token"]
    answer = act("lrtzc_form_answer", form=form, token=token, fields=said)["answer"]
    try:
        yield answer
    finally:
        act("lrtzc_answer_withdraw", answer=answer)


def inner_places(page: Any, portal: str, public: dict[str, str], name: str) -> dict[str, str]:
    """Give `public` with the parts of addresses that only signed-in people can find; `name` is their account."""
    page.goto(f"{portal}/partners/")
    partner = page.get_attribute("main tbody a", "href")
    page.goto(portal + partner)
    report = page.get_attribute("main a[href*='/reports/']", "href")
    page.goto(f"{portal}{public['dataset']}/batches")
    batch = page.get_attribute("main tbody a", "href")
    organisation, dataset = (public[key].rsplit("/", 1)[1] for key in ("organisation", "dataset"))
    found = {"me": name, "org": organisation, "name": dataset, "partner": partner, "report": report, "batch": batch}
    return {**public, **found}
