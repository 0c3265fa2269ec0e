"""Invitations and registration in a real browser, with and without scripts."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.joining import invited, open_sign_in
from tests.browser.test_sign_in import enter
from tests.support.demo import Demo, mailed_link

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NEW = "Better-Lantern-8"


def somebody() -> str:
    return f"grace.{secrets.token_hex(4)}@initech.test"


def fill_in(page: Page, password: str) -> None:
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("Password", exact=True).fill(password)


def test_an_invitation_from_the_mail_to_the_account(page: Page, demo: Demo) -> None:
    email = somebody()
    link = invited(demo, email)
    page.goto(link)
    expect(page).to_have_url(f"{demo.issuer}/login/invitation")
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Initech")
    expect(page.get_by_label("Email address")).to_have_value(email)
    expect(page.get_by_text("Ines Tech")).to_be_visible()
    expect(page.get_by_text("Help people: see their accounts and unlock them.")).to_be_visible()
    fill_in(page, "short")
    page.get_by_role("button", name="Create the account and join").click()
    expect(page.get_by_role("alert")).to_have_text("This password cannot be used.")
    expect(page.get_by_label("Your name")).to_have_value("Grace Hopper")
    fill_in(page, NEW)
    page.get_by_role("button", name="Create the account and join").click()
    expect(page).to_have_url(f"{demo.issuer}/login/invitation/done")
    page.get_by_role("link", name="Continue to sign in").click()
    enter(page, email, NEW)
    expect(page).to_have_url(f"{demo.issuer}/account")
    expect(page.get_by_role("main").get_by_text(email)).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation is no longer valid")


def test_an_account_of_another_tenant_joins_as_a_guest(page: Page, demo: Demo) -> None:
    email = f"guest.{secrets.token_hex(4)}@acme.test"
    who = ("--tenant", "acme", "--email", email, "--name", "Grace at Home")
    demo.installation.run("users", "create", *who, "--password-stdin", "--verified", stdin=NEW)
    page.goto(invited(demo, email))
    page.get_by_role("link", name="Sign in with it").click()
    enter(page, email, NEW)
    expect(page).to_have_url(f"{demo.issuer}/login/invitation")
    expect(page.get_by_role("heading", name="Use the account that you have")).to_be_visible()
    page.get_by_text("Make a separate account instead").click()
    expect(page.get_by_label("Your name")).to_be_visible()
    page.get_by_role("button", name="Join with this account").click()
    expect(page).to_have_url(f"{demo.issuer}/login/invitation/done")
    page.goto(f"{demo.issuer}/account/tenants")
    expect(page.get_by_text("Initech").first).to_be_visible()


def test_a_registration_from_the_sign_in_page_back_to_it(page: Page, demo: Demo) -> None:
    email = somebody()
    handle = open_sign_in(page, demo)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create an account")
    page.get_by_label("Email address").fill("grace@elsewhere.test")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("alert")).to_have_text("Nobody can register with this address.")
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    page.goto(mailed_link(demo, email))
    expect(page).to_have_url(f"{demo.issuer}/login/register/new")
    fill_in(page, NEW)
    page.get_by_role("button", name="Create the account").click()
    expect(page).to_have_url(f"{demo.issuer}/login/register/done")
    page.get_by_role("link", name="Continue to sign in").click()
    expect(page).to_have_url(re.compile(re.escape(handle)))
    enter(page, email, NEW)
    expect(page).to_have_url(re.compile(f"^{demo.issuer}/login/consent"))
    expect(page.get_by_text(email).first).to_be_visible()
