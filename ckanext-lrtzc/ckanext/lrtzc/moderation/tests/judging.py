"""Who judges, and what is mailed, in the tests of rooms whose things are moderated."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.moderation import letters
from ckanext.lrtzc.objects.tests.test_datasets import run


@pytest.fixture
def admin(rooms_db):
    """The one administrator there is, so that their vote decides."""
    others = model.User.name != tk.config["ckan.site_id"]
    model.Session.execute(sa.update(model.User).values(sysadmin=False).where(others))
    model.Session.commit()
    return factories.Sysadmin()


def judge(admin, choice="accept", reason=""):
    """Judge all that waits."""
    ids = [each["id"] for each in run("lrtzc_moderation_list", admin)["results"]]
    assert ids
    return run("lrtzc_moderation_vote", admin, ids=ids, choice=choice, reason=reason)


@pytest.fixture
def told(monkeypatch):
    """Keep what would be mailed: (address, subject, body).

    Letters of moderation are written at once. No other job is done: a worker's would take up what other tests left
    waiting, and write of that.
    """
    sent = []
    monkeypatch.setitem(tk.config, "smtp.server", "localhost")

    def enqueue(job, args=(), **_):
        if job.__module__ == letters.__name__:
            job(*args)

    monkeypatch.setattr(tk, "enqueue_job", enqueue)
    monkeypatch.setattr(
        tk, "mail_recipient", lambda _name, address, subject, body: sent.append((address, subject, body))
    )
    return sent
