"""Walks through what mails lead to, and through the mails themselves, as walk.py does."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, new_person, send
from tests.support.demo import Demo, mailed_link

_WRONG, _TIMES = "Wrong-Horse-9", 5


def unlock(page: Page, demo: Demo, stop: Stop) -> None:
    """Be locked after wrong passwords, and end that by the mail."""
    email = f"{new_person(demo)}@initech.test"
    page.goto(f"{demo.issuer}/login/password?to=overview")
    for number in range(_TIMES):
        page.locator("#email").fill(email)
        page.locator("#password").fill(_WRONG)
        page.locator("main form button.button-primary").click()
        page.get_by_role("alert").wait_for()
        if not number:
            stop("sign-in-refused")
    page.goto(mailed_link(demo, email))
    stop("unlock")
    send(page)
    page.wait_for_url("**/login/recover/done")
    stop("unlock-done")


def verify(page: Page, demo: Demo, stop: Stop) -> None:
    """Prove an address, which ends with a new password."""
    email = "grace@initech.example"
    who = ("--tenant", "initech", "--email", email)
    demo.installation.run("users", "create", *who, "--name", "Grace Hopper")
    demo.installation.run("users", "verify-email", *who)
    page.goto(mailed_link(demo, email))
    stop("verify")
    send(page)
    page.wait_for_url("**/login/recover/new?confirmed=yes")
    stop("new-password-confirmed")


def mails(page: Page, demo: Demo, stop: Stop) -> None:
    """Have a mail sent, and read it where the demo keeps them."""
    email = "finance@acme.test"
    page.goto(f"{demo.issuer}/login/recover?to=overview")
    page.locator("#email").fill(email)
    send(page)
    mailed_link(demo, email)
    page.goto(f"{demo.issuer}/dev/mail")
    stop("mails")
    page.locator(".mail-subject").first.click()
    page.locator("iframe").wait_for()
    stop("mail")
