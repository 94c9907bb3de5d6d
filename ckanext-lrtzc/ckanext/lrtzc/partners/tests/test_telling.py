"""What a run tells besides its report: a letter to who must act, and traces in the ledger."""

import json
from email import message_from_string
from email.header import decode_header, make_header

import click
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.partners import jobs
from ckanext.lrtzc.partners.domain.dataset import fit
from ckanext.lrtzc.partners.domain.record import Harvested
from ckanext.lrtzc.partners.ground import ground_for
from ckanext.lrtzc.partners.model import Record, now

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")

TRACES = sa.text(
    "SELECT operation, outcome, object_id, payload FROM lrtzc_ledger.detail "
    "WHERE object_id = ANY(:ids) AND operation <> 'organization.create' ORDER BY outbox_id"
)


def letters(server):
    """Give (to, subject, text) of what was sent."""
    found = []
    for _sender, _host, to, raw in server.get_smtp_messages():
        message = message_from_string(raw)
        part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        subject = str(make_header(decode_header(message["Subject"])))
        found.append((to, subject, part.get_payload(decode=True).decode()))
    return found


@pytest.mark.ckan_config("smtp.server", "mail.example.org")
@pytest.mark.ckan_config("smtp.mail_from", "portail@example.org")
class TestLetters:
    def test_administrators_of_the_organisation_hear_of_a_failed_run(self, harvest, portal, mail_server, app):
        run = harvest()
        assert letters(mail_server) == []
        package = model.Package.get(run.source_id)
        administrator, editor = factories.User(), factories.User()
        for user, capacity in ((administrator, "admin"), (editor, "editor")):
            call_action("member_create", id=package.owner_org, object=user["id"], object_type="user", capacity=capacity)
        portal.broken = lambda path, body: (500, {}, b"oops")
        with click.Context(click.Command("fetch-consumer")) as command:
            command.meta["flask_app"] = app.flask_app
            run = harvest()
        assert run.state == "failed"
        ((to, subject, text),) = letters(mail_server)
        assert to == [administrator["email"]]
        assert "Portail ckan" in subject
        assert "500" in text
        assert "Bonjour" in text
        assert f"/{run.id}" in text

    def test_the_addresses_named_are_told_instead_and_of_refused_records_too(self, harvest, portal, mail_server):
        portal.records[1]["title"] = ""
        run = harvest(notify="un@example.org deux@example.org")
        assert (run.state, run.refused) == ("finished", 1)
        assert [to for to, _subject, _text in letters(mail_server)] == [["un@example.org"], ["deux@example.org"]]

    def test_a_letter_that_cannot_go_does_not_harm_the_run(self, harvest, portal, monkeypatch):
        import smtplib

        def refused(*_arguments, **_options):
            raise OSError("no mail server")

        monkeypatch.setattr(smtplib, "SMTP", refused)
        portal.records[1]["title"] = ""
        assert harvest(notify="un@example.org").state == "finished"


class TestTraces:
    def traces(self, ids):
        return [tuple(row) for row in model.Session.execute(TRACES, {"ids": list(ids)})]

    def test_each_record_leaves_one_trace_and_the_run_another(self, harvest, portal):
        run = harvest(purge_days=1)
        first, source_id = run.id, run.source_id
        own = sa.select(Record).where(Record.source_id == source_id)
        ids = {record.guid: record.package_id for record in model.Session.scalars(own)}
        query = sa.select(model.Resource.id).where(model.Resource.package_id.in_(ids.values()))
        resources = model.Session.scalars(query)
        found = self.traces([*ids.values(), *resources])
        assert sorted((operation, i) for operation, _outcome, i, _payload in found) == sorted(
            ("harvest.add", i) for i in ids.values()
        )
        payload = json.loads(found[0][3])
        assert payload["details"] == {"run": first}
        assert payload["actor"] == model.User.get(call_action("get_site_user")["name"]).id
        portal.records[0]["notes"] = "Autre description."
        portal.records.pop()
        second = harvest().id
        record = model.Session.scalar(own.where(Record.withdrawn.is_not(None)))
        record.withdrawn = now().replace(year=2020)
        model.Session.commit()
        jobs.purge_withdrawn()
        by_dataset = {i: [t[0] for t in self.traces([i])] for i in ids.values()}
        assert sorted(by_dataset.values()) == [
            ["harvest.add"],
            ["harvest.add", "harvest.change"],
            ["harvest.add", "harvest.withdraw", "harvest.purge"],
        ]
        runs = [json.loads(t[3])["details"] for t in self.traces([source_id]) if t[0] == "harvest.run"]
        assert [(r["run"], r["state"], r["added"], r["changed"], r["withdrawn"]) for r in runs] == [
            (first, "finished", 3, 0, 0),
            (second, "finished", 0, 1, 1),
        ]

    def test_a_failed_run_is_told_as_failed(self, harvest, portal):
        portal.broken = lambda path, body: (500, {}, b"oops")
        run = harvest()
        (told,) = [t for t in self.traces([run.source_id]) if t[0] == "harvest.run"]
        assert told[1] == "failed"


@pytest.mark.parametrize(
    ("themes", "axes"),
    [
        (["http://publications.europa.eu/resource/authority/data-theme/TRAN"], ["mobility"]),
        (["http://publications.europa.eu/resource/authority/data-theme/ENER", "Énergie"], ["energy"]),
        (["http://inspire.ec.europa.eu/theme/bu"], ["buildings"]),
        (["Qualité de l’air", "Déchets"], ["carbon", "industry"]),
        (["http://publications.europa.eu/resource/authority/data-theme/ENVI"], []),
        (["Culture"], []),
    ],
)
def test_the_axis_comes_from_the_theme_where_that_is_sure(themes, axes):
    dataset, _problems = fit(Harvested("x", title="Titre", notes="Texte", themes=themes), ground_for())
    assert dataset.get("axis", []) == axes
