"""The word to a partner's owner at the end of a run that needs someone."""

import logging
from collections.abc import Generator
from contextlib import contextmanager, nullcontext

import ckan.plugins.toolkit as tk
import click
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestSource
from flask import has_request_context
from flask_babel import force_locale

from ckanext.lrtzc.partners.helpers import lrtzc_partner_sentence, lrtzc_partner_state
from ckanext.lrtzc.partners.model import Partner, Run, row

log = logging.getLogger(__name__)


def told_to(partner: Partner) -> list[str]:
    """Give the e-mail addresses of those who are told: named ones, or the organisation's administrators."""
    if partner.notify:
        return partner.notify.split()
    query = (
        sa.select(model.User.email)
        .join(model.Member, sa.and_(model.Member.table_id == model.User.id, model.Member.table_name == "user"))
        .join(model.Package, model.Package.owner_org == model.Member.group_id)
        .where(
            model.Package.id == partner.source_id,
            model.Member.capacity == "admin",
            model.Member.state == "active",
            model.User.state == "active",
            model.User.email.is_not(None),
        )
    )
    return [address for address in dict.fromkeys(model.Session.scalars(query)) if address]


def notify(run_id: str) -> None:
    """Write to the owner when a run failed, stayed incomplete, or refused records; a mail that fails is logged."""
    run = model.Session.get(Run, run_id, populate_existing=True)
    partner = model.Session.get(Partner, run.source_id) if run is not None else None
    if run is None or partner is None or not (run.state != "finished" or run.refused):
        return
    source = model.Session.get(HarvestSource, run.source_id)
    package = model.Package.get(run.source_id)
    source_id, addresses = run.source_id, told_to(partner)
    with _words_of_the_site():
        subject, body = _letter(run, source.title if source else "", package.name if package else source_id)
    for address in addresses:
        try:
            tk.mail_recipient(address, address, subject, body)
        except Exception as err:
            log.warning("The owner of the partner %s could not be told by mail: %s", source_id, err)


@contextmanager
def _words_of_the_site() -> Generator[None]:
    """Speak the site's language, since that of who reads isn't known; a worker serves no request that would say it."""
    command = click.get_current_context(silent=True)
    app = command.meta.get("flask_app") if command is not None else None
    own = nullcontext() if has_request_context() or app is None else app.test_request_context()
    with own, force_locale(tk.config["ckan.locale_default"]):
        yield


def _letter(run: Run, partner: str, name: str) -> tuple[str, str]:
    state = lrtzc_partner_state(row(run))["text"]
    values = {"site": tk.config.get("ckan.site_title", ""), "partner": partner, "state": state}
    subject = tk._("[%(site)s] Harvest of %(partner)s: %(state)s") % values
    address = tk.h.url_for("lrtzc_partners.report", id=name, run_id=run.id, qualified=True)
    parts = [
        tk._("Hello,"),
        tk._("The harvest of the partner portal %(partner)s needs your attention.") % values,
        tk._("State: %(state)s") % values,
        lrtzc_partner_sentence(run.message, run.params),
        tk._(
            "Added: %(added)s. Changed: %(changed)s. Withdrawn: %(withdrawn)s. Refused: %(refused)s. "
            "Duplicates: %(duplicates)s."
        )
        % row(run),
        tk._("The report: %(address)s") % {"address": address},
    ]
    return " ".join(subject.split()), "\n\n".join(part for part in parts if part)
