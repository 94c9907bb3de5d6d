"""What comes in by itself and from people: a source that delivers, and a form that moderators judge.

The order matters: each test goes on where the one before ended.
"""

import secrets
import time
from types import SimpleNamespace

import pytest

from ckanext.lrtzc.forms.domain.workbook import read, same_meaning
from ckanext.lrtzc.sources.tests.conftest import NAME, PASSWORD, Shelf
from ckanext.lrtzc.sources.tests.sftp import SftpServer
from tests.e2e.test_ledger import check

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)


@pytest.fixture(scope="module")
def place(made):
    """Make an organisation and its editor; what is in it goes with it."""
    name, password = f"collecte-{WORD}", secrets.token_urlsafe(16)
    made("user_create", name=name, email=f"{name}@example.org", password=password, fullname="Inès Collecte")
    users = [{"name": name, "capacity": "editor"}]
    organisation = made("organization_create", name=f"port-{WORD}", title=f"Service du port {WORD}", users=users)
    datasets = []

    def dataset(title):
        fields = {"owner_org": organisation["id"], "license_id": "lov2", "notes": f"{title}."}
        datasets.append(made("package_create", name=f"jeu-{secrets.token_hex(4)}", title=title, **fields))
        return datasets[-1]

    yield SimpleNamespace(name=name, password=password, dataset=dataset)
    for one in datasets:
        made("dataset_purge", id=one["id"])
    made("organization_purge", id=organisation["id"])
    made("user_delete", id=name)


@pytest.fixture(scope="module")
def owner(place, window):
    """Give the editor's window."""
    return window(place.name, place.password)


def submit(page, selector="main form button[type=submit]"):
    page.click(selector)
    page.wait_for_load_state()
    assert not page.locator("main [role=alert], main .error-message").count(), page.inner_text("main")


def day(number, passages):
    """A day's counts as the neighbour writes them."""
    lines = [f"{number:02d}/03/2026;{hour} h;{count}" for hour, count in enumerate(passages, 8)]
    return "\n".join(["jour;heure;passages", *lines]) + "\n"


