"""Walks through the console as an administrator of the platform: its frame, tenants, the trail."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, new_person, send, sign_in, sign_out
from tests.support.demo import Demo


def console(page: Page, demo: Demo, stop: Stop) -> None:
    """See everything of the frame: overview, list, form, detail, question, refusal."""
    enter(page, demo, "admin@acme.test")
    stop("console-overview")
    menu(page, "/console/tenants")
    stop("console-tenants")
    page.goto(f"{demo.issuer}/console/tenant-copies")
    stop("console-arrivals")
    page.goto(f"{demo.issuer}/console/tenant-copies/new")
    stop("console-arrival-new")
    menu(page, "/console/tenants")
    page.locator(".head-actions a.button-primary").click()
    page.locator("#slug").wait_for()
    stop("console-new")
    send(page)
    page.locator(".field-error").first.wait_for()
    stop("console-refused")
    menu(page, "/console/tenants")
    page.locator("#rows a", has_text="Globex").click()
    page.wait_for_url("**/console/tenants/ten_*")
    tenant = page.url
    stop("console-tenant")
    page.goto(f"{tenant}/events")
    page.wait_for_url("**/open")
    stop("console-open")
    page.locator("#reason").fill("Ticket 4711: they asked for help")
    send(page)
    page.wait_for_url(tenant)
    stop("console-opened")
    page.goto(f"{tenant}/events")
    stop("console-trail")
    page.locator(".timeline a").first.click()
    page.wait_for_url("**/events/evt_*")
    stop("console-event")
    page.goto(f"{tenant}/events/evt_{'0' * 26}")
    stop("console-problem")
    page.goto(f"{tenant}/guests/new")
    stop("guest-new")
    page.goto(f"{tenant}/close")
    send(page)
    page.wait_for_url("**/console/tenants")
    stop("console-closed")
    sign_out(page, demo)
    enter(page, demo, f"{new_person(demo)}@initech.test", "**/console")
    stop("console-nothing")


def enter(page: Page, demo: Demo, email: str, url: str = "**/console/**") -> None:
    """Come to the console by the sign-in page."""
    page.goto(f"{demo.issuer}/console")
    sign_in(page, email)
    page.wait_for_url(url)


def menu(page: Page, path: str) -> None:
    """Follow the link of the navigation whose URL ends so."""
    page.locator(f'.rail-body a[href$="{path}"]').click()
    page.wait_for_url(f"**{path}")
