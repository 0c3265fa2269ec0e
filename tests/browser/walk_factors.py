"""Walks through the second factors, at the sign-in and on the account pages, as walk.py does."""

from playwright.sync_api import Page

from tests.browser.passkeys import Authenticator
from tests.browser.second_factor import (
    EMAIL,
    code_of,
    demanding_tenant,
    next_code_of,
    secret_on,
    trusting_tenant,
)
from tests.browser.walk import Stop, new_person, send, sign_in, sign_out
from tests.support.demo import PASSWORD, Demo

NEW = "Better-Lantern-8"


def second_factor(page: Page, demo: Demo, stop: Stop) -> None:
    """Sign in where a second factor is required: set it up, then use it."""
    _begin(page, demo, demanding_tenant(demo))
    page.wait_for_url("**/login/mfa/setup**")
    stop("mfa-setup")
    page.locator(".after a").click()
    page.wait_for_url("**/login/mfa/passkey-setup**")
    stop("mfa-passkey-setup")
    page.locator(".after a").click()
    page.wait_for_url("**/login/mfa/setup**")
    secret = secret_on(page)
    _try(page, stop, "mfa-setup-refused")
    page.locator("#code").fill(code_of(secret))
    send(page)
    page.wait_for_url("**/login/mfa/codes**")
    stop("mfa-codes")
    page.locator("#kept").check()
    send(page)
    page.wait_for_url("**/login/consent**")
    sign_out(page, demo)
    _begin(page, demo, EMAIL)
    page.wait_for_url("**/login/mfa?**")
    stop("mfa")
    _try(page, stop, "mfa-refused")
    page.locator('a[href*="method=backup_code"]').click()
    page.locator("input[value=backup_code]").wait_for(state="attached")
    stop("mfa-backup-code")
    _try(page, stop, "mfa-backup-code-refused")


def _begin(page: Page, demo: Demo, email: str) -> None:
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, email)


def _try(page: Page, stop: Stop, name: str) -> None:
    """Enter a code that is none."""
    page.locator("#code").fill("000000")
    send(page)
    page.get_by_role("alert").wait_for()
    stop(name)


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
    sign_out(page, demo)
    page.goto(f"{demo.issuer}/account")
    page.locator("#email").fill(email)
    page.locator("#password").fill(NEW)
    send(page)
    page.locator("#trust").check()
    stop("mfa-trust")
    page.locator("#code").fill(next_code_of(secret))
    send(page)
    page.wait_for_url("**/account")
    _open(page, demo, "security", stop, "own-trusted")
    page.locator('a[href*="factors/trust"]').click()
    stop("own-trust-question")


def passkeys(page: Page, demo: Demo, stop: Stop) -> None:
    """Add a passkey, look at it, and come to where it is used: after a password, and alone."""
    device, email = Authenticator(page), f"{new_person(demo)}@initech.test"
    page.goto(f"{demo.issuer}/account/security")
    sign_in(page, email)
    page.wait_for_url("**/account/security")
    page.goto(f"{demo.issuer}/account/passkeys?about=new")
    stop("account-passkey-new")
    page.locator("[data-start]").click()
    page.locator(".backup-codes").wait_for()
    stop("account-passkey-codes")
    page.locator("#kept").check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account/security")
    stop("account-passkeys")
    page.locator("#passkeys .row a").click()
    stop("account-passkey")
    mine = page.locator("main input[name=account]").first.input_value()
    device.somebody_is_there(there=False)
    page.goto(f"{demo.issuer}/login/password?to=security&account={mine}")
    stop("sign-in-once-more")
    sign_out(page, demo)
    page.goto(f"{demo.issuer}/login/password?to=overview")
    sign_in(page, email)
    page.wait_for_url("**/login/mfa/passkey?**")
    stop("mfa-passkey")
    page.goto(f"{demo.issuer}/login/passkey?to=overview")
    stop("passkey")
    device.somebody_is_there(there=True)
    device.verifies(verified=False)
    page.locator("[data-start]").click()
    page.get_by_role("alert").wait_for()
    stop("passkey-cancelled")
