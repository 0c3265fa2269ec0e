"""Another address in a real browser, by the mails of a real server, with and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import NEW, a_file, new_person, sign_in, want
from tests.support.chromium import watched_page
from tests.support.demo import PASSWORD, Demo, mailed_link
from tests.support.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_the_address_changes_by_the_link_in_the_mail(page: Page, demo: Demo) -> None:
    name = new_person(demo)
    old, new = f"{name}@initech.test", f"{name}.new@initech.test"
    page.goto(f"{demo.issuer}/account/email")
    sign_in(page, old)
    page.wait_for_url("**/account/email")
    want(page, demo, new)
    expect(page.get_by_role("button", name="Call the change off")).to_be_visible()
    page.goto(mailed_link(demo, new))
    expect(page).to_have_url(f"{demo.issuer}/login/email/confirm")
    expect(page.get_by_text(old)).to_be_visible()
    page.get_by_role("button", name="Use the new address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your email address was changed")
    page.get_by_role("link", name="Continue").click()
    expect(page).to_have_url(f"{demo.issuer}/account")
    page.goto(f"{demo.issuer}/account/profile")
    expect(page.locator("#email-title + p")).to_contain_text(new)
    page.goto(mailed_link(demo, new))
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer valid")


def test_whoever_did_not_ask_keeps_the_address(page: Page, demo: Demo, chromium: Browser) -> None:
    name = new_person(demo)
    old = f"{name}@initech.test"
    page.goto(f"{demo.issuer}/account/email")
    sign_in(page, old)
    page.wait_for_url("**/account/email")
    want(page, demo, f"{name}.thief@initech.test")
    with watched_page(chromium) as (owner, watch):
        owner.goto(mailed_link(demo, old))
        owner.get_by_role("button", name="Keep the address").click()
        expect(owner).to_have_url(f"{demo.issuer}/login/recover/new?kept=yes")
        owner.get_by_label("New password").fill(NEW)
        owner.get_by_role("button", name="Set the password").click()
        owner.wait_for_url("**/login/recover/done")
    assert watch.complaints == []
    page.goto(f"{demo.issuer}/account")
    expect(page).to_have_url(f"{demo.issuer}/login/password?to=overview")
    page.goto(mailed_link(demo, f"{name}.thief@initech.test"))
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer valid")


def test_a_temporary_password_is_replaced_before_anything_else(page: Page, demo: Demo) -> None:
    name = new_person(demo, "--temporary")
    page.goto(f"{demo.issuer}/account/security")
    sign_in(page, f"{name}@initech.test")
    page.wait_for_url("**/login/change/password**")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and continue").click()
    expect(page.get_by_role("alert")).to_have_text("This password cannot be used.")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password and continue").click()
    expect(page).to_have_url(f"{demo.issuer}/account/security")


def test_a_picture_is_shown_at_the_top_and_taken_away(page: Page, demo: Demo) -> None:
    name = new_person(demo)
    page.goto(f"{demo.issuer}/account/picture")
    sign_in(page, f"{name}@initech.test")
    page.wait_for_url("**/account/picture")
    page.get_by_label("File").set_input_files(a_file(picture("PNG", (600, 400))))
    page.get_by_role("button", name="Save the picture").click()
    page.wait_for_url("**/account/profile")
    shown = page.locator(".switcher summary img")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.naturalWidth") == 256
    page.get_by_role("link", name="Change the picture").click()
    page.get_by_role("button", name="Remove the picture").click()
    page.wait_for_url("**/account/profile")
    expect(page.locator(".switcher summary img")).to_have_count(0)
