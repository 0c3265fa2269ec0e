"""An address that nobody has confirmed, and a password while it is typed."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, new_person, sign_in
from tests.support.demo import Demo


def unconfirmed(page: Page, demo: Demo, stop: Stop) -> None:
    """Have a link sent to the account's own address, then look at the strength of a password."""
    email = f"{new_person(demo, confirmed=False)}@initech.test"
    page.goto(f"{demo.issuer}/login/password?to=overview")
    page.locator("#organization").fill("initech")
    sign_in(page, email)
    page.wait_for_url("**/account")
    stop("overview-unconfirmed")
    page.locator(".note-form button").click()
    page.locator(".panel > .callout").wait_for()
    stop("overview-link-sent")
    page.goto(f"{demo.issuer}/account/password")
    for name, password in (("weak", "Grace7"), ("strong", "Amber kettle, river 9")):
        page.locator("#new").fill(password)
        stop(f"password-{name}")
