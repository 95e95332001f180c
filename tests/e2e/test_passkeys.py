"""A passkey in a real browser, with Chromium's own virtual authenticator: made, used, refused, removed."""

import re
from collections.abc import Callable

from playwright.sync_api import CDPSession, Page, expect

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def phone_of(page: Page, **more: bool) -> tuple[CDPSession, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE | more})
    return devtools, made["authenticatorId"]


def test_a_passkey_is_made_used_and_removed(open_as: Open, violations: Violations) -> None:
    page = open_as("vader")
    devtools, phone = phone_of(page)
    page.goto("/instellingen/")
    page.get_by_text("Anders inloggen").click()
    page.get_by_role("link", name="Passkeys").click()
    assert violations(page) == []
    page.get_by_role("link", name="Maak een passkey").click()
    assert violations(page) == []
    page.get_by_role("button", name="Maak een passkey").click()
    page.wait_for_url(re.compile("/instellingen/passkeys/$"))
    expect(page.locator("main")).to_contain_text("Gemaakt op")
    assert len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": phone})["credentials"]) == 1

    page.goto("/uitloggen/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/inloggen/"))
    assert violations(page) == []
    page.get_by_label("Anderen gebruiken dit apparaat ook").check()
    page.get_by_role("button", name="Inloggen met een passkey").click()
    page.wait_for_url(re.compile("/thuis/berichten/"))
    session = [one["expires"] for one in page.context.cookies() if re.fullmatch(r"kring-\d+", one["name"])]
    assert session == [-1]

    page.goto("/instellingen/passkeys/")
    expect(page.locator("main")).to_contain_text("Laatst gebruikt")
    page.get_by_role("link", name="Haal weg").click()
    assert violations(page) == []
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Nog geen.")

    page.goto("/uitloggen/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/inloggen/"))
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.locator("main")).to_contain_text("Die passkey werkt hier niet.")


def test_a_finger_that_is_not_known_makes_nothing(open_as: Open) -> None:
    page = open_as("vader")
    phone_of(page, isUserVerified=False)
    page.goto("/instellingen/passkeys/nieuw/")
    page.get_by_role("button", name="Maak een passkey").click()
    expect(page.locator("[data-passkey-failed]")).to_be_visible()


def test_a_key_that_does_not_know_its_owner_does_not_let_in(open_as: Open) -> None:
    """Made with a finger, used by somebody whose finger the key does not know: then a code by mail (adr/0011)."""
    page = open_as("directie")
    devtools, phone = phone_of(page)
    page.goto("/instellingen/passkeys/nieuw/")
    page.get_by_role("button", name="Maak een passkey").click()
    page.wait_for_url(re.compile("/instellingen/passkeys/$"))
    page.goto("/uitloggen/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/inloggen/"))
    known = {"authenticatorId": phone, "isUserVerified": False}
    devtools.send("WebAuthn.setUserVerified", known)
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    devtools.send("WebAuthn.setUserVerified", known | {"isUserVerified": True})
    page.get_by_role("button", name="Inloggen met een passkey").click()
    page.wait_for_url(re.compile("/bureau/"))


def test_without_scripts_nothing_is_promised(open_as: Open) -> None:
    page = open_as(None, scripts=False)
    page.goto("/inloggen/")
    expect(page.get_by_role("button", name="Inloggen met een passkey")).to_be_hidden()
