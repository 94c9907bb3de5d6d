"""A real sink for the portal's letters, and what people do on its pages again and again in these tests."""

import email
import re
import secrets
import time
from email.policy import default

import pytest

PASSWORD = "Tr0is-petits-phoques!"


class Letters:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, _server, _session, envelope):
        self.received.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def said(self, address, about="", seconds=60):
        """Wait for a letter to an address whose subject has some words; give its text."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for letter in self.received:
                if address in letter["To"] and about in letter["Subject"]:
                    return letter.get_content()
            time.sleep(0.2)
        pytest.fail(f"no letter came about “{about}”")

    def link(self, address, seconds=60, *, about="", to="/account/"):
        """Wait for a letter to an address; give the link in it to a page."""
        return re.search(rf"https?://\S+{to}\S+", self.said(address, about, seconds)).group(0)


def send(page):
    """Send the form that the page shows."""
    page.click("main form:visible button[type=submit]")
    page.wait_for_load_state()


def sign_up(page, portal, letters, first_name, last_name):
    """Make somebody's account by the pages and the letter; give its address and user name."""
    address = f"citizen.{secrets.token_hex(4)}@example.org"
    name = f"{first_name} « l'Île » {secrets.token_hex(3)}"
    page.goto(f"{portal}/account/new")
    for field, value in (("last_name", last_name), ("first_name", first_name), ("birth_date", "1990-05-17")):
        page.fill(f"[name={field}]", value)
    page.fill("[name=email]", address)
    send(page)
    page.goto(letters.link(address))
    page.fill("[name=user_name]", name)
    page.fill("[name=password]", PASSWORD)
    send(page)
    assert "/account/workspace" in page.url, page.inner_text("main")
    return address, name
