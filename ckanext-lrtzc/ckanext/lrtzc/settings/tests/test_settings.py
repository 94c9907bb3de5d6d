"""Administrators change by page what rooms declare editable."""

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib import app_globals
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("rooms_db")

PAGE = "/ckan-admin/config"
SIGN_UP = "ckanext.lrtzc.accounts.sign_up"
DAYS = "ckanext.lrtzc.accounts.second_factor_grace_days"
NAMES = "ckanext.lrtzc.accounts.generic_names"
WHOM = "ckanext.lrtzc.accounts.second_factor"


@pytest.fixture
def administrator(ckan_config):
    """Give an administrator's headers; what they change is taken back."""
    yield {"Authorization": factories.SysadminWithToken()["token"]}
    model.Session.query(model.SystemInfo).filter(model.SystemInfo.key.like("ckanext.lrtzc.%")).delete(
        synchronize_session=False
    )
    model.Session.commit()


def test_the_page_shows_each_setting_in_words(app, administrator):
    page = app.get(f"/fr{PAGE}", headers=administrator).body
    assert all(f'name="{key}"' in page for key in (SIGN_UP, DAYS, NAMES, WHOM))
    assert "Chacun peut créer son compte" in page
    assert ">webmaster" in page or " webmaster " in page


def test_what_is_saved_holds_at_once_and_is_shown(app, administrator):
    form = {SIGN_UP: "false", DAYS: "30", NAMES: "  accueil \n régie  ", WHOM: "administrators", "save": "yes"}
    app.post(PAGE, data=form, headers=administrator, follow_redirects=False)
    assert tk.asbool(tk.config[SIGN_UP]) is False
    assert tk.asint(tk.config[DAYS]) == 30
    assert tk.aslist(tk.config[NAMES]) == ["accueil", "régie"]
    assert app.get("/account/new", expect_errors=True).status_code == 403
    page = app.get(PAGE, headers=administrator).body
    assert ">accueil régie</textarea>" in page
    assert 'value="30"' in page


def test_what_the_installation_says_no_to_stays_so_when_settings_are_read_anew(app, administrator, ckan_config):
    ckan_config[SIGN_UP], ckan_config[DAYS] = False, 0
    app_globals._CONFIG_CACHE.clear()  # as in a process that begins
    app.post(PAGE, data={NAMES: "accueil", "save": "yes"}, headers=administrator)
    assert app.get("/account/new", expect_errors=True).status_code == 403
    assert tk.asint(tk.config[DAYS]) == 0


WRONG = (
    (SIGN_UP, "maybe"), (DAYS, "-1"), (DAYS, "ten"), (DAYS, "1" * 30), (DAYS, "٣"), (NAMES, "x" * 20_000),
    (WHOM, "everybody"), (WHOM, "administrators nobody"), (WHOM, ""),
)  # fmt: skip


def test_what_cannot_be_is_said_and_changes_nothing(app, administrator):
    for key, value in WRONG:
        before = tk.config[key]
        page = app.post(PAGE, data={key: value, "save": "yes"}, headers=administrator)
        assert "error-message" in page.body, (key, value)
        assert tk.config[key] == before


def test_only_administrators_change_them(app):
    user = factories.UserWithToken()
    for headers in ({}, {"Authorization": user["token"]}):
        app.post(PAGE, data={DAYS: "0", "save": "yes"}, headers=headers, expect_errors=True)
    with pytest.raises(tk.NotAuthorized):
        call_action("config_option_update", {"user": user["name"], "ignore_auth": False}, **{DAYS: "0"})
    assert tk.asint(tk.config[DAYS]) == 14