class TestSource:
    @pytest.fixture(scope="class")
    def neighbour(self, settings):
        shelf = Shelf()
        port = int(settings["smtp.server"].rpartition(":")[2]) + 1
        server = SftpServer(shelf, NAME, PASSWORD, port)
        yield SimpleNamespace(shelf=shelf, address=server.address, fingerprint=server.fingerprint)
        server.stop()

    @pytest.fixture(scope="class")
    def source(self, place):
        return SimpleNamespace(dataset=place.dataset(f"Passages sur les quais {WORD}"), address="", quality="")

    def ran(self, page, source, runs):
        """Run the source by its button; wait until its last run has ended."""
        page.goto(source.address)
        submit(page, "main form[action$='/run'] button")
        end = time.monotonic() + 120
        while page.locator("main a[href*='/runs/']").count() < runs or page.locator("[data-refresh]").count():
            assert time.monotonic() < end, page.inner_text("main")
            page.wait_for_timeout(500)
            page.reload()

    def batches(self, page, portal, source):
        page.goto(f"{portal}/dataset/{source.dataset['name']}/batches")
        return page.inner_text("main")

    def test_a_source_is_declared_once_its_server_is_known(self, owner, portal, source, neighbour, artefacts):
        neighbour.shelf.put("jour-01.csv", day(1, [120, 340, 95, 210]))
        owner.goto(f"{portal}/dataset/{source.dataset['name']}/sources/new?kind=sftp")
        owner.fill("[name=title]", "Compteurs des quais")
        owner.fill("[name=address]", neighbour.address)
        owner.fill("[name=setting-username]", NAME)
        owner.fill("[name=setting-password]", PASSWORD)
        owner.click("main form button[type=submit]")
        assert neighbour.fingerprint in owner.inner_text("main")
        owner.screenshot(path=artefacts / "source-key.png", full_page=True)
        owner.check("[name=setting-host_key]")
        owner.fill("[name=setting-password]", PASSWORD)
        submit(owner)
        assert "jour-01.csv" in owner.inner_text("main")
        submit(owner)
        source.address = owner.url
        self.ran(owner, source, 1)
        assert "jour-01" in self.batches(owner, portal, source)
        owner.screenshot(path=artefacts / "source-batches.png", full_page=True)

    def landed(self, page, portal, source, name):
        """Wait until a file that came is decided; give its page's words."""
        end = time.monotonic() + 120
        while True:
            self.batches(page, portal, source)
            page.click(f"main a:has-text('{name}')")
            page.wait_for_load_state()
            if not page.locator("#batch-progress, main [aria-busy], main progress").count():
                return " ".join(page.inner_text("main").split())
            assert time.monotonic() < end, page.inner_text("main")
            page.wait_for_timeout(500)

    def test_its_files_feed_one_table_that_rules_guard(self, owner, portal, source, made, artefacts):
        assert "4 lignes publiées" in self.landed(owner, portal, source, "jour-01.csv")
        resource = made("package_show", id=source.dataset["id"])["resources"][0]
        source.resource = resource["id"]
        owner.goto(source.address + "/plan")
        owner.select_option("[name=resource_id]", source.resource)
        owner.select_option("[name=mode]", "append")
        submit(owner)
        source.quality = f"{portal}/dataset/{source.dataset['name']}/quality/{source.resource}"
        owner.goto(f"{source.quality}/rule?kind=range")
        owner.select_option("[name=columns]", "passages")
        owner.fill("[name=param-minimum]", "0")
        owner.select_option("[name=failure]", "refuse_row")
        submit(owner)
        owner.fill("[name=minimum]", "90")
        submit(owner, "main form[action$='/threshold'] button")
        owner.screenshot(path=artefacts / "source-rules.png", full_page=True)

    def test_a_file_of_poor_quality_is_put_aside_and_the_good_one_published(
        self, owner, portal, source, neighbour, made, artefacts
    ):
        neighbour.shelf.put("jour-02.csv", day(2, [130, -1, -1, 250]))
        neighbour.shelf.put("jour-03.csv", day(3, [90, 410, 77, 198]))
        self.ran(owner, source, 2)
        assert "4 lignes publiées" in self.landed(owner, portal, source, "jour-03.csv")
        said = self.landed(owner, portal, source, "jour-02.csv")
        owner.screenshot(path=artefacts / "source-put-aside.png", full_page=True)
        assert "mis de côté" in said
        assert made("datastore_search", resource_id=source.resource, limit=0)["total"] == 8

    def test_it_is_corrected_by_a_standard_value_and_replayed(self, owner, portal, source, made, call, artefacts):
        owner.goto(source.quality)
        owner.click("main a[href*='/rule/']")
        owner.select_option("[name=failure]", "replace")
        owner.fill("[name=param-replacement]", "0")
        submit(owner)
        self.batches(owner, portal, source)
        owner.click("main a:has-text('jour-02.csv')")
        owner.click("main form[action$='/retry'] button")
        owner.wait_for_load_state()
        said = self.landed(owner, portal, source, "jour-02.csv")
        owner.screenshot(path=artefacts / "source-replayed.png", full_page=True)
        assert "2 lignes corrigées" in said
        status, told = call("datastore_search", resource_id=source.resource, limit=100)
        assert status == 200
        passages = [row["passages"] for row in told["result"]["records"]]
        assert sorted(passages) == sorted([120, 340, 95, 210, 130, 0, 0, 250, 90, 410, 77, 198])


