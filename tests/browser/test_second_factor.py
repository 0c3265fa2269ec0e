"""A first sign-in where a second factor is required, and the next one: with and without scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from authserver.demo.people import APP_SECRET
from tests.browser.second_factor import code_of, demanding_tenant, next_code_of, secret_on
from tests.browser.test_sign_in import begin, enter
from tests.browser.test_sign_out import is_out
from tests.browser.walk import sign_out
from tests.support.chromium import watched_page
from tests.support.demo import Demo
from tests.support.process import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_first_sign_in_sets_an_app_up_and_the_next_one_takes_its_code(
    page: Page, demo: Demo, tmp_path: Path, *, scripts: bool
) -> None:
    slug = "orchid-with" if scripts else "orchid-without"
    email = demanding_tenant(demo, slug, f"ada@{slug}.example")
    begin(page, demo)
    enter(page, email)
    expect(page).to_have_url(re.compile(r"/login/mfa/setup\?"))
    picture = page.get_by_alt_text("QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0, "the policy lets the picture in"
    secret = secret_on(page)
    page.get_by_label("Six-digit code").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.get_by_label("Six-digit code").fill(code_of(secret))
    page.keyboard.press("Enter")
    keep_the_codes(page, tmp_path / "codes.txt", scripts=scripts)
    allow(page, demo)
    sign_out(page, demo)
    wait_for(lambda: is_out(page, demo), "the application to be told")
    begin(page, demo)
    enter(page, email)
    expect(page).to_have_url(re.compile(r"/login/mfa\?"))
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.get_by_role("link", name="Use a backup code instead").click()
    expect(page.get_by_label("Backup code")).to_be_visible()
    page.get_by_role("link", name="Use the authenticator app instead").click()
    page.get_by_label("Six-digit code").fill(next_code_of(secret))
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(f"{demo.application}/")


def test_the_person_of_the_demo_signs_in_with_the_secret_that_is_printed(
    chromium: Browser, demo: Demo, tmp_path: Path
) -> None:
    """Without scripts: that is the harder half."""
    with watched_page(chromium, java_script_enabled=False) as (page, watch):
        begin(page, demo)
        enter(page, "mfa@globex.test")
        page.get_by_label("Six-digit code").fill(code_of(APP_SECRET))
        page.get_by_role("button", name="Confirm").click()
        keep_the_codes(page, tmp_path / "codes.txt", scripts=False)
        allow(page, demo)
    assert watch.complaints == []


def keep_the_codes(page: Page, where: Path, *, scripts: bool) -> None:
    """Download the codes and go on."""
    expect(page).to_have_url(re.compile(r"/login/mfa/codes\?"))
    shown = page.locator(".backup-codes code").all_inner_texts()
    assert len(shown) == 10
    expect(page.get_by_role("button", name="Print")).to_have_count(1 if scripts else 0)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    started.value.save_as(where)
    assert all(code in where.read_text() for code in shown)
    page.get_by_label("I keep these codes in a safe place").check()
    page.get_by_role("button", name="Continue").click()


def allow(page: Page, demo: Demo) -> None:
    page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(f"{demo.application}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in")
