"""Walks through the trail: a change, what is sealed, the proof, and taking it away."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, send, sign_out
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo, mailed_link

CONTACT = "security@acme.example"

STOPS = {
    "trail-timeline": "console/trail/timeline",
    "trail-nothing": "console/trail/timeline",
    "trail-change": "console/trail/event",
    "trail-sealed": "console/trail/event",
    "trail-opened": "console/trail/event",
    "trail-proof": "console/trail/proof",
    "trail-contact-none": "console/detail",
    "trail-contact-refused": "console/form",
    "trail-contact-waiting": "console/detail",
    "trail-contact-withdraw": "console/form",
    "contact-confirm": "login/contact/confirm",
    "contact-done": "login/contact/done",
    "contact-closed": "login/contact/closed",
    "trail-contact": "console/detail",
    "trail-contact-remove": "console/form",
    "trail-exports-none": "console/list",
    "trail-export-new": "console/form",
    "trail-export-refused": "console/form",
    "trail-export": "console/trail/export",
    "trail-exports": "console/list",
}


def trail(page: Page, demo: Demo, stop: Stop) -> None:
    """See the trail as an administrator of the organization that it is of."""
    enter(page, demo, "admin@acme.test")
    _change(page)
    menu(page, "/events")
    stop("trail-timeline")
    page.goto(f"{page.url}?q=nobody@nowhere.example")
    stop("trail-nothing")
    page.goto(page.url.partition("?")[0] + "?type=tenant.changed")
    page.locator(".timeline a").first.click()
    page.wait_for_url("**/events/evt_*")
    stop("trail-change")
    menu(page, "/events")
    page.goto(f"{page.url}?type=session.started")
    page.locator(".timeline a").first.click()
    page.locator(".sealed").wait_for()
    stop("trail-sealed")
    page.locator(".sealed button").click()
    page.wait_for_url("**/open")
    stop("trail-opened")
    _prove(page, stop)
    _have_it_mailed(page, demo, stop)
    _take_away(page, stop)
    sign_out(page, demo)


def _change(page: Page) -> None:
    """Change something of the organization, for the trail to tell of."""
    base = page.locator('.rail-body a[href$="/events"]').get_attribute("href") or ""
    page.goto(
        page.url.partition("/console")[0] + base.removesuffix("/events") + "/settings/formats"
    )
    page.locator("#currency").fill("EUR")
    send(page)


def _prove(page: Page, stop: Stop) -> None:
    menu(page, "/events")
    page.locator('.tabs a[href$="/bundle"]').click()
    page.locator("#part-alone").wait_for()
    stop("trail-proof")


def _have_it_mailed(page: Page, demo: Demo, stop: Stop) -> None:
    """Name a security contact, badly and well, confirm it, and be asked before it is removed."""
    page.locator('.tabs a[href$="/contact"]').click()
    page.wait_for_url("**/trail/contact")
    stop("trail-contact-none")
    page.locator(".part-head .head-actions a").first.click()
    page.locator("#address").fill("nobody@nowhere")
    send(page)
    page.locator(".field-error").wait_for()
    stop("trail-contact-refused")
    page.locator("#address").fill(CONTACT)
    send(page)
    page.wait_for_url("**/trail/contact")
    stop("trail-contact-waiting")
    here = page.url
    page.locator('a[href$="/contact/withdraw"]').click()
    page.wait_for_url("**/contact/withdraw")
    stop("trail-contact-withdraw")
    link = mailed_link(demo, CONTACT)
    page.goto(link)
    stop("contact-confirm")
    send(page)
    page.wait_for_url("**/login/contact/done")
    stop("contact-done")
    page.goto(link)
    stop("contact-closed")
    page.goto(here)
    stop("trail-contact")
    page.locator(".part-head .head-actions a").last.click()
    page.wait_for_url("**/contact/remove")
    stop("trail-contact-remove")
    page.go_back()


def _take_away(page: Page, stop: Stop) -> None:
    page.locator('.tabs a[href$="/exports"]').click()
    page.wait_for_url("**/exports")
    stop("trail-exports-none")
    page.locator(".head-actions a").first.click()
    page.locator("#format").wait_for()
    stop("trail-export-new")
    page.locator("#format").select_option("bundle")
    page.locator("#personal").check()
    send(page)
    page.locator('[role="alert"]').first.wait_for()
    stop("trail-export-refused")
    page.locator("#format").select_option("csv")
    send(page)
    page.wait_for_url("**/exports/tex_*")
    for _ in range(50):
        if page.locator('form[action$="/download"]').count():
            break
        page.wait_for_timeout(200)
        page.reload()
    stop("trail-export")
    menu(page, "/events")
    page.locator('.tabs a[href$="/exports"]').click()
    page.locator("#rows a").first.wait_for()
    stop("trail-exports")
