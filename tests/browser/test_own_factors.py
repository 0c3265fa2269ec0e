"""A person looks after password and second factor in a browser, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.second_factor import code_of, next_code_of, secret_on, trusting_tenant
from tests.support.demo import PASSWORD, Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NEW = "Better-Lantern-8"


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.issuer}/login/logout")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{demo.issuer}/account")


def test_from_a_password_alone_to_an_app_and_a_trusted_device(
    page: Page, demo: Demo, *, scripts: bool
) -> None:
    slug = "fern" if scripts else "moss"
    email = trusting_tenant(demo, slug, f"ada@{slug}.example")
    page.goto(f"{demo.issuer}/account")
    sign_in(page, email, PASSWORD)
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = secret_on(page)
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Six-digit code").fill(code_of(secret))
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your backup codes")
    expect(page.locator(".backup-codes li")).to_have_count(10)
    first = page.locator(".backup-codes li").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert first in download.value.path().read_text()
    expect(page.get_by_role("button", name="Copy")).to_be_visible(visible=scripts)
    page.get_by_label("I keep these codes").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("listitem").filter(has_text="Phone")).to_be_visible()
    change_password(page)
    sign_out(page, demo)
    sign_in(page, email, NEW)
    page.get_by_label("Trust this device for 30 days").check()
    page.get_by_label("Six-digit code").fill(next_code_of(secret))
    page.get_by_role("button", name="Confirm").click()
    sign_out(page, demo)
    sign_in(page, email, NEW)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def change_password(page: Page) -> None:
    page.get_by_role("link", name="Change the password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password was changed.")
