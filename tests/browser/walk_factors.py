"""Walks through what a person changes of password and second factors, as walk.py does."""

from playwright.sync_api import Page

from tests.browser.second_factor import code_of, next_code_of, secret_on, trusting_tenant
from tests.browser.walk import Stop, sign_in
from tests.support.demo import PASSWORD, Demo

STOPS = {
    "own-overview", "own-security-bare", "own-password", "own-password-refused",
    "own-password-weak", "own-add", "own-add-refused", "own-new-codes", "own-add-another",
    "own-security", "own-rename", "own-remove", "own-remove-last", "own-codes",
    "mfa-trust", "own-trusted", "own-trust-question",
}  # fmt: skip
NEW = "Better-Lantern-8"


def own_security(page: Page, demo: Demo, stop: Stop, slug: str = "lotus") -> None:
    """Change the password, add two apps, look at all of it, trust the browser, end the trust."""
    email = trusting_tenant(demo, slug, f"ada@{slug}.example")
    page.goto(f"{demo.issuer}/account")
    sign_in(page, email)
    page.wait_for_url("**/account")
    stop("own-overview")
    _open(page, demo, "security", stop, "own-security-bare")
    _password(page, demo, stop)
    _apps(page, demo, stop)
    _changes(page, demo, stop)
    _trust(page, demo, stop, email=email)


def _open(page: Page, demo: Demo, path: str, stop: Stop, name: str) -> None:
    page.goto(f"{demo.issuer}/account/{path}")
    stop(name)


def _send(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()


def _password(page: Page, demo: Demo, stop: Stop) -> None:
    _open(page, demo, "password", stop, "own-password")
    for present, new, name in (
        ("Wrong-Horse-7", NEW, "own-password-refused"),
        (PASSWORD, "short", "own-password-weak"),
    ):
        page.locator("#present").fill(present)
        page.locator("#new").fill(new)
        _send(page)
        page.get_by_role("alert").wait_for()
        stop(name)
    page.locator("#present").fill(PASSWORD)
    page.locator("#new").fill(NEW)
    _send(page)
    page.wait_for_url("**/account/security")


def _apps(page: Page, demo: Demo, stop: Stop) -> None:
    _open(page, demo, "factors/add", stop, "own-add")
    secret = secret_on(page)
    page.locator("#code").fill("000000")
    _send(page)
    page.get_by_role("alert").wait_for()
    stop("own-add-refused")
    page.locator("#name").fill("Phone")
    page.locator("#code").fill(code_of(secret))
    _send(page)
    page.wait_for_url("**/account/factors/codes")
    stop("own-new-codes")
    page.locator("#kept").check()
    _send(page)
    page.wait_for_url("**/account/security")
    _open(page, demo, "factors/add", stop, "own-add-another")
    page.locator("#name").fill("Password manager")
    page.locator("#code").fill(code_of(secret_on(page)))
    _send(page)
    page.wait_for_url("**/account/security")
    stop("own-security")


def _changes(page: Page, demo: Demo, stop: Stop) -> None:
    for name in ("rename", "remove"):
        page.goto(f"{demo.issuer}/account/security")
        page.locator(f'a[href*="factors/{name}"]').first.click()
        stop(f"own-{name}")
    _send(page)
    page.wait_for_url("**/account/security")
    page.locator('a[href*="factors/remove"]').click()
    stop("own-remove-last")
    _open(page, demo, "factors/codes", stop, "own-codes")


def _trust(page: Page, demo: Demo, stop: Stop, *, email: str) -> None:
    """Sign in anew with an app of a fresh set-up: that of before was removed."""
    page.goto(f"{demo.issuer}/account/factors/add")
    secret = secret_on(page)
    page.locator("#code").fill(code_of(secret))
    _send(page)
    page.wait_for_url("**/account/security")
    page.goto(f"{demo.issuer}/login/logout")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{demo.issuer}/account")
    page.locator("#email").fill(email)
    page.locator("#password").fill(NEW)
    page.locator("main form button[type=submit]").click()
    page.locator("#trust").check()
    stop("mfa-trust")
    page.locator("#code").fill(next_code_of(secret))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account")
    _open(page, demo, "security", stop, "own-trusted")
    page.locator('a[href*="factors/trust"]').click()
    stop("own-trust-question")