class TestForm:
    """An owner asks for trees; two moderators must agree on each answer."""

    @pytest.fixture(scope="class")
    def survey(self, place, made, window, letters):
        """Give the dataset, two moderators with their windows, and three addresses to invite."""
        moderators = []
        for number, fullname in enumerate(("Basile Juge", "Olga Juge")):
            name, password = f"juge{number}-{WORD}", secrets.token_urlsafe(16)
            made("user_create", name=name, email=f"{name}@example.org", password=password, fullname=fullname)
            moderators.append(SimpleNamespace(name=name, email=f"{name}@example.org", page=window(name, password)))
        invited = [f"{who}-{WORD}@example.org" for who in ("aline", "bruno", "chloe")]
        dataset = place.dataset(f"Arbres remarquables {WORD}")
        yield SimpleNamespace(dataset=dataset, moderators=moderators, invited=invited, answers={})
        for one in moderators:
            made("user_delete", id=one.name)

    def test_the_owner_asks_for_two_moderators_who_must_agree(self, owner, portal, survey):
        owner.goto(f"{portal}/dataset/{survey.dataset['name']}/moderation")
        owner.fill("[name=moderators]", "\n".join(one.email for one in survey.moderators))
        owner.check("[name=every][value=yes]")
        owner.check("[name=rule][value=unanimity]")
        owner.check("[name=digest][value=no]")
        submit(owner, "main form:has([name=moderators]) button[type=submit]")

    def test_the_owner_builds_a_form_with_a_question_on_a_map(self, owner, portal, survey, artefacts):
        owner.goto(f"{portal}/dataset/{survey.dataset['name']}/forms/new")
        owner.fill("[name=title]", f"Un arbre à protéger {WORD}")
        submit(owner)
        survey.form = owner.url.partition("/form/")[2].partition("/")[0]
        for kind, asked, name in (("text", "Quel arbre ?", "arbre"), ("point", "Où est-il ?", "lieu")):
            owner.goto(f"{portal}/form/{survey.form}/build")
            owner.click(f"main a[href*='kind={kind}&'], main a[href$='kind={kind}']")
            owner.fill("[name='label.0']", asked)
            owner.click("main details:has([name=name]) summary")
            owner.fill("[name=name]", name)
            owner.check("[name=required]")
            owner.click("main .form-actions [name=go][value=save]")
            owner.wait_for_selector(f".build-list code:text-is('{name}')")
        owner.screenshot(path=artefacts / "form-built.png", full_page=True)

    def test_a_form_is_opened_to_three_people(self, owner, portal, survey, artefacts):
        owner.goto(f"{portal}/form/{survey.form}/manage")
        owner.select_option("[name=openness]", "invited")
        owner.check("[name=once]")
        submit(owner, "main form:has([name=openness]) button[type=submit]")
        owner.fill("[name=emails]", "\n".join(survey.invited))
        submit(owner, "main form:has([name=emails]) button[type=submit]")
        submit(owner, "main form:has([name=verb][value=open]) button[type=submit]")
        owner.screenshot(path=artefacts / "form-opened.png", full_page=True)

    def test_people_answer_by_their_letters(self, portal, survey, window, keyboard, letters, artefacts):
        for address, tree in zip(survey.invited[1:], ("Platane", "Peuplier"), strict=True):
            page = window()
            page.goto(letters.link(address, to="/form/"))
            page.fill("[name='q/arbre']", f"{tree} {WORD}")
            page.fill("[name='q/lieu']", "46.1591, -1.1520")
            page.click("main .form-actions button[value=send]")
            page.wait_for_url("**/answer/**")
            survey.answers[tree] = page
        keys = keyboard()
        keys.page.goto(letters.link(survey.invited[0], to="/form/"))
        keys.to("[name='q/arbre']").write(f"Tilleul {WORD}")
        keys.to("[name='q/lieu']").write("46.16, -1.15")
        keys.to("main .form-actions button[value=send]").enter()
        survey.answers["Tilleul"] = keys.page
        keys.page.screenshot(path=artefacts / "form-answered.png", full_page=True)
        for page in survey.answers.values():
            assert "/answer/" in page.url, page.inner_text("main")

    def judge(self, moderator, letters, portal, tree, choice, reason=""):
        """Vote on the batch of an answer, from the list of what waits."""
        page = moderator.page
        letters.said(moderator.email)
        page.goto(f"{portal}/moderation")
        links = page.locator("main a[href*='/moderation/batch/']").all()
        for address in [link.evaluate("one => one.href") for link in links]:
            page.goto(address)
            if f"{tree} {WORD}" in page.inner_text("main"):
                break
        assert f"{tree} {WORD}" in page.inner_text("main")
        page.fill("[name=reason]", reason)
        submit(page, f"main button[name=choice][value={choice}]")
        return page.url.partition("/batch/")[2]

    def test_moderators_judge_each_answer(self, letters, portal, survey, artefacts):
        first, second = survey.moderators
        for tree in ("Tilleul", "Platane"):
            self.judge(first, letters, portal, tree, "accept")
            self.judge(second, letters, portal, tree, "accept")
        self.judge(first, letters, portal, "Peuplier", "accept")
        first.page.screenshot(path=artefacts / "form-judged.png", full_page=True)
        survey.rejected = self.judge(second, letters, portal, "Peuplier", "reject", "Ce peuplier a été abattu.")

    def test_the_reason_reaches_the_author(self, letters, survey, artefacts):
        said = letters.said(survey.invited[2], "Refusé")
        assert "Ce peuplier a été abattu." in said
        page = survey.answers["Peuplier"]
        page.reload()
        page.screenshot(path=artefacts / "form-rejected.png", full_page=True)
        assert "Ce peuplier a été abattu." in page.inner_text("main")

    def test_what_was_accepted_is_in_the_dataset_its_map_and_search_and_nothing_else(
        self, portal, survey, made, call, page, artefacts
    ):
        resource = made("package_show", id=survey.dataset["id"])["resources"][0]["id"]
        end = time.monotonic() + 120
        while True:
            status, told = call("datastore_search", resource_id=resource)
            assert status == 200
            if told["result"]["total"] == 2 or time.monotonic() > end:
                break
            time.sleep(0.5)
        assert sorted(row["arbre"] for row in told["result"]["records"]) == [f"Platane {WORD}", f"Tilleul {WORD}"]
        page.goto(f"{portal}/dataset/{survey.dataset['name']}/resource/{resource}/explore?view=map")
        page.wait_for_timeout(2000)
        page.screenshot(path=artefacts / "form-map.png", full_page=True)
        while time.monotonic() < end:
            page.goto(f"{portal}/dataset/?q=Tilleul+{WORD}")
            if survey.dataset["title"] in page.inner_text("main"):
                break
        assert survey.dataset["title"] in page.inner_text("main")
        page.goto(f"{portal}/dataset/?q=Peuplier+{WORD}")
        assert survey.dataset["title"] not in page.inner_text("main")

    def test_the_votes_are_in_the_ledger_and_proven_there(self, portal, survey, new_page, signed_in, tmp_path):
        auditor = new_page(state=signed_in)
        auditor.goto(f"{portal}/ledger")
        key = auditor.locator("dl.facts code").first.inner_text().strip()
        trace = tmp_path / "votes.jsonl"
        end = time.monotonic() + 60
        while True:
            found = auditor.request.get(f"{portal}/ledger/entries/export?object_id={survey.rejected}")
            if found.text().count('"vote.') >= 4 or time.monotonic() > end:
                break
            time.sleep(0.5)
        trace.write_bytes(found.body())
        said = found.text()
        assert (said.count("vote.ask"), said.count("vote.cast"), said.count("vote.outcome")) == (1, 2, 1), said
        result = check(trace, key)
        assert result.returncode == 0, result.stderr


def test_the_community_s_workbook_is_taken_filled_and_given_back_unchanged(
    owner, portal, place, shared_data, tmp_path, artefacts
):
    given = shared_data / "xlsform" / "xlsform_spec_test.xlsx"
    dataset = place.dataset(f"Un classeur {WORD}")
    owner.goto(f"{portal}/dataset/{dataset['name']}/forms/new")
    owner.fill("[name=title]", f"Le classeur de tous {WORD}")
    owner.set_input_files("[name=upload]", given)
    submit(owner)
    form = owner.url.partition("/form/")[2].partition("/")[0]
    owner.goto(f"{portal}/form/{form}/manage")
    submit(owner, "main form:has([name=verb][value=open]) button[type=submit]")
    owner.screenshot(path=artefacts / "workbook-opened.png", full_page=True)
    owner.goto(f"{portal}/form/{form}")
    owner.check("[name='q/skip_to_end'][value=yes]")
    owner.fill("[name='q/launch']", "7")
    owner.click("main .form-actions button[value=send]")
    owner.wait_for_url("**/answer/**")
    taken = tmp_path / "given-back.xlsx"
    taken.write_bytes(owner.request.get(f"{portal}/form/{form}/form.xlsx").body())
    assert same_meaning(read(given), read(taken))
