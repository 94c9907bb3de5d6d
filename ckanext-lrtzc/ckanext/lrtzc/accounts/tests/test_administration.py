"""Administrators find all they do on one page; nobody else does."""

import re

import pytest
from ckan import model
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("rooms_db")


@pytest.fixture
def admin(app):
    return app.test_client(user=model.User.get(factories.Sysadmin()["id"]))


def test_one_page_lists_all_and_each_of_its_links_answers(app, admin):
    body = admin.get("/ckan-admin/portal").body
    links = set(re.findall(r'class="result__title"><a href="([^"]+)"', body))
    assert len(links) >= 12
    for link in links:
        assert admin.get(link).status_code == 200, link
    for who in (app.test_client(), app.test_client(user=model.User.get(factories.User()["id"]))):
        assert who.get("/ckan-admin/portal", follow_redirects=False).status_code == 403
