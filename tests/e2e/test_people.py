"""A citizen's life on the portal: signs up by a real letter, adds a passkey, signs in with it, and leaves."""

import pytest

from tests.e2e.people import PASSWORD, send, sign_up

pytestmark = pytest.mark.e2e


def test_a_citizen_signs_up_uses_a_passkey_and_leaves(portal, letters, new_page):
    page = new_page(360, 740)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    options |= {"hasResidentKey": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(f"{portal}/account/new")
    for field, value in (("last_name", "Durandeau"), ("first_name", "Zoé"), ("birth_date", "1990-05-17")):
        page.fill(f"[name={field}]", value)
    page.fill("[name=email]", "contact@example.org")
    send(page)
    assert "service" in page.inner_text("[role=alert]"), "an address that names a function is refused"
    _address, name = sign_up(page, portal, letters, "Zoé", "Durandeau")

    page.goto(f"{portal}/account/security")
    page.click("[data-passkeys] summary")
    page.fill("#field-title", "Mon téléphone")
    page.fill("#password-passkey", PASSWORD)
    page.click("[data-passkey=create] button[type=submit]")
    page.wait_for_selector("#recovery-title")
    assert "Mon téléphone" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto(f"{portal}/user/login")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/account/second-factor")
    page.goto(f"{portal}/account/profile")
    assert "/user/login" in page.url, "the password alone opens nothing"
    page.goto(f"{portal}/account/second-factor")
    page.click("[data-passkey=get] button[type=submit]")
    page.wait_for_url("**/account/workspace")

    page.goto(f"{portal}/account/leave")
    page.check("[name=sure]")
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-danger")
    page.wait_for_load_state()
    assert "fermé" in page.inner_text("main h1")
    page.goto(f"{portal}/account/profile")
    assert "/user/login" in page.url
