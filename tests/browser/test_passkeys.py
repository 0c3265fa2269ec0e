"""Passkeys in a real browser: added, used alone, used after a password, and refused."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.passkeys import Authenticator
from tests.browser.second_factor import demanding_tenant
from tests.browser.test_second_factor import keep_the_codes
from tests.browser.test_sign_in import begin, enter
from tests.support.chromium import watched_page
from tests.support.demo import PASSWORD, Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def view(chromium: Browser) -> Iterator[Page]:
    """Open a page that complains of nothing and speaks to nobody else."""
    with watched_page(chromium) as (page, watch):
        yield page
    assert watch.complaints == []
    assert watch.strangers == []


def person(demo: Demo, name: str) -> str:
    """Create somebody in a tenant of the demo; return the address."""
    email = f"{name}@acme.test"
    who = ("--tenant", "acme", "--email", email, "--name", "Pia Schlüssel")
    demo.installation.run("users", "create", *who, "--password-stdin", "--verified", stdin=PASSWORD)
    return email


def add_a_passkey(page: Page, demo: Demo, email: str) -> None:
    """Sign in with the password and add one on the account page."""
    page.goto(f"{demo.issuer}/account/security")
    enter(page, email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your backup codes")
    assert len(page.locator(".backup-codes code").all_inner_texts()) == 10
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename == "backup-codes.txt"
    page.get_by_label("I keep these codes in a safe place").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()


def sign_out(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.issuer}/login/logout")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/signed-out")


def test_a_passkey_is_added_and_signs_in_alone(view: Page, demo: Demo) -> None:
    device, email = Authenticator(view), person(demo, "pia")
    add_a_passkey(view, demo, email)
    (kept,) = device.passkeys()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"
    sign_out(view, demo)
    # As in a browser whose address field cannot offer passkeys.
    view.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = undefined")
    view.goto(f"{demo.issuer}/account/security")
    expect(view.get_by_label("Email address")).to_have_attribute(
        "autocomplete", "username webauthn"
    )
    view.get_by_role("button", name="Sign in with a passkey").click()
    expect(view).to_have_url(f"{demo.issuer}/account/security")
    expect(view.get_by_text("never")).to_have_count(0)


def test_the_address_field_offers_the_passkey_by_itself(view: Page, demo: Demo) -> None:
    device, email = Authenticator(view), person(demo, "carl")
    add_a_passkey(view, demo, email)
    sign_out(view, demo)
    view.goto(f"{demo.issuer}/account/security")
    expect(view).to_have_url(f"{demo.issuer}/account/security")
    assert len(device.passkeys()) == 1


def test_a_passkey_is_the_second_factor_after_a_password(view: Page, demo: Demo) -> None:
    device, email = Authenticator(view), person(demo, "zoe")
    add_a_passkey(view, demo, email)
    sign_out(view, demo)
    device.somebody_is_there(there=False)
    begin(view, demo)
    enter(view, email)
    expect(view).to_have_url(re.compile(r"/login/mfa/passkey\?"))
    device.somebody_is_there(there=True)
    device.verifies(verified=False)
    view.get_by_role("button", name="Use a passkey").click()
    expect(view.get_by_role("alert")).to_contain_text("cancelled")
    device.verifies(verified=True)
    view.get_by_role("button", name="Use a passkey").click()
    view.wait_for_url("**/login/consent?**")
    view.get_by_role("button", name="Allow").click()
    expect(view).to_have_url(f"{demo.application}/")


def test_where_a_factor_is_demanded_a_passkey_will_do(
    view: Page, demo: Demo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    device = Authenticator(view)
    email = demanding_tenant(demo, "juniper", "ada@juniper.example")
    begin(view, demo)
    enter(view, email)
    view.get_by_role("link", name="Use a passkey instead").click()
    view.get_by_role("button", name="Create a passkey").click()
    keep_the_codes(view, tmp_path_factory.mktemp("codes") / "codes.txt", scripts=True)
    view.wait_for_url("**/login/consent?**")
    assert len(device.passkeys()) == 1


def test_the_same_device_is_not_added_twice_and_a_passkey_is_renamed_and_removed(
    view: Page, demo: Demo
) -> None:
    Authenticator(view)
    add_a_passkey(view, demo, person(demo, "max"))
    view.get_by_role("link", name="Add a passkey").click()
    view.get_by_role("button", name="Create a passkey").click()
    expect(view.get_by_role("alert")).to_contain_text("has a passkey for your account already")
    view.get_by_role("link", name="Back to security").click()
    view.get_by_role("link", name=re.compile("Change the passkey")).click()
    view.get_by_label("Name").fill("My laptop")
    view.get_by_role("button", name="Rename").click()
    expect(view.get_by_text("The passkey is called “My laptop” now.")).to_be_visible()
    view.get_by_role("link", name="Change the passkey My laptop").click()
    view.get_by_role("button", name="Remove passkey").click()
    expect(view.get_by_text("You have no passkey yet.")).to_be_visible()


def test_without_scripts_nothing_of_it_is_there(chromium: Browser, demo: Demo) -> None:
    with watched_page(chromium, java_script_enabled=False) as (page, _watch):
        begin(page, demo)
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
